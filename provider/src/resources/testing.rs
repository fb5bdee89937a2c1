//! What the tests of resources share: an inventory in a temporary folder, a fixed clock, and plans as text, through every check
//! that a reply to Terraform goes through.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;

use crate::attribute::Attribute;
use crate::context::Context;
use crate::inventory::Inventory;
use crate::model::{Block, Model};
use crate::problem::Problem;
use crate::resource::Resource;
use crate::resource::adapter::Entry;
use crate::resource::operations::Request;
use crate::resources::identity::Common;
use crate::resources::owner::{Owner, OwnerModel};
use crate::resources::service_account::{ServiceAccount, ServiceAccountModel};
use crate::schema::AttributeSpec;
use crate::settings::{Configured, Issuer, Settings, configure_in};
use crate::stop::Stopper;
use crate::value::Value;
use crate::wire::json::to_json;

/// The template of the examples.
pub(crate) const READER: &str =
    include_str!("../../../examples/templates/s3-object-reader.nhi.hcl");

/// One configuration and its inventory; a run is a process.
pub(crate) struct Bench {
    folder: Arc<tempfile::TempDir>,
    configured: Arc<Configured>,
    now: Timestamp,
}

impl Bench {
    /// An empty inventory and no templates, at noon of 2026-11-21.
    pub(crate) fn new() -> Self {
        let folder = Arc::new(tempfile::tempdir().unwrap());
        std::fs::create_dir(folder.path().join("templates")).unwrap();
        let configured = configured(folder.path());
        Self { folder, configured, now: "2026-11-21T12:00:00Z".parse().unwrap() }
    }

    /// The same with a template file.
    pub(crate) fn with(template: &str) -> Self {
        let bench = Self::new();
        bench.write(template);
        bench
    }

    /// Replaces the template file; the next run sees it.
    pub(crate) fn write(&self, template: &str) {
        std::fs::write(self.folder.path().join("templates/t.nhi.hcl"), template).unwrap();
    }

    /// The folder that it runs in.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The next run of the same configuration.
    pub(crate) fn next_run(&self) -> Self {
        let configured = configured(self.folder.path());
        Self { folder: Arc::clone(&self.folder), configured, now: self.now }
    }

    /// The next run, by somebody.
    pub(crate) fn run_by(&self, actor: &str) -> Self {
        let variable = |name: &str| (name == "USER").then(|| actor.to_owned());
        let configured = configured_by(self.folder.path(), &variable);
        Self { folder: Arc::clone(&self.folder), configured, now: self.now }
    }

    /// What is on record.
    pub(crate) fn inventory(&self) -> &Inventory {
        self.configured.inventory.as_ref().unwrap()
    }

    /// A later run.
    pub(crate) fn at(&self, now: &str) -> Self {
        Self { now: now.parse().unwrap(), ..self.next_run() }
    }

    /// The surroundings of one call.
    pub(crate) fn context(&self) -> Context {
        Context {
            configured: Some(Arc::clone(&self.configured)),
            now: self.now,
            stop: Stopper::new().subscribe(),
            private: Vec::new(),
        }
    }

    /// Plans and creates.
    pub(crate) async fn create<R: Resource>(&self, config: R::Model) -> R::Model {
        self.apply::<R>(None, &config)
            .await
            .unwrap_or_else(|problems| panic!("{}", shown(&problems)))
    }

    /// Plans and applies.
    pub(crate) async fn apply<R: Resource>(
        &self,
        prior: Option<&R::Model>,
        config: &R::Model,
    ) -> Result<R::Model, Vec<Problem>> {
        let (entry, context) = (Entry::of::<R>(), self.context());
        let config = as_written(&entry, config);
        let prior = prior.map_or(Value::Null, Model::to_value);
        let proposed = proposal(&entry.schema.attributes, &prior, &config);
        let request = Request { prior: &prior, config: &config, proposed: &proposed };
        let plan = entry.plan(request, &context).await;
        let errors = |problems: &[Problem]| problems.iter().any(Problem::is_error);
        if errors(&plan.problems) {
            return Err(plan.problems);
        }
        let request = Request { prior: &prior, config: &config, proposed: &plan.state };
        let done = entry.apply(request, &context).await;
        if errors(&done.problems) {
            return Err(done.problems);
        }
        Ok(R::Model::from_value(&done.state).unwrap())
    }

    /// Refreshes.
    pub(crate) async fn read<R: Resource>(&self, state: &R::Model) -> Option<R::Model> {
        let reply = Entry::of::<R>().read(&state.to_value(), &self.context()).await;
        assert_eq!(reply.problems, []);
        (!reply.state.is_null()).then(|| R::Model::from_value(&reply.state).unwrap())
    }
}

