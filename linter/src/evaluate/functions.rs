//! Terraform's functions: one table, one row each.
//!
//! A function that is not done is in the table all the same, with the reason; one that is not in the table is no
//! function of Terraform. Either way the call is an unknown value, never an error or a nothing.

mod arguments;
mod collections;
mod encoding;
mod numbers;
mod patterns;
mod strings;
mod time;
mod yaml;

use sha2::{Digest as _, Sha256};

pub(crate) use encoding::{from_json, to_json, write_string};
pub(crate) use yaml::{documents, from_yaml};

use super::expression::first_hole;
use super::{Evaluated, Evaluator, Failure, Scope, Traced, opaque, opaque_origin};
use crate::hcl::{Expr, ExprKind};
use crate::value::Value;

/// A function over plain values. An error is one that Terraform would report as well.
type Plain = fn(&[Value]) -> Option<Value>;

/// How far a function is there.
#[derive(Clone, Copy)]
enum State {
    /// Called when every argument is known as a whole.
    Known(Plain),
    /// Copes with unknown parts; None is an error if all is known, else an unknown value.
    Partial(Plain),
    /// Over values with their origins, because parts of the arguments become parts of the result.
    Traced(fn(&[Traced]) -> Option<Traced>),
    /// Needs the evaluator: files, or arguments that must not be evaluated first.
    Engine(Engine),
    /// Its value differs from run to run.
    Impure,
    /// Pure, and not written yet.
    Later,
}

/// What only the evaluator can do.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Engine {
    Try,
    Can,
    File,
    FileExists,
    FileBase64,
    FileSha256,
    TemplateFile,
    TemplateString,
}

/// Every function of Terraform and OpenTofu, by name.
const TABLE: &[(&str, State)] = &[
    ("abs", State::Known(numbers::abs)),
    ("abspath", State::Impure),
    ("alltrue", State::Partial(collections::alltrue)),
    ("anytrue", State::Partial(collections::anytrue)),
    ("base64decode", State::Known(encoding::base64decode)),
    ("base64encode", State::Known(encoding::base64encode)),
    ("base64gunzip", State::Later),
    ("base64gzip", State::Later),
    ("base64sha256", State::Known(encoding::base64sha256)),
    ("base64sha512", State::Known(encoding::base64sha512)),
    ("basename", State::Known(strings::basename)),
    ("bcrypt", State::Impure),
    ("can", State::Engine(Engine::Can)),
    ("ceil", State::Known(numbers::ceil)),
    ("chomp", State::Known(strings::chomp)),
    ("chunklist", State::Traced(collections::chunklist)),
    ("cidrcontains", State::Later),
    ("cidrhost", State::Later),
    ("cidrnetmask", State::Later),
    ("cidrsubnet", State::Later),
    ("cidrsubnets", State::Later),
    ("coalesce", State::Traced(collections::coalesce)),
    ("coalescelist", State::Traced(collections::coalescelist)),
    ("compact", State::Traced(collections::compact)),
    ("concat", State::Traced(collections::concat)),
    ("contains", State::Partial(collections::contains)),
    ("convert", State::Later),
    ("csvdecode", State::Later),
    ("dirname", State::Known(strings::dirname)),
    ("distinct", State::Traced(collections::distinct)),
    ("element", State::Traced(collections::element)),
    ("endswith", State::Partial(strings::endswith)),
    ("ephemeralasnull", State::Later),
    ("file", State::Engine(Engine::File)),
    ("filebase64", State::Engine(Engine::FileBase64)),
    ("filebase64sha256", State::Later),
    ("filebase64sha512", State::Later),
    ("fileexists", State::Engine(Engine::FileExists)),
    ("filemd5", State::Later),
    ("fileset", State::Later),
    ("filesha1", State::Later),
    ("filesha256", State::Engine(Engine::FileSha256)),
    ("filesha512", State::Later),
    ("flatten", State::Traced(collections::flatten)),
    ("floor", State::Known(numbers::floor)),
    ("format", State::Partial(patterns::format)),
    ("formatdate", State::Known(time::formatdate)),
    ("formatlist", State::Partial(patterns::formatlist)),
    ("indent", State::Known(strings::indent)),
    ("index", State::Known(collections::index)),
    ("issensitive", State::Later),
    ("join", State::Partial(strings::join)),
    ("jsondecode", State::Known(encoding::jsondecode)),
    ("jsonencode", State::Partial(encoding::jsonencode)),
    ("keys", State::Partial(collections::keys)),
    ("length", State::Partial(collections::length)),
    ("list", State::Traced(collections::list)),
    ("log", State::Known(numbers::log)),
    ("lookup", State::Traced(collections::lookup)),
    ("lower", State::Partial(strings::lower)),
    ("map", State::Later),
    ("matchkeys", State::Later),
    ("max", State::Known(numbers::max)),
    ("md5", State::Later),
    ("merge", State::Traced(collections::merge)),
    ("min", State::Known(numbers::min)),
    ("nonsensitive", State::Traced(collections::nonsensitive)),
    ("one", State::Traced(collections::one)),
    ("parseint", State::Known(numbers::parseint)),
    ("pathexpand", State::Impure),
    ("plantimestamp", State::Impure),
    ("pow", State::Known(numbers::pow)),
    ("range", State::Known(collections::range)),
    ("regex", State::Known(patterns::regex)),
    ("regexall", State::Known(patterns::regexall)),
    ("replace", State::Partial(strings::replace)),
    ("reverse", State::Traced(collections::reverse)),
    ("rsadecrypt", State::Later),
    ("sensitive", State::Traced(collections::sensitive)),
    ("setintersection", State::Known(collections::setintersection)),
    ("setproduct", State::Traced(collections::setproduct)),
    ("setsubtract", State::Known(collections::setsubtract)),
    ("setunion", State::Traced(collections::setunion)),
    ("sha1", State::Later),
    ("sha256", State::Known(encoding::sha256)),
    ("sha512", State::Known(encoding::sha512)),
    ("signum", State::Known(numbers::signum)),
    ("slice", State::Traced(collections::slice)),
    ("sort", State::Known(collections::sort)),
    ("split", State::Partial(strings::split)),
    ("startswith", State::Partial(strings::startswith)),
    ("strcontains", State::Partial(strings::strcontains)),
    ("strrev", State::Known(strings::strrev)),
    ("substr", State::Partial(strings::substr)),
    ("sum", State::Known(numbers::sum)),
    ("templatefile", State::Engine(Engine::TemplateFile)),
    ("templatestring", State::Engine(Engine::TemplateString)),
    ("textdecodebase64", State::Later),
    ("textencodebase64", State::Later),
    ("timeadd", State::Known(time::timeadd)),
    ("timecmp", State::Known(time::timecmp)),
    ("timestamp", State::Impure),
    ("title", State::Known(strings::title)),
    ("tobool", State::Partial(collections::tobool)),
    ("tolist", State::Traced(collections::tolist)),
    ("tomap", State::Traced(collections::tomap)),
    ("tonumber", State::Partial(collections::tonumber)),
    ("toset", State::Traced(collections::toset)),
    ("tostring", State::Partial(collections::tostring)),
    ("transpose", State::Known(collections::transpose)),
    ("trim", State::Known(strings::trim)),
    ("trimprefix", State::Partial(strings::trimprefix)),
    ("trimspace", State::Partial(strings::trimspace)),
    ("trimsuffix", State::Partial(strings::trimsuffix)),
    ("try", State::Engine(Engine::Try)),
    ("type", State::Later),
    ("upper", State::Partial(strings::upper)),
    ("urldecode", State::Later),
    ("urlencode", State::Known(encoding::urlencode)),
    ("uuid", State::Impure),
    ("uuidv5", State::Later),
    ("values", State::Traced(collections::values)),
    ("yamldecode", State::Partial(yaml::yamldecode)),
    ("yamlencode", State::Partial(yaml::yamlencode)),
    ("zipmap", State::Traced(collections::zipmap)),
];

