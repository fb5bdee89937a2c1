//! A plan or state to a model: what the plan knows, and what the configuration knows beyond it.

mod beside;
mod known;

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::rc::Rc;

use policy::text::{Hole, Shape};

use super::configuration::reader;
use super::modules::{Loader, Tree, runs_programs};
use super::referenced::Referenced;
use super::{Files, Options};
use crate::catalogue::{Catalogue, Look, Looks};
use crate::evaluate::{Evaluator, Filled, ModuleInstance};
use crate::hcl::{Block, Expr, ExprKind};
use crate::model::{Action, Mode, Model, Provisioner, ReadProblem, Resource};
use crate::planned::{
    Address, Expression, Instance, Invocation, Planned, PlannedError, Program, Values,
};
use crate::redact;
use crate::shape::{Facts, complete, rendered, settle_unset};
use crate::value::Value;
use beside::folder;
pub(super) use known::module_steps;
use known::{FromPlan, key_of};

/// Makes the model of a plan or state.
pub(super) fn model(
    planned: &Planned,
    shown: &str,
    path: Option<&Path>,
    options: &Options,
    files: &dyn Files,
) -> Model {
    let mut model = Model::default();
    model.problems.extend(planned.problems.iter().cloned().map(ReadProblem::from));
    if planned.says_nothing && !options.allow_empty {
        model.problems.push(ReadProblem {
            message: format!("{shown} holds neither a plan nor a resource"),
            help: Some("this is what `terraform show -json` writes where there is nothing yet; `--allow-empty` lets it pass".into()),
            span: None,
        });
    }
    // The folder of `plan.json` is the one that the program runs in.
    let beside = path.and_then(Path::parent);
    let beside = beside.map(|it| if it.as_os_str().is_empty() { Path::new(".") } else { it });
    let tree = match &planned.snapshot {
        Some(snapshot) if !snapshot.modules.is_empty() => {
            let loaded = Loader::load(snapshot, &mut model.sources, false);
            model.problems.extend(loaded.problems);
            // What `file()` reads is not in the plan file; the folder is asked only where somebody named it.
            loaded.any.then_some((loaded.tree, options.config_dir.as_deref()))
        }
        _ => folder(planned, beside, options, files, &mut model),
    };
    if tree.is_none() && planned.has_no_configuration() && planned.instances.iter().any(runs) {
        model.problems.push(ReadProblem {
            message: format!("{shown} has no `configuration`, so it does not say which programs it runs"),
            help: Some("give nhi-lint all of what `terraform show -json` writes about a plan, or name the folder of its configuration with `--config-dir`".into()),
            span: None,
        });
    }
    model.secrets = secrets(planned, tree.as_ref().map(|(tree, _)| tree));
    let looks = Looks::new(&options.catalogue);
    if let Some((tree, folder)) = &tree {
        let known = FromPlan::new(planned);
        let read_file = reader(files, *folder);
        let evaluator = Evaluator::new(tree, &known, &read_file, planned.variables.clone())
            .rendering(&options.library);
        let programs = programs(tree);
        Merge { planned, configured: Some(evaluator), programs, options, looks }.all(&mut model);
    } else {
        let programs = BTreeSet::new();
        Merge { planned, configured: None, programs, options, looks }.all(&mut model);
        Referenced::new(planned, &model.resources).join(&mut model.resources);
    }
    sort(&mut model.resources);
    model
}

impl From<PlannedError> for ReadProblem {
    fn from(PlannedError { message, help }: PlannedError) -> Self {
        Self { message, help, span: None }
    }
}

/// The texts of the root module's sensitive variables.
fn secrets(planned: &Planned, tree: Option<&Tree>) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    let declared = tree.into_iter().flat_map(|tree| &tree.root().variables);
    let declared = declared.filter(|(_, block)| {
        let mark = block.body.value("sensitive").map(|value| &value.kind);
        mark.is_some_and(|mark| !matches!(mark, ExprKind::Bool(false) | ExprKind::Null))
    });
    for (name, block) in declared {
        let default = block.body.value("default").and_then(Expr::as_literal);
        let value = default.map(Value::from);
        let value = planned.variables.get(name).or(value.as_ref());
        redact::texts(value.unwrap_or(&Value::Null), &BTreeSet::from([String::new()]), &mut out);
    }
    for value in planned.secret_variables.iter().filter_map(|name| planned.variables.get(name)) {
        redact::texts(value, &BTreeSet::from([String::new()]), &mut out);
    }
    out
}

/// Whether a program runs when the plan is applied to an instance, as it does beside those that are there for nothing else.
fn runs(instance: &Instance) -> bool {
    matches!(instance.parts.kind.as_str(), "terraform_data" | "null_resource")
        && matches!(instance.action, Action::Create | Action::Replace)
}

