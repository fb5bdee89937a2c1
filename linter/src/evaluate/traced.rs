//! A value together with the resources it derives from, part by part.
//!
//! Whether an identity is governed is a question of data flow, so the answer must not blur: of
//! `{ a = nhi_owner.x.id, b = "free" }`, only `a` derives from the owner.

mod origins;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::rc::Rc;
use std::sync::Arc;

use policy::text::{Hole, Shape};
use sha2::{Digest as _, Sha256};

use crate::model::Reference;
use crate::value::Value;

use origins::Gathered;
pub(crate) use origins::{Form, Origins};

/// A value and where it comes from.
#[derive(Clone, Debug, Default)]
pub(crate) struct Traced {
    /// The value.
    pub(crate) value: Value,
    /// The resources it derives from.
    pub(crate) origins: Origins,
}

/// Why an expression has no value: what is unknown, in Terraform's words, and whether Terraform would fail as well.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    /// `file("x.json")`, `var.x`.
    pub(crate) origin: String,
    /// Terraform fails here too, so `try` goes on to its next argument.
    pub(crate) definite: bool,
}

/// What evaluating gives.
pub(crate) type Evaluated = Result<Traced, Failure>;

impl Failure {
    /// Terraform would fail here.
    pub(crate) fn wrong(origin: impl Into<String>) -> Self {
        Self { origin: origin.into(), definite: true }
    }

    /// Terraform may well know; we do not.
    pub(crate) fn unknown(origin: impl Into<String>) -> Self {
        Self { origin: origin.into(), definite: false }
    }

    /// The unknown value that stands for the failure.
    pub(crate) fn into_value(self) -> Value {
        unknown(self.origin)
    }
}

/// A value of which nothing is known but where it would come from.
pub(crate) fn unknown(origin: impl Into<Arc<str>>) -> Value {
    Value::Unknown(Hole { origin: origin.into(), shape: Shape::Any })
}

/// An unknown value that was computed from others. Two of them are the same unknown only if label and inputs are, and
/// since inputs may be secrets, a digest tells them apart.
pub(crate) fn opaque(label: impl fmt::Display, inputs: &dyn fmt::Debug) -> Value {
    unknown(opaque_origin(label, inputs))
}

/// The origin of [`opaque`].
pub(crate) fn opaque_origin(label: impl fmt::Display, inputs: &dyn fmt::Debug) -> String {
    let digest = Sha256::digest(format!("{inputs:?}"));
    let mark: String = digest.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    format!("{label}#{mark}")
}

impl Traced {
    /// A value that derives from nothing.
    pub(crate) fn plain(value: Value) -> Self {
        Self { value, origins: Origins::default() }
    }

    /// A value that derives from one place.
    pub(crate) fn from_reference(value: Value, reference: Reference) -> Self {
        Self { value, origins: Origins::of(reference) }
    }

    /// A resource instance as a whole.
    pub(crate) fn resource(value: Value, address: &str) -> Self {
        let mut parts = BTreeMap::new();
        if let Value::Object(fields) = &value {
            for key in fields.keys() {
                let reference = Reference { address: address.to_owned(), attribute: key.clone() };
                parts.insert(key.clone(), Origins::of(reference));
            }
        }
        let origins = Origins { resource: Some(Rc::from(address)), ..Origins::of_parts(parts) };
        Self { value, origins }
    }

    /// A list of values.
    pub(crate) fn list(items: Vec<Traced>) -> Self {
        let mut values = Vec::with_capacity(items.len());
        let mut parts = BTreeMap::new();
        for (index, item) in items.into_iter().enumerate() {
            if !item.origins.is_blank() {
                parts.insert(index.to_string(), item.origins);
            }
            values.push(item.value);
        }
        Self { value: Value::List(values), origins: Origins::of_parts(parts) }
    }

    /// An object of values.
    pub(crate) fn object(fields: BTreeMap<String, Traced>) -> Self {
        let mut values = BTreeMap::new();
        let mut parts = BTreeMap::new();
        for (key, field) in fields {
            if !field.origins.is_blank() {
                parts.insert(key.clone(), field.origins);
            }
            values.insert(key, field.value);
        }
        Self { value: Value::Object(values), origins: Origins::of_parts(parts) }
    }

