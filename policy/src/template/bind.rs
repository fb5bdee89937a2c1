//! Parameters get their values.
//!
//! A value must match the parameter's pattern as a whole, and every platform that uses it must take it literally: no `*`, `?` or `${` for AWS, no
//! `*` for Google Cloud, Azure, Kubernetes and GitHub, no `*`, `{` or segment `+` for Vault, no control characters anywhere,
//! whatever the pattern says. A template that wants a wildcard writes it outside the parameter, where a reviewer sees it.
//! A parameter without a pattern takes no empty value unless its default is empty.

use std::collections::{BTreeMap, BTreeSet};

use miette::Diagnostic;
use thiserror::Error;

use super::library::list;
use super::model::{Parameter, Platform, Template};
use super::nearest::nearest;
use super::parse::did_you_mean;

/// A template with the values of its parameters, defaults included.
#[derive(Clone, Debug)]
pub struct Bound<'a> {
    pub(super) template: &'a Template,
    pub(super) values: BTreeMap<String, String>,
}

/// What is wrong with a parameter.
#[derive(Clone, Debug, PartialEq, Eq, Error, Diagnostic)]
pub enum ParameterError {
    /// The template has no such parameter.
    #[error("template `{template}` has no parameter `{name}`")]
    Unknown {
        /// The parameter.
        name: String,
        /// The template.
        template: String,
        /// What was perhaps meant.
        #[help]
        help: String,
    },
    /// The value does not match the pattern.
    #[error("`{value}` does not match the pattern of parameter `{name}`")]
    #[diagnostic(help("the whole value has to match `{pattern}`"))]
    Pattern {
        /// The parameter.
        name: String,
        /// The value.
        value: String,
        /// The pattern.
        pattern: String,
    },
    /// The value would make the template wider than it reads.
    #[error("`{value}` cannot be the value of parameter `{name}`: it {reason}")]
    #[diagnostic(help("state one name; a parameter never stands for many things"))]
    Unfit {
        /// The parameter.
        name: String,
        /// The value.
        value: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The value makes two names of a policy the same.
    #[error("the values of parameters {names} make two keys of a condition the same")]
    #[diagnostic(help("choose values that differ; of two equal keys only one would count"))]
    Collision {
        /// The first of the parameters.
        name: String,
        /// All of them, for the message.
        names: String,
    },
    /// There is neither a value nor a default.
    #[error("parameter `{name}` of template `{template}` has no value")]
    Missing {
        /// The parameter.
        name: String,
        /// The template.
        template: String,
        /// What to write.
        #[help]
        help: String,
    },
}

impl ParameterError {
    /// The parameter.
    pub fn name(&self) -> &str {
        match self {
            Self::Unknown { name, .. }
            | Self::Pattern { name, .. }
            | Self::Unfit { name, .. }
            | Self::Collision { name, .. }
            | Self::Missing { name, .. } => name,
        }
    }
}

impl Template {
    /// Binds the parameters to given values and defaults.
    ///
    /// An identity lives on one platform, so it need not state what only the others use: parameters without a value are an error only if
    /// no platform block is left that has all of its own. [`Bound::missing`] says what one platform lacks.
    pub fn bind(&self, given: &BTreeMap<String, String>) -> Result<Bound<'_>, Vec<ParameterError>> {
        let mut errors = self.check_given(given);
        let mut values = given.clone();
        for parameter in self.parameters.values() {
            if let Some(default) = &parameter.default {
                values.entry(parameter.name.clone()).or_insert_with(|| default.clone());
            }
        }
        let bound = Bound { template: self, values };
        if errors.is_empty() {
            let blocks =
                Platform::ALL.into_iter().filter(|platform| self.says_something(*platform));
            let fewest = blocks.map(|platform| bound.missing(platform)).min_by_key(Vec::len);
            errors.extend(fewest.unwrap_or_default());
            errors.extend(bound.collision());
        }
        if errors.is_empty() { Ok(bound) } else { Err(errors) }
    }

    /// Binds what is known so far: given values, and the defaults of the others but those in `waiting`, whose values come
    /// later. Nothing is missing yet; the errors are those of the given values.
    pub fn bind_known(
        &self,
        given: &BTreeMap<String, String>,
        waiting: &BTreeSet<String>,
    ) -> (Bound<'_>, Vec<ParameterError>) {
        let mut values = given.clone();
        for parameter in self.parameters.values().filter(|it| !waiting.contains(&it.name)) {
            if let Some(default) = &parameter.default {
                values.entry(parameter.name.clone()).or_insert_with(|| default.clone());
            }
        }
        (Bound { template: self, values }, self.check_given(given))
    }

