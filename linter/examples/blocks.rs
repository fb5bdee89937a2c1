//! What the reader of configuration sees, for programs that compare: a JSON string (the text of a file) or an object
//! `{"text": …, "json": true}` a line on standard input, one JSON object a line on standard output.

use std::io::{self, BufRead as _, Write as _};
use std::thread;

use serde_json::Value;

/// Deep nesting needs a deep stack, as in the program itself.
const STACK: usize = 512 << 20;

fn main() -> io::Result<()> {
    thread::Builder::new()
        .stack_size(STACK)
        .spawn(answer)?
        .join()
        .map_err(|_| io::ErrorKind::Other)?
}

fn answer() -> io::Result<()> {
    let mut output = io::BufWriter::new(io::stdout().lock());
    for line in io::stdin().lock().lines() {
        let line: Value = serde_json::from_str(&line?)?;
        let text = line.as_str().or_else(|| line.get("text")?.as_str()).unwrap_or_default();
        let json = line.get("json").and_then(Value::as_bool).unwrap_or_default();
        writeln!(output, "{}", linter::outline(text, json))?;
    }
    output.flush()
}
