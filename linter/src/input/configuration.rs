//! A folder of configuration to a model: everything in it will come into being.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};
use std::rc::Rc;

use super::modules::{FolderSource, Loader, mode_of, name_of, runs_programs};
use super::{Files, Options};
use crate::catalogue::{Look, Looks};
use crate::evaluate::{
    Evaluator, Filled, Key, ModuleInstance, NothingKnown, ReadFile, Refactored, join, tidy,
};
use crate::hcl::Block;
use crate::model::{Action, Mode, Model, Provisioner, ReadProblem, Resource};
use crate::value::Value;

/// No file that an expression reads is larger.
const MAX_FILE: u64 = 16 << 20;

/// More instances of modules and resources than one configuration can mean.
const MAX_RESOURCES: usize = 1_000_000;

/// Reads a folder.
pub(super) fn model(folder: &Path, options: &Options, files: &dyn Files) -> Model {
    let mut model = Model::default();
    let source = FolderSource::new(files, folder);
    let loaded = Loader::load(&source, &mut model.sources, true);
    model.problems = loaded.problems;
    if !loaded.any {
        if !options.allow_empty {
            model.problems.push(ReadProblem {
                message: format!("`{}` holds no configuration", folder.display()),
                help: Some("give the folder of the root module, or say `--allow-empty`".into()),
                span: None,
            });
        }
        return model;
    }
    let root = loaded.tree.root();
    let values = super::variables::values(
        root,
        folder,
        options,
        files,
        &mut model.sources,
        &mut model.problems,
    );
    let read_file = reader(files, Some(folder)).and(loaded.tree.outside());
    let evaluator =
        Evaluator::new(&loaded.tree, &NothingKnown, &read_file, values).rendering(&options.library);
    let mut walk = Walk {
        evaluator: &evaluator,
        looks: Looks::new(&options.catalogue),
        resources: Vec::new(),
        others: BTreeMap::new(),
        refactored: Refactored::default(),
    };
    walk.module(&evaluator.root());
    if walk.resources.len() >= MAX_RESOURCES {
        model.problems.push(ReadProblem {
            message: format!("there are more than {MAX_RESOURCES} resources: the rest is not read"),
            help: None,
            span: None,
        });
    }
    let mut resources = walk.resources;
    walk.refactored.apply(&mut resources);
    super::plan::sort(&mut resources);
    model.resources = resources;
    model.others = walk.others;
    model
}

/// Files for expressions, from below the folders of modules only.
pub(super) struct Below<'a> {
    files: &'a dyn Files,
    root: Option<&'a Path>,
    /// Folders of modules elsewhere, relative to the root.
    outside: Vec<PathBuf>,
}

/// Reads files for expressions, from below a folder only.
pub(super) fn reader<'a>(files: &'a dyn Files, root: Option<&'a Path>) -> Below<'a> {
    Below { files, root, outside: Vec::new() }
}

impl Below<'_> {
    /// Reads from below these folders too.
    pub(super) fn and(self, outside: Vec<PathBuf>) -> Self {
        Self { outside, ..self }
    }

    fn full(&self, path: &Path) -> Option<PathBuf> {
        let root = self.root?;
        let path = tidy(path);
        let home = match self.outside.iter().find(|folder| path.starts_with(folder)) {
            Some(folder) => folder.as_path(),
            None => Path::new(""),
        };
        let rest = path.strip_prefix(home).ok()?;
        let inside = rest.components().all(|part| matches!(part, Component::Normal(_)));
        let full = root.join(&path);
        (inside && self.files.is_below(&full, &root.join(home))).then_some(full)
    }
}

impl ReadFile for Below<'_> {
    fn read(&self, path: &Path) -> Option<Vec<u8>> {
        let full = self.full(path).filter(|full| self.files.is_file(full))?;
        self.files.read(&full, MAX_FILE).ok()
    }

    fn list(&self, folder: &Path) -> Option<Vec<(String, bool)>> {
        let full = self.full(folder).filter(|full| self.files.is_folder(full))?;
        let names = self.files.list(&full).ok()?.into_iter();
        Some(
            names
                .map(|name| {
                    let is_folder = self.files.is_folder(&full.join(&name));
                    (name, is_folder)
                })
                .collect(),
        )
    }
}

