//! The program `analyze`.

use std::process::ExitCode;
use vmmu::cli::{Arguments, complain};

fn main() -> ExitCode {
    match Arguments::read().run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&error);
            ExitCode::from(error.exit_code())
        }
    }
}
