//! The `kafkascope` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    kafkascope::cli::main()
}
