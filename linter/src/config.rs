//! `.nhi-lint.hcl`: the command line's settings in a file, first as written (with places), then valid.
//!
//! ```hcl
//! templates = ["platform/templates"]
//! owners    = "platform/owners.nhi.hcl"
//! gcp_roles = ["exports/gcp-roles.json"]      # gcloud iam roles describe … --format=json
//! azure_roles = ["exports/azure-roles.json"]  # az role definition list -o json
//! select    = ["ALL"]
//! ignore    = ["PUR002"]
//! fail_on   = "warning"
//! severity  = { EXP003 = "warning" }
//!
//! metadata {
//!   owner   = ["Team"]            # further keys that hold the owner
//!   purpose = ["Description"]
//! }
//!
//! catalogue "acme_robot" {        # a resource type that the catalogue does not know
//!   like     = "aws_iam_user"
//!   metadata = ["labels"]
//! }
//!
//! harmless "acme_robot_arm" {     # one that only looks like an identity
//!   reason = "a piece of hardware that proves nothing"
//! }
//! ```

mod catalogue;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use hcl_edit::Span as _;
use hcl_edit::expr::{Expression, ObjectKey};
use hcl_edit::structure::{Attribute, Block, Body, Structure};
use miette::{Diagnostic, NamedSource, SourceSpan};
use policy::governance::metadata::{Fact, Keys, Style};
use policy::template::nearest;
use thiserror::Error;

use crate::catalogue::Catalogue;
use crate::cli::args::{FailOn, OutputArg};
use crate::finding::Severity;
use crate::rule::Rule;
use crate::rules;

/// The file's name.
pub(crate) const NAME: &str = ".nhi-lint.hcl";

/// Settings that were found good.
#[derive(Clone, Debug, Default)]
pub(crate) struct Config {
    /// Template files and folders.
    pub(crate) templates: Vec<PathBuf>,
    /// The owners directory.
    pub(crate) owners: Option<PathBuf>,
    /// What Google Cloud roles consist of.
    pub(crate) gcp_roles: Vec<PathBuf>,
    /// What Azure roles consist of.
    pub(crate) azure_roles: Vec<PathBuf>,
    /// Only these rules; None: all.
    pub(crate) select: Option<Vec<&'static Rule>>,
    /// Not these.
    pub(crate) ignore: Vec<&'static Rule>,
    /// The least severity that fails the run.
    pub(crate) fail_on: Option<FailOn>,
    /// Formats and files.
    pub(crate) format: Vec<OutputArg>,
    /// Severities that differ from the rules' own.
    pub(crate) severity: Vec<(&'static Rule, Severity)>,
    /// The metadata keys that are read.
    pub(crate) keys: Keys,
    /// What is known about resource types.
    pub(crate) catalogue: Arc<Catalogue>,
}

/// Something wrong with a settings file.
#[derive(Debug, Error, Diagnostic)]
#[error("{message}")]
pub(crate) struct ConfigError {
    message: String,
    #[source_code]
    source_code: NamedSource<String>,
    #[label("here")]
    span: SourceSpan,
    #[help]
    help: Option<String>,
}

/// A mistake, before the file is attached to it.
struct Mistake {
    message: String,
    help: Option<String>,
    span: SourceSpan,
}

const ATTRIBUTES: &[&str] = &[
    "templates",
    "owners",
    "gcp_roles",
    "azure_roles",
    "select",
    "ignore",
    "fail_on",
    "format",
    "severity",
];

const BLOCKS: &[&str] = &["metadata", "catalogue", "harmless"];

/// Reads a settings file. `folder` is where it lies; paths in it start there.
pub(crate) fn parse(name: &str, text: &str, folder: &Path) -> Result<Config, Vec<ConfigError>> {
    let mut reader = Reader {
        folder,
        config: Config::default(),
        catalogue: Catalogue::default(),
        mistakes: Vec::new(),
    };
    match hcl_edit::parser::parse_body(text) {
        Ok(body) => reader.body(&body),
        Err(error) => reader.mistakes.push(Mistake {
            message: format!("the settings are not readable: {}", error.message()),
            help: None,
            span: (offset(text, error.location().line(), error.location().column()), 0).into(),
        }),
    }
    if reader.mistakes.is_empty() {
        return Ok(Config { catalogue: Arc::new(reader.catalogue), ..reader.config });
    }
    let attach = |mistake: Mistake| ConfigError {
        message: mistake.message,
        source_code: NamedSource::new(name, text.to_owned()),
        span: mistake.span,
        help: mistake.help,
    };
    Err(reader.mistakes.into_iter().map(attach).collect())
}

fn offset(text: &str, line: usize, column: usize) -> usize {
    let before: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    // The parser's columns may end in the middle of a character.
    text.floor_char_boundary(before + column.saturating_sub(1))
}

struct Reader<'a> {
    folder: &'a Path,
    config: Config,
    catalogue: Catalogue,
    mistakes: Vec<Mistake>,
}

