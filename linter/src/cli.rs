//! The command line: what may be said, and which command answers.
//!
//! `run` is the whole program without the process: arguments, clock, folder and streams are passed in, so that tests
//! run it as users do.

pub(crate) mod args;
mod check;
mod contains;
mod discover;
mod explain;
mod settings;
mod template;
mod variables;

use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand, ValueEnum};
use jiff::Timestamp;

use args::{CheckArgs, ContainsArgs, DiscoverArgs, RulesFormat, TemplateCommand};

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
    /// Check configuration folders, plans and states (the default command).
    Check(CheckArgs),
    /// Ask whether one policy, or one template, allows everything that another policy allows.
    Contains(ContainsArgs),
    /// Show the machine identities of configuration, plans and states: what each may do, who uses it, who answers for it.
    Discover(DiscoverArgs),
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
        Some(Command::Discover(args)) => discover::run(&args, world),
        Some(Command::Explain { code }) => explain::explain(&code, world),
        Some(Command::Rules { format }) => explain::list(format, world),
        Some(Command::Template { command }) => template::run(&command, world),
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
