//! The program `nhi-lint`; all of it is in the library, where tests can run it.

use std::process::ExitCode;

fn main() -> ExitCode {
    linter::process()
}
