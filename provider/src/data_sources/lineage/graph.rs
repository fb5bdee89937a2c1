//! The lineage as nodes and edges, from cause to effect. Pure, and in an order of its own: people, what they applied, template,
//! identities, credentials, consumers.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::story::Story;
use crate::data_sources::audit_trail::Source;
use crate::data_sources::known::reference;
use crate::inventory::record::{Credential, Details, Identity};

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// Somebody by e-mail address or account.
    Person,
    /// A team.
    Owner,
    /// A configuration: repository or folder, and workspace.
    Configuration,
    /// A commit of it.
    Commit,
    /// A pipeline run that applied it.
    Run,
    /// A template version.
    Template,
    /// An identity.
    Identity,
    /// What proves it.
    Credential,
    /// What signed that.
    Key,
    /// What a platform knows.
    Principal,
    /// Who uses it.
    Consumer,
    /// What an agent may call.
    Tool,
    /// A permission to break a rule.
    Exception,
}

impl Kind {
    /// The word for it.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Owner => "owner",
            Self::Configuration => "configuration",
            Self::Commit => "commit",
            Self::Run => "run",
            Self::Template => "template",
            Self::Identity => "identity",
            Self::Credential => "credential",
            Self::Key => "key",
            Self::Principal => "principal",
            Self::Consumer => "consumer",
            Self::Tool => "tool",
            Self::Exception => "exception",
        }
    }
}

/// A node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Node {
    /// What edges call it.
    pub(super) id: String,
    /// What it is.
    pub(super) kind: Kind,
    /// What it is called.
    pub(super) label: String,
    /// What is known about it.
    pub(super) facts: BTreeMap<String, String>,
}

/// An edge, by the ids of its nodes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Edge {
    /// The cause.
    pub(super) from: String,
    /// The effect.
    pub(super) to: String,
    /// How.
    pub(super) label: String,
}

/// Nodes in order, and the edges between them.
#[derive(Debug, Default)]
pub(super) struct Graph {
    nodes: BTreeMap<(Kind, String, String), Node>,
    edges: BTreeSet<Edge>,
}

impl Graph {
    /// The graph of what is known.
    pub(super) fn of(story: &Story, now: Timestamp) -> Self {
        let mut graph = Self::default();
        let identity = graph.identity(&story.identity, now);
        graph.people(story, &identity);
        graph.sources(story, &identity);
        graph.template(story, &identity);
        graph.relatives(story, &identity, now);
        graph.credentials(story, &identity);
        graph.users(story, &identity);
        graph.reviews(story, &identity);
        graph
    }

    /// The nodes in order.
    pub(super) fn nodes(&self) -> impl Iterator<Item = &Node> {
        self.nodes.values()
    }

    /// The edges in the order of the nodes that they connect.
    pub(super) fn edges(&self) -> Vec<&Edge> {
        let places = self.nodes.values().enumerate();
        let places: BTreeMap<&str, usize> =
            places.map(|(place, node)| (node.id.as_str(), place)).collect();
        let mut edges: Vec<&Edge> = self.edges.iter().collect();
        let place = |id: &String| places.get(id.as_str()).copied();
        edges.sort_by_key(|edge| (place(&edge.from), place(&edge.to), &edge.label));
        edges
    }

    /// Adds a node that is not there yet; what is known about it adds up.
    fn node<const N: usize>(
        &mut self,
        kind: Kind,
        label: &str,
        facts: [(&str, Option<String>); N],
    ) -> String {
        let id = format!("{}:{label}", kind.name());
        self.named(kind, id, label, facts)
    }

    fn named<const N: usize>(
        &mut self,
        kind: Kind,
        id: String,
        label: &str,
        facts: [(&str, Option<String>); N],
    ) -> String {
        let node = self.nodes.entry((kind, label.to_owned(), id.clone())).or_insert_with(|| Node {
            id: id.clone(),
            kind,
            label: label.to_owned(),
            facts: BTreeMap::new(),
        });
        for (name, value) in facts {
            if let Some(value) = value {
                node.facts.insert(name.to_owned(), value);
            }
        }
        id
    }

