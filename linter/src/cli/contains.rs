//! `nhi-lint contains`: the comparison of policies by itself, for every platform.

mod aws;
mod clouds;
mod detect;
mod print;
mod rules;

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use miette::{Diagnostic, SourceSpan};
use policy::json::{self, Node};
use policy::template::{Bound, Platform as Block, Template};
use policy::text::Text;
use policy::verdict::{Change, Comparison, Verdict};
use serde::Serialize;

use crate::rule::Roles;
use crate::source;

use super::args::{AnswerFormat, ContainsArgs, Platform, WorldArg};
use super::{CLEAN, CommandError, FOUND, World, settings};

/// Neither could be shown.
const UNDECIDED: u8 = 3;

/// What came of a comparison, whatever the platform.
struct Answer {
    open: Verdict,
    catalogue: Verdict,
    /// Where the inner side says it.
    inner: Option<Place>,
    /// What of the outer side comes nearest.
    outer: Option<Place>,
    change: Option<Change>,
}

/// An element of a file: a statement, a rule, a role.
#[derive(Clone, Serialize)]
struct Place {
    file: String,
    line: usize,
    /// What it is there: `statement 2`.
    element: String,
    /// The name that it gives itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
}

/// A file as it was read.
struct File {
    /// As the user typed it.
    name: String,
    text: String,
}

impl File {
    fn line(&self, offset: usize) -> usize {
        source::position(&self.text, offset).line
    }

    /// The elements of a JSON list, each with the place where it begins; of any other text the whole.
    fn items(&self) -> Vec<(usize, &str)> {
        if self.text.trim_start().starts_with('[')
            && let Ok(Node { value: json::Value::Array(items), .. }) =
                json::parse(&Text::literal(self.text.as_str()))
        {
            let slice = |item: &Node| {
                let start = item.span.offset();
                (start, self.text.get(start..start + item.span.len()).unwrap_or_default())
            };
            return items.iter().map(slice).collect();
        }
        vec![(0, self.text.as_str())]
    }

    /// The text that begins at `start` is not what it has to be. The place of the first problem is said, and the first advice.
    fn refuse<D: Diagnostic>(&self, start: usize, message: &str, problems: &[D]) -> CommandError {
        let spans =
            problems.iter().filter_map(|it| it.labels()?.next().map(|label| label.offset()));
        let line = spans.min().map(|at| self.line(start + at));
        let at = line.map(|line| format!(" (line {line})")).unwrap_or_default();
        CommandError::Refused {
            message: format!("`{}` is {message}{at}", self.name),
            help: problems.iter().find_map(Diagnostic::help).map(|help| help.to_string()),
        }
    }
}

/// The grants of one side, each with its place.
struct Side<G> {
    grants: Vec<G>,
    places: Vec<Option<Place>>,
}

impl<G> Default for Side<G> {
    fn default() -> Self {
        Self { grants: Vec::new(), places: Vec::new() }
    }
}

impl<G> Side<G> {
    /// The ceiling of a template. All its parameters have values by now.
    fn of_template(bound: &Bound<'_>, grants: Option<Vec<(G, Option<SourceSpan>)>>) -> Self {
        let file = &bound.template().place.file;
        let place = |span: SourceSpan| Place {
            file: file.name().to_owned(),
            line: source::position(file.inner(), span.offset()).line,
            element: "template".to_owned(),
            name: Some(bound.template().reference().to_string()),
        };
        let grants = grants.unwrap_or_default().into_iter();
        let (grants, places) = grants.map(|(grant, span)| (grant, span.map(place))).unzip();
        Self { grants, places }
    }
}

impl Answer {
    /// The answer of a platform other than AWS.
    fn of(
        comparison: Comparison,
        change: Option<Change>,
        inner: &[Option<Place>],
        outer: &[Option<Place>],
    ) -> Self {
        let place = |places: &[Option<Place>], index: Option<usize>| {
            index.and_then(|index| places.get(index)).cloned().flatten()
        };
        Self {
            inner: place(inner, comparison.inner),
            outer: place(outer, comparison.outer),
            open: comparison.open,
            catalogue: comparison.catalogue,
            change,
        }
    }
}

/// What one side is.
enum Outer<'a> {
    Files(Vec<File>),
    Template(Bound<'a>),
}

