//! The places that a value derives from, and what else there is to say of it, as a whole and part by part.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use crate::model::Reference;

/// The resources that a value derives from, whether it must not be shown, and what form of collection it is: as a whole,
/// and per key or index.
#[derive(Clone, Debug, Default)]
pub(crate) struct Origins {
    pub(super) own: Option<Rc<BTreeSet<Reference>>>,
    /// Those of `own` that only some ways to the value go through: a branch that may not be taken.
    pub(super) possible: Option<Rc<BTreeSet<Reference>>>,
    pub(super) parts: Option<Rc<BTreeMap<String, Origins>>>,
    /// The address, where the value is a resource instance as a whole: what it lacks is not absent but unknown.
    pub(super) resource: Option<Rc<str>>,
    /// The whole value is sensitive.
    pub(super) sensitive: bool,
    /// Something in it is.
    pub(super) sensitive_inside: bool,
    pub(super) form: Form,
}

/// What Terraform's types tell apart and values do not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Form {
    /// A tuple or object, or no collection.
    #[default]
    Structure,
    /// All elements are of one type.
    List,
    /// The same, sorted and each once: there is no first element, and an element is its own key.
    Set,
    /// All elements are of one type.
    Map,
    /// A provider's schema says whether it is a list or a set, and nobody here knows it.
    Unsettled,
}

impl Origins {
    /// One place.
    pub(crate) fn of(reference: Reference) -> Self {
        Self::of_set(BTreeSet::from([reference]))
    }

    fn of_set(own: BTreeSet<Reference>) -> Self {
        Self { own: (!own.is_empty()).then(|| Rc::new(own)), ..Self::default() }
    }

    pub(super) fn of_parts(parts: BTreeMap<String, Origins>) -> Self {
        let sensitive_inside = parts.values().any(Origins::is_sensitive);
        let parts = (!parts.is_empty()).then(|| Rc::new(parts));
        Self { parts, sensitive_inside, ..Self::default() }
    }

    pub(super) fn marked(mut self, sensitive: bool) -> Self {
        self.sensitive |= sensitive;
        self
    }

    /// Whether the value, or anything in it, must not be shown.
    pub(crate) fn is_sensitive(&self) -> bool {
        self.sensitive || self.sensitive_inside
    }

    /// Forms and sensitivity alone, without places.
    pub(crate) fn marks(&self) -> Self {
        let parts = self.parts.iter().flat_map(|parts| parts.iter());
        let parts: BTreeMap<String, Origins> = parts
            .map(|(key, part)| (key.clone(), part.marks()))
            .filter(|(_, part)| !part.is_blank())
            .collect();
        let form = self.form;
        Self { form, ..Self::of_parts(parts) }.marked(self.sensitive)
    }

    /// The same places, with the forms and the sensitivity of others.
    #[must_use]
    pub(crate) fn with_marks(mut self, marks: &Self) -> Self {
        if marks.is_blank() {
            return self;
        }
        let (own, possible) = (self.own.take(), self.possible.take());
        Self { own, possible, resource: self.resource, ..marks.clone() }
    }

    pub(super) fn has_resource(&self) -> bool {
        self.resource.is_some()
            || self.parts.iter().any(|parts| parts.values().any(Self::has_resource))
    }

    /// Whether there is nothing to say.
    pub(super) fn is_blank(&self) -> bool {
        self.is_empty() && !self.is_sensitive() && self.form == Form::Structure
    }

    /// Takes in everything that others say, as a whole; what either says is certain is.
    pub(super) fn join(&mut self, other: &Self) {
        if other.is_empty() {
            return;
        }
        if self.own.is_none() && other.parts.is_none() && other.resource.is_none() {
            self.own.clone_from(&other.own);
            self.possible.clone_from(&other.possible);
            return;
        }
        let mut gathered = Gathered::default();
        other.collect(&mut gathered);
        Self { parts: None, resource: None, ..self.clone() }.collect(&mut gathered);
        let Self { own, possible, .. } = gathered.into_origins();
        self.own = own;
        self.possible = possible;
    }

    /// Whether the value derives from nothing.
    pub(crate) fn is_empty(&self) -> bool {
        self.own.is_none()
            && self.resource.is_none()
            && self.parts.iter().all(|parts| parts.values().all(Self::is_empty))
    }

    /// What the part at that key derives from: its own origins and those of the whole.
    pub(crate) fn part(&self, key: &str) -> Self {
        let part =
            self.parts.as_ref().and_then(|parts| parts.get(key)).cloned().unwrap_or_default();
        let mut part = part.marked(self.sensitive);
        if self.form == Form::Unsettled {
            part.form = Form::Unsettled;
        }
        part.join(&Self { parts: None, resource: None, ..self.clone() });
        part
    }

    /// Everything, parts and all.
    pub(crate) fn all(&self) -> BTreeSet<Reference> {
        let mut gathered = Gathered::default();
        self.collect(&mut gathered);
        gathered.all
    }

    /// What the value derives from, whatever happens.
    pub(crate) fn certain(&self) -> BTreeSet<Reference> {
        let mut gathered = Gathered::default();
        self.collect(&mut gathered);
        gathered.certain
    }

    /// What the value may turn out not to derive from.
    pub(crate) fn uncertain(&self) -> BTreeSet<Reference> {
        let mut gathered = Gathered::default();
        self.collect(&mut gathered);
        gathered.all.difference(&gathered.certain).cloned().collect()
    }

    pub(super) fn collect(&self, into: &mut Gathered) {
        let possible = self.possible.as_deref();
        for reference in self.own.iter().flat_map(|own| own.iter()) {
            if possible.is_none_or(|possible| !possible.contains(reference)) {
                into.certain.insert(reference.clone());
            }
            into.all.insert(reference.clone());
        }
        if let Some(address) = &self.resource {
            let whole = Reference { address: address.to_string(), attribute: String::new() };
            into.certain.insert(whole.clone());
            into.all.insert(whole);
            return;
        }
        for part in self.parts.iter().flat_map(|parts| parts.values()) {
            part.collect(into);
        }
    }
}

/// References on their way into a set of origins.
#[derive(Default)]
pub(super) struct Gathered {
    all: BTreeSet<Reference>,
    pub(super) certain: BTreeSet<Reference>,
}

impl Gathered {
    pub(super) fn into_origins(self) -> Origins {
        let possible: BTreeSet<Reference> = self.all.difference(&self.certain).cloned().collect();
        Origins {
            possible: (!possible.is_empty()).then(|| Rc::new(possible)),
            ..Origins::of_set(self.all)
        }
    }
}
