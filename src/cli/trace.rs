//! `analyze trace …`

use crate::error::Result;
use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub enum TraceCommand {}

impl TraceCommand {
    pub fn run(self) -> Result<()> {
        match self {}
    }
}
