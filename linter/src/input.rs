//! From what a person points at to the [`Model`] that rules judge.
//!
//! What an input *is* follows from its content, never from its name: a folder of configuration, a plan file, plan JSON,
//! a state file, state JSON. Nothing is judged by accident: an input that is truncated, errored, incomplete, of an
//! unknown version or none of these gives a [`ReadProblem`], and the run fails.

mod configuration;
mod evaluated;
pub(crate) mod files;
pub(crate) mod modules;
mod plan;
mod referenced;
#[cfg(test)]
mod tests;
mod variables;

use std::collections::VecDeque;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

use policy::template::Library;

use crate::catalogue::Catalogue;
use crate::identity;
use crate::model::{Model, ReadProblem};
use crate::planned::{PlannedError, foreign, read_json, read_plan_file};

pub(crate) use evaluated::evaluated;
#[cfg(test)]
pub(crate) use files::Memory;
pub(crate) use files::{Disk, Files};

/// What the command line says about reading.
#[derive(Clone, Debug, Default)]
pub(crate) struct Options {
    /// The folder of the configuration that a plan was made from (`--config-dir`).
    pub(crate) config_dir: Option<PathBuf>,
    /// `--var` and `--var-file`, in order.
    pub(crate) given: Vec<Given>,
    /// `TF_VAR_name=value` of the environment, without the prefix.
    pub(crate) environment: Vec<(String, String)>,
    /// A folder without configuration is not a problem (`--allow-empty`).
    pub(crate) allow_empty: bool,
    /// The templates that governed resources render.
    pub(crate) library: Arc<Library>,
    /// What is known about resource types.
    pub(crate) catalogue: Arc<Catalogue>,
}

/// What the command line says about variables: of two that speak of one, the later wins.
#[derive(Clone, Debug)]
pub(crate) enum Given {
    /// `--var name=value`
    Value(String, String),
    /// `--var-file`
    File(PathBuf),
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

/// How many resources and how many problems there are in an input.
pub(crate) fn count(path: &Path) -> (usize, usize) {
    let mut stdin = || Err(io::ErrorKind::Unsupported.into());
    let models = read(&[path.to_owned()], &mut stdin, &Options::default(), &Disk);
    let count = |of: fn(&Model) -> usize| models.iter().map(of).sum();
    (
        count(|model| model.resources.len() + model.others.values().sum::<usize>()),
        count(|model| model.problems.len()),
    )
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
        Err(error) => failed(format!("cannot read `{shown}`: {}", files::reason(&error)), None),
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
    if is_zip(&bytes) {
        return match read_plan_file(&bytes) {
            Ok(Some(planned)) => {
                drop(bytes);
                plan::model(&planned, shown, path, options, files)
            }
            Ok(None) => none_of_these(),
            Err(error) => refused(error),
        };
    }
    let text = match utf8(bytes) {
        Ok(text) => text,
        Err(message) => return failed(format!("cannot read {shown}: {message}"), None),
    };
    if text.iter().find(|byte| !byte.is_ascii_whitespace()) != Some(&b'{') {
        return foreign(&text).map_or_else(none_of_these, refused);
    }
    match read_json(text) {
        Ok(Some(planned)) => plan::model(&planned, shown, path, options, files),
        Ok(None) => none_of_these(),
        Err(error) => refused(error),
    }
}

/// Whether bytes are a zip: they begin as one, or end as one with something in front, which zip programs allow.
fn is_zip(bytes: &[u8]) -> bool {
    const END: [u8; 4] = *b"PK\x05\x06";
    /// The record at the end of a zip, and the longest comment in it.
    const TAIL: usize = 22 + 0xffff;
    let is_text = matches!(bytes, [b'{', ..] | [0xff, 0xfe, ..] | [0xfe, 0xff, ..]);
    let tail = bytes.get(bytes.len().saturating_sub(TAIL)..).unwrap_or(bytes);
    bytes.starts_with(b"PK") || (!is_text && tail.windows(END.len()).any(|part| part == END))
}

/// The bytes as UTF-8: `PowerShell` writes plans as UTF-16.
pub(crate) fn utf8(bytes: Vec<u8>) -> Result<Vec<u8>, &'static str> {
    match bytes.as_slice() {
        [0xff, 0xfe, ..] => narrow(bytes, 2, u16::from_le_bytes),
        [0xfe, 0xff, ..] => narrow(bytes, 2, u16::from_be_bytes),
        [b'{', 0, ..] => narrow(bytes, 0, u16::from_le_bytes),
        [0, b'{', ..] => narrow(bytes, 0, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, ..] => {
            let mut bytes = bytes;
            bytes.drain(..3);
            Ok(bytes)
        }
        _ => Ok(bytes),
    }
}

/// UTF-16 to UTF-8 from a place on, in the memory that it is in as long as that is enough: a plan is large, and nearly all
/// of it takes half as much.
fn narrow(
    mut bytes: Vec<u8>,
    start: usize,
    unit: fn([u8; 2]) -> u16,
) -> Result<Vec<u8>, &'static str> {
    if !bytes.len().saturating_sub(start).is_multiple_of(2) {
        return Err("the UTF-16 text ends in the middle of a character");
    }
    let (mut read, mut written) = (start, 0);
    // What does not fit yet waits here; of texts that grow it is the rest.
    let mut waiting: VecDeque<u8> = VecDeque::new();
    while let Some(first) = unit_at(&bytes, read, unit) {
        read += 2;
        // Nearly all of a plan.
        if first < 0x80 && waiting.is_empty() {
            if let (Some(place), Ok(byte)) = (bytes.get_mut(written), u8::try_from(first)) {
                *place = byte;
            }
            written += 1;
            continue;
        }
        let decoded = if (0xd800..0xe000).contains(&first) {
            let pair = [first, unit_at(&bytes, read, unit).unwrap_or(0)];
            read += 2;
            char::decode_utf16(pair).next().and_then(Result::ok)
        } else {
            char::from_u32(first.into())
        };
        let Some(decoded) = decoded else { return Err("the UTF-16 text is broken") };
        waiting.extend(decoded.encode_utf8(&mut [0; 4]).bytes());
        while written < read
            && let Some(byte) = waiting.pop_front()
        {
            if let Some(place) = bytes.get_mut(written) {
                *place = byte;
            }
            written += 1;
        }
    }
    bytes.truncate(written);
    bytes.extend(waiting);
    bytes.shrink_to_fit();
    Ok(bytes)
}

fn unit_at(bytes: &[u8], at: usize, unit: fn([u8; 2]) -> u16) -> Option<u16> {
    bytes.get(at..)?.first_chunk::<2>().map(|pair| unit(*pair))
}
