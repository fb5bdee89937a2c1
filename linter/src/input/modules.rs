//! The modules of a configuration: which files Terraform reads, and what they add up to.

mod builder;
mod overrides;
mod readings;
mod source;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::files::reason;
use crate::evaluate::provider_name;
use crate::hcl::json::parse_json_body;
use crate::hcl::{Attribute, Block, Expr, ExprKind, SyntaxError, parse_body};
use crate::model::{Mode, ReadProblem};
use crate::source::{Sources, Span};

use builder::Builder;
use readings::Reading;
use source::is_stack;
pub(crate) use source::{FolderSource, ModuleSource, is_configuration, is_values};

/// Deeper nesting of modules than anyone means.
const MAX_MODULE_DEPTH: usize = 64;

/// A root module and all that it calls.
#[derive(Debug)]
pub(crate) struct Tree {
    root: Module,
    others: Vec<Module>,
}

/// A module: its blocks by what they declare.
#[derive(Debug)]
pub(crate) struct Module {
    /// `path.module`: its folder, relative to where Terraform runs.
    pub(crate) path: String,
    /// `variable`
    pub(crate) variables: BTreeMap<String, Block>,
    /// `locals`
    pub(crate) locals: BTreeMap<String, Expr>,
    /// `output`
    pub(crate) outputs: BTreeMap<String, Block>,
    /// `resource` and `data`, in source order.
    pub(crate) resources: Vec<Block>,
    /// Where a resource stands in them; of two with one name, the first.
    by_name: BTreeMap<String, usize>,
    /// `module`
    pub(crate) calls: BTreeMap<String, Call>,
    /// `provider`
    pub(crate) providers: Vec<Block>,
    /// `moved`, `import` and `removed`
    pub(crate) refactored: Vec<Block>,
    /// `action`: what providers do beside resources.
    pub(crate) actions: Vec<Block>,
    /// `required_providers`: the source of each local name.
    required: BTreeMap<String, String>,
    /// A place for what has none: the beginning of the module's first file.
    pub(crate) nowhere: Span,
}

/// A call of a module.
#[derive(Debug)]
pub(crate) struct Call {
    /// The block.
    pub(crate) block: Block,
    /// Its number in the tree; None where the module could not be found.
    pub(crate) module: Option<usize>,
}

impl Call {
    /// The provider of the calling module that stands for one of the called module, where the call says so.
    pub(crate) fn provider(
        &self,
        name: &str,
        alias: Option<&str>,
    ) -> Option<(String, Option<String>)> {
        let ExprKind::Object(pairs) = &self.block.body.value("providers")?.kind else {
            return None;
        };
        let wanted = (name.to_owned(), alias.map(str::to_owned));
        let (_, value) =
            pairs.iter().find(|(key, _)| provider_name(key).as_ref() == Some(&wanted))?;
        provider_name(value)
    }
}

/// The mode of a `resource` or `data` block.
pub(crate) fn mode_of(block: &Block) -> Mode {
    if block.kind == "data" { Mode::Data } else { Mode::Managed }
}

/// Whether programs run beside a resource. In JSON, the blocks are an argument.
pub(super) fn runs_programs(block: &Block) -> bool {
    block.body.blocks.iter().any(|nested| nested.kind == "provisioner")
        || block.body.value("provisioner").is_some()
}

/// `aws_iam_role.x`, `data.aws_region.y`
pub(crate) fn name_of(mode: Mode, kind: &str, name: &str) -> String {
    match mode {
        Mode::Managed => format!("{kind}.{name}"),
        Mode::Data => format!("data.{kind}.{name}"),
    }
}

impl Tree {
    /// No configuration at all.
    pub(crate) fn empty(nowhere: Span) -> Self {
        Self { root: Builder::new(Path::new(""), nowhere).module, others: Vec::new() }
    }

    /// The root module.
    pub(crate) fn root(&self) -> &Module {
        &self.root
    }

    /// Every module that is called, and the root.
    pub(crate) fn modules(&self) -> impl Iterator<Item = &Module> {
        std::iter::once(&self.root).chain(&self.others)
    }

