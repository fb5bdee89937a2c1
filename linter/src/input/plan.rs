//! A plan or state to a model: what the plan knows, and what the configuration knows beyond it.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::rc::Rc;

use super::configuration::reader;
use super::modules::{FolderSource, Loader, Tree};
use super::referenced::Referenced;
use super::{Files, Options};

use crate::evaluate::{Evaluator, Filled, Key, Known, ModuleInstance, join};
use crate::hcl::Block;
use crate::model::{Action, Mode, Model, ReadProblem, Resource};
use crate::planned::{Address, Expression, Instance, Planned, Values};
use crate::shape::{Facts, can_settle, complete, rendered, settle_unset};
use crate::source::Sources;
use crate::value::Value;

/// What a plan knows, read when somebody asks.
struct FromPlan<'a> {
    planned: &'a Planned,
    cache: RefCell<BTreeMap<String, Option<Rc<Value>>>>,
    keys: BTreeMap<String, BTreeSet<Key>>,
    module_keys: BTreeMap<String, BTreeSet<Key>>,
}

impl<'a> FromPlan<'a> {
    fn new(planned: &'a Planned) -> Self {
        let mut keys: BTreeMap<String, BTreeSet<Key>> = BTreeMap::new();
        let mut module_keys: BTreeMap<String, BTreeSet<Key>> = BTreeMap::new();
        for instance in planned.instances.iter().chain(&planned.prior) {
            if !instance.action.leaves_it() || instance.deposed.is_some() {
                continue;
            }
            let parts = &instance.parts;
            let name = super::modules::name_of(parts.mode, &parts.kind, &parts.name);
            keys.entry(join(&parts.module, &name))
                .or_default()
                .insert(key_of(parts.key.as_deref()));
            let mut module = String::new();
            for (name, key) in module_steps(&parts.module) {
                let called = join(&module, &format!("module.{name}"));
                module = format!("{called}{key}");
                module_keys.entry(called).or_default().insert(key);
            }
        }
        Self { planned, cache: RefCell::new(BTreeMap::new()), keys, module_keys }
    }
}

impl Known for FromPlan<'_> {
    fn instance(&self, address: &str) -> Option<Rc<Value>> {
        if let Some(known) = self.cache.borrow().get(address) {
            return known.clone();
        }
        let values = self.planned.find(address).filter(|instance| instance.action.leaves_it());
        let values = values.and_then(|instance| self.planned.values(instance).ok());
        let value = values.map(|values| Rc::new(values.after));
        self.cache.borrow_mut().insert(address.to_owned(), value.clone());
        value
    }

    fn keys(&self, resource: &str) -> Vec<Key> {
        self.keys.get(resource).into_iter().flatten().cloned().collect()
    }

    fn module_keys(&self, module: &str) -> Vec<Key> {
        self.module_keys.get(module).into_iter().flatten().cloned().collect()
    }
}

fn key_of(key: Option<&str>) -> Key {
    key.map_or(Key::None, Key::parse)
}

/// `module.a[0].module.b["x"]` to its names and keys.
pub(super) fn module_steps(address: &str) -> Vec<(String, Key)> {
    let mut steps = Vec::new();
    let mut rest = address;
    while let Some(after) = rest.strip_prefix("module.") {
        let end = after.find(['.', '[']).unwrap_or(after.len());
        let Some((name, mut later)) = after.split_at_checked(end) else { break };
        let mut key = Key::None;
        if let Some(inside) = later.strip_prefix('[') {
            let mut quoted = false;
            let mut escaped = false;
            let end = inside.find(|c| {
                match c {
                    _ if escaped => escaped = false,
                    '\\' => escaped = true,
                    '"' => quoted = !quoted,
                    ']' if !quoted => return true,
                    _ => {}
                }
                false
            });
            let Some((text, after)) = end.and_then(|end| inside.split_at_checked(end)) else {
                break;
            };
            key = Key::parse(text);
            later = after.strip_prefix(']').unwrap_or(after);
        }
        steps.push((name.to_owned(), key));
        rest = later.strip_prefix('.').unwrap_or(later);
    }
    steps
}

/// Makes the model of a plan or state.
pub(super) fn model(
    planned: &Planned,
    path: Option<&Path>,
    options: &Options,
    files: &dyn Files,
) -> Model {
    let mut model = Model::default();
    let beside = path.and_then(Path::parent);
    let tree = match &planned.snapshot {
        Some(snapshot) if !snapshot.modules.is_empty() => {
            let loaded = Loader::load(snapshot, &mut model.sources, false);
            model.problems.extend(loaded.problems);
            // What `file()` reads is not in the plan file; the folder is asked only where somebody named it.
            loaded.any.then_some((loaded.tree, options.config_dir.as_deref()))
        }
        _ => folder(planned, beside, options, files, &mut model),
    };
    if let Some((tree, folder)) = &tree {
        let known = FromPlan::new(planned);
        let read_file = reader(files, *folder);
        let evaluator = Evaluator::new(tree, &known, &read_file, planned.variables.clone())
            .rendering(&options.library);
        Merge { planned, configured: Some(evaluator), options }.all(&mut model);
    } else {
        Merge { planned, configured: None, options }.all(&mut model);
    }
    if tree.is_none() {
        Referenced::new(planned, &model.resources).join(&mut model.resources);
    }
    sort(&mut model.resources);
    model
}