fn state(name: &str) -> Option<State> {
    let name = name.strip_prefix("core::").unwrap_or(name);
    TABLE
        .binary_search_by(|(known, _)| (*known).cmp(name))
        .ok()
        .and_then(|at| TABLE.get(at))
        .map(|(_, state)| *state)
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
            Some(State::Engine(Engine::Can)) => {
                return match arguments.first().map(|first| self.expression(scope, first)) {
                    Some(Ok(value)) if value.clone().opened().value.has_unknown() => Ok(
                        Traced::derived(open("can", std::slice::from_ref(&value.value)), [&value]),
                    ),
                    Some(Ok(_)) => Ok(Traced::plain(Value::Bool(true))),
                    Some(Err(failure)) if failure.definite => Ok(Traced::plain(Value::Bool(false))),
                    Some(Err(failure)) => Err(failure),
                    None => Err(Failure::wrong("can()")),
                };
            }
            _ => {}
        }
        let mut values = Vec::with_capacity(arguments.len());
        for argument in arguments {
            values.push(self.part(scope, argument)?);
        }
        if spread && let Some(last) = values.pop() {
            match last.items() {
                Some(items) => values.extend(items),
                None => {
                    return Ok(Traced::derived(
                        open(name, std::slice::from_ref(&last.value)),
                        [&last],
                    ));
                }
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
                Some(result) => return Ok(result),
                None => None,
            },
            Some(State::Engine(engine))
                if known || engine == Engine::TemplateFile || engine == Engine::TemplateString =>
            {
                return self.engine(scope, engine, name, &values);
            }
            Some(State::Impure | State::Later) | None => {
                return Ok(Traced::derived(open(name, &plain), &values));
            }
            Some(State::Known(_) | State::Engine(_)) => None,
        };
        match result {
            Some(value) if super::is_too_large(&value) => {
                Err(Failure::unknown("a value that is too large"))
            }
            Some(value) => Ok(Traced::derived(value, &values)),
            None if known => Err(Failure::wrong(format!("{name}(…)"))),
            None if picks_one(name) => Ok(picked(name, open(name, &plain), &values)),
            None => Ok(Traced::derived(open(name, &plain), &values)),
        }
    }

    fn try_each(&self, scope: &Scope<'a>, arguments: &[Expr]) -> Evaluated {
        for (number, argument) in arguments.iter().enumerate() {
            match self.expression(scope, argument) {
                Ok(value) if number + 1 < arguments.len() && may_fail(argument, &value.value) => {
                    // Once it is known it may be an error, and then it is another argument that counts.
                    let rest = arguments.iter().skip(number + 1);
                    let rest: Vec<Traced> = rest.map(|other| self.value(scope, other)).collect();
                    let all: Vec<Traced> = std::iter::once(value).chain(rest).collect();
                    let plain: Vec<Value> = all.iter().map(|one| one.value.clone()).collect();
                    return Ok(Traced::either(open("try", &plain), &all, []));
                }
                Ok(value) => return Ok(value),
                Err(failure) if failure.definite => {}
                Err(failure) => return Err(failure),
            }
        }
        Err(Failure::wrong("try(…)"))
    }

    fn engine(
        &self,
        scope: &Scope<'a>,
        engine: Engine,
        name: &str,
        values: &[Traced],
    ) -> Evaluated {
        let first = values.first().and_then(|value| value.value.as_str());
        let Some(first) = first else {
            let plain: Vec<Value> = values.iter().map(|value| value.value.clone()).collect();
            return Ok(Traced::derived(open(name, &plain), values));
        };
        // What is not there for us may be there for Terraform: the plan file carries no such files.
        let missing = || Failure::unknown(format!("{name}(\"{first}\")"));
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).map_err(|_| missing());
        let value = match engine {
            Engine::File => text(self.file(first).ok_or_else(missing)?)?.as_str().into(),
            Engine::FileExists => match self.file(first) {
                Some(_) => Value::Bool(true),
                None => return Err(missing()),
            },
            Engine::FileBase64 => encoding::base64(&self.file(first).ok_or_else(missing)?),
            Engine::FileSha256 => {
                let digest = Sha256::digest(self.file(first).ok_or_else(missing)?);
                encoding::hex(&digest).as_str().into()
            }
            Engine::TemplateFile => {
                let source = text(self.file(first).ok_or_else(missing)?)?;
                return self.render(scope, &source, values.get(1), missing());
            }
            Engine::TemplateString => return self.render(scope, first, values.get(1), missing()),
            Engine::Try | Engine::Can => return Err(missing()),
        };
        Ok(Traced::derived(value, values))
    }

    /// A template with nothing in scope but the given names.
    fn render(
        &self,
        scope: &Scope<'a>,
        source: &str,
        names: Option<&Traced>,
        missing: Failure,
    ) -> Evaluated {
        let place = scope.instance.module.nowhere;
        let Ok(pieces) = crate::hcl::parse_template(source, place.file, Some(place)) else {
            return Err(missing);
        };
        let Some(names) = names.map_or(Some(Vec::new()), Traced::fields) else {
            return Err(missing);
        };
        let mut inner = Scope { bindings: Vec::new(), ..scope.clone() };
        for (name, value) in names {
            inner.bind(&name, value);
        }
        match pieces.as_slice() {
            [crate::hcl::Piece::Value(expr)] if matches!(expr.kind, ExprKind::Name(_)) => {
                self.expression(&inner, expr)
            }
            pieces => self.template(&inner, pieces),
        }
    }
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