    fn edge(&mut self, from: &str, to: &str, label: impl Into<String>) {
        let label = label.into();
        self.edges.insert(Edge { from: from.to_owned(), to: to.to_owned(), label });
    }

    fn identity(&mut self, identity: &Identity, now: Timestamp) -> String {
        let (facts, terms) = (&identity.facts, &identity.terms);
        let label = format!("{} {}", facts.kind.name(), facts.name);
        self.named(
            Kind::Identity,
            format!("identity:{}", identity.id),
            &label,
            [
                ("purpose", Some(facts.purpose.clone())),
                ("status", Some(identity.state_at(now).name().to_owned())),
                ("service", facts.service.clone()),
                ("environment", facts.environment.clone()),
                ("created_at", Some(identity.created_at.to_string())),
                ("expires_at", Some(terms.expires_at.to_string())),
                ("certified_until", terms.certified_until.map(|until| until.to_string())),
                ("spiffe_id", terms.spiffe_id.clone()),
            ],
        )
    }

    fn people(&mut self, story: &Story, identity: &str) {
        let team = match &story.owner {
            Some(owner) => {
                let facts = &owner.facts;
                let active = [("active", Some(facts.active.to_string()))];
                let team = self.node(Kind::Owner, &facts.name, active);
                let accountable = self.node(Kind::Person, &facts.accountable, []);
                self.edge(&accountable, &team, "is accountable for");
                let steward = self.node(Kind::Person, &facts.steward, []);
                self.edge(&steward, &team, "is steward of");
                team
            }
            None => self.node(Kind::Owner, &story.identity.owner, []),
        };
        self.edge(&team, identity, "owns");
        if let Some(Details::Agent { sponsor, on_behalf_of, .. }) = &story.identity.facts.details {
            let sponsor = self.node(Kind::Person, sponsor, []);
            self.edge(&sponsor, identity, "sponsors");
            for person in on_behalf_of {
                let person = self.node(Kind::Person, person, []);
                self.edge(&person, identity, "is acted for by");
            }
        }
    }

    /// The configuration, commit or run that a change came from, and the way to it from who applied it.
    fn source(&mut self, source: &Source) -> String {
        let person = self.node(Kind::Person, &source.actor, []);
        let configuration = self.node(Kind::Configuration, &source.origin, []);
        let Source { revision, pipeline, .. } = source;
        let applied = match revision {
            None => configuration,
            Some(revision) => {
                let commit = self.node(Kind::Commit, revision, []);
                self.edge(&configuration, &commit, "at");
                commit
            }
        };
        match pipeline {
            None => {
                self.edge(&person, &applied, "applied");
                applied
            }
            Some(pipeline) => {
                let run = self.node(Kind::Run, pipeline, []);
                self.edge(&person, &run, "started");
                self.edge(&applied, &run, "applied by");
                run
            }
        }
    }

    fn sources(&mut self, story: &Story, identity: &str) {
        for (source, actions) in &story.changes {
            let from = self.source(source);
            let actions = actions.iter().map(|(action, count)| {
                let action = action.replace('.', " ");
                if *count == 1 { action } else { format!("{action} ({count} times)") }
            });
            self.edge(&from, identity, actions.collect::<Vec<_>>().join(", "));
        }
    }

    fn template(&mut self, story: &Story, identity: &str) {
        let bound = &story.identity.terms.template;
        let digest = [("digest", Some(bound.digest.clone()))];
        let template = self.node(Kind::Template, &reference(bound), digest);
        self.edge(&template, identity, "bounds");
        if let Some(source) = &story.publication {
            let from = self.source(source);
            self.edge(&from, &template, "published");
        }
    }

    fn relatives(&mut self, story: &Story, identity: &str, now: Timestamp) {
        let mut below = identity.to_owned();
        for parent in &story.parents {
            let parent = self.identity(parent, now);
            self.edge(&parent, &below, "is parent of");
            below = parent;
        }
        for child in &story.children {
            let derived = self.identity(child, now);
            let parent = child.facts.parent.as_deref().unwrap_or_default();
            self.edge(&format!("identity:{parent}"), &derived, "is parent of");
        }
    }

