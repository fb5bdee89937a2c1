//! What the command line and `.nhi-lint.hcl` say together: the command line wins, the file fills in.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use miette::Diagnostic;
use policy::governance::Keys;
use policy::template::{Library, ParameterError, Template};
use policy::{azure, gcp};

use crate::catalogue::Catalogue;
use crate::config::{self, Config};
use crate::input::files::reason;
use crate::lint::Selected;
use crate::report::Format;
use crate::rule::{Known, Roles, Rule};
use crate::rules;

use super::args::{CheckArgs, FailOn, OutputArg, RolesArgs};
use super::{CommandError, Terminal, World};

/// How template files end.
const TEMPLATE: &str = ".nhi.hcl";

/// Settings of a check, complete.
#[derive(Debug)]
pub(super) struct Settings {
    /// Templates, owners, caps, and what roles consist of.
    pub(super) known: Known,
    /// The rules that run.
    pub(super) rules: Vec<Selected>,
    /// The least severity that fails the run.
    pub(super) fail_on: FailOn,
    /// Formats and files.
    pub(super) outputs: Vec<OutputArg>,
    /// The metadata keys that are read.
    pub(super) keys: Keys,
    /// What is known about resource types.
    pub(super) catalogue: Arc<Catalogue>,
}

impl Settings {
    /// Reads the settings file and the templates.
    pub(super) fn new(
        args: &CheckArgs,
        folder: &Path,
        terminal: Terminal,
    ) -> Result<Self, CommandError> {
        let first = args.paths.first().map(PathBuf::as_path);
        let config = config_of(args.config.as_deref(), first, folder, terminal)?;
        let mut paths: Vec<PathBuf> = if args.templates.is_empty() {
            config.templates.clone()
        } else {
            args.templates.iter().map(|path| folder.join(path)).collect()
        };
        paths.extend(
            args.owners.as_ref().map(|path| folder.join(path)).or_else(|| config.owners.clone()),
        );
        let known = Known {
            library: Arc::new(library(&paths, folder, terminal)?),
            roles: roles(&args.roles, &config, folder)?,
        };
        let mut outputs =
            if args.format.is_empty() { config.format.clone() } else { args.format.clone() };
        if outputs.is_empty() {
            let format = if terminal.interactive { Format::Pretty } else { Format::Concise };
            outputs.push(OutputArg { format, file: None });
        }
        if outputs.iter().filter(|output| output.file.is_none()).count() > 1 {
            return Err(CommandError::with_help(
                "two formats cannot share standard output",
                "give all but one of them a file: `--format sarif=nhi.sarif`",
            ));
        }
        Ok(Self {
            known,
            rules: rules_of(args, &config)?,
            fail_on: args.fail_on.or(config.fail_on).unwrap_or(FailOn::Error),
            outputs,
            keys: config.keys,
            catalogue: config.catalogue,
        })
    }
}

fn rules_of(args: &CheckArgs, config: &Config) -> Result<Vec<Selected>, CommandError> {
    let selected =
        if args.select.is_empty() { config.select.clone() } else { Some(resolve(&args.select)?) };
    let ignored =
        if args.ignore.is_empty() { config.ignore.clone() } else { resolve(&args.ignore)? };
    let is = |list: &[&'static Rule], rule: &Rule| list.iter().any(|other| other.code == rule.code);
    let runs = |rule: &&&'static Rule| {
        selected.as_ref().is_none_or(|list| is(list, rule)) && !is(&ignored, rule)
    };
    let weigh = |rule: &'static Rule| {
        let said = config.severity.iter().rev().find(|(other, _)| other.code == rule.code);
        Selected { rule, severity: said.map_or(rule.severity, |(_, severity)| *severity) }
    };
    Ok(rules::RULES.iter().filter(runs).map(|rule| weigh(rule)).collect())
}

fn resolve(selectors: &[String]) -> Result<Vec<&'static Rule>, CommandError> {
    let mut found = Vec::new();
    for selector in selectors {
        let rules = rules::matching(selector.trim());
        if rules.is_empty() {
            let message = format!("there is no rule `{selector}`");
            return Err(CommandError::with_help(message, config::no_rule_help(selector)));
        }
        found.extend(rules);
    }
    Ok(found)
}