fn configured(folder: &Path) -> Arc<Configured> {
    configured_by(folder, &|_| None)
}

fn configured_by(folder: &Path, variable: &dyn Fn(&str) -> Option<String>) -> Arc<Configured> {
    let settings = Settings {
        templates: vec!["templates".to_owned()].into(),
        issuer: Block(Issuer {
            url: "https://identity.example.com".into(),
            trust_domain: "example.com".into(),
            ..Issuer::default()
        })
        .into(),
        ..Settings::default()
    };
    Arc::new(configure_in(settings, folder, variable).unwrap())
}

/// The owner of [`export`].
pub(crate) fn payments() -> OwnerModel {
    OwnerModel {
        name: "payments".into(),
        accountable: "ada@example.com".into(),
        steward: "grace@example.com".into(),
        active: true.into(),
        ..OwnerModel::default()
    }
}

/// A service account of that name inside [`READER`].
pub(crate) fn export(name: &str) -> ServiceAccountModel {
    let parameters = [("bucket".to_owned(), "payments-ledger".into())];
    let common = Common {
        name: name.into(),
        owner: "payments".into(),
        purpose: "Nightly copy of invoices to the ledger bucket".into(),
        expiry: "90d".into(),
        template: "s3-object-reader@1.2.0".into(),
        parameters: Attribute::Known(parameters.into()),
        service: "billing".into(),
        environment: "prod".into(),
        state: "active".into(),
        ..Common::default()
    };
    ServiceAccountModel { common, ..ServiceAccountModel::default() }
}

/// Makes [`export`], and its owner if there is none yet; the identity's id.
pub(crate) async fn identity(bench: &Bench, name: &str) -> String {
    if bench.inventory().owner("payments").await.unwrap().is_none() {
        bench.create::<Owner>(payments()).await;
    }
    let made = bench.create::<ServiceAccount>(export(name)).await;
    made.common.id.as_str().unwrap().to_owned()
}

/// A plan as text: the planned state, what it replaces, and every problem.
pub(crate) async fn plan<R: Resource>(
    context: &Context,
    prior: Option<&R::Model>,
    config: &R::Model,
) -> String {
    let entry = Entry::of::<R>();
    let config = as_written(&entry, config);
    let prior = prior.map_or(Value::Null, Model::to_value);
    let proposed = proposal(&entry.schema.attributes, &prior, &config);
    // Terraform validates first, and plans only what is valid.
    let problems = entry.validate(&config, true);
    if !problems.is_empty() {
        return shown(&problems);
    }
    let request = Request { prior: &prior, config: &config, proposed: &proposed };
    let reply = entry.plan(request, context).await;
    let mut out = String::new();
    if !reply.state.is_null() {
        out = if reply.state == prior {
            "no change".to_owned()
        } else {
            to_json(&reply.state).to_string()
        };
    }
    if !reply.replace.is_empty() {
        let paths: Vec<String> = reply.replace.iter().map(ToString::to_string).collect();
        out.push_str("\nreplaces ");
        out.push_str(&paths.join(", "));
    }
    if !reply.problems.is_empty() {
        out.push('\n');
        out.push_str(&shown(&reply.problems));
    }
    out.trim().to_owned()
}

/// A configuration says nothing about what is computed.
fn as_written(entry: &Entry, config: &impl Model) -> Value {
    let Value::Object(mut attributes) = config.to_value() else { return Value::Null };
    for spec in &entry.schema.attributes {
        if !spec.rules.mode.is_configurable() {
            attributes.insert(spec.name.to_owned(), Value::Null);
        }
    }
    Value::Object(attributes)
}

/// What Terraform proposes: the configuration, and what was computed before where it says nothing.
fn proposal(specs: &[AttributeSpec], prior: &Value, config: &Value) -> Value {
    if prior.is_null() {
        return config.clone();
    }
    let attributes = specs.iter().map(|spec| {
        let written = config.attribute(spec.name);
        let kept = written.is_null() && spec.rules.mode.is_computed();
        let value = if kept { prior.attribute(spec.name) } else { written };
        (spec.name.to_owned(), value.clone())
    });
    Value::Object(attributes.collect::<BTreeMap<_, _>>())
}

/// Problems as text.
pub(crate) fn shown(problems: &[Problem]) -> String {
    let lines = problems.iter().map(|problem| {
        let severity = if problem.is_error() { "error" } else { "warning" };
        let at = problem.attribute.as_ref().map_or_else(String::new, |path| format!(" at {path}"));
        format!("{severity}{at}: {}\n  {}", problem.summary, problem.detail)
    });
    lines.collect::<Vec<_>>().join("\n")
}
