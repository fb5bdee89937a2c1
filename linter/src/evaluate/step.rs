//! The steps of a traversal: `.name` and `[key]`.

use std::path::{Component, Path, PathBuf};

use super::expression::{first_hole, origin_of};
use super::{Evaluated, Failure, Form, Key, Traced, number_text, opaque};
use crate::value::Value;

/// A step of a traversal, its key evaluated.
pub(super) enum Step {
    Name(String),
    Key(Traced),
}

impl Step {
    /// The name or key, where it is known as a string.
    pub(super) fn text(&self) -> Option<String> {
        match self {
            Self::Name(name) => Some(name.clone()),
            Self::Key(key) => match &key.value {
                Value::String(text) => text.as_str().map(str::to_owned),
                Value::Number(number) => Some(number_text(number)),
                _ => None,
            },
        }
    }
}

/// Follows steps into a value.
pub(super) fn walk(value: &Traced, steps: &[Step]) -> Evaluated {
    let step = |value: &Traced, step: &Step| match step {
        Step::Name(name) => value.attribute(name),
        Step::Key(key) => index(value, key),
    };
    let Some((first, rest)) = steps.split_first() else { return Ok(value.clone()) };
    rest.iter().try_fold(step(value, first)?, |value, next| step(&value, next))
}

/// `value[key]`
fn index(value: &Traced, key: &Traced) -> Evaluated {
    let is_set = value.form() == Form::Set;
    if is_set && !value.value.has_unknown() {
        return Err(Failure::wrong("an element of a set"));
    }
    if is_set || first_hole(&key.value).is_some() {
        // Also where all elements are alike: what the key comes to may not be there.
        let value_of_any =
            opaque(format!("…[{}]", origin_of(&key.value)), &(&value.value, &key.value));
        return Ok(Traced::either(value_of_any, &value.choices(), [key]));
    }
    let found = match &key.value {
        Value::Number(number) => match number_text(number).parse() {
            Ok(index) => value.element(index)?,
            Err(_) => return Err(Failure::wrong("an index")),
        },
        Value::String(text) => {
            let name = text.as_str().unwrap_or_default();
            match (&value.value, name.parse()) {
                (Value::List(_), Ok(index)) => value.element(index)?,
                _ => value.attribute(name)?,
            }
        }
        Value::Bool(truth) => value.attribute(if *truth { "true" } else { "false" })?,
        Value::Null | Value::List(_) | Value::Object(_) | Value::Unknown(_) => {
            return Err(Failure::wrong("an index"));
        }
    };
    Ok(found.also(&key.origins))
}

/// `start.name[0]`
pub(super) fn path_text(start: &str, steps: &[Step]) -> String {
    let mut path = start.to_owned();
    for step in steps {
        let step = match step {
            Step::Name(name) => format!(".{name}"),
            Step::Key(key) => match &key.value {
                Value::Number(number) => format!("[{}]", number_text(number)),
                Value::String(text) => match text.as_str() {
                    Some(text) => Key::Each(text.to_owned()).to_string(),
                    None => format!("[{text}]"),
                },
                other => format!("[{}]", origin_of(other)),
            },
        };
        path.push_str(&step);
    }
    path
}

/// A path relative to where Terraform runs, without `.` and `..` inside.
pub(crate) fn tidy(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                if matches!(out.components().next_back(), Some(Component::Normal(_))) {
                    out.pop();
                } else {
                    out.push("..");
                }
            }
            part @ (Component::Prefix(_) | Component::RootDir | Component::Normal(_)) => {
                out.push(part);
            }
        }
    }
    out
}