/// The configuration of plan JSON: the folder that was named, or the one beside the file where it fits.
fn folder<'a>(
    planned: &Planned,
    beside: Option<&'a Path>,
    options: &'a Options,
    files: &dyn Files,
    model: &mut Model,
) -> Option<(Tree, Option<&'a Path>)> {
    if planned.instances.iter().any(|instance| instance.action == Action::Exists) {
        return None;
    }
    let named = options.config_dir.as_deref();
    let folder = named.or(beside)?;
    let source = FolderSource::new(files, folder);
    let mut sources = Sources::default();
    let loaded = Loader::load(&source, &mut sources, false);
    let mismatch =
        if loaded.any { mismatch(planned, &loaded.tree) } else { Some("there is none".to_owned()) };
    match (mismatch, named) {
        (None, _) if loaded.problems.is_empty() || named.is_some() => {
            model.sources = sources;
            model.problems.extend(loaded.problems);
            Some((loaded.tree, Some(folder)))
        }
        (Some(why), Some(named)) => {
            model.problems.push(ReadProblem {
                message: format!(
                    "the configuration in `{}` is not the one that the plan was made from: {why}",
                    named.display()
                ),
                help: Some("give the folder of the plan's root module, or plan again".into()),
                span: None,
            });
            None
        }
        // Whatever lies beside the plan is not its configuration.
        _ => None,
    }
}

/// Why a configuration cannot be the one of a plan; None where it fits.
fn mismatch(planned: &Planned, tree: &Tree) -> Option<String> {
    for instance in &planned.instances {
        if !instance.action.leaves_it() || instance.deposed.is_some() {
            continue;
        }
        let (modules, _) = instance.parts.configured();
        let mut module = tree.root();
        let mut found = true;
        for name in &modules {
            match module
                .calls
                .get(name)
                .map(|call| call.module.and_then(|number| tree.module(number)))
            {
                Some(Some(called)) => module = called,
                // A module that is not installed says nothing either way.
                Some(None) => {
                    found = false;
                    break;
                }
                None => return Some(format!("it has no module `{}`", modules.join("."))),
            }
        }
        if !found {
            continue;
        }
        let parts = &instance.parts;
        let Some(block) = module.resource(parts.mode, &parts.kind, &parts.name) else {
            return Some(format!("it lacks `{}`", instance.address));
        };
        let Some(expressions) = planned.configured(&instance.parts) else { continue };
        let dynamic = |kind: &str| {
            block.body.blocks.iter().any(|b| b.kind == "dynamic" && b.label(0) == kind)
        };
        let has = |name: &str| {
            block.body.attribute(name).is_some()
                || block.body.attribute("dynamic").is_some()
                || block.body.blocks.iter().any(|nested| nested.kind == name)
                || dynamic(name)
        };
        if let Some(missing) = expressions.keys().find(|name| !has(name)) {
            return Some(format!("there, `{}` has no `{missing}`", instance.address));
        }
        if let Some(extra) = extra_argument(block, &expressions) {
            return Some(format!("there, `{}` has `{extra}`", instance.address));
        }
    }
    None
}

/// An argument of a block that the plan does not know, or knows with another value.
fn extra_argument(block: &Block, expressions: &BTreeMap<String, Expression>) -> Option<String> {
    const META: [&str; 7] =
        ["count", "for_each", "provider", "depends_on", "lifecycle", "dynamic", "//"];
    let attributes =
        block.body.attributes.iter().filter(|attribute| !META.contains(&attribute.name.as_str()));
    for attribute in attributes {
        match (expressions.get(&attribute.name), attribute.value.as_literal()) {
            (None, _) if !matches!(attribute.value.kind, crate::hcl::ExprKind::Null) => {
                return Some(attribute.name.clone());
            }
            (Some(Expression::Constant(constant)), Some(literal))
                if constant.as_str().is_some_and(|constant| constant != literal) =>
            {
                return Some(format!("another `{}`", attribute.name));
            }
            _ => {}
        }
    }
    None
}

/// Joins the values of a plan with those of its configuration.
struct Merge<'a, 'e> {
    planned: &'a Planned,
    configured: Option<Evaluator<'e>>,
    options: &'a Options,
}

impl<'e> Merge<'_, 'e> {
    fn all(&self, model: &mut Model) {
        for instance in &self.planned.instances {
            self.add(instance, instance.action, model);
        }
        // Of the state before, only data sources are news: resources are in the plan, changed or not.
        for prior in &self.planned.prior {
            if prior.mode() == Mode::Data && !self.planned.is_planned(&prior.address) {
                self.add(prior, Action::NoOp, model);
            }
        }
    }

    fn add(&self, instance: &Instance, action: Action, model: &mut Model) {
        let Address { mode, kind, .. } = &instance.parts;
        if !self.options.catalogue.concerns(kind) {
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
            Err(error) => {
                model.problems.push(ReadProblem {
                    message: error.message,
                    help: error.help,
                    span: None,
                });
            }
        }
    }

    fn resource(&self, instance: &Instance, action: Action, values: Values) -> Resource {
        let parts = &instance.parts;
        let block = self.block(instance);
        let mut after = values.after;
        let mut filled = Filled::default();
        if action.leaves_it() && instance.deposed.is_none() {
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
        Resource {
            address: instance.address.clone(),
            module: parts.module.clone(),
            mode: parts.mode,
            kind: parts.kind.clone(),
            name: parts.name.clone(),
            action,
            after,
            span: block.map(|(_, block)| block.header),
            places: filled.places,
            references: filled.references,
            uncertain: filled.uncertain,
            sensitive: values.sensitive.into_iter().chain(filled.sensitive).collect(),
            provisioners: filled.provisioners,
            ..Resource::default()
        }
    }

    /// A plan without its sources: shapes still follow from planned values.
    fn alone(&self, instance: &Instance, after: &mut Value) {
        let Value::Object(fields) = after else { return };
        let parts = &instance.parts;
        if can_settle(&parts.kind)
            && let Some(expressions) = self.planned.configured(parts)
        {
            settle_unset(&parts.kind, fields, &|argument| expressions.contains_key(argument));
        }
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
