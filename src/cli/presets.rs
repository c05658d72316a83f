//! `analyze presets …`

use super::output::print;
use crate::error::{Defect, Result};
use crate::sweep::BUILT_IN;
use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub enum PresetsCommand {
    /// Name the built-in processors.
    List,
    /// Print one as TOML, every number with its source, ready to copy under [cpu.NAME] of a sweep file.
    Show {
        /// Name of the processor, as `analyze presets list` prints it.
        name: String,
    },
}

impl PresetsCommand {
    pub fn run(self) -> Result<()> {
        let text = match self {
            PresetsCommand::List => BUILT_IN.iter().map(|(name, _)| format!("{name}\n")).collect(),
            PresetsCommand::Show { name } => match BUILT_IN.iter().find(|(known, _)| *known == name) {
                Some((_, text)) => text.to_string(),
                None => {
                    let known: Vec<&str> = BUILT_IN.iter().map(|(name, _)| *name).collect();
                    let found = format!("no built-in processor `{name}`");
                    return Err(Defect::new("command line", "", found).expected(known.join(" or ")).into());
                }
            },
        };
        print(|out| out.write_all(text.as_bytes()))
    }
}