/// The resources of a configuration that programs run beside: type and name.
fn programs(tree: &Tree) -> BTreeSet<(&str, &str)> {
    let blocks = tree.modules().flat_map(|module| &module.resources);
    let with = blocks.filter(|block| runs_programs(block));
    with.map(|block| (block.label(0), block.label(1))).collect()
}

/// Joins the values of a plan with those of its configuration.
struct Merge<'a, 'e> {
    planned: &'a Planned,
    configured: Option<Evaluator<'e>>,
    /// The resources of the configuration that programs run beside: type and name.
    programs: BTreeSet<(&'e str, &'e str)>,
    options: &'a Options,
    looks: Looks<'a>,
}

impl<'a, 'e> Merge<'a, 'e> {
    fn all(&self, model: &mut Model) {
        let planned = self.planned;
        for instance in &planned.instances {
            self.add(instance, instance.action, model);
        }
        // Of the state before, what the plan says nothing about is still there: data sources that were read, and
        // everything that a plan with targets, or one that only refreshes, leaves alone.
        let moved: BTreeSet<&str> =
            planned.instances.iter().filter_map(|instance| instance.previous()).collect();
        for prior in &planned.prior {
            if !planned.is_planned(prior) && !moved.contains(prior.address.as_str()) {
                self.add(prior, Action::NoOp, model);
            }
        }
        self.drift(model);
        self.actions(model);
    }

    /// Of what the plan leaves alone, what was changed outside of Terraform has been something else before.
    fn drift(&self, model: &mut Model) {
        let drift = self.planned.drift.iter().filter(|instance| instance.deposed().is_none());
        let drift: BTreeMap<&str, &Instance> =
            drift.map(|instance| (instance.address.as_str(), instance)).collect();
        if drift.is_empty() {
            return;
        }
        for resource in model.resources.iter_mut().filter(|it| it.action == Action::NoOp) {
            let Some(instance) = drift.get(resource.address.as_str()) else { continue };
            match self.planned.values(instance) {
                Ok(values) => {
                    resource.before = values.before;
                    resource.sensitive.extend(values.sensitive);
                }
                Err(error) => model.problems.push(error.into()),
            }
        }
    }

    /// Actions of providers are programs that run beside the resource that triggers them, or by themselves.
    fn actions(&self, model: &mut Model) {
        for action in &self.planned.actions {
            let values = self.planned.arguments(action).unwrap_or_else(|error| {
                model.problems.push(error.into());
                Values::default()
            });
            redact::texts(&values.after, &values.sensitive, &mut model.secrets);
            let program = Provisioner {
                kind: action.kind.clone(),
                path: action.address.clone(),
                arguments: values.after,
            };
            let trigger = action.trigger.as_deref();
            let trigger = trigger.and_then(|trigger| {
                model.resources.iter_mut().find(|resource| resource.address == trigger)
            });
            match trigger {
                Some(resource) => resource.provisioners.push(program),
                None => model.resources.push(alone(action, program)),
            }
        }
    }

    /// Whether identities can be made of an instance's type, or it looks as if they could.
    fn is_read(&self, instance: &'a Instance) -> bool {
        let kind = instance.parts.kind.as_str();
        match self.looks.at(kind) {
            Look::Read => true,
            Look::Skip => false,
            Look::Peek if instance.parts.mode == Mode::Data => false,
            // What cannot be read is said so by whoever reads it.
            Look::Peek => self.planned.values(instance).map_or(true, |values| {
                Catalogue::suspicion(&Resource {
                    kind: kind.to_owned(),
                    after: values.after,
                    sensitive: values.sensitive,
                    ..Resource::default()
                })
                .is_some()
            }),
        }
    }

    fn add(&self, instance: &'a Instance, action: Action, model: &mut Model) {
        let Address { mode, kind, .. } = &instance.parts;
        if !self.is_read(instance) && !self.runs_programs(instance, action) {
            if *mode == Mode::Managed && action.leaves_it() {
                *model.others.entry(kind.clone()).or_default() += 1;
            }
            return;
        }
        match self.planned.values(instance) {
            Ok(values) => {
                let resource = self.resource(instance, action, values);
                model.resources.push(resource);
            }
            Err(error) => model.problems.push(error.into()),
        }
    }

    /// Whether applying the plan runs a program beside the instance.
    fn runs_programs(&self, instance: &Instance, action: Action) -> bool {
        if matches!(action, Action::NoOp | Action::Read | Action::Exists | Action::Forget) {
            return false;
        }
        let parts = &instance.parts;
        if self.configured.is_some() {
            return self.programs.contains(&(parts.kind.as_str(), parts.name.as_str()));
        }
        !self.planned.programs(parts).is_empty()
    }

