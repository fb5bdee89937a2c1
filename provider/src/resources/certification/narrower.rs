//! Whether an identity can move to a template: it is made for such identities, binds its parameters, and allows no more than the
//! one before.
//!
//! Each platform's ceiling is compared as it is rendered for the identity. What cannot be shown to be narrower is refused: moving
//! there is a change of the identity's configuration, which is reviewed as such, and no right-sizing.

use std::collections::BTreeMap;

use policy::governance::{
    Baseline, Context as Judged, Fact, Facts as Stated, Field, Kind, Lifetime, Record, Violation,
    assess,
};
use policy::template::fit::decide;
use policy::template::model::{Azure, Gcp, GitHub, Kubernetes, Vault};
use policy::template::{
    AwsSubject, AzureSubject, Bound, Fit, GcpSubject, Platform, Policy, RenderedAws, Spanned,
    Subject, Template,
};
use policy::text::Text;
use policy::{azure, gcp, github, kubernetes, vault};

use crate::inventory::record::Identity;
use crate::problem::Problem;
use crate::wording;

const TAKES_AWAY: &str = "right-sizing takes away: name a template that allows no more";

/// What keeps an identity from moving from one template to another.
pub(super) fn problems(
    identity: &Identity,
    (from, to): (&Template, &Template),
    baseline: &Baseline,
) -> Vec<Problem> {
    let mut problems: Vec<Problem> =
        unsuitable(identity, to, baseline).iter().map(violation).collect();
    problems.extend(secret(identity, to));
    let parameters = |template: &Template| -> BTreeMap<String, String> {
        let stated = identity.facts.parameters.iter();
        let known = stated.filter(|(name, _)| template.parameters.contains_key(*name));
        known.map(|(name, value)| (name.clone(), value.clone())).collect()
    };
    let (before, after) = (parameters(from), parameters(to));
    let new = match to.bind(&after) {
        Ok(bound) => bound,
        Err(errors) => {
            for error in &errors {
                problems.push(wording::diagnosed("Unsuitable parameter", error));
            }
            return problems;
        }
    };
    if let Ok(old) = from.bind(&before) {
        problems.extend(loosened(from, to));
        problems.extend(wider((from, &before, &old), (to, &new)));
    } else {
        problems.push(Problem::bug("the template that an identity is bound to does not bind it"));
    }
    problems
}

/// What the policy says of the identity inside the template.
fn unsuitable(identity: &Identity, to: &Template, baseline: &Baseline) -> Vec<Violation> {
    let facts = &identity.facts;
    let mut record = Record::default();
    let some = |text: &Option<String>| text.clone().map_or(Field::Absent, Field::Value);
    record.set(Fact::Owner, Field::Value(identity.owner.clone()));
    record.set(Fact::Purpose, Field::Value(facts.purpose.clone()));
    record.set(Fact::Expiry, Field::Value(facts.expiry.clone()));
    record.set(Fact::Template, Field::Value(to.reference().to_string()));
    record.set(Fact::Service, some(&facts.service));
    record.set(Fact::Environment, some(&facts.environment));
    let judged = Judged {
        now: identity.created_at,
        created: Some(identity.created_at),
        prior_expiry: None,
        certified: true,
        template: Some(to),
        baseline,
    };
    let stated = Stated { name: Some(&facts.name), kind: Some(facts.kind), record: &record };
    let of_template = |found: &Violation| {
        matches!(
            found,
            Violation::ExpiryTooFar { .. }
                | Violation::WrongKind { .. }
                | Violation::WrongEnvironment { .. }
                | Violation::MissingMetadata { .. }
        )
    };
    assess(&stated, &judged).into_iter().filter(of_template).collect()
}

/// An API key is a static credential.
fn secret(identity: &Identity, to: &Template) -> Option<Problem> {
    let forbidden =
        identity.facts.kind == Kind::ApiKey && to.require.static_credential == Some(false);
    forbidden.then(|| {
        let phrase = format!("the template `{}` allows no static credential", to.reference());
        let help = "name a template that is for API keys, or decommission the key";
        wording::problem("Unsuitable template", &phrase, help)
    })
}

fn violation(found: &Violation) -> Problem {
    wording::problem("Unsuitable template", &found.to_string(), &found.help())
}

