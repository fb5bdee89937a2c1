//! What other providers' resources take from an identity: tags, labels, annotations, a description, and the template's ceiling
//! on each platform.
//!
//! One function computes all of it, in a plan with unknowns and at apply without, so that what is known in a plan is what
//! comes of it.

use std::collections::{BTreeMap, BTreeSet};

use policy::governance::description::{self, SHORTEST_LIMIT};
use policy::governance::metadata::{self, Fact, Style};
use policy::governance::{Expiry, Field, Record};
use policy::template::{Bound, ParameterError, Platform, Template};
use serde_json::json;

use super::{Aws, Azure, Common, Gcp, Github, Kubernetes, Vault};
use crate::attribute::Attribute;
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
    common.aws = aws(&rendering);
    common.gcp = rendering.of(Platform::Gcp, gcp);
    common.azure = rendering.of(Platform::Azure, azure);
    common.kubernetes = rendering.of(Platform::Kubernetes, kubernetes);
    common.vault = rendering.of(Platform::Vault, vault);
    common.github = rendering.of(Platform::GitHub, github);
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

/// A template whose parameters may be known in part.
struct Rendering<'a> {
    template: &'a Template,
    /// None where something is wrong with the parameters.
    bound: Option<&'a Bound<'a>>,
    unknown: &'a BTreeSet<String>,
}

impl Rendering<'_> {
    /// The ceiling on a platform: unknown while it waits for a parameter, null where there is none.
    fn of<T>(&self, platform: Platform, render: fn(&Bound<'_>) -> Option<T>) -> Attribute<T> {
        let used = self.template.used_by(platform);
        if self.template.covers(platform)
            && used.into_iter().any(|name| self.unknown.contains(name))
        {
            return Attribute::Unknown;
        }
        self.bound.filter(|bound| bound.renders(platform)).and_then(render).into()
    }
}

/// Document by document: a trust policy without parameters is known although the permissions wait for one.
fn aws(rendering: &Rendering<'_>) -> Attribute<Aws> {
    let (Some(aws), Some(bound)) = (&rendering.template.aws, rendering.bound) else {
        return Attribute::Null;
    };
    let values = bound.values();
    let used = rendering.template.used_by(Platform::Aws);
    if used.iter().any(|name| !values.contains_key(*name) && !rendering.unknown.contains(*name)) {
        return Attribute::Null;
    }
    let document = |document: &Option<policy::template::Spanned<_>>,
                    fill: &dyn Fn(&_) -> Option<String>| match document {
        None => Attribute::Null,
        Some(document) => fill(&document.value).map_or(Attribute::Unknown, Attribute::Known),
    };
    let json = |value: &policy::template::expression::Value| {
        value.fill(values).map(|json| json.to_string())
    };
    Attribute::Known(Aws {
        permissions: document(&aws.permissions, &json),
        trust: document(&aws.trust, &json),
        boundary: match &aws.boundary {
            None => Attribute::Null,
            Some(boundary) => {
                boundary.value.fill(values).map_or(Attribute::Unknown, Attribute::Known)
            }
        },
    })
}

fn gcp(bound: &Bound<'_>) -> Option<Gcp> {
    let policy::template::model::Gcp { roles, permissions, resources } = bound.gcp_strings()?;
    Some(Gcp { roles: roles.into(), permissions: permissions.into(), resources: resources.into() })
}

fn azure(bound: &Bound<'_>) -> Option<Azure> {
    let azure = bound.azure_strings()?;
    Some(Azure {
        actions: azure.actions.into(),
        not_actions: azure.not_actions.into(),
        data_actions: azure.data_actions.into(),
        not_data_actions: azure.not_data_actions.into(),
        scopes: azure.scopes.into(),
    })
}

fn kubernetes(bound: &Bound<'_>) -> Option<Kubernetes> {
    let rendered = bound.kubernetes()?;
    Some(Kubernetes { namespaces: rendered.namespaces.into(), rules: rendered.rules.into() })
}

fn vault(bound: &Bound<'_>) -> Option<Vault> {
    let mut paths: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    // Parameters may make two rules speak of one path, and a policy names each path once.
    for rule in bound.vault_strings()?.rules {
        paths.entry(rule.path).or_default().extend(rule.capabilities);
    }
    let paths: serde_json::Map<_, _> = paths
        .into_iter()
        .map(|(path, capabilities)| (path, json!({ "capabilities": capabilities })))
        .collect();
    Some(Vault { policy: json!({ "path": paths }).to_string().into() })
}

fn github(bound: &Bound<'_>) -> Option<Github> {
    let policy::template::model::GitHub { permissions, repositories } = bound.github_strings()?;
    Some(Github { permissions: permissions.into(), repositories: repositories.into() })
}
