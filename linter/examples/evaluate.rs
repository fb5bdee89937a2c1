//! What folders of configuration evaluate to, for the oracles: `evaluate FOLDER…` prints JSON, one line for each.

use std::io::{self, Write as _};
use std::path::Path;

fn main() -> io::Result<()> {
    let mut output = io::stdout().lock();
    for folder in std::env::args_os().skip(1) {
        writeln!(output, "{}", linter::evaluate(Path::new(&folder)))?;
    }
    Ok(())
}
