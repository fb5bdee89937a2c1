//! Functions that need the evaluator: `try` and `can`, files, templates.

use super::encoding::base64;
use super::{Engine, digests, fileset, open};
use crate::evaluate::convert::constrain;
use crate::evaluate::expression::first_hole;
use crate::evaluate::{Evaluated, Evaluator, Failure, Form, Scope, Traced};
use crate::hcl::{Expr, ExprKind};
use crate::value::Value;

impl<'a> Evaluator<'a> {
    /// `can(argument)`
    pub(super) fn can(&self, scope: &Scope<'a>, arguments: &[Expr]) -> Evaluated {
        let [argument] = arguments else { return Err(Failure::wrong("can(…)")) };
        match self.expression(scope, argument) {
            Ok(value) if may_fail(argument, &value.clone().opened().value) => {
                let plain = std::slice::from_ref(&value.value);
                Ok(Traced::derived(open("can", plain), [&value]))
            }
            Ok(_) => Ok(Traced::plain(Value::Bool(true))),
            Err(failure) if failure.definite => Ok(Traced::plain(Value::Bool(false))),
            Err(failure) => Err(failure),
        }
    }

    /// `convert(value, type)`
    pub(super) fn convert(&self, scope: &Scope<'a>, arguments: &[Expr]) -> Evaluated {
        let [value, constraint] = arguments else { return Err(Failure::wrong("convert(…)")) };
        let value = self.part(scope, value)?;
        Ok(constrain(self, scope, constraint, value, "convert()"))
    }

    /// `try(arguments)`
    pub(super) fn try_each(&self, scope: &Scope<'a>, arguments: &[Expr]) -> Evaluated {
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

    /// The rest.
    pub(super) fn engine(
        &self,
        scope: &Scope<'a>,
        engine: Engine,
        name: &str,
        values: &[Traced],
    ) -> Evaluated {
        let first = values.first().and_then(|value| value.value.as_str());
        let Some(first) = first else {
            if values.iter().all(|value| !value.value.has_unknown()) {
                return Err(Failure::wrong(format!("{name}(…)")));
            }
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
            Engine::FileBase64 => base64(&self.file(first).ok_or_else(missing)?),
            Engine::Digest(kind) => digests::digest(kind, &self.file(first).ok_or_else(missing)?),
            Engine::FileSet => {
                let pattern = values.get(1).and_then(|value| value.value.as_str());
                let pattern = pattern.ok_or_else(|| Failure::wrong("fileset(…)"))?;
                let files = fileset::matching(self.read_file, first, pattern);
                let files = files.ok_or_else(missing)?.into_iter();
                let set = Value::List(files.map(|file| file.as_str().into()).collect());
                return Ok(Traced::derived(set, values).formed(Form::Set));
            }
            Engine::TemplateFile => {
                let source = text(self.file(first).ok_or_else(missing)?)?;
                return self.render(scope, &source, values.get(1), missing());
            }
            Engine::TemplateString => return self.render(scope, first, values.get(1), missing()),
            Engine::Try | Engine::Can | Engine::Convert => return Err(missing()),
        };
        Ok(Traced::derived(super::normalized(value), values))
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
            // A template of nothing but one value is that value.
            [crate::hcl::Piece::Value(expr)] => self.expression(&inner, expr),
            pieces => self.template(&inner, pieces),
        }
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
