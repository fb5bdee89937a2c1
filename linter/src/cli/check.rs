//! `nhi-lint check`: read, judge, report.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use policy::template::Library;

use crate::catalogue::Catalogue;
use crate::identity::Graph;
use crate::input::{self, Disk, Given, Options};
use crate::lint;
use crate::locate;
use crate::model::{Model, ReadProblem};
use crate::plain::{plain, plain_lines};
use crate::report::{Counts, Format, Report};
use crate::rule::Context;

use super::args::CheckArgs;
use super::settings::Settings;
use super::variables::VariableArg;
use super::{CLEAN, CommandError, FAILED, FOUND, World};

/// Runs the command.
pub(super) fn run(args: &CheckArgs, world: &mut World<'_>) -> Result<u8, CommandError> {
    let settings = Settings::new(args, world.folder, world.terminal)?;
    let models = Inputs {
        paths: &args.paths,
        config_dir: args.config_dir.as_deref(),
        variables: &args.variables.0,
        allow_empty: args.allow_empty,
        library: Arc::clone(&settings.known.library),
        catalogue: Arc::clone(&settings.catalogue),
    }
    .read(world)?;
    let now = args.now.unwrap_or(world.now);
    let mut report = Report {
        findings: Vec::new(),
        rules: settings.rules.clone(),
        now,
        counts: Counts::default(),
        problems: Vec::new(),
    };
    for model in &models {
        let graph = Graph::new(model, &settings.keys);
        let prefix = prefix(&model.input, world.folder);
        let context = Context::new(model, &graph, &settings.known, now, &prefix);
        report.findings.extend(lint::lint(&settings.rules, &context));
        report.counts.add(&context);
        report
            .problems
            .extend(model.problems.iter().map(|problem| problem_text(model, &prefix, problem)));
    }
    for output in &settings.outputs {
        let text = report.render(output.format, world.terminal);
        match &output.file {
            Some(file) => write_file(&world.folder.join(file), &text)?,
            None => print(&text, world)?,
        }
    }
    for problem in &report.problems {
        writeln!(world.errors, "error: {problem}")?;
    }
    let for_people = settings.outputs.iter().any(|output| {
        output.file.is_none() && matches!(output.format, Format::Pretty | Format::Concise)
    });
    if for_people {
        writeln!(world.errors, "{}", report.summary())?;
        let programs: BTreeSet<&String> = models.iter().flat_map(|it| &it.programs).collect();
        if let Some(first) = programs.first() {
            let more = match programs.len() - 1 {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            let line = format!("not read: what programs beside the resources do: {first}{more}");
            writeln!(world.errors, "{}", plain(line))?;
        }
    }
    if !report.problems.is_empty() {
        return Ok(FAILED);
    }
    let fails = report
        .findings
        .iter()
        .any(|finding| finding.counts() && settings.fail_on.fails(finding.severity));
    Ok(if fails { FOUND } else { CLEAN })
}

/// What is read, and with which variables.
pub(super) struct Inputs<'a> {
    pub(super) paths: &'a [PathBuf],
    pub(super) config_dir: Option<&'a Path>,
    pub(super) variables: &'a [VariableArg],
    pub(super) allow_empty: bool,
    /// The templates that governed resources render.
    pub(super) library: Arc<Library>,
    /// What is known about resource types.
    pub(super) catalogue: Arc<Catalogue>,
}

impl Inputs<'_> {
    /// Reads it.
    pub(super) fn read(&self, world: &mut World<'_>) -> Result<Vec<Model>, CommandError> {
        let given = self.variables.iter().map(|given| match given {
            VariableArg::File(path) => Ok(Given::File(world.folder.join(path))),
            VariableArg::Value(assignment) => match assignment.split_once('=') {
                Some((name, value)) => Ok(Given::Value(name.to_owned(), value.to_owned())),
                None => Err(CommandError::with_help(
                    format!("`--var {assignment}` gives no value"),
                    "write `--var name=value`",
                )),
            },
        });
        let given = given.collect::<Result<_, _>>()?;
        let options = Options {
            config_dir: self.config_dir.map(|path| world.folder.join(path)),
            given,
            environment: world.variables.clone(),
            allow_empty: self.allow_empty,
            library: Arc::clone(&self.library),
            catalogue: Arc::clone(&self.catalogue),
        };
        let default = [PathBuf::from(".")];
        let paths = if self.paths.is_empty() { &default[..] } else { self.paths };
        let paths: Vec<PathBuf> = paths.iter().map(|path| world.located(path)).collect();
        let mut stdin = || {
            let mut bytes = Vec::new();
            world.input.read_to_end(&mut bytes)?;
            Ok::<_, io::Error>(bytes)
        };
        Ok(input::read(&paths, &mut stdin, &options, &Disk))
    }
}

/// What leads from the working folder to the root module of a folder that was checked: `infra/`.
pub(super) fn prefix(input: &str, folder: &Path) -> String {
    let path = Path::new(input);
    if input == "-" || !folder.join(path).is_dir() {
        return String::new();
    }
    let shown = path.strip_prefix(folder).unwrap_or(path).display().to_string();
    let shown = shown.trim_end_matches('/').trim_start_matches("./");
    if shown.is_empty() || shown == "." { String::new() } else { format!("{shown}/") }
}

pub(super) fn problem_text(model: &Model, prefix: &str, problem: &ReadProblem) -> String {
    let mut text = match problem.span {
        Some(span) => {
            let place = locate::place(model, prefix, span);
            format!(
                "{}:{}:{}: {}",
                place.source.name, place.from.line, place.from.column, problem.message
            )
        }
        None => problem.message.clone(),
    };
    if let Some(help) = &problem.help {
        text.push_str("\n  help: ");
        text.push_str(help);
    }
    plain_lines(text)
}

/// Whoever reads the findings may stop when they have seen enough (`| head`); the verdict stands.
fn print(text: &str, world: &mut World<'_>) -> io::Result<()> {
    match world.output.write_all(text.as_bytes()).and_then(|()| world.output.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

pub(super) fn write_file(path: &Path, text: &str) -> Result<(), CommandError> {
    fs::write(path, text)
        .map_err(|error| CommandError::new(format!("cannot write `{}`: {error}", path.display())))
}
