//! Terraform's functions: what calling one means. Each has one row in the [`table`].
//!
//! A function that cannot be computed here is in the table all the same, with the reason; one that is not in the table is
//! no function of Terraform that is known. Either way the call is an unknown value, never an error or a nothing.

mod arguments;
mod cidr;
mod collections;
mod csv;
mod digests;
mod encoding;
mod engine;
mod fileset;
mod format;
mod numbers;
mod patterns;
mod provided;
mod sets;
mod strings;
mod table;
#[cfg(test)]
mod tests;
mod time;
mod yaml;

use policy::text::{Shape, Text};
use unicode_normalization::{IsNormalized, UnicodeNormalization as _, is_nfc_quick};

pub(crate) use encoding::{from_json, to_json, write_string};
pub(crate) use yaml::{documents, from_yaml};

use super::expression::first_hole;
use super::{Evaluated, Evaluator, Failure, Form, Scope, Traced, opaque, opaque_origin};
use crate::hcl::Expr;
use crate::value::Value;

/// A function over plain values. An error is one that Terraform would report as well.
type Plain = fn(&[Value]) -> Option<Value>;

/// How far a function is there.
enum State {
    /// Called when every argument is known as a whole.
    Known(Plain),
    /// Copes with unknown parts; None is an error if all is known, else an unknown value.
    Partial(Plain),
    /// Over values with their origins, because parts of the arguments become parts of the result.
    Traced(fn(&[Traced]) -> Option<Traced>),
    /// Needs the evaluator: files, or arguments that must not be evaluated first.
    Engine(Engine),
    /// Its value differs from run to run, or from machine to machine; a string of that shape.
    Impure(Shape),
    /// Its value differs from run to run, and is the same throughout one.
    Constant,
    /// Pure, and not to be computed here: the page of functions says why.
    Nature,
    /// A function that releases since 1.0 refuses to call.
    Gone,
}

/// What only the evaluator can do.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Engine {
    Try,
    Can,
    Convert,
    File,
    FileExists,
    FileBase64,
    FileSet,
    Digest(digests::Kind),
    TemplateFile,
    TemplateString,
}

fn state(name: &str) -> Option<&'static State> {
    let name = name.strip_prefix("core::").unwrap_or(name);
    let at = table::TABLE.binary_search_by(|(known, _)| (*known).cmp(name)).ok()?;
    table::TABLE.get(at).map(|(_, state)| state)
}

impl<'a> Evaluator<'a> {
    /// `name(arguments)`
    pub(super) fn call(
        &self,
        scope: &Scope<'a>,
        name: &str,
        arguments: &[Expr],
        spread: bool,
    ) -> Evaluated {
        let state = state(name);
        match state {
            Some(State::Engine(Engine::Try)) => return self.try_each(scope, arguments),
            Some(State::Engine(Engine::Can)) => return self.can(scope, arguments),
            Some(State::Engine(Engine::Convert)) => return self.convert(scope, arguments),
            _ => {}
        }
        let mut values = Vec::with_capacity(arguments.len());
        for argument in arguments {
            values.push(self.part(scope, argument)?);
        }
        if spread && let Some(last) = values.pop() {
            match last.items() {
                Some(items) => values.extend(items),
                None if first_hole(&last.value).is_some() => {
                    let plain = std::slice::from_ref(&last.value);
                    return Ok(Traced::derived(open(name, plain), [&last]));
                }
                None => return Err(Failure::wrong(format!("{name}(…)"))),
            }
        }
        // What goes through as a whole may be a resource as a whole; in pieces it may not.
        if !matches!(name, "sensitive" | "nonsensitive") {
            let parts_only = matches!(state, Some(State::Traced(_)));
            for value in &mut values {
                if !parts_only || value.is_resource() {
                    *value = std::mem::take(value).opened();
                }
            }
        }
        let plain: Vec<Value> = values.iter().map(|value| value.value.clone()).collect();
        let known = !plain.iter().any(Value::has_unknown);
        let result = match state {
            Some(State::Known(function)) if known => function(&plain),
            Some(State::Partial(function)) => function(&plain),
            Some(State::Traced(function)) => match function(&values) {
                Some(result) if super::is_too_large(&result.value) => {
                    return Err(Failure::unknown("a value that is too large"));
                }
                Some(result) => return Ok(result),
                None => None,
            },
            Some(State::Engine(engine))
                if known || matches!(engine, Engine::TemplateFile | Engine::TemplateString) =>
            {
                return self.engine(scope, *engine, name, &values);
            }
            Some(State::Impure(shape)) => {
                // Another call is another value.
                let origin = format!("{name}()#{}", self.steps.get());
                let value = Value::String(Text::hole(origin, shape.clone()));
                return Ok(Traced::derived(value, &values));
            }
            Some(State::Nature | State::Constant) => Some(open(name, &plain)),
            None => match Self::provided(scope, name) {
                Some(function) if known || name.ends_with("::spiffe_id") => function(&plain),
                _ => Some(open(name, &plain)),
            },
            Some(State::Known(_) | State::Engine(_) | State::Gone) => None,
        };
        match result {
            Some(value) if super::is_too_large(&value) => {
                Err(Failure::unknown("a value that is too large"))
            }
            Some(value) => {
                let form = form(name, &values);
                Ok(Traced::derived(normalized(value), &values).formed(form))
            }
            None if known => Err(Failure::wrong(format!("{name}(…)"))),
            None if picks_one(name) => Ok(picked(name, open(name, &plain), &values)),
            None => Ok(Traced::derived(open(name, &plain), &values)),
        }
    }

