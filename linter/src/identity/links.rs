//! Which resource a value points at, also where the value itself is not known before apply.

use std::collections::BTreeMap;

use crate::model::{Mode, Model, Resource};
use crate::value::Value;

/// An index over the resources that will be there once the plan was applied.
#[derive(Debug)]
pub(super) struct Links<'a> {
    resources: &'a [Resource],
    by_base: BTreeMap<String, Vec<usize>>,
    by_kind: BTreeMap<&'a str, Vec<usize>>,
}

impl<'a> Links<'a> {
    /// Indexes a model.
    pub(super) fn new(model: &'a Model) -> Self {
        let mut by_base: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        let mut by_kind: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (index, resource) in model.resources.iter().enumerate() {
            if !resource.action.leaves_it() {
                continue;
            }
            by_base.entry(base(&resource.address)).or_default().push(index);
            if resource.mode == Mode::Managed {
                by_kind.entry(&resource.kind).or_default().push(index);
            }
        }
        Self { resources: &model.resources, by_base, by_kind }
    }

    /// The managed resources of a type, in the model's order.
    pub(super) fn of_kind(&self, kind: &str) -> Vec<usize> {
        self.by_kind.get(kind).cloned().unwrap_or_default()
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

    /// The resources that an argument derives from, with the attribute that it uses. Where a reference does not say which
    /// instance, the one with the same key as the user is meant, and all of them where there is no such instance.
    pub(super) fn references(&self, from: usize, argument: &str) -> Vec<(usize, &'a str)> {
        let Some(resource) = self.resources.get(from) else { return Vec::new() };
        let Some(references) = resource.references.get(argument) else { return Vec::new() };
        let mut found = Vec::new();
        for reference in references {
            for index in self.instances(resource, &reference.address) {
                found.push((index, reference.attribute.as_str()));
            }
        }
        found
    }

    fn instances(&self, from: &Resource, address: &str) -> Vec<usize> {
        let Some(candidates) = self.by_base.get(&base(address)) else { return Vec::new() };
        let wanted = |test: &dyn Fn(&Resource) -> bool| -> Vec<usize> {
            let matches = |index: &usize| self.resources.get(*index).is_some_and(test);
            candidates.iter().copied().filter(matches).collect()
        };
        let exact = wanted(&|resource| resource.address == address);
        if !exact.is_empty() {
            return exact;
        }
        let key = key(&from.address);
        let near = wanted(&|resource| resource.module == from.module);
        let twin = |index: &usize| {
            key.is_some()
                && self.resources.get(*index).is_some_and(|other| self::key(&other.address) == key)
        };
        let twins: Vec<usize> =
            if near.is_empty() { candidates } else { &near }.iter().copied().filter(twin).collect();
        match (twins.is_empty(), near.is_empty()) {
            (false, _) => twins,
            (true, false) => near,
            (true, true) => candidates.clone(),
        }
    }
}

/// An address without its instance keys: `module.robot[0].aws_iam_user.this["a"]` -> `module.robot.aws_iam_user.this`.
fn base(address: &str) -> String {
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
