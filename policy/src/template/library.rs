//! Many template files as one collection: looked up by reference, with the owners directory and the baseline beside.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use miette::Diagnostic;
use semver::Version;
use thiserror::Error;

use super::error::{TemplateError, TemplateErrorKind};
use super::model::{Place, Status, Template};
use super::nearest::nearest;
use super::parse::{self, Parsed, did_you_mean};
use super::reference::{Reference, ReferenceError, Selector};
use crate::governance::{Baseline, Caps, Kind};

/// Templates, owners and caps of an organisation.
#[derive(Clone, Debug, Default)]
pub struct Library {
    templates: BTreeMap<String, BTreeMap<Version, Template>>,
    owners: BTreeMap<String, OwnerEntry>,
    baseline: Baseline,
    stated_caps: Option<StatedCaps>,
    broken: BTreeSet<String>,
}

/// What a `baseline` block says.
#[derive(Clone, Debug)]
struct StatedCaps {
    caps: BTreeMap<Kind, Caps>,
    place: Place,
}

/// A team that may own identities.
#[derive(Clone, Debug)]
pub struct OwnerEntry {
    /// The name that identities state.
    pub name: String,
    /// The person who answers for it, an e-mail address.
    pub accountable: String,
    /// The person who knows how it works, an e-mail address.
    pub steward: Option<String>,
    /// Whether it still exists.
    pub active: bool,
    /// Where it stands.
    pub place: Place,
}

/// Why a template cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Error, Diagnostic)]
pub enum UnusableTemplate {
    /// The reference cannot be read.
    #[error("{error}")]
    Malformed {
        /// Why.
        error: ReferenceError,
        /// What to write.
        #[help]
        help: Option<String>,
    },
    /// There is no template of that name.
    #[error("there is no template `{name}`")]
    Unknown {
        /// The name.
        name: String,
        /// The name that was perhaps meant, or where to look.
        #[help]
        help: String,
    },
    /// There is, but not in that version.
    #[error("template `{name}` has no version `{version}`")]
    NoSuchVersion {
        /// The name.
        name: String,
        /// The version asked for.
        version: String,
        /// The versions that there are.
        #[help]
        help: String,
    },
    /// There is, and it is not for new identities.
    #[error("template `{reference}` is deprecated")]
    Deprecated {
        /// Name and version.
        reference: Reference,
        /// What to use instead.
        #[help]
        help: String,
    },
    /// There is, and nobody may use it.
    #[error("template `{reference}` is revoked")]
    Revoked {
        /// Name and version.
        reference: Reference,
        /// What to use instead.
        #[help]
        help: String,
    },
    /// Its file has mistakes.
    #[error("template `{name}` cannot be used because its file has errors")]
    #[diagnostic(help("correct the errors that are reported for the file"))]
    Broken {
        /// The name.
        name: String,
    },
}

impl Library {
    /// Reads files, each with its name and text. What has no mistake is in the library; every mistake of every file is in the list, in the order of
    /// the files.
    pub fn parse<N, T>(files: &[(N, T)]) -> (Self, Vec<TemplateError>)
    where
        N: AsRef<str>,
        T: AsRef<str>,
    {
        let mut library = Self::default();
        let mut errors = Vec::new();
        for (name, text) in files {
            let parsed = parse::file(name.as_ref(), text.as_ref());
            library.absorb(parsed, &mut errors);
        }
        (library, errors)
    }

    fn absorb(&mut self, parsed: Parsed, errors: &mut Vec<TemplateError>) {
        errors.extend(parsed.errors);
        self.broken.extend(parsed.broken);
        for template in parsed.templates {
            if let Some(first) = self.get(&template.name, &template.version) {
                errors.push(duplicate(&template, first));
                self.broken.insert(template.name.clone());
            } else {
                self.insert(template);
            }
        }
        for owner in parsed.owners {
            if let Some(first) = self.owners.get(&owner.name) {
                let kind = TemplateErrorKind::DuplicateOwner {
                    name: owner.name.clone(),
                    first: first.place.file.name().to_owned(),
                };
                errors.push(again(kind, &owner.place, "keep one of the two"));
            } else {
                self.owners.insert(owner.name.clone(), owner);
            }
        }
        for (caps, place) in parsed.baselines {
            errors.extend(self.state_caps(StatedCaps { caps, place }));
        }
    }