/// Whether an expression with an unknown value may turn out to be an error. An attribute of a resource, a local value or
/// an output of a module never does; what is further inside may not be there.
fn may_fail(expr: &Expr, value: &Value) -> bool {
    if !value.has_unknown() {
        return false;
    }
    let mut steps = Vec::new();
    let mut root = expr;
    loop {
        match &root.kind {
            ExprKind::Attr(inner, _) => {
                steps.push(true);
                root = inner;
            }
            ExprKind::Index(inner, _) => {
                steps.push(false);
                root = inner;
            }
            _ => break,
        }
    }
    steps.reverse();
    let ExprKind::Name(name) = &root.kind else { return true };
    let labels = match name.as_str() {
        "local" | "var" | "each" | "count" | "path" | "terraform" => 0,
        "data" | "resource" => 2,
        _ => 1,
    };
    let named = steps.len() > labels && steps.iter().take(labels).all(|is_name| *is_name);
    // A key that is not there is an error already, unless it is not known which keys there are.
    let any = first_hole(value).is_some_and(|hole| hole.origin.contains("[*]"));
    !named || any || !matches!(steps.get(labels..), Some([true] | [false, true]))
}

/// The unknown value that a call gives.
fn open(name: &str, arguments: &[Value]) -> Value {
    let holes: Vec<String> =
        arguments.iter().filter_map(first_hole).map(|hole| hole.origin.to_string()).collect();
    opaque(format!("{name}({})", holes.join(", ")), &arguments)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_each_name_is_there_once() {
        let names: Vec<&str> = TABLE.iter().map(|(name, _)| *name).collect();
        let mut sorted = names.clone();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(names, sorted);
        assert!(state("core::merge").is_some() && state("merged").is_none());
    }
}