struct Walk<'e, 'a> {
    evaluator: &'e Evaluator<'a>,
    looks: Looks<'a>,
    resources: Vec<Resource>,
    others: BTreeMap<String, usize>,
    refactored: Refactored,
}

impl<'a> Walk<'_, 'a> {
    fn module(&mut self, instance: &Rc<ModuleInstance<'a>>) {
        self.evaluator.refactored(instance, &mut self.refactored);
        for block in &instance.module.resources {
            let keys = self.evaluator.keys(instance, block);
            if !self.is_read(block) {
                if mode_of(block) == Mode::Managed {
                    *self.others.entry(block.label(0).to_owned()).or_default() += keys.all().len();
                }
                continue;
            }
            for key in keys.all() {
                if self.resources.len() < MAX_RESOURCES {
                    let resource = self.resource(instance, block, &key);
                    self.resources.push(resource);
                }
            }
        }
        for block in &instance.module.actions {
            for key in self.evaluator.keys(instance, block).all() {
                if self.resources.len() < MAX_RESOURCES {
                    let action = self.action(instance, block, &key);
                    self.resources.push(action);
                }
            }
        }
        for (name, call) in &instance.module.calls {
            for key in self.evaluator.keys(instance, &call.block).all() {
                if self.resources.len() < MAX_RESOURCES
                    && let Some(child) = self.evaluator.child(instance, name, key)
                {
                    self.module(&child);
                }
            }
        }
    }

    /// Whether identities can be made of a block, or it looks as if they could, or a program runs beside it. What others
    /// take from the rest is evaluated when they ask for it.
    fn is_read(&self, block: &'a Block) -> bool {
        self.looks.at(block.label(0)) != Look::Skip || runs_programs(block)
    }

    fn resource(&self, instance: &Rc<ModuleInstance<'a>>, block: &Block, key: &Key) -> Resource {
        let mode = mode_of(block);
        let name = name_of(mode, block.label(0), block.label(1));
        let address = format!("{}{key}", join(&instance.address, &name));
        let scope = self.evaluator.block_scope(instance, block, key);
        let filled = self.evaluator.completed(&scope, mode, block.label(0), &block.body, &address);
        Resource {
            mode,
            action: if mode == Mode::Data { Action::Read } else { Action::Create },
            ..resource(instance, block, address, filled)
        }
    }

    /// An action is a program that runs beside resources, or when somebody asks for it.
    fn action(&self, instance: &Rc<ModuleInstance<'a>>, block: &Block, key: &Key) -> Resource {
        let kind = block.label(0);
        let name = format!("action.{kind}.{}", block.label(1));
        let address = format!("{}{key}", join(&instance.address, &name));
        let scope = self.evaluator.block_scope(instance, block, key);
        let mut filled = self.evaluator.body(&scope, &block.body);
        let body = std::mem::take(&mut filled.value);
        let config = body.get("config");
        // In JSON, the one block is an object.
        let (path, arguments) = match config.elements().first() {
            Some(first) if matches!(config, Value::List(_)) => ("config[0]", first),
            _ => ("config", config),
        };
        filled.provisioners = vec![Provisioner {
            kind: kind.to_owned(),
            path: path.to_owned(),
            arguments: arguments.clone(),
        }];
        resource(instance, block, address, filled)
    }
}

/// A block with its values, in the model.
fn resource(
    instance: &ModuleInstance<'_>,
    block: &Block,
    address: String,
    filled: Filled,
) -> Resource {
    Resource {
        address,
        module: instance.address.clone(),
        kind: block.label(0).to_owned(),
        name: block.label(1).to_owned(),
        after: filled.value,
        span: Some(block.header),
        places: filled.places,
        references: filled.references,
        uncertain: filled.uncertain,
        sensitive: filled.sensitive,
        provisioners: filled.provisioners,
        ..Resource::default()
    }
}
