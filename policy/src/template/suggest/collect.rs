//! What identities may do, taken apart into strings at places, in an order that does not depend on how they are written.

use std::collections::{BTreeMap, BTreeSet};

use crate::aws::{Effect, PrincipalKind};
use crate::governance::Field;
use crate::template::fit::place::Place;
use crate::template::fit::{Policy, Subject};
use crate::text::Text;
use crate::{azure, gcp, github, kubernetes, vault};

type Set = BTreeSet<Text>;

/// What one identity may do, or several of them together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Collected {
    pub(super) permissions: BTreeSet<Statement>,
    pub(super) trust: BTreeSet<Statement>,
    pub(super) boundary: Option<Text>,
    pub(super) gcp: BTreeSet<Binding>,
    pub(super) azure: BTreeSet<Assignment>,
    pub(super) kubernetes: BTreeSet<Rule>,
    /// Capabilities by path.
    pub(super) vault: BTreeMap<Text, Set>,
    /// Levels by scope, and where.
    pub(super) github: BTreeMap<Text, Set>,
    pub(super) repositories: Set,
    /// What a template cannot say, as lowercase phrases.
    pub(super) notes: BTreeSet<String>,
}

/// A statement of an AWS policy.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Statement {
    pub(super) denies: bool,
    pub(super) not_action: bool,
    pub(super) actions: Set,
    pub(super) resources: Option<(bool, Set)>,
    pub(super) principals: Option<(bool, BTreeMap<PrincipalKind, Set>)>,
    pub(super) conditions: BTreeMap<(String, Text), Set>,
}

/// A role or a permission of Google Cloud, and where.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Binding {
    pub(super) resource: Option<Text>,
    pub(super) is_role: bool,
    pub(super) what: Text,
}

/// A block of operations of Azure, and where.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Assignment {
    pub(super) scope: Text,
    pub(super) actions: Set,
    pub(super) not_actions: Set,
    pub(super) data_actions: Set,
    pub(super) not_data_actions: Set,
}

/// A rule of Kubernetes, and where; no namespace means everywhere.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Rule {
    pub(super) namespace: Option<Text>,
    pub(super) api_groups: Set,
    pub(super) resources: Set,
    pub(super) resource_names: Set,
    pub(super) verbs: Set,
}

/// Where a string stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Slot {
    pub(super) place: Place,
    /// The key that it is a value of, in a condition.
    pub(super) about: String,
}

impl From<Place> for Slot {
    fn from(place: Place) -> Self {
        Self { place, about: String::new() }
    }
}

impl Collected {
    pub(super) fn of(subject: &Subject<'_>) -> Self {
        let mut out = Self::default();
        let Subject {
            kind: _,
            environment: _,
            aws,
            gcp,
            azure,
            kubernetes,
            vault,
            github,
            unknown: _,
        } = subject;
        if let Some(aws) = aws {
            for policy in aws.permissions {
                let statements = out.statements(policy);
                out.permissions.extend(statements);
            }
            if let Some(policy) = aws.trust {
                let statements = out.statements(policy);
                out.trust.extend(statements);
            }
            if let Field::Value(arn) = &aws.boundary {
                out.boundary = Some(arn.clone());
            }
        }
        if let Some(it) = gcp {
            it.grants.iter().for_each(|grant| out.gcp(grant));
        }
        if let Some(azure) = azure {
            for grant in azure.grants {
                out.azure(azure.roles, grant);
            }
        }
        kubernetes.unwrap_or_default().iter().for_each(|grant| out.kubernetes(grant));
        vault.unwrap_or_default().iter().for_each(|policy| out.vault(policy));
        github.unwrap_or_default().iter().for_each(|grant| out.github(grant));
        out
    }

    fn note(&mut self, note: impl Into<String>) {
        self.notes.insert(note.into());
    }

