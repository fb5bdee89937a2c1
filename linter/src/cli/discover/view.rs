//! What is told of an input, in every form. As JSON its shape is a contract: keys are added, never renamed or removed,
//! while `version` is 1.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::rule::Context;

use super::telling::Telling;

/// Everything.
#[derive(Default, Serialize)]
pub(super) struct View {
    version: u8,
    tool: Tool,
    summary: Summary,
    pub(super) identities: Vec<Entry>,
    /// Those that prove no identity of the input.
    pub(super) credentials: Vec<Proof>,
    /// Who runs as an identity that the input does not make.
    pub(super) consumers: Vec<User>,
    /// Policies that nothing of the input uses.
    pub(super) unused: Vec<Says>,
    /// What could not be read.
    pub(super) problems: Vec<String>,
}

#[derive(Serialize)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

impl Default for Tool {
    fn default() -> Self {
        Self { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") }
    }
}

#[derive(Default, Serialize)]
struct Summary {
    identities: usize,
    governed: usize,
    undecided: usize,
    credentials: usize,
    consumers: usize,
}

/// One identity.
#[derive(Serialize)]
pub(super) struct Entry {
    pub(super) input: String,
    /// Of an identity that is made elsewhere: of the first resource that says something about it.
    pub(super) address: String,
    pub(super) name: Option<String>,
    pub(super) platform: &'static str,
    pub(super) kind: &'static str,
    #[serde(rename = "type")]
    pub(super) resource_type: String,
    /// `here` or `elsewhere`.
    pub(super) made: &'static str,
    pub(super) action: &'static str,
    pub(super) previous: Option<String>,
    pub(super) imported: Option<String>,
    pub(super) span: Option<Span>,
    pub(super) governance: Governed,
    pub(super) grants: Vec<Says>,
    pub(super) trusts: Vec<Says>,
    pub(super) boundary: Option<Says>,
    pub(super) credentials: Vec<Proof>,
    pub(super) consumers: Vec<User>,
    /// A text inside of the resource makes it (a manifest, a command), so no expression names it.
    #[serde(skip)]
    pub(super) written: bool,
    /// The id that the platform knows it by, for `import`; and the template that it fits.
    #[serde(skip)]
    pub(super) id: Option<String>,
    #[serde(skip)]
    pub(super) fits: Option<Fits>,
}

/// A template that an identity fits, and the parameters that make it.
pub(super) struct Fits {
    pub(super) template: String,
    pub(super) parameters: BTreeMap<String, String>,
}

/// Where something is written.
#[derive(Clone, Serialize)]
pub(super) struct Span {
    /// From the root module on.
    pub(super) file: String,
    /// From where the program runs.
    #[serde(skip)]
    pub(super) path: String,
    pub(super) line: usize,
    pub(super) column: usize,
}

/// Who answers for an identity.
#[derive(Clone, Serialize)]
pub(super) struct Governed {
    /// `own`, `derived`, `holder`, `undecided` or `none`.
    pub(super) source: &'static str,
    /// The governed resource that it derives from.
    pub(super) by: Option<String>,
    pub(super) owner: Stated,
    pub(super) purpose: Stated,
    pub(super) expiry: Stated,
    pub(super) template: Stated,
    pub(super) service: Stated,
    pub(super) environment: Stated,
}

/// One fact.
#[derive(Clone, Serialize)]
pub(super) struct Stated {
    pub(super) value: Option<String>,
    pub(super) before: Option<String>,
    pub(super) provenance: Option<From>,
}

/// Where a fact comes from.
#[derive(Clone, Serialize)]
pub(super) struct From {
    pub(super) kind: &'static str,
    #[serde(rename = "from")]
    pub(super) names: Vec<String>,
    pub(super) why: Option<String>,
    pub(super) help: Option<String>,
}

/// A piece of permission or trust.
#[derive(Serialize)]
pub(super) struct Says {
    pub(super) address: String,
    pub(super) path: String,
    pub(super) span: Option<Span>,
    #[serde(rename = "says")]
    pub(super) text: String,
}

/// A credential.
#[derive(Serialize)]
pub(super) struct Proof {
    pub(super) address: String,
    #[serde(rename = "type")]
    pub(super) resource_type: String,
    pub(super) kind: &'static str,
    pub(super) span: Option<Span>,
    pub(super) governance: Governed,
}

/// A consumer.
#[derive(Serialize)]
pub(super) struct User {
    pub(super) address: String,
    pub(super) path: String,
    /// Who it is, where it is not the resource itself.
    pub(super) subject: Option<String>,
    /// What it names.
    pub(super) identity: String,
}

impl View {
    /// Adds an input, called as a person would call it. `fit` asks for the template that each identity fits.
    pub(super) fn add(&mut self, context: &Context<'_>, input: String, fit: bool) {
        let mut telling = Telling::new(context, input);
        self.identities.extend(telling.identities(fit));
        let graph = context.graph;
        let free = graph.credentials.iter().filter(|credential| credential.holders.is_empty());
        self.credentials.extend(free.filter_map(|credential| telling.proof(credential)));
        let foreign = graph.consumers.iter().filter(|consumer| consumer.identity.is_none());
        self.consumers.extend(foreign.filter_map(|consumer| telling.user(consumer)));
        self.unused.extend(graph.loose.iter().filter_map(|grant| telling.says(grant)));
    }

    /// Counts what was added.
    pub(super) fn count(&mut self) {
        let is = |entry: &&Entry, sources: &[&str]| sources.contains(&entry.governance.source);
        let entries = || self.identities.iter();
        self.version = 1;
        self.summary = Summary {
            identities: self.identities.len(),
            governed: entries().filter(|entry| is(entry, &["own", "derived"])).count(),
            undecided: entries().filter(|entry| is(entry, &["undecided"])).count(),
            credentials: self.credentials.len()
                + entries().map(|entry| entry.credentials.len()).sum::<usize>(),
            consumers: self.consumers.len()
                + entries().map(|entry| entry.consumers.len()).sum::<usize>(),
        };
    }

    /// All of it on one line, with a line end.
    pub(super) fn json(&self) -> String {
        // Serialising plain data into a string cannot fail.
        let mut text = serde_json::to_string(self).unwrap_or_default();
        text.push('\n');
        text
    }

    /// `3 machine identities, 2 governed`
    pub(super) fn summary(&self) -> String {
        let Summary { identities, governed, undecided, credentials, consumers } = &self.summary;
        let noun = if *identities == 1 { "machine identity" } else { "machine identities" };
        let open = match undecided {
            0 => String::new(),
            count => format!(", {count} undecided"),
        };
        format!(
            "{identities} {noun}, {governed} governed{open}; credentials: {credentials}; consumers: {consumers}"
        )
    }
}
