//! `moved`, `import` and `removed` blocks: which resource was another one, which exists already, and which is let go.

use std::rc::Rc;

use policy::text::Text;

use super::operators::truth;
use super::provider::nested_value;
use super::repeat::Key;
use super::{Evaluator, ModuleInstance, Repetition, Scope, Traced, functions, join, unknown};
use crate::hcl::{Block, Expr, ExprKind};
use crate::model::{Action, Resource};
use crate::source::Span;
use crate::value::Value;

/// What the blocks of all modules say, with whole addresses.
#[derive(Debug, Default)]
pub(crate) struct Refactored {
    /// From and to.
    moved: Vec<(String, String)>,
    imported: Vec<(String, Text)>,
    /// With whether it is destroyed.
    removed: Vec<(String, bool, Span)>,
}

impl Refactored {
    /// Tells resources what they were, and adds those that are let go.
    pub(crate) fn apply(self, resources: &mut Vec<Resource>) {
        if self.moved.is_empty() && self.imported.is_empty() && self.removed.is_empty() {
            return;
        }
        for resource in resources.iter_mut() {
            let address = &resource.address;
            resource.previous = self.moved.iter().find_map(|(from, to)| {
                let rest = address.strip_prefix(to.as_str())?;
                let whole = rest.is_empty() || rest.starts_with('[');
                let inside = rest.starts_with('.') && last_is_module(to);
                (whole || inside).then(|| format!("{from}{rest}"))
            });
            let imported = self.imported.iter().find(|(to, _)| is_instance_of(address, to));
            resource.imported = imported.map(|(_, id)| id.clone());
        }
        for (address, destroyed, span) in self.removed {
            let (module, rest) = split_module(&address);
            let Some((kind, name)) = rest.split_once('.') else { continue };
            resources.push(Resource {
                module: module.to_owned(),
                kind: kind.to_owned(),
                name: name.split('[').next().unwrap_or(name).to_owned(),
                action: if destroyed { Action::Delete } else { Action::Forget },
                span: Some(span),
                address,
                ..Resource::default()
            });
        }
    }
}

/// `module.a`, `module.a[0]`, and not `module.a.b.c`.
fn last_is_module(address: &str) -> bool {
    split_module(address).1.is_empty()
}

/// `module.a[0].b.c` to `module.a[0]` and `b.c`. A key may hold dots and brackets.
fn split_module(address: &str) -> (&str, &str) {
    let mut end = 0;
    while let Some(rest) = address.get(end..).map(|rest| rest.strip_prefix('.').unwrap_or(rest))
        && let Some(after) = rest.strip_prefix("module.")
    {
        let mut quoted = false;
        let mut escaped = false;
        let length = after
            .find(|c| {
                match c {
                    _ if escaped => escaped = false,
                    '\\' if quoted => escaped = true,
                    '"' => quoted = !quoted,
                    '.' => return !quoted,
                    _ => {}
                }
                false
            })
            .unwrap_or(after.len());
        end = address.len() - after.len() + length;
    }
    let (module, rest) = address.split_at_checked(end).unwrap_or((address, ""));
    (module, rest.strip_prefix('.').unwrap_or(rest))
}

/// Whether an address is the one that an import names; of a key that is not known, any.
fn is_instance_of(address: &str, named: &str) -> bool {
    address == named
        || named
            .strip_suffix("[*]")
            .and_then(|all| address.strip_prefix(all))
            .is_some_and(|rest| rest.starts_with('['))
}

impl<'a> Evaluator<'a> {
    /// Adds what the blocks of a module instance say.
    pub(crate) fn refactored(&self, instance: &Rc<ModuleInstance<'a>>, out: &mut Refactored) {
        let scope = || Scope::new(Rc::clone(instance), Repetition::default());
        for block in &instance.module.refactored {
            let address = |scope: &Scope<'a>, argument: &str| {
                let relative = self.address(scope, block.body.value(argument)?)?;
                Some(join(&instance.address, &relative))
            };
            match block.kind.as_str() {
                "moved" => {
                    let (from, to) = (address(&scope(), "from"), address(&scope(), "to"));
                    out.moved.extend(from.zip(to));
                }
                "removed" => {
                    let destroy = nested_value(&block.body, "lifecycle", "destroy");
                    let stays = destroy.is_some_and(|expr| {
                        truth(&self.value(&scope(), expr).value) == Some(false)
                    });
                    let from = address(&scope(), "from");
                    out.removed.extend(from.map(|from| (from, !stays, block.header)));
                }
                _ => {
                    for scope in self.import_scopes(&scope(), block) {
                        let to = address(&scope, "to");
                        out.imported.extend(to.map(|to| (to, self.import_id(&scope, block))));
                    }
                }
            }
        }
    }

    /// One scope for each element of an import's `for_each`.
    fn import_scopes(&self, scope: &Scope<'a>, block: &Block) -> Vec<Scope<'a>> {
        let Some(over) = block.body.value("for_each") else { return vec![scope.clone()] };
        let over = self.value(scope, over);
        let repeated = |key: Key, value: Traced| {
            let repetition =
                Repetition { key, each_value: Some(value), block: "an import".to_owned() };
            Scope { repetition, ..scope.clone() }
        };
        let pairs: Option<Vec<(String, Traced)>> = over.fields().or_else(|| {
            let items = over.items()?.into_iter();
            items.map(|item| Some((item.value.as_str()?.to_owned(), item))).collect()
        });
        match pairs {
            Some(pairs) => {
                pairs.into_iter().map(|(key, value)| repeated(Key::Each(key), value)).collect()
            }
            None => vec![repeated(Key::Any, Traced::plain(unknown("each.value of an import")))],
        }
    }

    /// The id, or the identity in its place: the only part of it, or all as JSON.
    fn import_id(&self, scope: &Scope<'a>, block: &Block) -> Text {
        let value = |name: &str| block.body.value(name).map(|expr| self.value(scope, expr).value);
        let id = value("id").or_else(|| match value("identity")? {
            Value::Object(fields) if fields.len() == 1 => fields.into_values().next(),
            identity => Some(Value::String(functions::to_json(&identity))),
        });
        id.as_ref()
            .and_then(Value::text)
            .unwrap_or_else(|| Text::hole("the id of an import", policy::text::Shape::Any))
    }

    /// The address that an expression spells, relative to its module; JSON has it in a string.
    fn address(&self, scope: &Scope<'a>, expr: &Expr) -> Option<String> {
        match &expr.kind {
            ExprKind::Name(name) => Some(name.clone()),
            ExprKind::Attr(inner, name) => Some(format!("{}.{name}", self.address(scope, inner)?)),
            ExprKind::Index(inner, key) => {
                let key = match self.value(scope, key).value {
                    Value::Number(number) => Key::parse(&super::number_text(&number)),
                    Value::String(text) => {
                        text.as_str().map_or(Key::Any, |text| Key::Each(text.to_owned()))
                    }
                    _ => Key::Any,
                };
                Some(format!("{}{key}", self.address(scope, inner)?))
            }
            ExprKind::Template(_) => {
                let text = expr.as_literal()?;
                let parsed = crate::hcl::parse_expression(text, expr.span.file).ok()?;
                if matches!(parsed.kind, ExprKind::Template(_)) {
                    return None;
                }
                self.address(scope, &parsed)
            }
            _ => None,
        }
    }
}