    fn resource(&self, instance: &Instance, action: Action, values: Values) -> Resource {
        let parts = &instance.parts;
        let block = self.block(instance);
        let mut after = values.after;
        let mut filled = Filled::default();
        if action.leaves_it() && instance.deposed().is_none() {
            match (&block, &self.configured) {
                (Some((module, block)), Some(evaluator)) => {
                    let scope = evaluator.block_scope(module, block, &key_of(parts.key.as_deref()));
                    filled = evaluator.completed(
                        &scope,
                        parts.mode,
                        &parts.kind,
                        &block.body,
                        &instance.address,
                    );
                    after = std::mem::take(&mut filled.value);
                }
                _ => self.alone(instance, &mut after),
            }
        }
        let provisioners = match &self.configured {
            Some(_) => filled.provisioners,
            None => provisioners(&self.planned.programs(parts), &instance.address),
        };
        Resource {
            address: instance.address.clone(),
            module: parts.module.clone(),
            mode: parts.mode,
            kind: parts.kind.clone(),
            name: parts.name.clone(),
            action,
            before: values.before,
            after,
            previous: instance.previous().map(str::to_owned),
            imported: instance.imported().cloned(),
            provisioners,
            span: block.map(|(_, block)| block.header),
            places: filled.places,
            references: filled.references,
            uncertain: filled.uncertain,
            sensitive: values.sensitive.into_iter().chain(filled.sensitive).collect(),
            ..Resource::default()
        }
    }

    /// A plan without its sources: shapes still follow from planned values.
    fn alone(&self, instance: &Instance, after: &mut Value) {
        let Value::Object(fields) = after else { return };
        let parts = &instance.parts;
        let configured = OnceCell::new();
        settle_unset(&parts.kind, fields, &|argument| {
            let expressions = configured.get_or_init(|| self.planned.configured(parts));
            expressions.as_ref().is_none_or(|expressions| expressions.contains_key(argument))
        });
        complete(parts.mode, &parts.kind, &instance.address, fields, &Facts::unknown(""));
        if parts.mode == Mode::Managed {
            rendered::complete(&parts.kind, fields, &self.options.library);
        }
    }

    fn block(&self, instance: &Instance) -> Option<(Rc<ModuleInstance<'e>>, &'e Block)> {
        let evaluator = self.configured.as_ref()?;
        let mut module = evaluator.root();
        for (name, key) in module_steps(&instance.parts.module) {
            module = evaluator.child(&module, &name, key)?;
        }
        let parts = &instance.parts;
        let block = module.module.resource(parts.mode, &parts.kind, &parts.name)?;
        Some((module, block))
    }
}

/// An action that nothing in the model triggers, as something of its own.
fn alone(action: &Invocation, program: Provisioner) -> Resource {
    let (module, local) = action.address.split_once("action.").unwrap_or(("", &action.address));
    Resource {
        address: action.address.clone(),
        module: module.trim_end_matches('.').to_owned(),
        kind: action.kind.clone(),
        name: local.split(['.', '[']).nth(1).unwrap_or_default().to_owned(),
        provisioners: vec![program],
        ..Resource::default()
    }
}

/// Provisioners as far as plan JSON tells: it keeps constants, and of all else what it refers to.
fn provisioners(programs: &[Program], address: &str) -> Vec<Provisioner> {
    let provisioner = |(index, program): (usize, &Program)| {
        let path = format!("provisioner[{index}]");
        let place = format!("{address}.{path}");
        Provisioner {
            kind: program.kind.clone(),
            arguments: arguments(&program.expressions, &place),
            path,
        }
    };
    programs.iter().enumerate().map(provisioner).collect()
}

fn arguments(expressions: &BTreeMap<String, Expression>, place: &str) -> Value {
    let argument = |(name, expression): (&String, &Expression)| {
        let place = format!("{place}.{name}");
        let hole =
            |origin: String| Value::Unknown(Hole { origin: origin.into(), shape: Shape::Any });
        let value = match expression {
            Expression::Constant(value) => value.clone(),
            Expression::References(names) => match names.first() {
                Some(name) => hole(format!("{name} in {place}")),
                None => hole(place),
            },
            Expression::Blocks(blocks) => {
                Value::List(blocks.iter().map(|block| arguments(block, &place)).collect())
            }
            Expression::Opaque => hole(place),
        };
        (name.clone(), value)
    };
    Value::Object(expressions.iter().map(argument).collect())
}

/// Source order: by file, then by place, then by instance; what has no place comes last, by address.
pub(super) fn sort(resources: &mut [Resource]) {
    resources.sort_by_cached_key(|resource| {
        let place = resource.span.map(|span| (span.file, span.start));
        let modules = module_steps(&resource.module);
        let rest = resource.address.strip_prefix(&resource.module).unwrap_or(&resource.address);
        let key =
            rest.find('[').and_then(|at| rest.get(at + 1..)).and_then(|key| key.strip_suffix(']'));
        (
            place.is_none(),
            place,
            modules,
            resource.mode == Mode::Data,
            resource.kind.clone(),
            resource.name.clone(),
            key_of(key),
        )
    });
}
