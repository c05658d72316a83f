//! What a shell and `man` want to know of this program: `analyze completions`, `analyze man`.

use super::output::print;
use super::paths::folder;
use crate::error::{Error, Result};
use clap::{Args, Command};
use clap_complete::Shell;
use std::path::PathBuf;

/// Print completions for a shell: bash, elvish, fish, powershell or zsh
///
/// For bash: analyze completions bash > ~/.local/share/bash-completion/completions/analyze
#[derive(Debug, Args)]
pub struct CompletionsArguments {
    shell: Shell,
}

impl CompletionsArguments {
    /// `program` is the whole command line, told to the shell.
    pub fn run(self, mut program: Command) -> Result<()> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut program, "analyze", &mut script);
        print(|out| out.write_all(&script))
    }
}

/// Print the man page, or write one for each verb
///
/// To read it: analyze man | man -l -
#[derive(Debug, Args)]
pub struct ManArguments {
    /// Folder for the pages analyze.1, analyze-trace.1, …, instead of printing the first
    #[arg(long, value_name = "DIR", value_parser = folder())]
    out: Option<PathBuf>,
}

impl ManArguments {
    /// `program` is the whole command line, put into pages.
    pub fn run(self, program: Command) -> Result<()> {
        let Some(dir) = self.out else {
            let mut page = Vec::new();
            let rendered = clap_mangen::Man::new(program).render(&mut page);
            rendered.map_err(|cause| Error::failed("write the man page", cause))?;
            return print(|out| out.write_all(&page));
        };
        let written = std::fs::create_dir_all(&dir).and_then(|()| clap_mangen::generate_to(program, &dir));
        written.map_err(|cause| Error::failed(format!("write man pages in {}", dir.display()), cause))
    }
}
