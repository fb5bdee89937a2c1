//! What a run found, and the forms in which it can be said.

mod concise;
mod json;
mod pretty;
mod sarif;

use jiff::Timestamp;
use policy::governance::Field;
use policy::verdict::Verdict;

use crate::cli::Terminal;
use crate::finding::{Finding, Severity};
use crate::identity::Identity;
use crate::lint::Selected;
use crate::rule::Context;

pub(crate) use pretty::handler;

/// How to say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// For people: source snippets, help.
    Pretty,
    /// One line a finding: `main.tf:3:5: TPL001[outside-template] …`.
    Concise,
    /// For programs; see the manual for its shape, which is stable.
    Json,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
}

impl Format {
    /// The format of that name.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        match name {
            "pretty" => Some(Self::Pretty),
            "concise" => Some(Self::Concise),
            "json" => Some(Self::Json),
            "sarif" => Some(Self::Sarif),
            _ => None,
        }
    }
}

/// What a run found.
#[derive(Debug)]
pub(crate) struct Report {
    /// In source order.
    pub(crate) findings: Vec<Finding>,
    /// The rules that ran.
    pub(crate) rules: Vec<Selected>,
    /// The time of judgement.
    pub(crate) now: Timestamp,
    /// How much was judged.
    pub(crate) counts: Counts,
    /// What could not be read, one phrase each. Not empty: the run failed.
    pub(crate) problems: Vec<String>,
}

/// How much was judged, and how much of it is governed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    /// Managed resource instances that will be there.
    pub(crate) resources: usize,
    /// Machine identities that the inputs make.
    pub(crate) identities: usize,
    /// Of these, with an owner; likewise below.
    pub(crate) owned: usize,
    /// With a purpose.
    pub(crate) purposed: usize,
    /// With an end date.
    pub(crate) ending: usize,
    /// With a template.
    pub(crate) templated: usize,
    /// Verdicts that could not be reached.
    pub(crate) undecided: usize,
}

impl Counts {
    /// Adds what one input holds.
    pub(crate) fn add(&mut self, context: &Context<'_>) {
        let managed = |resource: &&crate::model::Resource| {
            resource.mode == crate::model::Mode::Managed
                && resource.action.leaves_it()
                && resource.within.is_none()
        };
        self.resources += context.model.resources.iter().filter(managed).count();
        self.resources += context.model.others.values().sum::<usize>();
        for (index, identity) in context.graph.identities.iter().enumerate() {
            let undecided = |verdict: &Verdict| matches!(verdict, Verdict::Undecided(_));
            self.undecided +=
                context.judged(index).iter().filter(|it| undecided(&it.verdict)).count();
            if identity.origin == crate::identity::Origin::Here {
                self.identity(identity);
            }
        }
    }

    fn identity(&mut self, identity: &Identity) {
        let record = &identity.governance.record;
        let count = |field: &Field<String>| usize::from(!field.is_absent());
        self.identities += 1;
        self.owned += count(&record.owner);
        self.purposed += count(&record.purpose);
        self.ending += count(&record.expiry);
        self.templated += count(&record.template);
    }
}

impl Report {
    /// How many findings of a severity count.
    pub(crate) fn count(&self, severity: Severity) -> usize {
        self.findings
            .iter()
            .filter(|finding| finding.counts() && finding.severity == severity)
            .count()
    }

    /// How many findings do not count.
    pub(crate) fn suppressed(&self) -> usize {
        self.findings.iter().filter(|finding| !finding.counts()).count()
    }

    /// The report in a format.
    pub(crate) fn render(&self, format: Format, terminal: Terminal) -> String {
        match format {
            Format::Pretty => pretty::render(self, terminal),
            Format::Concise => concise::render(self),
            Format::Json => json::render(self),
            Format::Sarif => sarif::render(self),
        }
    }

    /// The last line, for people.
    pub(crate) fn summary(&self) -> String {
        let counts = self.counts;
        let judged = format!(
            "{} in {}",
            plural(counts.identities, "machine identity", "machine identities"),
            plural(counts.resources, "resource", "resources")
        );
        let parts: Vec<String> = [
            (self.count(Severity::Error), "error", "errors"),
            (self.count(Severity::Warning), "warning", "warnings"),
            (self.count(Severity::Info), "note", "notes"),
            (self.suppressed(), "suppressed", "suppressed"),
        ]
        .into_iter()
        .filter(|(count, ..)| *count > 0)
        .map(|(count, one, many)| plural(count, one, many))
        .collect();
        let found = match (parts.is_empty(), self.problems.is_empty()) {
            (true, true) => "no findings".to_owned(),
            (true, false) if counts.resources == 0 => return "nothing was judged".to_owned(),
            (true, false) => "no findings in what could be read".to_owned(),
            (false, _) => parts.join(", "),
        };
        if counts.identities == 0 {
            return format!("{found}: {judged}");
        }
        format!(
            "{found}: {judged}; {} with an owner, {} with a purpose, {} with an end date, {} with a template",
            counts.owned, counts.purposed, counts.ending, counts.templated
        )
    }
}

fn plural(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// The published page of a rule.
pub(crate) fn page(code: &str) -> String {
    format!("{}/blob/main/docs/rules/{code}.md", env!("CARGO_PKG_REPOSITORY"))
}
