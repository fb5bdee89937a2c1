//! The arguments of the commands, as the command line takes them.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use jiff::Timestamp;

use super::variables::VariableArgs;
use crate::finding::Severity;

/// Arguments of `check`.
#[derive(Args, Debug, Default)]
pub(crate) struct CheckArgs {
    /// Folders, plan files, plan JSON, states; `-` for standard input. Default: the current folder.
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
    #[arg(long, value_name = "RFC3339", value_parser = time)]
    pub(crate) now: Option<Timestamp>,
    #[command(flatten)]
    pub(crate) variables: VariableArgs,
    #[command(flatten)]
    pub(crate) roles: RolesArgs,
    /// A folder without configuration is clean.
    #[arg(long)]
    pub(crate) allow_empty: bool,
}

fn time(text: &str) -> Result<Timestamp, &'static str> {
    text.parse().map_err(|_| "write a time such as `2026-11-30T12:00:00Z`")
}

/// Arguments of `contains`.
#[derive(Args, Debug)]
pub(crate) struct ContainsArgs {
    /// A policy that must stay inside; several count together, as policies that are attached to one identity do. `-` for
    /// standard input.
    #[arg(long, value_name = "FILE", required = true)]
    pub(crate) inner: Vec<PathBuf>,
    /// A policy that it must stay inside of; several count together.
    #[arg(
        long,
        value_name = "FILE",
        required_unless_present = "template",
        conflicts_with = "template"
    )]
    pub(crate) outer: Vec<PathBuf>,
    /// The platform whose rules decide. Default: what the content of the `--inner` files is certain to be, else aws.
    #[arg(long, value_enum)]
    pub(crate) platform: Option<Platform>,
    /// A template instead of a policy: `name@1.2.0` or `name@1`.
    #[arg(long, value_name = "REF")]
    pub(crate) template: Option<String>,
    /// A parameter of the template.
    #[arg(long = "param", value_name = "NAME=VALUE", requires = "template")]
    pub(crate) parameters: Vec<String>,
    /// Template files (`*.nhi.hcl`), or folders of them. Default: those of the next `.nhi-lint.hcl`.
    #[arg(long, value_name = "PATH", requires = "template")]
    pub(crate) templates: Vec<PathBuf>,
    /// The permissions boundary of the inner side (aws).
    #[arg(long, value_name = "FILE")]
    pub(crate) boundary: Option<PathBuf>,
    /// The session policy of the inner side (aws).
    #[arg(long, value_name = "FILE")]
    pub(crate) session: Vec<PathBuf>,
    /// The service control policies of one level above the inner side (aws), the root's first: one policy, or a JSON list of
    /// policies that are attached to the same level.
    #[arg(long, value_name = "FILE")]
    pub(crate) scp: Vec<PathBuf>,
    /// The world whose verdict is the answer: every action that AWS could ever add, or those that exist today.
    #[arg(long, value_enum, default_value_t = WorldArg::Open)]
    pub(crate) world: WorldArg,
    #[command(flatten)]
    pub(crate) roles: RolesArgs,
    /// How to answer.
    #[arg(long, value_enum, default_value_t = AnswerFormat::Text)]
    pub(crate) format: AnswerFormat,
}

/// Arguments of `discover`.
#[derive(Args, Debug)]
pub(crate) struct DiscoverArgs {
    /// Folders, plan files, plan JSON, states; `-` for standard input. Default: the current folder.
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// How to show them.
    #[arg(long, value_enum, default_value_t = DiscoverFormat::Text)]
    pub(crate) format: DiscoverFormat,
    /// Template files (`*.nhi.hcl`), or folders of them: which of them each identity fits.
    #[arg(long, value_name = "PATH")]
    pub(crate) templates: Vec<PathBuf>,
    /// Settings. Default: the next `.nhi-lint.hcl` above the first path.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// The configuration that a plan JSON was made from. Default: its own folder.
    #[arg(long, value_name = "DIR")]
    pub(crate) config_dir: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) variables: VariableArgs,
}

/// The forms of `discover`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum DiscoverFormat {
    /// For people: a paragraph for each identity.
    Text,
    /// For programs.
    Json,
    /// For spreadsheets: a row for each identity.
    Csv,
    /// For Graphviz.
    Dot,
    /// To adopt what exists: governed resources, with blanks for what only a person can say.
    Hcl,
}

/// What roles consist of.
#[derive(Args, Debug, Default)]
pub(crate) struct RolesArgs {
    /// What Google Cloud roles consist of: `gcloud iam roles describe ROLE --format=json`, or a list of these.
    #[arg(long, value_name = "FILE")]
    pub(crate) gcp_roles: Vec<PathBuf>,
    /// What Azure roles consist of: `az role definition list -o json`.
    #[arg(long, value_name = "FILE")]
    pub(crate) azure_roles: Vec<PathBuf>,
}

