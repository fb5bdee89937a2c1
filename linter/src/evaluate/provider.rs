//! What the provider of a resource says for it: region, account, partition, default tags.

use std::rc::Rc;

use super::{Evaluator, ModuleInstance, Repetition, Scope, join};
use crate::hcl::{Body, Expr, ExprKind};
use crate::shape::Facts;
use crate::value::Value;

impl<'a> Evaluator<'a> {
    /// Region, account and partition that the provider of a resource works in.
    pub(crate) fn provider(&self, scope: &Scope<'a>, kind: &str, body: &Body) -> Facts {
        let local = kind.split('_').next().unwrap_or(kind);
        let named = body.value("provider").and_then(provider_name);
        let (name, alias) = named.unwrap_or_else(|| (local.to_owned(), None));
        self.provider_facts(&scope.instance, &name, alias.as_deref())
    }

    fn provider_facts(
        &self,
        instance: &Rc<ModuleInstance<'a>>,
        name: &str,
        alias: Option<&str>,
    ) -> Facts {
        let configured = instance.module.providers.iter().find(|block| {
            let own = block.body.value("alias").and_then(Expr::as_literal);
            block.label(0) == name && own == alias
        });
        let scope = Scope::new(Rc::clone(instance), Repetition::default());
        // Only the root module's default provider goes without a name: it is the one that holes need not tell apart.
        let place = match (instance.address.as_str(), alias) {
            ("", None) => String::new(),
            (module, alias) => join(
                module,
                &format!("{name}{}", alias.map(|alias| format!(".{alias}")).unwrap_or_default()),
            ),
        };
        if let Some(block) = configured {
            let defaults = nested_value(&block.body, "default_tags", "tags")
                .or_else(|| block.body.value("default_labels"));
            let defaults = defaults.map(|expr| self.value(&scope, expr).origins);
            let mut facts = Facts::new(
                &place,
                &|argument| {
                    block
                        .body
                        .value(argument)
                        .map_or(Value::Null, |expr| self.value(&scope, expr).value)
                },
                &|kind, argument| {
                    self.value(&scope, nested_value(&block.body, kind, argument)?).value.into()
                },
            );
            facts.default_references =
                defaults.map(|origins| origins.certain()).unwrap_or_default();
            return facts;
        }
        let Some((parent, call)) = &instance.parent else {
            return Facts::unknown(&place);
        };
        let (name, alias) = call.provider(name, alias).unwrap_or_else(|| (name.to_owned(), None));
        self.provider_facts(parent, &name, alias.as_deref())
    }
}

/// An argument of a nested block; in JSON, a block is an object or a list of them.
pub(super) fn nested_value<'b>(body: &'b Body, kind: &str, argument: &str) -> Option<&'b Expr> {
    if let Some(block) = body.blocks.iter().find(|nested| nested.kind == kind) {
        return block.body.value(argument);
    }
    let mut value = body.value(kind)?;
    if let ExprKind::List(items) = &value.kind {
        value = items.first()?;
    }
    let ExprKind::Object(members) = &value.kind else { return None };
    members.iter().find(|(key, _)| key.as_literal() == Some(argument)).map(|(_, member)| member)
}

/// `aws.east` as a reference or, in JSON, a string.
pub(crate) fn provider_name(expr: &Expr) -> Option<(String, Option<String>)> {
    match &expr.kind {
        ExprKind::Name(name) => Some((name.clone(), None)),
        ExprKind::Attr(name, alias) => match &name.kind {
            ExprKind::Name(name) => Some((name.clone(), Some(alias.clone()))),
            _ => None,
        },
        ExprKind::Template(_) => {
            let text = expr.as_literal()?;
            Some(match text.split_once('.') {
                Some((name, alias)) => (name.to_owned(), Some(alias.to_owned())),
                None => (text.to_owned(), None),
            })
        }
        _ => None,
    }
}
