//! From what a person points at to the [`Model`] that rules judge.
//!
//! What an input *is* follows from its content, never from its name: a folder of configuration, a plan file, plan JSON,
//! a state file, state JSON. Nothing is judged by accident: an input that is truncated, errored, incomplete, of an
//! unknown version or none of these gives a [`ReadProblem`], and the run fails.

mod configuration;
mod evaluated;
mod files;
pub(crate) mod modules;
mod plan;
mod referenced;
#[cfg(test)]
mod tests;
mod variables;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

use policy::template::Library;

use crate::catalogue::Catalogue;
use crate::identity;
use crate::model::{Model, ReadProblem};
use crate::planned::{PlannedError, read_json, read_plan_file};

pub(crate) use evaluated::evaluated;
#[cfg(test)]
pub(crate) use files::Memory;
pub(crate) use files::{Disk, Files};

/// What the command line says about reading.
#[derive(Clone, Debug, Default)]
pub(crate) struct Options {
    /// The folder of the configuration that a plan was made from (`--config-dir`).
    pub(crate) config_dir: Option<PathBuf>,
    /// `--var name=value`, in order.
    pub(crate) vars: Vec<(String, String)>,
    /// `--var-file`, in order; they come before `vars`.
    pub(crate) var_files: Vec<PathBuf>,
    /// `TF_VAR_name=value` of the environment, without the prefix.
    pub(crate) environment: Vec<(String, String)>,
    /// A folder without configuration is not a problem (`--allow-empty`).
    pub(crate) allow_empty: bool,
    /// The templates that governed resources render.
    pub(crate) library: Arc<Library>,
    /// What is known about resource types.
    pub(crate) catalogue: Arc<Catalogue>,
}

/// No input is larger.
const MAX_INPUT: u64 = 8 << 30;

/// Expressions and modules nest as deep as their limits allow on a stack of this size. Only what is used is ever touched.
const STACK: usize = 512 << 20;

/// Reads every path into a model of its own, in the order given; `-` calls `stdin`.
pub(crate) fn read(
    paths: &[PathBuf],
    stdin: &mut dyn FnMut() -> io::Result<Vec<u8>>,
    options: &Options,
    files: &dyn Files,
) -> Vec<Model> {
    paths
        .iter()
        .map(|path| {
            let standard = (path.as_os_str() == "-").then(&mut *stdin);
            on_large_stack(|| {
                let mut model = match standard {
                    Some(Ok(bytes)) => content(bytes, "standard input", None, options, files),
                    Some(Err(error)) => {
                        failed(format!("cannot read standard input: {error}"), None)
                    }
                    None => file_or_folder(path, options, files),
                };
                identity::expand(&mut model);
                model.input = path.display().to_string();
                model.catalogue = Arc::clone(&options.catalogue);
                model
            })
        })
        .collect()
}

/// Runs on a thread of its own with a stack that the depth limits fit into.
fn on_large_stack(read: impl FnOnce() -> Model + Send) -> Model {
    thread::scope(|scope| {
        match thread::Builder::new().stack_size(STACK).spawn_scoped(scope, read) {
            Ok(reader) => match reader.join() {
                Ok(model) => model,
                Err(panic) => std::panic::resume_unwind(panic),
            },
            Err(error) => failed(format!("cannot start a thread to read in: {error}"), None),
        }
    })
}

/// A model of nothing but a problem.
fn failed(message: String, help: Option<String>) -> Model {
    Model { problems: vec![ReadProblem { message, help, span: None }], ..Model::default() }
}

fn file_or_folder(path: &Path, options: &Options, files: &dyn Files) -> Model {
    let shown = path.display();
    if files.is_folder(path) {
        return configuration::model(path, options, files);
    }
    match files.read(path, MAX_INPUT) {
        Ok(bytes) => content(bytes, &format!("`{shown}`"), Some(path), options, files),
        Err(error) => failed(format!("cannot read `{shown}`: {error}"), None),
    }
}

/// Finds out what bytes are, and reads them.
fn content(
    bytes: Vec<u8>,
    shown: &str,
    path: Option<&Path>,
    options: &Options,
    files: &dyn Files,
) -> Model {
    let refused =
        |error: PlannedError| failed(format!("cannot read {shown}: {}", error.message), error.help);
    let none_of_these = || {
        let source = path.and_then(Path::extension).is_some_and(|end| end == "tf" || end == "tofu");
        let help = if source {
            "this looks like configuration: give its folder instead"
        } else {
            "nhi-lint reads a folder of configuration, a plan file, `terraform show -json` of a plan or state, and state files"
        };
        failed(format!("{shown} is no plan, no state and no configuration"), Some(help.to_owned()))
    };
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return failed(format!("{shown} is empty"), None);
    }
    if bytes.starts_with(b"PK") {
        return match read_plan_file(&bytes) {
            Ok(Some(planned)) => plan::model(&planned, path, options, files),
            Ok(None) => none_of_these(),
            Err(error) => refused(error),
        };
    }
    let text = match utf8(bytes) {
        Ok(text) => text,
        Err(message) => return failed(format!("cannot read {shown}: {message}"), None),
    };
    if text.iter().find(|byte| !byte.is_ascii_whitespace()) != Some(&b'{') {
        return none_of_these();
    }
    match read_json(text) {
        Ok(Some(planned)) => plan::model(&planned, path, options, files),
        Ok(None) => none_of_these(),
        Err(error) => refused(error),
    }
}

/// The bytes as UTF-8: `PowerShell` writes plans as UTF-16.
pub(crate) fn utf8(bytes: Vec<u8>) -> Result<Vec<u8>, &'static str> {
    let wide = |rest: &[u8], unit: fn([u8; 2]) -> u16| {
        let pairs = rest.chunks_exact(2);
        if !pairs.remainder().is_empty() {
            return Err("the UTF-16 text ends in the middle of a character");
        }
        let units = pairs.map(|pair| {
            unit([pair.first().copied().unwrap_or(0), pair.last().copied().unwrap_or(0)])
        });
        let text: Result<String, _> = char::decode_utf16(units).collect();
        text.map(String::into_bytes).map_err(|_| "the UTF-16 text is broken")
    };
    match bytes.as_slice() {
        [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => Ok(rest.to_vec()),
        _ => Ok(bytes),
    }
}
