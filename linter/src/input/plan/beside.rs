//! The configuration that a plan was made from, where it lies beside the plan.

use std::collections::BTreeMap;
use std::path::Path;

use super::super::modules::{FolderSource, Loader, Tree};
use super::super::{Files, Options};
use crate::hcl::Block;
use crate::model::{Action, Model, ReadProblem};
use crate::planned::{Expression, Planned};
use crate::source::Sources;

/// The configuration of plan JSON: the folder that was named, or the one beside the file where it fits.
pub(super) fn folder<'a>(
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
    if !loaded.any {
        if named.is_some() {
            model.problems.push(ReadProblem {
                message: format!("`{}` holds no configuration", folder.display()),
                help: Some("give the folder of the plan's root module with `--config-dir`".into()),
                span: None,
            });
        }
        return None;
    }
    match (mismatch(planned, &loaded.tree), named) {
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
        if !instance.action.leaves_it() || instance.deposed().is_some() {
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
    // In JSON, blocks are arguments too.
    const META: [&str; 9] = [
        "count",
        "for_each",
        "provider",
        "depends_on",
        "lifecycle",
        "connection",
        "provisioner",
        "dynamic",
        "//",
    ];
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
