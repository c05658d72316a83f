//! The program `analyze`.

use clap::Parser;
use std::process::ExitCode;
use vmmu::cli::Arguments;

fn main() -> ExitCode {
    match Arguments::parse().run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("analyze: {error}");
            ExitCode::from(error.exit_code())
        }
    }
}
