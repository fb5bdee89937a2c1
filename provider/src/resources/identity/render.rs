//! What other providers' resources take from an identity: tags, labels, annotations, a description, and the template's ceiling
//! on each platform.
//!
//! One function computes all of it, in a plan with unknowns and at apply without, so that what is known in a plan is what
//! comes of it.

use std::collections::{BTreeMap, BTreeSet};

use policy::governance::description::{self, SHORTEST_LIMIT};
use policy::governance::metadata::{self, Fact, Style};
use policy::governance::{Expiry, Field, Record};
use policy::template::{ParameterError, Template};

use super::Common;
use crate::attribute::Attribute;
use crate::ceiling::{Ceiling, Rendering};
use crate::path::Path;
use crate::problem::Problem;
use crate::wording;

/// The governance facts of an identity, as far as they are known.
pub(crate) fn record(
    common: &Common,
    owner: &Attribute<String>,
    template: Option<&Template>,
) -> Record {
    let field = |attribute: &Attribute<String>| match attribute {
        Attribute::Null => Field::Absent,
        Attribute::Unknown => Field::Unknown("a value that is not known yet".to_owned()),
        Attribute::Known(text) => Field::Value(text.clone()),
    };
    let reference = match template {
        Some(template) => Attribute::Known(template.reference().to_string()),
        None => Attribute::Unknown,
    };
    let mut record = Record::default();
    record.set(Fact::Owner, field(owner));
    record.set(Fact::Purpose, field(&common.purpose));
    record.set(Fact::Expiry, field(&end(common)));
    record.set(Fact::Template, field(&reference));
    record.set(Fact::Service, field(&common.service));
    record.set(Fact::Environment, field(&common.environment));
    record.set(Fact::Id, field(&common.id));
    record
}

/// The end of an identity as others should read it. A duration says nothing to who does not know when it began.
fn end(common: &Common) -> Attribute<String> {
    match common.expiry.as_str().map(Expiry::parse) {
        Some(Ok(Expiry::Date(day))) => Attribute::Known(day.to_string()),
        _ => common.expires_at.clone(),
    }
}

/// Fills in everything that other resources take.
pub(crate) fn fill(
    common: &mut Common,
    owner: &Attribute<String>,
    template: Option<&Template>,
) -> Vec<Problem> {
    let record = record(common, owner, template);
    common.principal_name = common.name.clone().map(|name| format!("nhi-{name}"));
    common.tags = pairs(&record, Style::Tag);
    common.labels = pairs(&record, Style::FlatLabel);
    common.annotations = pairs(&record, Style::Annotation);
    common.description = if Fact::ALL.iter().any(|fact| is_unknown(&record, *fact)) {
        Attribute::Unknown
    } else {
        // Null where the facts need more room than the shortest limit: tags and annotations hold them in full.
        description::render(&record, SHORTEST_LIMIT).ok().into()
    };
    let Some(template) = template else {
        common.template_digest = Attribute::Unknown;
        (common.aws, common.gcp, common.azure) =
            (Attribute::Unknown, Attribute::Unknown, Attribute::Unknown);
        (common.kubernetes, common.vault, common.github) =
            (Attribute::Unknown, Attribute::Unknown, Attribute::Unknown);
        return Vec::new();
    };
    common.template_digest = template.digest.as_str().into();
    platforms(common, template)
}

fn is_unknown(record: &Record, fact: Fact) -> bool {
    matches!(record.get(fact), Field::Unknown(_))
}

/// The facts in one style. A fact that is not known yet is an unknown element if it is certain to be there, else the whole
/// map is unknown.
fn pairs(record: &Record, style: Style) -> Attribute<BTreeMap<String, Attribute<String>>> {
    let mut pairs: BTreeMap<_, _> = metadata::render(record, style)
        .into_iter()
        .map(|(key, value)| (key, Attribute::Known(value)))
        .collect();
    for fact in Fact::ALL.into_iter().filter(|fact| is_unknown(record, *fact)) {
        let certain = match fact {
            // Ours, and made to fit.
            Fact::Id | Fact::Expiry => true,
            Fact::Owner | Fact::Purpose | Fact::Template => style != Style::FlatLabel,
            // They may turn out to be absent.
            Fact::Service | Fact::Environment => false,
        };
        if !certain {
            return Attribute::Unknown;
        }
        pairs.insert(metadata::key(fact, style), Attribute::Unknown);
    }
    Attribute::Known(pairs)
}

/// The parameters that are stated and known, and the names of those that are not known yet; none if nothing about them is.
fn parameters(common: &Common) -> Option<(BTreeMap<String, String>, BTreeSet<String>)> {
    let (mut known, mut unknown) = (BTreeMap::new(), BTreeSet::new());
    match &common.parameters {
        Attribute::Null => {}
        Attribute::Unknown => return None,
        Attribute::Known(parameters) => {
            for (name, value) in parameters {
                match value {
                    Attribute::Null => {}
                    Attribute::Unknown => {
                        unknown.insert(name.clone());
                    }
                    Attribute::Known(value) => {
                        known.insert(name.clone(), value.clone());
                    }
                }
            }
        }
    }
    Some((known, unknown))
}

fn platforms(common: &mut Common, template: &Template) -> Vec<Problem> {
    let parameters = parameters(common);
    let (known, unknown) = match &parameters {
        Some((known, unknown)) => (known.clone(), unknown.clone()),
        None => (BTreeMap::new(), template.parameters.keys().cloned().collect()),
    };
    let mut problems: Vec<Problem> = unknown
        .iter()
        .filter(|name| !template.parameters.contains_key(*name))
        .map(|name| unfit(&missing(template, name)))
        .collect();
    let bound = if unknown.is_empty() {
        template.bind(&known).map_err(|errors| problems.extend(errors.iter().map(unfit))).ok()
    } else {
        // What is not known yet is not missing.
        let (bound, errors) = template.bind_known(&known, &unknown);
        problems.extend(errors.iter().map(unfit));
        Some(bound)
    };
    let rendering = Rendering { template, bound: bound.as_ref(), unknown: &unknown };
    let Ceiling { aws, gcp, azure, kubernetes, vault, github } = rendering.ceiling();
    (common.aws, common.gcp, common.azure) = (aws, gcp, azure);
    (common.kubernetes, common.vault, common.github) = (kubernetes, vault, github);
    problems
}

fn missing(template: &Template, name: &str) -> ParameterError {
    // The template's own words for a parameter that it does not have; the value does not matter.
    let given = [(name.to_owned(), String::new())].into();
    let found =
        template.bind(&given).err().into_iter().flatten().find(|error| error.name() == name);
    found.unwrap_or_else(|| ParameterError::Unknown {
        name: name.to_owned(),
        template: template.reference().to_string(),
        help: String::new(),
    })
}

fn unfit(error: &ParameterError) -> Problem {
    let at = Path::from(Common::parameters);
    // There is nothing of the name of a missing one to point at.
    let missing = matches!(error, ParameterError::Missing { .. });
    let at = if missing { at } else { at.key(error.name()) };
    wording::diagnosed("Unsuitable parameter", error).at(at)
}
