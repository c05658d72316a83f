//! The program `analyze`.

use clap::Parser;
use std::process::ExitCode;
use vmmu::cli::{Arguments, say};

fn main() -> ExitCode {
    match Arguments::parse().run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(format_args!("analyze: {error}"));
            ExitCode::from(error.exit_code())
        }
    }
}