/// What a template asks for less strictly than another.
fn loosened(from: &Template, to: &Template) -> Vec<Problem> {
    let (old, new) = (&from.require, &to.require);
    let longer = |old: &Option<Spanned<Lifetime>>, new: &Option<Spanned<Lifetime>>| {
        let old = old.as_ref().map(|it| it.value)?;
        let new = new.as_ref().map(|it| it.value);
        new.is_none_or(|new| new > old).then(|| {
            format!("{} instead of {old}", new.map_or("no limit".to_owned(), |new| new.to_string()))
        })
    };
    let fixed = (old.static_credential == Some(false) && new.static_credential != Some(false))
        .then(|| "what was forbidden".to_owned());
    let found = [
        ("max_lifetime", longer(&old.max_lifetime, &new.max_lifetime)),
        ("max_session", longer(&old.max_session, &new.max_session)),
        ("rotate_every", longer(&old.rotate_every, &new.rotate_every)),
        ("review_every", longer(&old.review_every, &new.review_every)),
        ("static_credential", fixed),
    ];
    let found = found.into_iter().filter_map(|(name, found)| Some((name, found?)));
    let problem = |(name, found): (&str, String)| {
        let phrase = format!(
            "the template `{}` allows more than `{}`: its `{name}` is {found}",
            to.reference(),
            from.reference()
        );
        wording::problem("No right-sizing", &phrase, TAKES_AWAY)
    };
    found.map(problem).collect()
}