    /// The folders of modules that do not lie below the root module's.
    pub(crate) fn outside(&self) -> Vec<PathBuf> {
        let folders = self.others.iter().map(|module| PathBuf::from(&module.path));
        let mut outside: Vec<PathBuf> = folders.filter(|folder| folder.starts_with("..")).collect();
        outside.sort();
        outside.dedup();
        outside
    }

    /// The module of a call.
    pub(crate) fn module(&self, number: usize) -> Option<&Module> {
        self.others.get(number)
    }
}

impl Module {
    /// A resource or data source by type and name.
    pub(crate) fn resource(&self, mode: Mode, kind: &str, name: &str) -> Option<&Block> {
        self.resources.get(*self.by_name.get(&name_of(mode, kind, name))?)
    }

    /// The source of a provider, where the module says which it needs under that name.
    pub(crate) fn provider_source(&self, name: &str) -> Option<&str> {
        self.required.get(name).map(String::as_str)
    }

    fn is_empty(&self) -> bool {
        self.variables.is_empty()
            && self.locals.is_empty()
            && self.outputs.is_empty()
            && self.resources.is_empty()
            && self.calls.is_empty()
            && self.providers.is_empty()
    }
}

/// Reads a configuration.
pub(crate) struct Loader<'a> {
    source: &'a dyn ModuleSource,
    sources: &'a mut Sources,
    problems: Vec<ReadProblem>,
    modules: Vec<Module>,
    /// Modules that are there already, by folder and the calls that lead to them.
    loaded: BTreeMap<(PathBuf, String), usize>,
    /// A missing module is a problem: nobody else knows what it holds.
    complete: bool,
}

/// What reading a configuration gives.
pub(crate) struct Loaded {
    pub(crate) tree: Tree,
    pub(crate) problems: Vec<ReadProblem>,
    /// Whether there is any configuration in the root folder.
    pub(crate) any: bool,
}

impl<'a> Loader<'a> {
    /// Reads the root module and all that it calls. `complete`: modules that are not there are problems.
    pub(crate) fn load(
        source: &'a dyn ModuleSource,
        sources: &'a mut Sources,
        complete: bool,
    ) -> Loaded {
        let mut loader = Self {
            source,
            sources,
            problems: Vec::new(),
            modules: Vec::new(),
            loaded: BTreeMap::new(),
            complete,
        };
        let (root, any) = loader.module(&[], Path::new(""), &mut Vec::new());
        let tree = Tree { root, others: loader.modules };
        Loaded { tree, problems: loader.problems, any }
    }

    fn module(
        &mut self,
        path: &[String],
        folder: &Path,
        chain: &mut Vec<PathBuf>,
    ) -> (Module, bool) {
        let files = match self.source.files(path, folder) {
            Ok(files) => files,
            Err(error) => {
                if error.kind() != std::io::ErrorKind::NotFound {
                    let message = format!("cannot read `{}`: {}", folder.display(), reason(&error));
                    self.problem(message, None);
                }
                BTreeMap::new()
            }
        };
        let (blocks, nowhere, any) = self.blocks(folder, files);
        let mut builder = Builder::new(folder, nowhere);
        for block in blocks {
            builder.add(block, &mut self.problems);
        }
        let mut module = builder.module;
        chain.push(folder.to_owned());
        let calls: Vec<String> = module.calls.keys().cloned().collect();
        for name in calls {
            let Some(call) = module.calls.get_mut(&name) else { continue };
            let mut inner = path.to_vec();
            inner.push(name);
            call.module = self.called(&inner, folder, &call.block, chain);
        }
        chain.pop();
        (module, any)
    }