    /// Everything the value derives from, as one set for the whole of `value`.
    pub(crate) fn derived<'a>(value: Value, from: impl IntoIterator<Item = &'a Traced>) -> Self {
        let mut gathered = Gathered::default();
        let mut sensitive = false;
        for traced in from {
            traced.origins.collect(&mut gathered);
            sensitive |= traced.origins.is_sensitive();
        }
        Self { value, origins: gathered.into_origins().marked(sensitive) }
    }

    /// One of `choices`, and it is not known which: what all of them derive from is certain, the rest is possible.
    /// `deciding` tells which, so it flows into nothing for sure.
    pub(crate) fn either<'a>(
        value: Value,
        choices: impl IntoIterator<Item = &'a Traced>,
        deciding: impl IntoIterator<Item = &'a Traced>,
    ) -> Self {
        let mut gathered = Gathered::default();
        let mut certain: Option<BTreeSet<Reference>> = None;
        let mut sensitive = false;
        for choice in choices {
            choice.origins.collect(&mut gathered);
            sensitive |= choice.origins.is_sensitive();
            let sure = choice.origins.certain();
            certain = Some(match certain {
                None => sure,
                Some(known) => known.intersection(&sure).cloned().collect(),
            });
        }
        for other in deciding {
            other.origins.collect(&mut gathered);
            sensitive |= other.origins.is_sensitive();
        }
        gathered.certain = certain.unwrap_or_default();
        Self { value, origins: gathered.into_origins().marked(sensitive) }
    }

    /// The same value as a collection of that form.
    #[must_use]
    pub(crate) fn formed(mut self, form: Form) -> Self {
        self.origins.form = form;
        self
    }

    /// The same value, not to be shown.
    #[must_use]
    pub(crate) fn hidden(mut self) -> Self {
        self.origins = self.origins.marked(true);
        self
    }

    /// The same value, which may be shown: `nonsensitive()`.
    #[must_use]
    pub(crate) fn shown(mut self) -> Self {
        self.origins.sensitive = false;
        self.origins.sensitive_inside =
            self.origins.parts.iter().any(|parts| parts.values().any(Origins::is_sensitive));
        self
    }

    /// The same value, with the origins and the sensitivity of `other` as a whole, and not those of its parts.
    #[must_use]
    pub(crate) fn also_own(mut self, other: &Origins) -> Self {
        self.origins.sensitive |= other.sensitive;
        self.origins.join(&Origins { parts: None, resource: None, ..other.clone() });
        self
    }

    /// The same fields, each hidden where that of `other` is.
    #[must_use]
    pub(crate) fn also_hidden(mut self, other: &Traced) -> Self {
        if other.origins.is_sensitive() {
            let fields = self.fields().unwrap_or_default().into_iter().map(|(key, field)| {
                let hidden = other.origins.part(&key).is_sensitive();
                (key, if hidden { field.hidden() } else { field })
            });
            let Self { origins, .. } = Self::object(fields.collect());
            self.origins = Origins { resource: self.origins.resource, ..origins };
        }
        self
    }

    /// The same value where whoever gets it looks at all of it: a resource as a whole has attributes that nobody knows here,
    /// so it counts as unknown.
    #[must_use]
    pub(crate) fn opened(self) -> Self {
        if !self.origins.has_resource() {
            return self;
        }
        if let Some(address) = &self.origins.resource {
            return Self::derived(unknown(Arc::from(&**address)), [&self]);
        }
        let form = self.form();
        let whole = match (self.items(), self.fields()) {
            (Some(items), _) => Self::list(items.into_iter().map(Self::opened).collect()),
            (None, Some(fields)) => {
                Self::object(fields.into_iter().map(|(key, field)| (key, field.opened())).collect())
            }
            (None, None) => return self,
        };
        whole.formed(form).also_own(&self.origins)
    }

    /// Whether it is a resource instance as a whole, which has more attributes than are known.
    pub(crate) fn is_resource(&self) -> bool {
        self.origins.resource.is_some()
    }

    /// The form of a collection.
    pub(crate) fn form(&self) -> Form {
        self.origins.form
    }

    /// The paths of what must not be shown: `password`, `list[0].key`.
    pub(crate) fn sensitive_paths(&self, path: &str, out: &mut BTreeSet<String>) {
        if self.origins.sensitive {
            out.insert(path.to_owned());
            return;
        }
        if !self.origins.sensitive_inside {
            return;
        }
        for (index, item) in self.items().unwrap_or_default().into_iter().enumerate() {
            item.sensitive_paths(&format!("{path}[{index}]"), out);
        }
        for (key, field) in self.fields().unwrap_or_default() {
            let path = if path.is_empty() { key } else { format!("{path}.{key}") };
            field.sensitive_paths(&path, out);
        }
    }

    /// The same value, deriving from `other` as well.
    #[must_use]
    pub(crate) fn also(mut self, other: &Origins) -> Self {
        if other.is_sensitive() {
            self = self.hidden();
        }
        if !other.is_empty() {
            self.origins.join(other);
        }
        self
    }

    /// `value.key` or `value["key"]`.
    pub(crate) fn attribute(&self, key: &str) -> Evaluated {
        match &self.value {
            Value::Object(fields) => match fields.get(key) {
                Some(field) => Ok(Self { value: field.clone(), origins: self.origins.part(key) }),
                None => match &self.origins.resource {
                    Some(address) => {
                        let reference =
                            Reference { address: address.to_string(), attribute: key.to_owned() };
                        Ok(Self::from_reference(unknown(format!("{address}.{key}")), reference))
                    }
                    None => Err(Failure::wrong(key)),
                },
            },
            Value::Unknown(hole) => Ok(Self {
                value: unknown(format!("{}.{key}", hole.origin)),
                origins: self.origins.part(key),
            }),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::List(_) => {
                Err(Failure::wrong(key))
            }
        }
    }

    /// `value[index]`
    pub(crate) fn element(&self, index: usize) -> Evaluated {
        match &self.value {
            Value::List(items) => match items.get(index) {
                Some(item) => {
                    Ok(Self { value: item.clone(), origins: self.origins.part(&index.to_string()) })
                }
                None => Err(Failure::wrong(format!("[{index}]"))),
            },
            Value::Unknown(hole) => Ok(Self {
                value: unknown(format!("{}[{index}]", hole.origin)),
                origins: self.origins.part(&index.to_string()),
            }),
            Value::Object(_) => self.attribute(&index.to_string()),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                Err(Failure::wrong(format!("[{index}]")))
            }
        }
    }

    /// Every element or field, one of which a key that is not known picks; the value itself where it has no parts.
    pub(crate) fn choices(&self) -> Vec<Traced> {
        if let Some(items) = self.items() {
            return items;
        }
        match self.fields() {
            Some(fields) => fields.into_iter().map(|(_, field)| field).collect(),
            None => vec![self.clone()],
        }
    }

    /// The elements of a list, each with its origins; None for other types.
    pub(crate) fn items(&self) -> Option<Vec<Traced>> {
        let Value::List(items) = &self.value else { return None };
        let traced = items.iter().enumerate().map(|(index, item)| Self {
            value: item.clone(),
            origins: self.origins.part(&index.to_string()),
        });
        Some(traced.collect())
    }

    /// The fields of an object, each with its origins; None for other types.
    pub(crate) fn fields(&self) -> Option<Vec<(String, Traced)>> {
        let Value::Object(fields) = &self.value else { return None };
        let traced = fields.iter().map(|(key, field)| {
            (key.clone(), Self { value: field.clone(), origins: self.origins.part(key) })
        });
        Some(traced.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reference(address: &str) -> Reference {
        Reference { address: address.into(), attribute: "id".into() }
    }

    #[test]
    fn origins_stay_with_their_part() {
        let governed = Traced::from_reference("x".into(), reference("nhi_owner.x"));
        let fields = [("a".to_owned(), governed), ("b".to_owned(), Traced::plain("free".into()))];
        let object = Traced::object(fields.into());
        assert_eq!(object.attribute("a").unwrap().origins.all().len(), 1);
        assert!(object.attribute("b").unwrap().origins.is_empty());
        assert_eq!(object.origins.all().len(), 1);
        let both = object.also(&Origins::of(reference("c.d")));
        assert_eq!(both.attribute("b").unwrap().origins.all().len(), 1);
        assert_eq!(both.attribute("a").unwrap().origins.all().len(), 2);
    }

    #[test]
    fn a_resource_lacks_nothing() {
        let role = Traced::resource(
            Value::Object([("name".to_owned(), "x".into())].into()),
            "aws_iam_role.r",
        );
        assert_eq!(role.attribute("unique_id").unwrap().value, unknown("aws_iam_role.r.unique_id"));
        assert_eq!(
            role.attribute("name").unwrap().origins.all().iter().next().unwrap().attribute,
            "name"
        );
    }

    #[test]
    fn what_one_branch_derives_from_is_not_certain() {
        let of = |address| Traced::from_reference("x".into(), reference(address));
        let both = Traced::derived(Value::Null, [&of("a.a"), &of("b.b")]);
        let either = Traced::either(Value::Null, [&both, &of("a.a")], [&of("c.c")]);
        assert_eq!(either.origins.all().len(), 3);
        let uncertain = either.origins.uncertain();
        let uncertain: Vec<&str> = uncertain.iter().map(|it| it.address.as_str()).collect();
        assert_eq!(uncertain, ["b.b", "c.c"]);
        // It stays uncertain through functions and parts, and is certain where something else says so.
        let inside = Traced::object([("k".to_owned(), either.clone())].into());
        assert_eq!(inside.attribute("k").unwrap().origins.uncertain().len(), 2);
        assert_eq!(
            Traced::derived(Value::Null, [&inside, &of("b.b")]).origins.uncertain().len(),
            1
        );
        assert_eq!(inside.also(&Origins::of(reference("d.d"))).origins.uncertain().len(), 2);
    }
}
