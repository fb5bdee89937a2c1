//! Which resource a value points at, also where the value itself is not known before apply.

use std::collections::BTreeMap;

use policy::text::Part;

use crate::catalogue::Catalogue;
use crate::model::{Action, Mode, Model, Resource};
use crate::value::Value;

/// An index over the resources that will be there once the plan was applied.
#[derive(Debug)]
pub(super) struct Links<'a> {
    /// What is known about resource types.
    pub(super) catalogue: &'a Catalogue,
    resources: &'a [Resource],
    by_address: BTreeMap<&'a str, usize>,
    by_base: BTreeMap<String, Vec<usize>>,
    /// By address without keys, and the key of the instance.
    by_key: BTreeMap<(String, &'a str), Vec<usize>>,
    by_kind: BTreeMap<&'a str, Vec<usize>>,
}

impl<'a> Links<'a> {
    /// Indexes a model.
    pub(super) fn new(model: &'a Model) -> Self {
        let mut links = Self {
            catalogue: &model.catalogue,
            resources: &model.resources,
            by_address: BTreeMap::new(),
            by_base: BTreeMap::new(),
            by_key: BTreeMap::new(),
            by_kind: BTreeMap::new(),
        };
        for (index, resource) in model.resources.iter().enumerate() {
            if !resource.action.leaves_it() {
                continue;
            }
            let base = base(&resource.address);
            if let Some(key) = key(&resource.address) {
                links.by_key.entry((base.clone(), key)).or_default().push(index);
            }
            links.by_address.insert(&resource.address, index);
            links.by_base.entry(base).or_default().push(index);
            if resource.mode == Mode::Managed {
                links.by_kind.entry(&resource.kind).or_default().push(index);
            }
        }
        links
    }

    /// The managed resources of a type, in the model's order.
    pub(super) fn of_kind(&self, kind: &str) -> Vec<usize> {
        self.by_kind.get(kind).cloned().unwrap_or_default()
    }

    /// The managed resources that the plan destroys.
    pub(super) fn gone(&self) -> impl Iterator<Item = (usize, &'a Resource)> + '_ {
        self.resources.iter().enumerate().filter(|(_, resource)| {
            resource.mode == Mode::Managed && resource.action == Action::Delete
        })
    }

    /// Whether the sources of a resource are at hand.
    pub(super) fn is_written(&self, index: usize) -> bool {
        self.resources.get(index).is_some_and(|resource| resource.span.is_some())
    }

    /// Every managed resource.
    pub(super) fn all(&self) -> impl Iterator<Item = usize> + '_ {
        self.by_kind.values().flatten().copied()
    }

    /// The types of the model's managed resources.
    pub(super) fn kinds(&self) -> impl Iterator<Item = &'a str> + '_ {
        self.by_kind.keys().copied()
    }

