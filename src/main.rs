//! The `kafkascope` command.

#[cfg(not(target_arch = "wasm32"))]
use std::process::ExitCode;

#[cfg(not(target_arch = "wasm32"))]
fn main() -> ExitCode {
    kafkascope::cli::main()
}

/// A browser has no command line: it takes the library.
#[cfg(target_arch = "wasm32")]
fn main() {}