/// The settings file that is named, or the next one above the first path.
pub(super) fn config_of(
    named: Option<&Path>,
    first: Option<&Path>,
    folder: &Path,
    terminal: Terminal,
) -> Result<Config, CommandError> {
    let path = match named {
        Some(path) => Some(folder.join(path)),
        None => search(first, folder),
    };
    let Some(path) = path else { return Ok(Config::default()) };
    let text = read(&path, folder)?;
    let name = shown(&path, folder);
    let parent = path.parent().unwrap_or(folder);
    config::parse(&name, &text, parent).map_err(|errors| rendered(&errors, terminal))
}

/// The templates at some paths; those that the next settings file above the working folder names where there are none.
pub(super) fn published(paths: &[PathBuf], world: &World<'_>) -> Result<Library, CommandError> {
    let folder = world.folder;
    let mut paths: Vec<PathBuf> = paths.iter().map(|path| folder.join(path)).collect();
    if paths.is_empty() {
        paths = config_of(None, None, folder, world.terminal)?.templates;
    }
    if paths.is_empty() {
        return Err(CommandError::with_help(
            "no templates are loaded",
            "say where they are with `--templates`, or `templates` in `.nhi-lint.hcl`",
        ));
    }
    library(&paths, folder, world.terminal)
}

/// What roles consist of: the exports that the command line names, else those of the settings.
pub(super) fn roles(
    args: &RolesArgs,
    config: &Config,
    folder: &Path,
) -> Result<Roles, CommandError> {
    let paths = |said: &[PathBuf], config: &[PathBuf]| -> Vec<PathBuf> {
        if said.is_empty() {
            return config.to_vec();
        }
        said.iter().map(|path| folder.join(path)).collect()
    };
    let refuse = |path: &Path, error: &dyn Diagnostic| CommandError::Refused {
        message: format!("`{}` is no export of roles: {error}", shown(path, folder)),
        help: error.help().map(|help| help.to_string()),
    };
    let mut roles = Roles::default();
    for path in paths(&args.gcp_roles, &config.gcp_roles) {
        let read = gcp::Roles::parse(&read(&path, folder)?).map_err(|it| refuse(&path, &it))?;
        roles.gcp.extend(&read);
    }
    for path in paths(&args.azure_roles, &config.azure_roles) {
        let read = azure::Roles::parse(&read(&path, folder)?).map_err(|it| refuse(&path, &it))?;
        roles.azure.extend(read);
    }
    Ok(roles)
}

/// The template of that reference.
pub(super) fn named<'a>(library: &'a Library, name: &str) -> Result<&'a Template, CommandError> {
    library.find(name).map_err(|error| {
        let help = error.help().map(|help| help.to_string());
        CommandError::Refused { message: error.to_string(), help }
    })
}

/// Parameters as `--param name=value` states them.
pub(super) fn parameters(stated: &[String]) -> Result<BTreeMap<String, String>, CommandError> {
    let mut given = BTreeMap::new();
    for parameter in stated {
        let Some((key, value)) = parameter.split_once('=') else {
            return Err(CommandError::with_help(
                format!("`--param {parameter}` gives no value"),
                "write `--param name=value`",
            ));
        };
        if given.insert(key.to_owned(), value.to_owned()).is_some() {
            return Err(CommandError::with_help(
                format!("`--param {key}` is given twice"),
                "a parameter has one value",
            ));
        }
    }
    Ok(given)
}

/// What is wrong with parameters, as a refusal.
pub(super) fn bad_parameters(errors: &[ParameterError]) -> CommandError {
    let all: Vec<String> = errors.iter().map(ToString::to_string).collect();
    let only = match errors {
        [error] if !matches!(error, ParameterError::Missing { .. }) => {
            error.help().map(|help| help.to_string())
        }
        _ => None,
    };
    let help = only.unwrap_or_else(|| "state parameters with `--param name=value`".to_owned());
    CommandError::with_help(all.join("; "), help)
}