/// Runs the command.
pub(super) fn run(args: &ContainsArgs, world: &mut World<'_>) -> Result<u8, CommandError> {
    let library = match &args.template {
        Some(_) => Some(settings::published(&args.templates, world)?),
        None => None,
    };
    let given = settings::parameters(&args.parameters)?;
    let roles = match (args.platform, args.roles.is_empty()) {
        // The settings file is for who asks without flags; what is not asked about is not read.
        (None | Some(Platform::Gcp | Platform::Azure), _) | (_, false) => {
            let config = settings::config_of(None, None, world.folder, world.terminal)?;
            settings::roles(&args.roles, &config, world.folder)?
        }
        _ => Roles::default(),
    };
    let mut reader = Reader { world, stdin_taken: false };
    let inner = reader.all(&args.inner)?;
    let platform = args.platform.or_else(|| detect::all(&inner)).unwrap_or(Platform::Aws);
    refuse_flags(args, platform)?;
    for file in &inner {
        refuse_other(file, platform)?;
    }
    let template = match (&library, &args.template) {
        (Some(library), Some(name)) => Some(settings::named(library, name)?),
        _ => None,
    };
    let outer = if let Some(template) = template {
        Outer::Template(bind(template, &given, platform.of_template())?)
    } else {
        let files = reader.all(&args.outer)?;
        for file in &files {
            refuse_other(file, platform)?;
        }
        Outer::Files(files)
    };
    let answer = match platform {
        Platform::Aws => aws::answer(args, &inner, &outer, &mut reader)?,
        Platform::Gcp => clouds::google(&roles, &inner, &outer)?,
        Platform::Azure => clouds::microsoft(&roles, &inner, &outer)?,
        Platform::Vault => rules::vault(&inner, &outer)?,
        Platform::Github => rules::github(&inner, &outer)?,
        Platform::Kubernetes => rules::kubernetes(&inner, &outer)?,
    };
    let named = match &outer {
        Outer::Template(bound) => Some(print::Named {
            reference: bound.template().reference().to_string(),
            parameters: bound.values().clone(),
        }),
        Outer::Files(_) => None,
    };
    let verdict = match args.world {
        WorldArg::Open => &answer.open,
        WorldArg::Catalogue => &answer.catalogue,
    };
    match args.format {
        AnswerFormat::Json => print::json(args.world, verdict, &answer, named, world)?,
        AnswerFormat::Text => print::text(args.world, verdict, &answer, named.as_ref(), world)?,
    }
    Ok(match verdict {
        Verdict::Inside => CLEAN,
        Verdict::Outside(_) => FOUND,
        Verdict::Undecided(_) => UNDECIDED,
    })
}

/// The template with its parameters filled in, as far as this platform needs them.
fn bind<'a>(
    template: &'a Template,
    given: &BTreeMap<String, String>,
    platform: Block,
) -> Result<Bound<'a>, CommandError> {
    if !template.covers(platform) {
        // It allows nothing there, whatever its parameters are.
        let all = template.parameters.keys().cloned().collect();
        let (bound, errors) = template.bind_known(given, &all);
        return if errors.is_empty() { Ok(bound) } else { Err(settings::bad_parameters(&errors)) };
    }
    let bound = template.bind(given).map_err(|errors| settings::bad_parameters(&errors))?;
    let missing = bound.missing(platform);
    if missing.is_empty() { Ok(bound) } else { Err(settings::bad_parameters(&missing)) }
}

/// Boundaries and service control policies are AWS's.
fn refuse_flags(args: &ContainsArgs, platform: Platform) -> Result<(), CommandError> {
    let set = [
        ("--boundary", args.boundary.is_some()),
        ("--session", !args.session.is_empty()),
        ("--scp", !args.scp.is_empty()),
    ];
    match set.iter().find(|(_, set)| *set) {
        Some((flag, _)) if platform != Platform::Aws => Err(CommandError::with_help(
            format!("`{flag}` is for AWS policies, and this is {}", detect::title(platform)),
            format!("leave `{flag}` out, or say `--platform aws`"),
        )),
        _ => Ok(()),
    }
}

/// A file that is certain to be of another platform is a mistake, not an empty policy.
fn refuse_other(file: &File, platform: Platform) -> Result<(), CommandError> {
    match detect::one(&file.text) {
        Some(found) if found != platform => Err(CommandError::with_help(
            format!(
                "`{}` is {}, and the comparison is about {}",
                file.name,
                detect::content(found),
                detect::title(platform)
            ),
            format!("say `--platform {}`, or name another file", found.of_template().name()),
        )),
        _ => Ok(()),
    }
}

/// Files and, at most once, standard input.
struct Reader<'a, 'w> {
    world: &'a mut World<'w>,
    stdin_taken: bool,
}

impl Reader<'_, '_> {
    fn all(&mut self, paths: &[std::path::PathBuf]) -> Result<Vec<File>, CommandError> {
        paths.iter().map(|path| self.one(path)).collect()
    }

    fn one(&mut self, path: &Path) -> Result<File, CommandError> {
        let name = path.display().to_string();
        if name != "-" {
            let folder = self.world.folder;
            return Ok(File { text: settings::read(&folder.join(path), folder)?, name });
        }
        if std::mem::replace(&mut self.stdin_taken, true) {
            return Err(CommandError::with_help(
                "`-` is given twice, and standard input can be read once",
                "put one of the policies into a file",
            ));
        }
        let mut bytes = Vec::new();
        io::Read::read_to_end(&mut self.world.input, &mut bytes)
            .and_then(|_| settings::decoded(bytes))
            .map_err(|error| CommandError::new(format!("cannot read standard input: {error}")))
            .map(|text| File { name: "standard input".to_owned(), text })
    }
}