impl Reader<'_> {
    fn body(&mut self, body: &Body) {
        for structure in body {
            match structure {
                Structure::Attribute(attribute) => self.attribute(attribute),
                Structure::Block(block) => match block.ident.as_str() {
                    "metadata" => self.metadata(block),
                    "catalogue" => self.catalogue(block),
                    "harmless" => self.harmless(block),
                    other => {
                        let span = source_span(block.ident.span());
                        self.unknown("block", other, BLOCKS, span);
                    }
                },
            }
        }
    }

    fn attribute(&mut self, attribute: &Attribute) {
        let name = attribute.key.as_str();
        let value = &attribute.value;
        match name {
            "templates" => self.config.templates = self.paths(name, value),
            "gcp_roles" => self.config.gcp_roles = self.paths(name, value),
            "azure_roles" => self.config.azure_roles = self.paths(name, value),
            "owners" => {
                self.config.owners =
                    self.string(name, value).map(|(text, _)| self.folder.join(text));
            }
            "select" => self.config.select = Some(self.rules(name, value)),
            "ignore" => self.config.ignore = self.rules(name, value),
            "fail_on" => self.fail_on(value),
            "format" => {
                for (text, span) in self.strings(name, value) {
                    match OutputArg::parse(&text) {
                        Ok(output) => self.config.format.push(output),
                        Err(message) => self.mistake(message, None, span),
                    }
                }
            }
            "severity" => self.severity(value),
            _ => self.unknown("setting", name, ATTRIBUTES, source_span(attribute.key.span())),
        }
    }

    fn fail_on(&mut self, value: &Expression) {
        let Some((text, span)) = self.string("fail_on", value) else { return };
        self.config.fail_on = match text.as_str() {
            "error" => Some(FailOn::Error),
            "warning" => Some(FailOn::Warning),
            "info" => Some(FailOn::Info),
            "never" => Some(FailOn::Never),
            _ => {
                let help = "there are `error`, `warning`, `info` and `never`".to_owned();
                self.mistake(format!("`{text}` is not a severity"), Some(help), span);
                None
            }
        };
    }

    fn severity(&mut self, value: &Expression) {
        let Expression::Object(object) = value else {
            self.mistake(
                "`severity` must be an object, such as `{ EXP003 = \"warning\" }`",
                None,
                source_span(value.span()),
            );
            return;
        };
        for (key, entry) in object {
            let (code, span) = match key {
                ObjectKey::Ident(ident) => (ident.as_str().to_owned(), ident.span()),
                ObjectKey::Expression(Expression::String(text)) => {
                    (text.as_str().to_owned(), text.span())
                }
                ObjectKey::Expression(other) => (String::new(), other.span()),
            };
            let Some((severity, place)) = self.string("severity", entry.expr()) else { continue };
            match (rules::find(&code), Severity::from_name(&severity)) {
                (Some(rule), Some(severity)) => self.config.severity.push((rule, severity)),
                (None, _) => self.no_rule(&code, source_span(span)),
                (_, None) => {
                    let help = "there are `error`, `warning` and `info`".to_owned();
                    self.mistake(format!("`{severity}` is not a severity"), Some(help), place);
                }
            }
        }
    }

    fn metadata(&mut self, block: &Block) {
        let names: Vec<&str> = Fact::ALL.into_iter().map(Fact::name).collect();
        for structure in &block.body {
            let Structure::Attribute(attribute) = structure else {
                self.mistake("`metadata` has no blocks", None, source_span(block.ident.span()));
                continue;
            };
            let Some(fact) = Fact::from_name(attribute.key.as_str()) else {
                self.unknown(
                    "fact",
                    attribute.key.as_str(),
                    &names,
                    source_span(attribute.key.span()),
                );
                continue;
            };
            for (key, _) in self.strings(attribute.key.as_str(), &attribute.value) {
                self.config.keys.add(&key, fact, Style::Tag);
            }
        }
    }

    fn rules(&mut self, name: &str, value: &Expression) -> Vec<&'static Rule> {
        let mut found = Vec::new();
        for (selector, span) in self.strings(name, value) {
            let rules = rules::matching(&selector);
            if rules.is_empty() {
                self.no_rule(&selector, span);
            }
            found.extend(rules);
        }
        found
    }

    fn no_rule(&mut self, text: &str, span: SourceSpan) {
        self.mistake(format!("there is no rule `{text}`"), Some(no_rule_help(text)), span);
    }

    fn unknown(&mut self, what: &str, name: &str, known: &[&str], span: SourceSpan) {
        let help = match nearest(name, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!(
                "there are {}",
                known.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
            ),
        };
        self.mistake(format!("there is no {what} `{name}`"), Some(help), span);
    }

    fn string(&mut self, name: &str, value: &Expression) -> Option<(String, SourceSpan)> {
        if let Expression::String(text) = value {
            return Some((text.as_str().to_owned(), source_span(value.span())));
        }
        self.mistake(format!("`{name}` must be a string"), None, source_span(value.span()));
        None
    }

    /// A list of strings; one string is a list of one.
    fn strings(&mut self, name: &str, value: &Expression) -> Vec<(String, SourceSpan)> {
        if let Expression::Array(items) = value {
            return items.iter().filter_map(|item| self.string(name, item)).collect();
        }
        self.string(name, value).into_iter().collect()
    }

    /// Files and folders, from where the settings lie.
    fn paths(&mut self, name: &str, value: &Expression) -> Vec<PathBuf> {
        let folder = self.folder;
        self.strings(name, value).into_iter().map(|(text, _)| folder.join(text)).collect()
    }

    fn mistake(&mut self, message: impl Into<String>, help: Option<String>, span: SourceSpan) {
        self.mistakes.push(Mistake { message: message.into(), help, span });
    }
}