    /// Takes the caps of a `baseline` block. There is one for the organisation: the first holds,
    /// and a second is an error.
    fn state_caps(&mut self, stated: StatedCaps) -> Option<TemplateError> {
        if let Some(first) = &self.stated_caps {
            let kind = TemplateErrorKind::DuplicateBaseline(first.place.file.name().to_owned());
            return Some(again(kind, &stated.place, "put all caps into one `baseline` block"));
        }
        for (kind, caps) in &stated.caps {
            self.baseline.set(*kind, *caps);
        }
        self.stated_caps = Some(stated);
        None
    }

    /// Adds the templates, owners and caps of another library, such as the published ones of an inventory. The same content twice
    /// is fine and keeps this library's status; another content under the same version is an error, and so are other caps.
    pub fn merge(&mut self, other: Self) -> Vec<TemplateError> {
        let mut errors = Vec::new();
        for template in other.templates.into_values().flat_map(BTreeMap::into_values) {
            match self.get(&template.name, &template.version) {
                Some(first) if first.digest != template.digest => {
                    errors.push(duplicate(&template, first));
                }
                Some(_) => {}
                None => self.insert(template),
            }
        }
        for (name, owner) in other.owners {
            self.owners.entry(name).or_insert(owner);
        }
        if let Some(stated) = other.stated_caps
            && self.stated_caps.as_ref().is_none_or(|first| first.caps != stated.caps)
        {
            errors.extend(self.state_caps(stated));
        }
        self.broken.extend(other.broken);
        errors
    }

    fn insert(&mut self, template: Template) {
        let versions = self.templates.entry(template.name.clone()).or_default();
        versions.insert(template.version.clone(), template);
    }

    /// All templates, by name and version.
    pub fn templates(&self) -> impl Iterator<Item = &Template> {
        self.templates.values().flat_map(BTreeMap::values)
    }

    /// One template, whatever its status.
    pub fn get(&self, name: &str, version: &Version) -> Option<&Template> {
        self.templates.get(name)?.get(version)
    }

    /// The owners directory, by name.
    pub fn owners(&self) -> &BTreeMap<String, OwnerEntry> {
        &self.owners
    }

    /// The caps per kind: the built-in ones with what the files change.
    pub fn baseline(&self) -> &Baseline {
        &self.baseline
    }

    /// Reads a reference and looks it up.
    pub fn find(&self, reference: &str) -> Result<&Template, UnusableTemplate> {
        let reference = Reference::parse(reference).map_err(|error| self.malformed(error))?;
        self.resolve(&reference)
    }

    /// The template that a reference names, if it still sets a ceiling: one that is deprecated does.
    pub fn ceiling(&self, reference: &str) -> Option<&Template> {
        match self.find(reference) {
            Ok(template) => Some(template),
            Err(UnusableTemplate::Deprecated { reference, .. }) => {
                self.templates().find(|template| template.reference() == reference)
            }
            Err(_) => None,
        }
    }

