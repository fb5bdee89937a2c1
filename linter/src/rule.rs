//! What a rule is: data, a page, and one pure function.

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use jiff::Timestamp;
use policy::governance::{self, Fact, Facts, Field, Kind, Violation};
use policy::template::{Library, Template, UnusableTemplate};
use policy::{azure, gcp};

use crate::finding::{Hit, Severity};
use crate::identity::{Credential, Governance, Grant, Graph, Identity, Reason};
use crate::judge::{self, Judgement};
use crate::managed::Managed;
use crate::model::{Action, Model, Resource};

/// One rule. Its file says everything about it.
#[derive(Debug)]
pub(crate) struct Rule {
    /// `TPL001`: stable, never used for anything else.
    pub(crate) code: &'static str,
    /// `outside-template`: the pattern that is refused.
    pub(crate) name: &'static str,
    /// How much a finding weighs unless the settings say otherwise.
    pub(crate) severity: Severity,
    /// What it refuses, in one line.
    pub(crate) refuses: &'static str,
    /// The page: why, fails, passes, how to fix. Its examples are tests.
    pub(crate) docs: &'static str,
    /// Framework controls that it evidences.
    pub(crate) references: &'static [&'static str],
    /// When it runs, and what it does.
    pub(crate) check: Check,
}

/// When a rule runs.
#[derive(Debug)]
pub(crate) enum Check {
    /// For each governance record: of identities and of credentials that the model makes.
    Subject(fn(&Subject<'_>, &Context<'_>) -> Vec<Hit>),
    /// For each identity, those that are made elsewhere included.
    Identity(fn(usize, &Identity, &Context<'_>) -> Vec<Hit>),
    /// For each credential.
    Credential(fn(&Credential, &Context<'_>) -> Vec<Hit>),
    /// For each piece of permission or trust, whoever has it.
    Grant(fn(&Grant, &Context<'_>) -> Vec<Hit>),
    /// Once for everything that was read.
    Model(fn(&Context<'_>) -> Vec<Hit>),
}

/// What a record is about.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Subject<'a> {
    /// The resource.
    pub(crate) resource: usize,
    /// Its name, if known.
    pub(crate) name: Option<&'a str>,
    /// Its kind.
    pub(crate) kind: Kind,
    /// The record.
    pub(crate) governance: &'a Governance,
    /// `identity` or `credential`.
    pub(crate) noun: &'static str,
}

/// What an organisation says beside its configuration.
#[derive(Debug, Default)]
pub(crate) struct Known {
    /// Templates, owners, caps.
    pub(crate) library: Arc<Library>,
    /// What roles consist of.
    pub(crate) roles: Roles,
}

/// What the roles of the clouds consist of.
#[derive(Debug, Default)]
pub(crate) struct Roles {
    /// Google Cloud's.
    pub(crate) gcp: gcp::Roles,
    /// Azure's.
    pub(crate) azure: azure::Roles,
}

/// A resource, and whether it is judged as an identity or a credential.
type About = (usize, &'static str);

/// What rules look at.
#[derive(Debug)]
pub(crate) struct Context<'a> {
    /// What was read.
    pub(crate) model: &'a Model,
    /// The identities in it.
    pub(crate) graph: &'a Graph,
    /// Templates, owners, caps.
    pub(crate) library: &'a Library,
    /// What roles consist of.
    pub(crate) roles: &'a Roles,
    /// The time of judgement.
    pub(crate) now: Timestamp,
    /// What leads from where the program runs to the root module: `infra/`, or nothing.
    pub(crate) folder: &'a str,
    /// AWS managed policies.
    pub(crate) managed: Managed,
    /// The verdict on each identity, found when first asked for.
    judgements: Vec<OnceCell<Vec<Judgement>>>,
    /// What is wrong with each record, by resource; found when first asked for.
    violations: RefCell<BTreeMap<About, Rc<Vec<Violation>>>>,
}

impl<'a> Context<'a> {
    /// Everything that rules look at.
    pub(crate) fn new(
        model: &'a Model,
        graph: &'a Graph,
        known: &'a Known,
        now: Timestamp,
        folder: &'a str,
    ) -> Self {
        let judgements = graph.identities.iter().map(|_| OnceCell::new()).collect();
        Self {
            model,
            graph,
            library: &known.library,
            roles: &known.roles,
            now,
            folder,
            managed: Managed::default(),
            judgements,
            violations: RefCell::default(),
        }
    }

    /// A resource.
    pub(crate) fn resource(&self, index: usize) -> Option<&'a Resource> {
        self.model.resources.get(index)
    }

    /// What a resource is called in messages: its address.
    pub(crate) fn address(&self, index: usize) -> &'a str {
        self.resource(index).map_or("", |resource| resource.address.as_str())
    }

    /// How an identity stands to its template, or to all of them if it names none.
    pub(crate) fn judgements(&self, index: usize) -> &[Judgement] {
        let (Some(cell), Some(identity)) =
            (self.judgements.get(index), self.graph.identities.get(index))
        else {
            return &[];
        };
        cell.get_or_init(|| judge::judge(identity, self))
    }

    /// The verdicts on an identity, if a rule has asked for them.
    pub(crate) fn judged(&self, index: usize) -> &[Judgement] {
        self.judgements.get(index).and_then(OnceCell::get).map_or(&[], Vec::as_slice)
    }

    /// The template that a record names: nothing, not usable, or the template.
    pub(crate) fn template(
        &self,
        governance: &Governance,
    ) -> Option<Result<&'a Template, UnusableTemplate>> {
        let named =
            governance.record.template.as_str().map(str::trim).filter(|text| !text.is_empty())?;
        Some(self.library.find(named))
    }

    /// Every governance rule that a subject breaks, if its record is judged here.
    pub(crate) fn violations(&self, subject: &Subject<'_>) -> Rc<Vec<Violation>> {
        let key = (subject.resource, subject.noun);
        if let Some(known) = self.violations.borrow().get(&key) {
            return Rc::clone(known);
        }
        let found = Rc::new(self.assess(subject));
        self.violations.borrow_mut().insert(key, Rc::clone(&found));
        found
    }

    fn assess(&self, subject: &Subject<'_>) -> Vec<Violation> {
        if !subject.governance.is_own() {
            return Vec::new();
        }
        let facts = Facts {
            name: subject.name,
            kind: Some(subject.kind),
            record: &subject.governance.record,
        };
        let template = self.template(subject.governance).and_then(Result::ok);
        governance::assess(
            &facts,
            &governance::Context {
                now: self.now,
                created: self.resource(subject.resource).and_then(created),
                prior_expiry: self.prior_expiry(subject),
                certified: self.graph.certified.contains(&subject.resource),
                template,
                baseline: self.library.baseline(),
            },
        )
    }

    /// When the subject was to end before the plan, if the plan says something else now.
    fn prior_expiry(&self, subject: &Subject<'_>) -> Option<Timestamp> {
        let resource = self.resource(subject.resource)?;
        let (before, now) = (&subject.governance.before, &subject.governance.record);
        let said = before.expiry.as_str().filter(|said| now.expiry.as_str() != Some(*said))?;
        // The provider says when a duration ends.
        let resolved = resource.before.get("expires_at").as_str();
        if let Some(end) = resolved.and_then(|end| end.parse().ok()) {
            return Some(end);
        }
        let expiry = governance::Expiry::parse(said.trim()).ok()?;
        Some(expiry.resolve(created(resource).unwrap_or(self.now)))
    }

    /// A hit for each violation that a rule picks, at the place of the fact.
    pub(crate) fn hits(&self, subject: &Subject<'_>, picks: fn(&Violation) -> bool) -> Vec<Hit> {
        let violations = self.violations(subject);
        let violations = violations.iter().filter(|violation| picks(violation));
        violations
            .map(|violation| {
                let fact = violation.fact();
                let (resource, path) = subject.governance.place(fact, subject.resource);
                Hit {
                    resource,
                    path,
                    message: self.worded(violation, subject),
                    help: violation.help(),
                    label: label(fact, subject),
                    ..Hit::default()
                }
            })
            .collect()
    }

    /// A hit for a fact that is written on a resource and not known before apply. What a governed resource does not know yet
    /// its provider asks for again at apply; here nobody does.
    pub(crate) fn unknown(&self, subject: &Subject<'_>, fact: Fact) -> Option<Hit> {
        let Field::Unknown(origin) = subject.governance.record.get(fact) else { return None };
        let governed = self.resource(subject.resource)?.kind.starts_with("nhi_");
        if governed || !subject.governance.is_own() || is_governed(origin) {
            return None;
        }
        let Reason { why, way_out, .. } = Reason::of(origin);
        let (resource, path) = subject.governance.place(fact, subject.resource);
        let address = self.address(subject.resource);
        let name = fact.name();
        Some(Hit {
            resource,
            path,
            message: format!("the {name} of `{address}` is not known before apply: {why}"),
            help: way_out.unwrap_or_else(|| format!("make the {name} known before apply")),
            label: format!("the {name} is stated here"),
            ..Hit::default()
        })
    }

    /// The violation's own words, with the address where the rule of policy only says "the identity".
    fn worded(&self, violation: &Violation, subject: &Subject<'_>) -> String {
        let text = violation.to_string();
        let address = self.address(subject.resource);
        match text.strip_prefix("the identity ") {
            Some(rest) => format!("`{address}` {rest}"),
            None => format!("`{address}`: {text}"),
        }
    }
}

/// Whether a value comes from a governed resource or owner, whose own facts are judged where they are stated.
fn is_governed(origin: &str) -> bool {
    let steps = origin.split('.');
    steps.rev().any(|step| step.starts_with("nhi_"))
}

/// When an existing identity was created, if its provider tells.
fn created(resource: &Resource) -> Option<Timestamp> {
    let exists = match resource.action {
        Action::Update | Action::NoOp | Action::Exists | Action::Forget => true,
        Action::Create | Action::Replace | Action::Delete | Action::Read => false,
    };
    let said = ["create_date", "created_at", "create_time"]
        .into_iter()
        .map(|name| resource.after.get(name));
    said.filter_map(|value| value.as_str()).find_map(|text| text.parse().ok()).filter(|_| exists)
}

/// What the underline of a fact says.
fn label(fact: Fact, subject: &Subject<'_>) -> String {
    match subject.governance.record.get(fact) {
        Field::Absent => format!("this {} states no {}", subject.noun, fact.name()),
        Field::Unknown(_) | Field::Value(_) => format!("the {} is stated here", fact.name()),
    }
}
