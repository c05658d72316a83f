//! `analyze presets …`

use super::output::print;
use crate::error::{Defect, Result};
use crate::sweep::{BUILT_IN, full_name, shown};
use crate::words::did_you_mean;
use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub enum PresetsCommand {
    /// Name the built-in processors, one a line: the name in sweep files, then the full name.
    List,
    /// Print one as TOML, every number with its source, ready to copy under [cpu.NAME] of a sweep file.
    Show {
        /// Name of the processor, as `analyze presets list` prints it, or `software`: the prices that all of them inherit.
        name: String,
    },
}

impl PresetsCommand {
    pub fn run(self) -> Result<()> {
        let text = match self {
            PresetsCommand::List => {
                let width = BUILT_IN.iter().map(|(name, _)| name.len()).max().unwrap_or_default() + 2;
                BUILT_IN.iter().map(|(name, text)| format!("{name:width$}{}\n", full_name(text))).collect()
            }
            PresetsCommand::Show { name } => match shown(&name) {
                Some(text) => text,
                None => {
                    let known: Vec<&str> = BUILT_IN.iter().map(|(name, _)| *name).collect();
                    let found = format!("no built-in processor `{name}`");
                    return Err(Defect::new("command line", "", found)
                        .expected(format!("one of {}", known.join(", ")))
                        .remedy(did_you_mean(&name, &known))
                        .into());
                }
            },
        };
        print(|out| out.write_all(text.as_bytes()))
    }
}