    /// What is wrong with stated values, whether or not all are stated.
    pub fn check_given(&self, given: &BTreeMap<String, String>) -> Vec<ParameterError> {
        given
            .iter()
            .filter_map(|(name, value)| match self.parameters.get(name) {
                Some(parameter) => self.check_value(parameter, value).err(),
                None => Some(self.unknown_parameter(name)),
            })
            .collect()
    }

    /// Whether a parameter may have this value.
    pub fn check_value(&self, parameter: &Parameter, value: &str) -> Result<(), ParameterError> {
        let name = || parameter.name.clone();
        if let Some(pattern) = &parameter.pattern
            && !pattern.matches(value)
        {
            return Err(ParameterError::Pattern {
                name: name(),
                value: value.to_owned(),
                pattern: pattern.as_str().to_owned(),
            });
        }
        let empty = value.is_empty()
            && parameter.pattern.is_none()
            && parameter.default.as_deref() != Some("");
        let reason = if empty {
            Some("is empty".to_owned())
        } else {
            parameter.platforms.iter().find_map(|platform| unfit(*platform, value))
        };
        match reason {
            Some(reason) => {
                Err(ParameterError::Unfit { name: name(), value: value.to_owned(), reason })
            }
            None => Ok(()),
        }
    }

    fn unknown_parameter(&self, name: &str) -> ParameterError {
        let names = || self.parameters.keys().map(String::as_str);
        let help = match nearest(name, names()) {
            Some(near) => did_you_mean(near),
            None if self.parameters.is_empty() => "it has none: leave the value out".to_owned(),
            None => format!("it has {}", list(names())),
        };
        ParameterError::Unknown {
            name: name.to_owned(),
            template: self.reference().to_string(),
            help,
        }
    }
}

impl Bound<'_> {
    /// The values, defaults included.
    pub fn values(&self) -> &BTreeMap<String, String> {
        &self.values
    }

    /// The template.
    pub fn template(&self) -> &Template {
        self.template
    }

    /// The parameters that the block of a platform uses and that have no value. Empty if there is no such block.
    pub fn missing(&self, platform: Platform) -> Vec<ParameterError> {
        let used = self.template.used_by(platform);
        let lacking = used.into_iter().filter(|name| !self.values.contains_key(*name));
        lacking
            .map(|name| {
                let pattern = self.template.parameters.get(name).and_then(|it| it.pattern.as_ref());
                let help = match pattern {
                    Some(pattern) => {
                        format!("state `{name}`, a value that matches `{}`", pattern.as_str())
                    }
                    None => format!("state `{name}`"),
                };
                let template = self.template.reference().to_string();
                ParameterError::Missing { name: name.to_owned(), template, help }
            })
            .collect()
    }
}

impl Bound<'_> {
    /// With every value there, the documents can only fail to render because two names became the same.
    fn collision(&self) -> Option<ParameterError> {
        let used = self.template.used_by(Platform::Aws);
        let complete =
            self.template.covers(Platform::Aws) && self.missing(Platform::Aws).is_empty();
        if !complete || self.aws().is_some() {
            return None;
        }
        let name = used.first().map(|name| (*name).to_owned()).unwrap_or_default();
        Some(ParameterError::Collision { name, names: list(used.into_iter()) })
    }
}

/// Why a platform would not take the value literally, as a phrase that follows "it".
pub(super) fn unfit(platform: Platform, value: &str) -> Option<String> {
    if value.chars().any(char::is_control) {
        return Some("holds a control character".to_owned());
    }
    let holds = |what: &str| value.contains(what).then(|| format!("holds `{what}`"));
    let wildcard = || holds("*").map(|it| format!("{it}, which stands for any text"));
    match platform {
        Platform::Aws => wildcard()
            .or_else(|| holds("?").map(|it| format!("{it}, which stands for any character")))
            .or_else(|| holds("${").map(|it| format!("{it}, which begins a policy variable")))
            // The other half could stand in the text beside the parameter.
            .or_else(|| value.ends_with('$').then(|| "ends with `$`".to_owned()))
            .or_else(|| value.starts_with('{').then(|| "begins with `{`".to_owned())),
        Platform::Gcp | Platform::Azure | Platform::Kubernetes | Platform::GitHub => wildcard(),
        Platform::Vault => wildcard()
            .or_else(|| holds("{").map(|it| format!("{it}, which begins a policy template")))
            .or_else(|| {
                let plus = value.split('/').any(|segment| segment == "+");
                plus.then(|| "holds the segment `+`, which stands for any segment".to_owned())
            }),
    }
}
