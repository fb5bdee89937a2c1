//! The command line: what may be said, and which command answers.
//!
//! `run` is the whole program without the process: arguments, clock, folder and streams are passed in, so that tests
//! run it as users do.

mod check;
mod contains;
mod explain;
mod settings;
mod template;

use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use clap::{Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand, ValueEnum};
use jiff::Timestamp;

use crate::finding::Severity;

/// What the program sees of the world outside.
pub struct World<'a> {
    /// The folder that relative paths start from.
    pub folder: &'a Path,
    /// `TF_VAR_…` of the environment, without the prefix, in the order of their names.
    pub variables: Vec<(String, String)>,
    /// Standard input.
    pub input: &'a mut dyn Read,
    /// Findings, and answers to questions.
    pub output: &'a mut dyn Write,
    /// Everything else.
    pub errors: &'a mut dyn Write,
    /// The clock, read once.
    pub now: Timestamp,
    /// What standard output is.
    pub terminal: Terminal,
}

/// How much standard output can show.
#[derive(Clone, Copy, Debug)]
pub struct Terminal {
    /// Whether a person looks at it.
    pub interactive: bool,
    /// Whether it may have colours and links.
    pub colour: bool,
    /// Columns.
    pub width: usize,
}

/// Why a command could not do its work. The text is what the user sees.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CommandError {
    /// The user has to change something; the message is complete.
    #[error("{message}")]
    Refused {
        /// A lowercase phrase.
        message: String,
        /// What to do about it.
        help: Option<String>,
    },
    /// A diagnostic with a place, already rendered.
    #[error("{0}")]
    Rendered(String),
    /// A stream broke.
    #[error("cannot write: {0}")]
    Stream(#[from] io::Error),
}

impl CommandError {
    /// A refusal without advice.
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self::Refused { message: message.into(), help: None }
    }

    /// A refusal with advice.
    pub(crate) fn with_help(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::Refused { message: message.into(), help: Some(help.into()) }
    }
}

/// The run was clean.
pub(crate) const CLEAN: u8 = 0;
/// There are findings.
pub(crate) const FOUND: u8 = 1;
/// The run itself failed.
pub(crate) const FAILED: u8 = 2;

/// Finds machine identities outside their least-privilege templates, in configuration, plans and state.
#[derive(Debug, Parser)]
#[command(
    name = "nhi-lint",
    version,
    about,
    disable_help_subcommand = true,
    args_conflicts_with_subcommands = true
)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    check: CheckArgs,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Check configuration folders, plan files and plan JSON (the default command).
    Check(CheckArgs),
    /// Ask whether one policy, or one template, allows everything that another policy allows.
    Contains(ContainsArgs),
    /// Explain a rule: why it exists, what fails, what passes, how to fix it.
    Explain {
        /// A code (`TPL001`) or a name (`outside-template`).
        code: String,
    },
    /// List the rules.
    Rules {
        /// How to print them.
        #[arg(long, value_enum, default_value_t = RulesFormat::Text)]
        format: RulesFormat,
    },
    /// Work on template files.
    Template {
        #[command(subcommand)]
        command: TemplateCommand,
    },
    /// Print a completion script for a shell.
    Completions {
        /// The shell.
        shell: Shell,
    },
}