    fn credentials(&mut self, story: &Story, identity: &str) {
        let terms = &story.identity.terms;
        let until = terms.previous_valid_until.map(|until| until.to_string());
        match &terms.credential {
            None => {
                let label = format!("credential version {}", terms.credential_version);
                let since = [("since", Some(terms.rotated_at.to_string()))];
                let current = self.node(Kind::Credential, &label, since);
                self.edge(identity, &current, "proves itself with");
            }
            Some(Credential::ApiKey { current, previous }) => {
                let since = Some(terms.rotated_at.to_string());
                let label = format!("API key {}", current.key_id);
                let node = self.node(Kind::Credential, &label, [("since", since)]);
                self.edge(identity, &node, "proves itself with");
                if let Some(previous) = previous {
                    let label = format!("API key {}", previous.key_id);
                    let facts = [("valid_until", until.clone())];
                    let previous = self.node(Kind::Credential, &label, facts);
                    self.edge(&previous, &node, "was followed by");
                }
            }
            // It is in the list of certificates.
            Some(Credential::Certificate { .. }) => {}
        }
        for issued in &story.certificates {
            let facts = [
                ("issued_at", Some(issued.issued_at.to_string())),
                ("not_after", Some(issued.not_after.to_string())),
                ("revoked_at", issued.revoked_at.map(|at| at.to_string())),
            ];
            let label = format!("certificate {}", issued.serial);
            let node = self.node(Kind::Credential, &label, facts);
            let key = self.node(Kind::Key, &issued.authority, []);
            self.edge(&key, &node, "signed");
            self.edge(identity, &node, "proves itself with");
        }
        for ((action, key_id), (count, last)) in &story.issues {
            let label = action.replace('.', " ");
            let facts = [("count", Some(count.to_string())), ("last", Some(last.clone()))];
            let node = self.node(Kind::Credential, &label, facts);
            self.edge(identity, &node, "asked for");
            if let Some(key_id) = key_id.as_ref().filter(|key| !key.is_empty()) {
                let key = self.node(Kind::Key, key_id, []);
                self.edge(&key, &node, "signed");
            }
        }
    }

    fn users(&mut self, story: &Story, identity: &str) {
        for consumer in &story.identity.facts.consumers {
            let consumer = self.node(Kind::Consumer, consumer, []);
            self.edge(identity, &consumer, "is used by");
        }
        for binding in &story.bindings {
            let facts = &binding.facts;
            let label = format!("{} {}", facts.platform, facts.principal);
            let retired_by = [("retired_by", facts.retired_by.clone())];
            let principal = self.node(Kind::Principal, &label, retired_by);
            self.edge(identity, &principal, "is bound to");
            for consumer in &facts.consumers {
                let consumer = self.node(Kind::Consumer, consumer, []);
                self.edge(&principal, &consumer, "is used by");
            }
        }
        if let Some(Details::Agent { tools, .. }) = &story.identity.facts.details {
            for tool in tools {
                let tool = self.node(Kind::Tool, tool, []);
                self.edge(identity, &tool, "may call");
            }
        }
    }

    fn reviews(&mut self, story: &Story, identity: &str) {
        for certification in &story.certifications {
            let decision = &certification.decision;
            let reviewer = self.node(Kind::Person, &decision.reviewer, []);
            let day = certification.decided_at.strftime("%Y-%m-%d");
            let label = format!("reviewed {day}: {}", decision.outcome.name());
            self.edge(&reviewer, identity, label);
        }
        for exception in &story.exceptions {
            let facts = &exception.facts;
            let approver = self.node(Kind::Person, &facts.approver, []);
            let until = exception.expires_at.strftime("%Y-%m-%d");
            let label = format!("exception from {} until {until}", facts.rule);
            let reason = [("reason", Some(facts.reason.clone()))];
            let exception = self.node(Kind::Exception, &label, reason);
            self.edge(&approver, &exception, "approved");
            self.edge(&exception, identity, "applies to");
        }
    }
}