    /// The function of a provider: `provider::aws::arn_parse`.
    fn provided(scope: &Scope<'a>, name: &str) -> Option<Plain> {
        let (local, function) = name.strip_prefix("provider::")?.split_once("::")?;
        // OpenTofu lets an alias stand between them.
        let function = function.rsplit("::").next()?;
        let source = scope.instance.module.provider_source(local).unwrap_or(local);
        provided::find(source, function)
    }
}

/// What kind of collection a function gives that is not told by its elements.
fn form(name: &str, arguments: &[Traced]) -> Form {
    match name {
        "range" | "split" | "sort" | "formatlist" | "regexall" | "csvdecode" | "cidrsubnets" => {
            Form::List
        }
        "keys" if arguments.iter().any(|argument| argument.form() == Form::Map) => Form::List,
        "transpose" => Form::Map,
        _ => Form::Structure,
    }
}

/// Every string of Terraform's is in normal form C, also after two have been put together.
fn normalized(value: Value) -> Value {
    match value {
        Value::String(text) if text.as_str().is_some_and(|text| !text.is_ascii()) => {
            let text = text.as_str().unwrap_or_default();
            if is_nfc_quick(text.chars()) == IsNormalized::Yes {
                text.into()
            } else {
                text.nfc().collect::<String>().as_str().into()
            }
        }
        Value::List(items) => Value::List(items.into_iter().map(normalized).collect()),
        Value::Object(fields) => {
            Value::Object(fields.into_iter().map(|(key, field)| (key, normalized(field))).collect())
        }
        value => value,
    }
}

/// The characters of a string as its readers count them, of those that are known to stand alone: what joins to clusters is
/// a matter of tables that differ by release.
fn characters(text: &str) -> Option<Vec<char>> {
    let alone = |c: char| {
        matches!(c,
            '\0'..='\u{c}' | '\u{e}'..='\u{ac}' | '\u{ae}'..='\u{2ff}' | '\u{370}'..='\u{482}'
            | '\u{48a}'..='\u{52f}' | '\u{1e00}'..='\u{1fff}' | '\u{2010}'..='\u{2027}'
            | '\u{20a0}'..='\u{20cf}' | '\u{3041}'..='\u{3096}' | '\u{30a1}'..='\u{30fa}'
            | '\u{4e00}'..='\u{9fff}')
    };
    text.chars().map(|c| alone(c).then_some(c)).collect()
}

/// Whether a function gives one of the things that it is given.
fn picks_one(name: &str) -> bool {
    matches!(name, "coalesce" | "coalescelist" | "element" | "lookup" | "one")
}

/// The value of a function that picks, where it is not known what.
fn picked(name: &str, value: Value, arguments: &[Traced]) -> Traced {
    match (name, arguments) {
        ("coalesce" | "coalescelist", _) => Traced::either(value, arguments, []),
        (_, [from, deciding @ ..]) => {
            let mut choices = from.choices();
            choices.extend(deciding.get(1).cloned());
            Traced::either(value, &choices, deciding.first())
        }
        (_, []) => Traced::plain(value),
    }
}

/// The unknown value that a call gives.
fn open(name: &str, arguments: &[Value]) -> Value {
    let holes: Vec<String> =
        arguments.iter().filter_map(first_hole).map(|hole| hole.origin.to_string()).collect();
    opaque(format!("{name}({})", holes.join(", ")), &arguments)
}

/// The same, with the origins of the arguments.
fn open_traced(name: &str, arguments: &[Traced]) -> Traced {
    let plain: Vec<Value> = arguments.iter().map(|argument| argument.value.clone()).collect();
    let value = open(name, &plain);
    if picks_one(name) { picked(name, value, arguments) } else { Traced::derived(value, arguments) }
}