    /// A resource.
    pub(super) fn resource(&self, index: usize) -> Option<&'a Resource> {
        self.resources.get(index)
    }

    /// The value of a top-level argument.
    pub(super) fn value(&self, index: usize, argument: &str) -> &'a Value {
        const NULL: &Value = &Value::Null;
        self.resources.get(index).map_or(NULL, |resource| resource.after.get(argument))
    }

    /// The address of a resource.
    pub(super) fn address(&self, index: usize) -> &'a str {
        self.resources.get(index).map_or("", |resource| &resource.address)
    }

    /// The resources that an argument derives from, with the attribute that it uses. Where a reference does not say which
    /// instance, the one with the same key as the user is meant, and all of them where there is no such instance.
    pub(super) fn references(&self, from: usize, argument: &str) -> Vec<(usize, &'a str)> {
        let found = self.derivations(from, argument).into_iter();
        found.map(|(index, attribute, _)| (index, attribute)).collect()
    }

    /// As [`Self::references`], each with whether the value derives from it whatever happens.
    pub(super) fn derivations(&self, from: usize, argument: &str) -> Vec<(usize, &'a str, bool)> {
        let Some(resource) = self.resources.get(from) else { return Vec::new() };
        let Some(references) = resource.references.get(argument) else { return Vec::new() };
        let uncertain = resource.uncertain.get(argument);
        let mut found = Vec::new();
        for reference in references {
            let certain = uncertain.is_none_or(|uncertain| !uncertain.contains(reference));
            for index in self.instances(resource, &reference.address) {
                found.push((index, reference.attribute.as_str(), certain));
            }
        }
        found
    }

    /// Whether a value can derive from an attribute that it is said to. Without sources a plan only says which references
    /// an expression has, and `var.x ? {} : a.tags` has one to `a.tags` whichever branch was taken: a value that is known
    /// shows what went into it.
    pub(super) fn is_borne_out(
        &self,
        from: usize,
        argument: &str,
        to: usize,
        attribute: &str,
    ) -> bool {
        let (Some(user), Some(target)) = (self.resources.get(from), self.resources.get(to)) else {
            return false;
        };
        let value = user.after.get(argument);
        if user.span.is_some() || value.has_unknown() {
            return true;
        }
        let source = attribute.split(['.', '[']).next().filter(|name| !name.is_empty());
        let source = source.map(|name| target.after.get(name));
        // Not every plan holds what the provider makes of a resource; then it is what was said about it that shows.
        let source = source.filter(|value| !value.is_null()).unwrap_or(&target.after);
        let mut parts = Vec::new();
        texts(source, &mut parts);
        let mut wholes = Vec::new();
        texts(value, &mut wholes);
        parts.iter().any(|part| wholes.iter().any(|whole| whole.contains(part)))
    }

    fn instances(&self, from: &Resource, address: &str) -> Vec<usize> {
        if let Some(exact) = self.by_address.get(address) {
            return vec![*exact];
        }
        let base = base(address);
        let Some(all) = self.by_base.get(&base) else { return Vec::new() };
        let near = |indexes: &[usize]| -> Vec<usize> {
            let is_near = |index: &usize| {
                self.resources.get(*index).is_some_and(|other| other.module == from.module)
            };
            indexes.iter().copied().filter(is_near).collect()
        };
        let twins = key(&from.address).and_then(|key| self.by_key.get(&(base, key)));
        for candidates in [twins, Some(all)].into_iter().flatten() {
            let near = near(candidates);
            if !near.is_empty() {
                return near;
            }
        }
        twins.unwrap_or(all).clone()
    }
}

/// The known strings in a value.
fn texts<'v>(value: &'v Value, out: &mut Vec<&'v str>) {
    match value {
        Value::String(text) => {
            let known = text.parts().iter().filter_map(|part| match part {
                Part::Literal(literal) => Some(literal.as_ref()),
                Part::Hole(_) => None,
            });
            out.extend(known.filter(|literal: &&str| !literal.is_empty()));
        }
        Value::List(items) => items.iter().for_each(|item| texts(item, out)),
        Value::Object(fields) => fields.values().for_each(|field| texts(field, out)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Unknown(_) => {}
    }
}

/// An address without its instance keys: `module.robot[0].aws_iam_user.this["a"]` -> `module.robot.aws_iam_user.this`.
pub(crate) fn base(address: &str) -> String {
    let mut out = String::with_capacity(address.len());
    let (mut inside, mut quoted, mut escaped) = (false, false, false);
    for character in address.chars() {
        match character {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' if inside => quoted = !quoted,
            '[' if !inside => inside = true,
            ']' if inside && !quoted => inside = false,
            other if !inside => out.push(other),
            _ => {}
        }
    }
    out
}

/// The instance key at the end of an address: `["a"]`.
fn key(address: &str) -> Option<&str> {
    address.ends_with(']').then(|| last_key(address)).flatten().and_then(|at| address.get(at..))
}

/// Where the last key begins. A quoted key may hold any character, so brackets are counted from the front.
fn last_key(address: &str) -> Option<usize> {
    let (mut start, mut inside, mut quoted, mut escaped) = (None, false, false, false);
    for (at, character) in address.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' if inside => quoted = !quoted,
            '[' if !inside => {
                inside = true;
                start = Some(at);
            }
            ']' if inside && !quoted => inside = false,
            _ => {}
        }
    }
    start
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_lose_their_keys() {
        assert_eq!(base(r#"module.a["x].y"].aws_iam_role.r[0]"#), "module.a.aws_iam_role.r");
        assert_eq!(base(r#"aws_iam_role.r["a\"]b"]"#), "aws_iam_role.r");
        assert_eq!(base("data.aws_iam_role.r"), "data.aws_iam_role.r");
    }

    #[test]
    fn the_key_is_the_last_one() {
        assert_eq!(key(r#"module.a["x"].aws_iam_role.r["y[1]"]"#), Some(r#"["y[1]"]"#));
        assert_eq!(key(r#"module.a["x"].aws_iam_role.r"#), None);
        assert_eq!(key("aws_iam_role.r[12]"), Some("[12]"));
    }
}
