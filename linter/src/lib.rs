//! `nhi-lint`: finds machine identities outside their least-privilege templates.
//!
//! Reading order: `input` (paths to a [`model`]; below it `hcl`, `evaluate`, `shape`, `planned`), `catalogue` and `identity` (the
//! identities in a model), `judge` (an identity against its template), [`rule`] and `rules` (what is refused), `lint` (the
//! engine), `finding` and `report` (how it is said), `config` and `cli` (how it is asked).
//!
//! INVARIANT: `lint` is pure. Only `cli` and `input` touch files, and only [`process`] touches the process.

mod admin;
mod advice;
mod catalogue;
mod cli;
mod config;
mod evaluate;
mod finding;
mod hcl;
mod identity;
mod input;
mod judge;
mod lint;
mod locate;
mod managed;
mod model;
mod notice;
mod plain;
mod planned;
mod redact;
mod report;
mod rule;
mod rules;
mod shape;
mod source;
#[cfg(test)]
mod tests;
mod value;

use std::env;
use std::io::{self, IsTerminal as _, Write as _};
use std::path::Path;
use std::process::ExitCode;

pub use cli::{Terminal, World, run};

use notice::{Notice, Speaking};

/// What a folder of configuration evaluates to, as JSON: values of outputs, locals and resource instances. For the oracles,
/// which ask Terraform the same.
#[doc(hidden)]
pub fn evaluate(folder: &Path) -> String {
    input::evaluated(folder).to_string()
}

/// What the reader of configuration saw in a text, as JSON: for oracles and benchmarks, not for users.
#[doc(hidden)]
pub fn outline(text: &str, json: bool) -> String {
    hcl::outline(text, json).to_string()
}

/// How many top-level blocks and how many problems the reader of configuration found in a text: for benchmarks.
#[doc(hidden)]
pub fn count_blocks(text: &str, json: bool) -> (usize, usize) {
    hcl::count(text, json)
}

/// How many resources and how many problems there are in an input: for benchmarks.
#[doc(hidden)]
pub fn count_resources(path: &Path) -> (usize, usize) {
    input::count(path)
}

/// Runs the program on this process: its arguments, its folder, its streams, its clock.
pub fn process() -> ExitCode {
    let folder = env::current_dir().unwrap_or_else(|_| Path::new(".").to_owned());
    let mut variables: Vec<(String, String)> = env::vars_os()
        .filter_map(|(name, value)| {
            let name = name.into_string().ok()?;
            Some((name.strip_prefix("TF_VAR_")?.to_owned(), value.into_string().ok()?))
        })
        .collect();
    variables.sort();
    let notice = Notice::start();
    let mut output = Speaking(io::BufWriter::new(io::stdout().lock()), notice.clone());
    let code = run(
        env::args_os(),
        World {
            folder: &folder,
            variables,
            input: &mut io::stdin().lock(),
            output: &mut output,
            errors: &mut Speaking(io::stderr(), notice),
            now: jiff::Timestamp::now(),
            terminal: terminal(),
        },
    );
    // Whoever reads the findings has seen enough if this fails; the exit code stands.
    let _ = output.flush();
    ExitCode::from(code)
}

fn terminal() -> Terminal {
    let interactive = io::stdout().is_terminal();
    let colour = interactive && env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let width = env::var("COLUMNS").ok().and_then(|text| text.parse().ok()).unwrap_or(100);
    Terminal { interactive, colour, width }
}
