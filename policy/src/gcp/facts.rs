//! What a request is made of besides its permission, and which values go together.

use std::collections::BTreeMap;

use super::condition::Attribute;
use super::resource;
use crate::glob::Symbol;
use crate::text::Text;

const STORAGE: &str = "storage.googleapis.com";
const BUCKETS: &str = "projects/_/buckets/";

/// Values of the attributes that conditions ask about. What is not here was not asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Facts {
    pub(super) strings: BTreeMap<Attribute, String>,
    /// Nanoseconds since 1970.
    pub(super) time: Option<i128>,
    pub(super) lists: BTreeMap<String, Vec<String>>,
    /// Tag questions, and their answers.
    pub(super) tags: BTreeMap<Text, bool>,
}

/// What the resource of a grant says about the attributes of everything below it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Place {
    /// The service, if the resource belongs to one.
    service: Option<String>,
    /// The name in Cloud Storage, the one service whose names conditions see exactly as documented.
    storage: Option<String>,
    /// The name without its service.
    own: Option<String>,
}

impl Facts {
    /// The facts as a counterexample shows them. None if a time is none that can be written.
    pub(super) fn context(&self) -> Option<BTreeMap<String, Vec<String>>> {
        let mut out = BTreeMap::new();
        for (attribute, value) in &self.strings {
            out.insert(attribute.name().to_owned(), vec![value.clone()]);
        }
        if let Some(time) = self.time {
            let time = jiff::Timestamp::from_nanosecond(time).ok()?;
            out.insert("request.time".to_owned(), vec![time.to_string()]);
        }
        out.extend(self.lists.iter().map(|(name, list)| (name.clone(), list.clone())));
        out.extend(self.tags.iter().map(|(tag, set)| (tag.to_string(), vec![set.to_string()])));
        Some(out)
    }
}

impl Place {
    pub(super) fn new(resource: Option<&Text>) -> Self {
        let service = resource::service(resource);
        Self {
            storage: resource::storage_name(resource),
            own: resource::own_name(resource).filter(|_| service.is_some()),
            service,
        }
    }

    /// The strings that an attribute can have here, as patterns, and whether it always has one.
    pub(super) fn values(&self, attribute: Attribute) -> (Vec<Vec<Symbol>>, bool) {
        let letters = |known: &str| known.chars().map(Symbol::Char).collect::<Vec<_>>();
        let Some(name) = &self.storage else { return (vec![vec![Symbol::Many]], false) };
        let patterns = match attribute {
            Attribute::Name => {
                let mut below = letters(name);
                below.extend([Symbol::Char('/'), Symbol::Many]);
                vec![letters(name), below]
            }
            Attribute::Service => vec![letters(STORAGE)],
            Attribute::Type => {
                let mut kinds = letters(STORAGE);
                kinds.extend([Symbol::Char('/'), Symbol::Many]);
                vec![kinds]
            }
        };
        (patterns, true)
    }

    /// Likely values, the most likely first.
    pub(super) fn candidates(&self, attribute: Attribute) -> Vec<String> {
        let mut out = Vec::new();
        let fixed: &[&str] = match attribute {
            Attribute::Name => {
                if let Some(name) = &self.storage {
                    out.push(format!("{name}/objects/example"));
                }
                if let Some(name) = &self.own {
                    out.extend([name.clone(), format!("{name}/example")]);
                }
                &["projects/_/buckets/example/objects/example", "projects/_/buckets/example"]
            }
            Attribute::Type => {
                out.extend(
                    self.service
                        .iter()
                        .filter(|it| *it != STORAGE)
                        .map(|it| format!("{it}/Example")),
                );
                &[
                    "storage.googleapis.com/Object",
                    "storage.googleapis.com/Bucket",
                    "compute.googleapis.com/Instance",
                ]
            }
            Attribute::Service => {
                out.extend(self.service.clone());
                &[STORAGE, "compute.googleapis.com", "secretmanager.googleapis.com"]
            }
        };
        out.extend(fixed.iter().map(|one| (*one).to_owned()));
        out
    }

    /// One word for each attribute, such that a resource here can have them all.
    pub(super) fn choose(
        &self,
        words: &BTreeMap<Attribute, &[String]>,
        facts: Facts,
    ) -> Option<Facts> {
        let none = [None];
        let of = |attribute: Attribute| -> Vec<Option<&String>> {
            match words.get(&attribute) {
                Some(all) => all.iter().map(Some).collect(),
                None => none.to_vec(),
            }
        };
        let (names, types, services) =
            (of(Attribute::Name), of(Attribute::Type), of(Attribute::Service));
        for name in &names {
            for kind in &types {
                for service in &services {
                    if self.agree(name.as_deref(), kind.as_deref(), service.as_deref()) {
                        let mut facts = facts;
                        let all = [*name, *kind, *service];
                        for (attribute, word) in Attribute::ALL.into_iter().zip(all) {
                            facts.strings.extend(word.map(|word| (attribute, word.clone())));
                        }
                        return Some(facts);
                    }
                }
            }
        }
        None
    }

    /// Whether a resource here can have these, as far as names and types are documented.
    fn agree(
        &self,
        name: Option<&String>,
        kind: Option<&String>,
        service: Option<&String>,
    ) -> bool {
        let own = service.or(self.service.as_ref());
        let of_service = |kind: &String| match kind.split_once('/') {
            Some((front, _)) => own.is_none_or(|own| own == front),
            None => false,
        };
        if !kind.is_none_or(of_service)
            || service.zip(self.service.as_ref()).is_some_and(|(one, two)| one != two)
            || service.is_some_and(String::is_empty)
        {
            return false;
        }
        let Some(name) = name else { return true };
        let below = |own: &String| {
            name.strip_prefix(own.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        if name.is_empty() || !self.own.as_ref().is_none_or(below) {
            return false;
        }
        let asked = kind.is_some() || service.is_some();
        if !asked && self.service.is_none() {
            return true;
        }
        let front = kind.and_then(|kind| kind.split_once('/'));
        let front = front.map(|(front, _)| front).or(own.map(String::as_str));
        if front != Some(STORAGE) {
            // What names look like there is not told by anything that is known here.
            return !asked;
        }
        let Some(rest) = name.strip_prefix(BUCKETS) else { return false };
        let object = rest.split_once("/objects/").is_some_and(|(bucket, object)| {
            !bucket.is_empty() && !bucket.contains('/') && !object.is_empty()
        });
        match front.and(kind).and_then(|kind| kind.split_once('/')) {
            Some((_, "Object")) => object,
            Some((_, "Bucket")) => !rest.is_empty() && !rest.contains('/'),
            Some(_) => false,
            None => object || !rest.contains('/'),
        }
    }
}