    fn statements(&mut self, policy: &Policy) -> Vec<Statement> {
        let keys: BTreeMap<String, &Text> =
            policy.condition_keys().map(|key| (key.to_string().to_lowercase(), key)).collect();
        let mut out = Vec::new();
        for statement in policy.document.statements() {
            let outline = statement.outline();
            if !outline.complete {
                self.note("a statement is not understood in full, and the draft leaves out what it does not understand");
            }
            if outline.actions.is_empty() {
                continue;
            }
            let conditions = outline.conditions.into_iter().map(|(operator, key, values)| {
                // Keys have no case; as they are written they read better.
                let key = keys.get(&key.to_string()).map_or(key, |written| (*written).clone());
                ((operator, key), values.into_iter().collect())
            });
            let (own, odd): (Set, Set) = outline.actions.into_iter().partition(is_action);
            for action in odd {
                self.note(format!("`{action}` is not an action that a template can name"));
            }
            if own.is_empty() {
                continue;
            }
            out.push(Statement {
                denies: outline.effect == Effect::Deny,
                not_action: outline.not_action,
                actions: own,
                resources: outline.resources.map(|(not, all)| (not, all.into_iter().collect())),
                principals: outline.principals.map(|(not, all)| {
                    let mut kinds: BTreeMap<PrincipalKind, Set> = BTreeMap::new();
                    for (kind, text) in all {
                        kinds.entry(kind).or_default().insert(text);
                    }
                    (not, kinds)
                }),
                conditions: conditions.collect(),
            });
        }
        out
    }

    fn gcp(&mut self, grant: &gcp::Grant) {
        if grant.condition.is_some() {
            self.note("a template has no conditions on Google Cloud: the draft leaves them out");
        }
        let resource = &grant.resource;
        let mut put = |is_role, what: &Text| {
            let binding = Binding { resource: resource.clone(), is_role, what: what.clone() };
            self.gcp.insert(binding);
        };
        match &grant.what {
            gcp::Assigned::Role(role) => put(true, role),
            gcp::Assigned::Permissions(all) => all.iter().for_each(|it| put(false, it)),
        }
    }

    fn azure(&mut self, roles: &azure::Roles, grant: &azure::Grant) {
        if grant.condition.is_some() {
            self.note("a template has no conditions on Azure: the draft leaves them out");
        }
        let definition = match &grant.what {
            azure::Assigned::Definition(definition) => definition,
            azure::Assigned::Role(role) => {
                let Some(known) = role.as_str().and_then(|role| roles.get(role)) else {
                    return self.note(format!(
                        "what role `{role}` consists of is not known: give an export with it"
                    ));
                };
                known
            }
        };
        let set = |texts: &[Text]| texts.iter().cloned().collect();
        for block in &definition.blocks {
            self.azure.insert(Assignment {
                scope: grant.scope.clone(),
                actions: set(&block.actions),
                not_actions: set(&block.not_actions),
                data_actions: set(&block.data_actions),
                not_data_actions: set(&block.not_data_actions),
            });
        }
    }

    fn kubernetes(&mut self, grant: &kubernetes::Grant) {
        if let Some(why) = &grant.unknown {
            self.note(why.reason.clone());
        }
        let rule = &grant.rule;
        if !rule.non_resource_urls.is_empty() {
            self.note("a template cannot allow paths that are no resources on Kubernetes");
        }
        let set = |texts: &[Text]| texts.iter().cloned().collect();
        if rule.verbs.is_empty() || rule.api_groups.is_empty() || rule.resources.is_empty() {
            return;
        }
        self.kubernetes.insert(Rule {
            namespace: grant.namespace.clone(),
            api_groups: set(&rule.api_groups),
            resources: set(&rule.resources),
            resource_names: set(&rule.resource_names),
            verbs: set(&rule.verbs),
        });
    }

    fn vault(&mut self, policy: &vault::Policy) {
        if policy.is_root() {
            self.note("the policy `root` allows everything, which no template says");
        }
        for rule in policy.rules() {
            let capabilities = self.vault.entry(rule.path.clone()).or_default();
            capabilities.extend(rule.capabilities.iter().cloned());
        }
    }