/// Arguments of `check`.
#[derive(Args, Debug, Default)]
pub(crate) struct CheckArgs {
    /// Folders, plan files, plan JSON; `-` for standard input. Default: the current folder.
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Template files (`*.nhi.hcl`), or folders of them.
    #[arg(long, value_name = "PATH")]
    pub(crate) templates: Vec<PathBuf>,
    /// A file with the `owner` blocks of the owners directory.
    #[arg(long, value_name = "FILE")]
    pub(crate) owners: Option<PathBuf>,
    /// Settings. Default: the next `.nhi-lint.hcl` above the first path.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// The configuration that a plan JSON was made from. Default: its own folder.
    #[arg(long, value_name = "DIR")]
    pub(crate) config_dir: Option<PathBuf>,
    /// pretty, concise, json or sarif, optionally with a file to write to.
    #[arg(long, value_name = "FORMAT[=FILE]", value_parser = OutputArg::parse)]
    pub(crate) format: Vec<OutputArg>,
    /// Only these rules: codes, names or prefixes, separated by commas.
    #[arg(long, value_name = "CODES", value_delimiter = ',')]
    pub(crate) select: Vec<String>,
    /// Not these rules.
    #[arg(long, value_name = "CODES", value_delimiter = ',')]
    pub(crate) ignore: Vec<String>,
    /// The least severity that makes the exit code 1.
    #[arg(long, value_name = "SEVERITY", value_enum)]
    pub(crate) fail_on: Option<FailOn>,
    /// The time that expiries are compared with. Default: the clock.
    #[arg(long, value_name = "RFC3339")]
    pub(crate) now: Option<Timestamp>,
    /// A value for a variable of the root module.
    #[arg(long = "var", value_name = "NAME=VALUE")]
    pub(crate) variables: Vec<String>,
    /// A `.tfvars` or `.tfvars.json` file.
    #[arg(long = "var-file", value_name = "FILE")]
    pub(crate) variable_files: Vec<PathBuf>,
    /// A folder without configuration is clean.
    #[arg(long)]
    pub(crate) allow_empty: bool,
}

/// Arguments of `contains`.
#[derive(Args, Debug)]
pub(crate) struct ContainsArgs {
    /// The policy that must stay inside.
    #[arg(long, value_name = "FILE")]
    pub(crate) inner: PathBuf,
    /// The policy that it must stay inside of.
    #[arg(
        long,
        value_name = "FILE",
        required_unless_present = "template",
        conflicts_with = "template"
    )]
    pub(crate) outer: Option<PathBuf>,
    /// The platform whose rules decide.
    #[arg(long, value_enum, default_value_t = Platform::Aws)]
    pub(crate) platform: Platform,
    /// A template instead of a policy: `name@1.2.0` or `name@1`.
    #[arg(long, value_name = "REF", requires = "templates")]
    pub(crate) template: Option<String>,
    /// A parameter of the template.
    #[arg(long = "param", value_name = "NAME=VALUE", requires = "template")]
    pub(crate) parameters: Vec<String>,
    /// Template files (`*.nhi.hcl`), or folders of them.
    #[arg(long, value_name = "PATH", requires = "template")]
    pub(crate) templates: Vec<PathBuf>,
    /// How to answer.
    #[arg(long, value_enum, default_value_t = AnswerFormat::Text)]
    pub(crate) format: AnswerFormat,
}

#[derive(Debug, Subcommand)]
enum TemplateCommand {
    /// Read template files and report every mistake in them.
    Check {
        /// Template files (`*.nhi.hcl`), or folders of them.
        #[arg(value_name = "PATH", required = true)]
        paths: Vec<PathBuf>,
    },
}

/// One `--format`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OutputArg {
    /// How.
    pub(crate) format: crate::report::Format,
    /// Where; None: standard output.
    pub(crate) file: Option<PathBuf>,
}

impl OutputArg {
    /// Reads `FORMAT[=FILE]`.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let (name, file) = match text.split_once('=') {
            Some((_, "")) => return Err("there is no file name after `=`".to_owned()),
            Some((name, file)) => (name, Some(PathBuf::from(file))),
            None => (text, None),
        };
        let format = crate::report::Format::from_name(name).ok_or_else(|| {
            format!("there is no format `{name}`; there are pretty, concise, json and sarif")
        })?;
        Ok(Self { format, file })
    }
}

/// The least severity that fails a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    /// Only errors.
    Error,
    /// Warnings and errors.
    Warning,
    /// Anything.
    Info,
    /// Nothing.
    Never,
}