/// What a template allows an identity beyond another.
fn wider(
    (from, given, old): (&Template, &BTreeMap<String, String>, &Bound<'_>),
    (to, new): (&Template, &Bound<'_>),
) -> Option<Problem> {
    let ceilings = match Ceilings::of(old, new) {
        Ok(ceilings) => ceilings?,
        Err(problem) => return Some(problem),
    };
    let (reason, help) = match ceilings.ask(from, given) {
        Fit::Inside(_) => return None,
        Fit::Outside(outside) => {
            let gap = outside.gaps.into_iter().next()?;
            let what = gap.counterexample.map_or(gap.reason, |example| example.to_string());
            let reason =
                format!("allows more than `{}` on {}: {what}", from.reference(), gap.platform);
            (reason, TAKES_AWAY)
        }
        Fit::Undecided(undecided) => {
            let why = undecided.why.reason;
            // What the command line could be told about it is of no use here.
            let why = match why.split_once(": ") {
                Some((why, advice)) if advice.contains("-roles FILE") => why,
                _ => why.as_str(),
            };
            let reason =
                format!("cannot be shown to allow no more than `{}`: {why}", from.reference());
            (reason, "name it in the identity's configuration, and record the review as `approve`")
        }
        Fit::Unbindable(errors) => {
            return errors.first().map(|it| wording::diagnosed("Unsuitable parameter", it));
        }
        Fit::Inapplicable(reason) => {
            return Some(wording::problem("Unsuitable template", &reason, ""));
        }
    };
    let phrase = format!("the template `{}` {reason}", to.reference());
    Some(wording::problem("No right-sizing", &phrase, help))
}

/// What a template allows an identity on each platform on which that differs from before.
#[derive(Default)]
struct Ceilings {
    aws: Option<Aws>,
    gcp: Option<Vec<gcp::Grant>>,
    azure: Option<Vec<azure::Grant>>,
    kubernetes: Option<Vec<kubernetes::Grant>>,
    vault: Option<vault::Policy>,
    github: Option<Vec<github::Grant>>,
    roles: (gcp::Roles, azure::Roles),
}

/// What a template allows on AWS.
struct Aws {
    permissions: Option<Policy>,
    trust: Option<Policy>,
    boundary: Field<Text>,
}

impl Ceilings {
    /// None where nothing differs.
    fn of(old: &Bound<'_>, new: &Bound<'_>) -> Result<Option<Self>, Problem> {
        let differs = |platform: Platform| {
            new.renders(platform)
                && !(old.renders(platform)
                    && match platform {
                        Platform::Aws => old.aws() == new.aws(),
                        Platform::Gcp => old.gcp_strings() == new.gcp_strings(),
                        Platform::Azure => old.azure_strings() == new.azure_strings(),
                        Platform::Kubernetes => {
                            old.kubernetes_strings() == new.kubernetes_strings()
                        }
                        Platform::Vault => old.vault_strings() == new.vault_strings(),
                        Platform::GitHub => old.github_strings() == new.github_strings(),
                    })
        };
        let mut found = Self::default();
        if differs(Platform::Aws) {
            found.aws = new.aws().map(aws).transpose()?;
        }
        if differs(Platform::Gcp) {
            found.gcp = new.gcp_strings().map(gcp);
        }
        if differs(Platform::Azure) {
            found.azure = new.azure_strings().map(azure);
        }
        if differs(Platform::Kubernetes) {
            found.kubernetes = new.kubernetes_strings().map(kubernetes);
        }
        if differs(Platform::Vault) {
            found.vault = new.vault_strings().map(vault);
        }
        if differs(Platform::GitHub) {
            found.github = new.github_strings().map(github);
        }
        let anything = Platform::ALL.into_iter().any(differs);
        Ok(anything.then_some(found))
    }

    /// Asks what an identity that has all of it is to a template.
    fn ask(&self, template: &Template, given: &BTreeMap<String, String>) -> Fit {
        let permissions: Vec<&Policy> =
            self.aws.iter().filter_map(|aws| aws.permissions.as_ref()).collect();
        let vault: Vec<&vault::Policy> = self.vault.iter().collect();
        let subject = Subject {
            aws: self.aws.as_ref().map(|aws| AwsSubject {
                permissions: &permissions,
                trust: aws.trust.as_ref(),
                boundary: aws.boundary.clone(),
            }),
            gcp: self.gcp.as_ref().map(|grants| GcpSubject { roles: &self.roles.0, grants }),
            azure: self.azure.as_ref().map(|grants| AzureSubject { roles: &self.roles.1, grants }),
            kubernetes: self.kubernetes.as_deref(),
            vault: self.vault.is_some().then_some(vault.as_slice()),
            github: self.github.as_deref(),
            ..Subject::default()
        };
        decide(template, given, &subject)
    }
}

fn texts<I: IntoIterator<Item = String>>(strings: I) -> Vec<Text> {
    strings.into_iter().map(|string| Text::literal(&string)).collect()
}

/// A document that cannot be read allows who knows what.
fn aws(rendered: RenderedAws) -> Result<Aws, Problem> {
    let read = |document: Option<String>| {
        let document = document.map(|document| Policy::parse(&Text::literal(&document)));
        document.transpose().map_err(|error| Problem::bug(error.to_string()))
    };
    Ok(Aws {
        permissions: read(rendered.permissions)?,
        trust: read(rendered.trust)?,
        boundary: match rendered.boundary {
            Some(boundary) => Field::Value(Text::literal(&boundary)),
            None => Field::Absent,
        },
    })
}

fn gcp(ceiling: Gcp<String>) -> Vec<gcp::Grant> {
    let Gcp { roles, permissions, resources } = ceiling;
    let mut what: Vec<gcp::Assigned> = texts(roles).into_iter().map(gcp::Assigned::Role).collect();
    if !permissions.is_empty() {
        what.push(gcp::Assigned::Permissions(texts(permissions)));
    }
    let places = texts(resources);
    let grants = places.iter().flat_map(|place| {
        what.iter().map(|what| gcp::Grant {
            what: what.clone(),
            resource: Some(place.clone()),
            condition: None,
        })
    });
    grants.collect()
}

fn azure(ceiling: Azure<String>) -> Vec<azure::Grant> {
    let Azure { actions, not_actions, data_actions, not_data_actions, scopes } = ceiling;
    let definition = azure::Definition::of(azure::Block {
        actions: texts(actions),
        not_actions: texts(not_actions),
        data_actions: texts(data_actions),
        not_data_actions: texts(not_data_actions),
        condition: None,
    });
    let what = azure::Assigned::Definition(definition);
    let scopes = texts(scopes).into_iter();
    scopes.map(|scope| azure::Grant { what: what.clone(), scope, condition: None }).collect()
}

fn kubernetes(ceiling: Kubernetes<String>) -> Vec<kubernetes::Grant> {
    let Kubernetes { namespaces, rules } = ceiling;
    let rules: Vec<kubernetes::Rule> = rules
        .into_iter()
        .map(|rule| kubernetes::Rule {
            api_groups: texts(rule.api_groups),
            resources: texts(rule.resources),
            resource_names: texts(rule.resource_names),
            verbs: texts(rule.verbs),
            non_resource_urls: Vec::new(),
        })
        .collect();
    let namespaces = texts(namespaces);
    let grants = namespaces.iter().flat_map(|namespace| {
        rules.iter().map(|rule| kubernetes::Grant {
            namespace: Some(namespace.clone()),
            rule: rule.clone(),
            ..kubernetes::Grant::default()
        })
    });
    grants.collect()
}

fn vault(ceiling: Vault<String>) -> vault::Policy {
    let rules = ceiling.rules.into_iter();
    let rules = rules.map(|rule| vault::Rule {
        path: Text::literal(&rule.path),
        capabilities: texts(rule.capabilities),
        ..vault::Rule::default()
    });
    vault::Policy::from_rules(rules.collect())
}

fn github(ceiling: GitHub<String>) -> Vec<github::Grant> {
    let GitHub { permissions, repositories } = ceiling;
    let levels =
        permissions.iter().map(|(scope, level)| (Text::literal(scope), Text::literal(level)));
    vec![github::Grant {
        permissions: github::Permissions::levels(levels),
        repositories: texts(repositories),
        span: None,
    }]
}