    fn github(&mut self, grant: &github::Grant) {
        match &grant.permissions {
            github::Permissions::Levels(levels) => {
                for (scope, level) in levels {
                    self.github.entry(scope.clone()).or_default().insert(level.clone());
                }
                self.repositories.extend(grant.repositories.iter().cloned());
            }
            github::Permissions::Unspecified
            | github::Permissions::ReadAll
            | github::Permissions::WriteAll
            | github::Permissions::Classic(_) => {
                self.note("a template names each permission on GitHub: write them out in the identity first");
            }
        }
    }

    /// The same with other strings where identities differ from each other: not actions, verbs and roles.
    pub(super) fn map(&self, change: &mut dyn FnMut(&Slot, &Text) -> Text) -> Self {
        let mut all =
            |slot: &Slot, set: &Set| set.iter().map(|it| change(slot, it)).collect::<Set>();
        let mut statements = |list: &BTreeSet<Statement>| {
            let each = list.iter().map(|it| Statement {
                denies: it.denies,
                not_action: it.not_action,
                actions: it.actions.clone(),
                resources: it
                    .resources
                    .as_ref()
                    .map(|(not, set)| (*not, all(&Place::Resource.into(), set))),
                principals: it.principals.as_ref().map(|(not, kinds)| {
                    let kinds = kinds.iter().map(|(kind, set)| {
                        let plain = *kind == PrincipalKind::Service;
                        (
                            *kind,
                            if plain { set.clone() } else { all(&Place::Principal.into(), set) },
                        )
                    });
                    (*not, kinds.collect())
                }),
                conditions: it
                    .conditions
                    .iter()
                    .map(|((operator, key), set)| {
                        let about = key.to_string().to_lowercase();
                        let values = all(&Slot { place: Place::ConditionValue, about }, set);
                        let key = all(&Place::ConditionKey.into(), &Set::from([key.clone()]));
                        let key = key.into_iter().next().unwrap_or_default();
                        ((operator.clone(), key), values)
                    })
                    .collect(),
            });
            each.collect()
        };
        let (permissions, trust) = (statements(&self.permissions), statements(&self.trust));
        let kubernetes = self.kubernetes.iter().map(|rule| Rule {
            namespace: rule.namespace.as_ref().map(|it| change(&Place::Namespace.into(), it)),
            resource_names: rule
                .resource_names
                .iter()
                .map(|it| change(&Place::Object.into(), it))
                .collect(),
            ..rule.clone()
        });
        let kubernetes = kubernetes.collect();
        let gcp = self.gcp.iter().map(|binding| Binding {
            resource: binding.resource.as_ref().map(|it| change(&Place::FullResource.into(), it)),
            ..binding.clone()
        });
        let gcp = gcp.collect();
        let azure = self
            .azure
            .iter()
            .map(|it| Assignment { scope: change(&Place::Scope.into(), &it.scope), ..it.clone() });
        let azure = azure.collect();
        let mut vault: BTreeMap<Text, Set> = BTreeMap::new();
        for (path, capabilities) in &self.vault {
            vault
                .entry(change(&Place::Path.into(), path))
                .or_default()
                .extend(capabilities.clone());
        }
        Self {
            permissions,
            trust,
            boundary: self.boundary.as_ref().map(|it| change(&Place::Resource.into(), it)),
            gcp,
            azure,
            kubernetes,
            vault,
            github: self.github.clone(),
            repositories: self
                .repositories
                .iter()
                .map(|it| change(&Place::Repository.into(), it))
                .collect(),
            notes: self.notes.clone(),
        }
    }

    /// The strings in which identities may differ.
    pub(super) fn strings(&self) -> BTreeSet<(Slot, Text)> {
        let mut out = BTreeSet::new();
        self.map(&mut |slot, text| {
            out.insert((slot.clone(), text.clone()));
            text.clone()
        });
        out
    }
}

/// Whether a template can name it, as `parse` has it.
fn is_action(action: &Text) -> bool {
    let Some(text) = action.as_str() else { return false };
    crate::template::parse::is_action(text)
}