    /// The template that a reference means, if it may be used.
    pub fn resolve(&self, reference: &Reference) -> Result<&Template, UnusableTemplate> {
        let name = reference.name.clone();
        let Some(versions) = self.templates.get(&name) else {
            return Err(self.unknown(name));
        };
        let found = match &reference.version {
            Selector::Exact(version) => versions.get(version),
            Selector::Major(_) => {
                let newest = |status| {
                    versions.values().rev().find(|template| {
                        template.status == status && reference.covers(&name, &template.version)
                    })
                };
                newest(Status::Active)
                    .or_else(|| newest(Status::Deprecated))
                    .or_else(|| newest(Status::Revoked))
            }
        };
        let Some(template) = found else {
            if self.broken.contains(&name) {
                return Err(UnusableTemplate::Broken { name });
            }
            let help = self.versions_help(&name);
            return Err(UnusableTemplate::NoSuchVersion {
                name,
                version: reference.version.to_string(),
                help,
            });
        };
        match template.status {
            Status::Active => Ok(template),
            Status::Deprecated => Err(UnusableTemplate::Deprecated {
                reference: template.reference(),
                help: self.instead(template),
            }),
            Status::Revoked => Err(UnusableTemplate::Revoked {
                reference: template.reference(),
                help: self.instead(template),
            }),
        }
    }

    /// `name` alone is a common slip, and the library knows what it should have been.
    fn malformed(&self, error: ReferenceError) -> UnusableTemplate {
        let help = match &error {
            ReferenceError::NoVersion(name) => match self.newest_active(name) {
                Some(newest) => Some(format!(
                    "write `{name}@{}` for the newest {}.x, or `{}` for exactly that one",
                    newest.version.major,
                    newest.version.major,
                    newest.reference()
                )),
                None => error.help().map(|help| help.to_string()),
            },
            ReferenceError::NoName(_) | ReferenceError::Name(_) | ReferenceError::Version(_) => {
                error.help().map(|help| help.to_string())
            }
        };
        UnusableTemplate::Malformed { error, help }
    }

    fn unknown(&self, name: String) -> UnusableTemplate {
        if self.broken.contains(&name) {
            return UnusableTemplate::Broken { name };
        }
        let names = || self.templates.keys().map(String::as_str);
        let help = match nearest(&name, names()) {
            Some(near) => did_you_mean(near),
            None if self.templates.is_empty() => {
                "no templates are loaded: say where they are".to_owned()
            }
            None => format!("there are {}", list(names())),
        };
        UnusableTemplate::Unknown { name, help }
    }

    fn versions_help(&self, name: &str) -> String {
        let versions = self.templates.get(name).into_iter().flat_map(BTreeMap::values);
        let versions: Vec<String> = versions
            .map(|template| match template.status {
                Status::Active => format!("`{}`", template.version),
                status @ (Status::Deprecated | Status::Revoked) => {
                    format!("`{}` ({status})", template.version)
                }
            })
            .collect();
        format!("there is {}", versions.join(", "))
    }

    /// What users of a template should move to: what says that it replaces it, or the newest active version.
    fn instead(&self, template: &Template) -> String {
        let replaces = |other: &&Template| {
            other.status == Status::Active
                && other
                    .replaces
                    .iter()
                    .any(|reference| reference.covers(&template.name, &template.version))
        };
        match self
            .templates()
            .filter(replaces)
            .last()
            .or_else(|| self.newest_active(&template.name))
        {
            Some(newer) => format!("use `{}` instead", newer.reference()),
            None => "there is no active template in its place; ask the team that publishes it"
                .to_owned(),
        }
    }

    fn newest_active(&self, name: &str) -> Option<&Template> {
        let versions = self.templates.get(name)?;
        versions
            .values()
            .rev()
            .find(|template| template.status == Status::Active && template.version.pre.is_empty())
    }
}

fn duplicate(template: &Template, first: &Template) -> TemplateError {
    let kind = TemplateErrorKind::DuplicateTemplate {
        reference: template.reference().to_string(),
        first: first.place.file.name().to_owned(),
    };
    again(
        kind,
        &template.place,
        "a published version never changes: give the new content a new version",
    )
}

fn again(kind: TemplateErrorKind, place: &Place, help: &str) -> TemplateError {
    TemplateError {
        kind: Box::new(kind),
        file: Arc::clone(&place.file),
        span: place.span,
        help: Some(help.to_owned()),
    }
}

pub(super) fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