/// What to say about a selector that means no rule.
pub(crate) fn no_rule_help(text: &str) -> String {
    let upper = text.to_ascii_uppercase();
    let codes = rules::RULES.iter().map(|rule| rule.code);
    let names = rules::RULES.iter().map(|rule| rule.name);
    match nearest(&upper, codes).or_else(|| nearest(text, names)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`nhi-lint rules` lists them".to_owned(),
    }
}

fn source_span(range: Option<std::ops::Range<usize>>) -> SourceSpan {
    let range = range.unwrap_or(0..0);
    (range.start, range.end.saturating_sub(range.start)).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_says_every_setting() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/settings");
        let text = std::fs::read_to_string(folder.join(NAME)).unwrap();
        let config = parse(NAME, &text, &folder).unwrap();
        assert_eq!(config.templates, [folder.join("../templates")]);
        assert_eq!(config.gcp_roles, [folder.join("gcp-roles.json")]);
        assert_eq!(config.azure_roles, [folder.join("azure-roles.json")]);
        assert_eq!(config.select.map(|rules| rules.len()), Some(rules::RULES.len()));
        assert_eq!(config.ignore.len(), 1);
        assert_eq!(config.severity.len(), 1);
        assert_eq!(config.format.len(), 2);
        assert_eq!(config.fail_on, Some(FailOn::Error));
        let robot = config.catalogue.find("acme_robot").unwrap();
        assert_eq!(robot.metadata().collect::<Vec<_>>(), ["labels"]);
        let token = config.catalogue.find("acme_ci_token").unwrap();
        assert_eq!(token.default.as_deref(), Some("ends after 30 days"));
        assert_eq!(config.keys.get("team").map(|(fact, _)| fact), Some(Fact::Owner));
    }

    #[test]
    fn what_is_not_hcl_is_refused_at_its_place() {
        let errors = parse(NAME, "templates = [\n", Path::new(".")).unwrap_err();
        assert!(errors[0].to_string().starts_with("the settings are not readable"), "{errors:?}");
    }
}