impl FailOn {
    /// Whether a finding of this severity fails the run.
    pub(crate) fn fails(self, severity: Severity) -> bool {
        match self {
            Self::Error => severity >= Severity::Error,
            Self::Warning => severity >= Severity::Warning,
            Self::Info => true,
            Self::Never => false,
        }
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum RulesFormat {
    /// One line a rule.
    Text,
    /// An array of objects.
    Json,
    /// The table of `RULES.md`.
    Markdown,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum AnswerFormat {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// Platforms whose policies `contains` decides.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Platform {
    /// IAM policy documents.
    Aws,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Shell {
    Bash,
    Elvish,
    Fish,
    Powershell,
    Zsh,
}

/// Runs the program; the result is the exit code.
pub fn run(arguments: impl IntoIterator<Item = OsString>, mut world: World<'_>) -> u8 {
    let command = Cli::command().term_width(world.terminal.width);
    let parsed =
        command.try_get_matches_from(arguments).and_then(|found| Cli::from_arg_matches(&found));
    let result = match parsed {
        Ok(cli) => dispatch(cli, &mut world),
        Err(error) => usage(&error, &mut world),
    };
    match result {
        Ok(code) => code,
        // Whoever reads the findings has seen enough, as with `| head`.
        Err(CommandError::Stream(error)) if error.kind() == io::ErrorKind::BrokenPipe => CLEAN,
        Err(error) => {
            // If standard error is gone as well, the exit code is all that is left to say it with.
            let _ = complain(&error, &mut world);
            FAILED
        }
    }
}

fn dispatch(cli: Cli, world: &mut World<'_>) -> Result<u8, CommandError> {
    match cli.command {
        None => check::run(&cli.check, world),
        Some(Command::Check(args)) => check::run(&args, world),
        Some(Command::Contains(args)) => contains::run(&args, world),
        Some(Command::Explain { code }) => explain::explain(&code, world),
        Some(Command::Rules { format }) => explain::list(format, world),
        Some(Command::Template { command: TemplateCommand::Check { paths } }) => {
            template::check(&paths, world)
        }
        Some(Command::Completions { shell }) => completions(shell, world),
    }
}

/// Help and version are answers; anything else that clap says is a mistake in the command line.
fn usage(error: &clap::Error, world: &mut World<'_>) -> Result<u8, CommandError> {
    let text = error.render();
    let text = if world.terminal.colour { text.ansi().to_string() } else { text.to_string() };
    if error.use_stderr() {
        world.errors.write_all(text.as_bytes())?;
        return Ok(FAILED);
    }
    world.output.write_all(text.as_bytes())?;
    Ok(CLEAN)
}

fn complain(error: &CommandError, world: &mut World<'_>) -> io::Result<()> {
    match error {
        CommandError::Refused { message, help } => {
            writeln!(world.errors, "error: {message}")?;
            match help {
                Some(help) => writeln!(world.errors, "  help: {help}"),
                None => Ok(()),
            }
        }
        CommandError::Rendered(text) => world.errors.write_all(text.as_bytes()),
        CommandError::Stream(error) => writeln!(world.errors, "error: cannot write: {error}"),
    }
}

fn completions(shell: Shell, world: &mut World<'_>) -> Result<u8, CommandError> {
    let shell = match shell {
        Shell::Bash => clap_complete::Shell::Bash,
        Shell::Elvish => clap_complete::Shell::Elvish,
        Shell::Fish => clap_complete::Shell::Fish,
        Shell::Powershell => clap_complete::Shell::PowerShell,
        Shell::Zsh => clap_complete::Shell::Zsh,
    };
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "nhi-lint", &mut script);
    world.output.write_all(&script)?;
    Ok(CLEAN)
}

impl World<'_> {
    /// A path as it is opened. Paths stay as they were typed where that works, because messages repeat them.
    fn located(&self, path: &Path) -> PathBuf {
        let here = std::env::current_dir().is_ok_and(|current| current == self.folder);
        if here || path.as_os_str() == "-" { path.to_owned() } else { self.folder.join(path) }
    }
}