impl RolesArgs {
    /// Whether the command line says nothing about roles.
    pub(crate) fn is_empty(&self) -> bool {
        self.gcp_roles.is_empty() && self.azure_roles.is_empty()
    }
}

/// What can be done with templates.
#[derive(Debug, Subcommand)]
pub(crate) enum TemplateCommand {
    /// Read template files and report every mistake in them.
    Check {
        /// Template files (`*.nhi.hcl`), or folders of them.
        #[arg(value_name = "PATH", required = true)]
        paths: Vec<PathBuf>,
    },
    /// Print the digest of every template.
    Digest {
        /// Template files (`*.nhi.hcl`), or folders of them.
        #[arg(value_name = "PATH", required = true)]
        paths: Vec<PathBuf>,
    },
    /// Run the tests that templates carry (`*.nhitest.hcl`).
    Test(TestArgs),
    /// Show a template: what it is for, its parameters, and the documents that come of it.
    Show(ShowArgs),
    /// Draft the least-privilege templates of what a plan or a configuration grants.
    Suggest(SuggestArgs),
}

/// Arguments of `template test`.
#[derive(Args, Debug)]
pub(crate) struct TestArgs {
    /// Files of tests and templates, or folders of them.
    #[arg(value_name = "PATH", required = true)]
    pub(crate) paths: Vec<PathBuf>,
    /// Further template files, or folders of them.
    #[arg(long, value_name = "PATH")]
    pub(crate) templates: Vec<PathBuf>,
    /// How to answer.
    #[arg(long, value_enum, default_value_t = AnswerFormat::Text)]
    pub(crate) format: AnswerFormat,
}

/// Arguments of `template show`.
#[derive(Args, Debug)]
pub(crate) struct ShowArgs {
    /// The template: `name@1.2.0` or `name@1`.
    #[arg(value_name = "REF")]
    pub(crate) template: String,
    /// Template files (`*.nhi.hcl`), or folders of them. Default: those of the next `.nhi-lint.hcl`.
    #[arg(long, value_name = "PATH")]
    pub(crate) templates: Vec<PathBuf>,
    /// A parameter of the template. With all of them the documents are shown as an identity would get them.
    #[arg(long = "param", value_name = "NAME=VALUE")]
    pub(crate) parameters: Vec<String>,
    /// How to answer.
    #[arg(long, value_enum, default_value_t = AnswerFormat::Text)]
    pub(crate) format: AnswerFormat,
}

/// Arguments of `template suggest`.
#[derive(Args, Debug)]
pub(crate) struct SuggestArgs {
    /// Folders, plan files, plan JSON, states; `-` for standard input. Default: the current folder.
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// The name of the template. Default: that of the identity, one template for each.
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// Also write tests of the drafts into this file: each identity on AWS that is known in full is inside.
    #[arg(long, value_name = "FILE")]
    pub(crate) tests: Option<PathBuf>,
    /// Only the identities that these resources make.
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) identity: Vec<String>,
    /// The configuration that a plan JSON was made from. Default: its own folder.
    #[arg(long, value_name = "DIR")]
    pub(crate) config_dir: Option<PathBuf>,
    /// Settings. Default: the next `.nhi-lint.hcl` above the first path.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) variables: VariableArgs,
    #[command(flatten)]
    pub(crate) roles: RolesArgs,
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Platform {
    /// IAM policy documents.
    Aws,
    /// Google Cloud: roles, and IAM policies.
    Gcp,
    /// Azure: role definitions, and role assignments.
    Azure,
    /// Kubernetes: manifests of roles and bindings.
    Kubernetes,
    /// Vault and OpenBao: ACL policies.
    Vault,
    /// GitHub: token permissions.
    Github,
}

impl Platform {
    /// The name in templates and messages.
    pub(crate) fn of_template(self) -> policy::template::Platform {
        match self {
            Self::Aws => policy::template::Platform::Aws,
            Self::Gcp => policy::template::Platform::Gcp,
            Self::Azure => policy::template::Platform::Azure,
            Self::Kubernetes => policy::template::Platform::Kubernetes,
            Self::Vault => policy::template::Platform::Vault,
            Self::Github => policy::template::Platform::GitHub,
        }
    }
}

/// Over which actions a verdict holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum WorldArg {
    /// Every action that the platform could ever add.
    Open,
    /// Those that exist today.
    Catalogue,
}