    fn called(
        &mut self,
        path: &[String],
        caller: &Path,
        block: &Block,
        chain: &mut Vec<PathBuf>,
    ) -> Option<usize> {
        let source = block.body.value("source");
        let text = source.and_then(Expr::as_literal).unwrap_or("");
        let version = block.body.value("version").and_then(Expr::as_literal);
        let span = source.map_or(block.header, |source| source.span);
        let name = path.join(".");
        let folder = match self.source.locate(path, caller, text, version) {
            Ok(folder) => folder,
            Err(missing) => {
                if self.complete {
                    let known = source.is_none() || !text.is_empty();
                    self.problems.push(missing.problem(&name, known, span));
                }
                return None;
            }
        };
        if chain.len() >= MAX_MODULE_DEPTH || chain.contains(&folder) {
            self.problems.push(ReadProblem {
                message: format!("module `{name}` calls itself"),
                help: None,
                span: Some(span),
            });
            return None;
        }
        let key = (folder.clone(), Self::key_of(path, text));
        if let Some(number) = self.loaded.get(&key) {
            return Some(*number);
        }
        let (module, any) = self.module(path, &folder, chain);
        if !any && module.is_empty() && self.complete {
            self.problems.push(ReadProblem {
                message: format!("module `{name}` has no configuration in `{}`", folder.display()),
                help: None,
                span: Some(span),
            });
        }
        let number = self.modules.len();
        self.modules.push(module);
        self.loaded.insert(key, number);
        Some(number)
    }

    /// Two calls of one local folder are one module. Of an installed one they may not be: what it calls is found by the
    /// calls that lead there.
    fn key_of(path: &[String], source: &str) -> String {
        if source.starts_with('.') { String::new() } else { path.join(".") }
    }

    /// The blocks of a module's files, overrides merged.
    fn blocks(
        &mut self,
        folder: &Path,
        files: BTreeMap<String, std::io::Result<Vec<u8>>>,
    ) -> (Vec<Block>, Span, bool) {
        let mut nowhere = None;
        let mut parsed = Vec::new();
        let mut any = false;
        for (name, bytes) in files {
            let shown = folder.join(&name).display().to_string().replace('\\', "/");
            if is_stack(&name) {
                self.problem(
                    format!("`{shown}` belongs to a stack, and stacks are not read"),
                    Some("lint the modules of its components, or the plan"),
                );
            }
            if !is_configuration(&name) {
                continue;
            }
            any = true;
            let Some(text) = self.text(&shown, bytes) else { continue };
            let json = Path::new(&name).extension().is_some_and(|end| end == "json");
            let file = self.sources.add(shown.clone(), text);
            nowhere.get_or_insert(Span { file, start: 0, end: 0 });
            let text = self.sources.shared(file);
            let (body, errors) =
                if json { parse_json_body(&text, file) } else { parse_body(&text, file) };
            for error in errors {
                self.problems.push(syntax_problem(&shown, error));
            }
            for Attribute { name, value } in body.attributes {
                self.problems.push(ReadProblem {
                    message: format!("the argument `{name}` stands outside of any block"),
                    help: Some("Terraform refuses this configuration".into()),
                    span: Some(value.span),
                });
            }
            parsed.push((name, body.blocks));
        }
        let blocks = Reading { sources: self.sources, complete: self.complete }
            .blocks(parsed, &mut self.problems);
        let nowhere = nowhere.unwrap_or_else(|| {
            let file = self.sources.add(folder.display().to_string(), "");
            Span { file, start: 0, end: 0 }
        });
        (blocks, nowhere, any)
    }

    /// The text of a file, or a problem.
    fn text(&mut self, shown: &str, bytes: std::io::Result<Vec<u8>>) -> Option<String> {
        let bytes = match bytes {
            Ok(bytes) => bytes,
            Err(error) => {
                self.problem(format!("cannot read `{shown}`: {}", reason(&error)), None);
                return None;
            }
        };
        let wide = bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]);
        let text = String::from_utf8(bytes).ok();
        if text.is_none() {
            let is = if wide { "UTF-16" } else { "not UTF-8" };
            self.problem(
                format!("`{shown}` is {is}"),
                Some("Terraform reads UTF-8 only: save the file as UTF-8"),
            );
        }
        text
    }

    fn problem(&mut self, message: String, help: Option<&str>) {
        self.problems.push(ReadProblem { message, help: help.map(str::to_owned), span: None });
    }
}

/// A syntax error as a problem of the run.
pub(crate) fn syntax_problem(file: &str, error: SyntaxError) -> ReadProblem {
    ReadProblem {
        message: format!("cannot parse `{file}`: {}", error.message),
        help: None,
        span: Some(error.span),
    }
}