fn search(first: Option<&Path>, folder: &Path) -> Option<PathBuf> {
    let start = match first {
        Some(path) if path.as_os_str() != "-" => folder.join(path),
        _ => folder.to_owned(),
    };
    let start = start.canonicalize().unwrap_or(start);
    start.ancestors().map(|above| above.join(config::NAME)).find(|path| path.is_file())
}

/// Reads template files and folders of them; any mistake in any of them ends the run.
pub(super) fn library(
    paths: &[PathBuf],
    folder: &Path,
    terminal: Terminal,
) -> Result<Library, CommandError> {
    let files = template_files(paths, folder)?;
    let (library, errors) = Library::parse(&files);
    if errors.is_empty() { Ok(library) } else { Err(rendered(&errors, terminal)) }
}

/// The template files at some paths, with their texts, in the order of their names.
pub(super) fn template_files(
    paths: &[PathBuf],
    folder: &Path,
) -> Result<Vec<(String, String)>, CommandError> {
    let mut files: Vec<PathBuf> = Vec::new();
    for path in paths {
        if path.is_dir() {
            let before = files.len();
            collect(path, &[TEMPLATE], &mut files)
                .map_err(|error| cannot_read(path, folder, &error))?;
            if files.len() == before {
                return Err(CommandError::with_help(
                    format!("no template in `{}`", shown(path, folder)),
                    "templates are in files that end in `.nhi.hcl`",
                ));
            }
        } else {
            files.push(path.clone());
        }
    }
    texts(files, folder)
}

/// The files at some paths whose names end in one of these ways, with their texts. Other files that are named are left out.
pub(super) fn files(
    paths: &[PathBuf],
    folder: &Path,
    suffixes: &[&str],
) -> Result<Vec<(String, String)>, CommandError> {
    let mut files: Vec<PathBuf> = Vec::new();
    for path in paths {
        if path.is_dir() {
            collect(path, suffixes, &mut files)
                .map_err(|error| cannot_read(path, folder, &error))?;
        } else if suffixes.iter().any(|suffix| path.to_string_lossy().ends_with(suffix)) {
            files.push(path.clone());
        }
    }
    texts(files, folder)
}

fn texts(mut files: Vec<PathBuf>, folder: &Path) -> Result<Vec<(String, String)>, CommandError> {
    files.dedup();
    files.into_iter().map(|path| Ok((shown(&path, folder), read(&path, folder)?))).collect()
}

fn collect(folder: &Path, suffixes: &[&str], files: &mut Vec<PathBuf>) -> io::Result<()> {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<io::Result<_>>()?;
    entries.sort();
    for path in entries {
        let name =
            path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if name.starts_with('.') {
            continue;
        }
        if path.is_dir() {
            collect(&path, suffixes, files)?;
        } else if suffixes.iter().any(|suffix| name.ends_with(suffix)) {
            files.push(path);
        }
    }
    Ok(())
}

/// A text file, with the reason if it cannot be read.
pub(super) fn read(path: &Path, folder: &Path) -> Result<String, CommandError> {
    fs::read(path).and_then(decoded).map_err(|error| cannot_read(path, folder, &error))
}

/// Text as editors and shells write it, with or without a byte order mark.
pub(super) fn decoded(bytes: Vec<u8>) -> io::Result<String> {
    let broken = |error: String| io::Error::new(io::ErrorKind::InvalidData, error);
    let bytes = crate::input::utf8(bytes).map_err(|error| broken(error.to_owned()))?;
    String::from_utf8(bytes).map_err(|_| broken("it is not UTF-8".to_owned()))
}

fn cannot_read(path: &Path, folder: &Path, error: &io::Error) -> CommandError {
    CommandError::new(format!("cannot read `{}`: {}", shown(path, folder), reason(error)))
}

/// A path as the user would type it.
fn shown(path: &Path, folder: &Path) -> String {
    path.strip_prefix(folder).unwrap_or(path).display().to_string()
}

pub(super) fn rendered<D: Diagnostic>(errors: &[D], terminal: Terminal) -> CommandError {
    let handler = crate::report::handler(terminal);
    let mut out = String::new();
    for error in errors {
        if handler.render_report(&mut out, error).is_err() {
            out.push_str(&error.to_string());
        }
        out.push('\n');
    }
    CommandError::Rendered(out)
}
