//! From the text of a file to what it says, with every mistake noted.
//!
//! A block that has a mistake anywhere is left out of the result, because half a ceiling is another ceiling; its name is
//! kept, so that a reference to it can say what happened.

mod blocks;
mod directory;
mod document;
mod never;
mod platforms;

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use hcl_edit::Span as _;
use hcl_edit::expr::Expression;
use hcl_edit::structure::{Block, Body};
use miette::{Diagnostic as _, NamedSource, SourceSpan};

use super::error::{File, TemplateError, TemplateErrorKind as Kind};
use super::expression::{Interpolated, Value};
use super::library::{OwnerEntry, list};
use super::model::{Place, Spanned, Template};
use super::nearest::nearest;
use crate::governance::{self, Caps, Lifetime};

pub(super) use document::is_action;

/// What one file says.
#[derive(Debug, Default)]
pub(super) struct Parsed {
    pub(super) templates: Vec<Template>,
    pub(super) owners: Vec<OwnerEntry>,
    pub(super) baselines: Vec<(BTreeMap<governance::Kind, Caps>, Place)>,
    pub(super) broken: Vec<String>,
    pub(super) errors: Vec<TemplateError>,
}

/// Reads one file.
pub(super) fn file(name: &str, text: &str) -> Parsed {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = Reader::new(Arc::new(NamedSource::new(name, text.to_owned())), text);
    let mut parsed = Parsed::default();
    if let Some(body) = reader.body() {
        reader.whole(&body, &mut parsed);
    }
    parsed.errors = reader.errors;
    parsed
}

/// Which attributes and blocks a body may have.
pub(super) struct Shape {
    /// As messages name it: ``a `rule` block``.
    pub(super) inside: &'static str,
    /// The attributes.
    pub(super) attributes: &'static [&'static str],
    /// Blocks that stand at most once.
    pub(super) single: &'static [&'static str],
    /// Blocks that may stand many times.
    pub(super) many: &'static [&'static str],
}

const FILE: Shape = Shape {
    inside: "a template file",
    attributes: &[],
    single: &[],
    many: &["template", "baseline", "owner"],
};

/// One file on its way to be understood.
pub(super) struct Reader<'a> {
    file: File,
    text: &'a str,
    errors: Vec<TemplateError>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(file: File, text: &'a str) -> Self {
        Self { file, text, errors: Vec::new() }
    }

    pub(super) fn errors(&self) -> &[TemplateError] {
        &self.errors
    }

    pub(super) fn into_errors(self) -> Vec<TemplateError> {
        self.errors
    }

    /// The file as the parser sees it; None, with an error noted, if it is not HCL.
    pub(super) fn body(&mut self) -> Option<Body> {
        let error = match hcl_edit::parser::parse_body(self.text) {
            Ok(body) => return Some(body),
            Err(error) => error,
        };
        // The parser counts bytes and may stop in the middle of a character.
        let at = self.text.floor_char_boundary(error.location().offset());
        let next = self.text.get(at..).and_then(|rest| rest.chars().next());
        let message = error.message().lines().collect::<Vec<_>>().join("; ");
        let help = policy_variable(self.text, at).map(|variable| {
            format!("write `$${{{variable}}}` with two dollar signs for a policy variable of AWS")
        });
        let span = SourceSpan::from((at, next.map_or(0, char::len_utf8)));
        self.error(span, Kind::Syntax(message), help);
        None
    }
}

impl Reader<'_> {
    fn whole(&mut self, body: &Body, parsed: &mut Parsed) {
        self.check_shape(body, &FILE);
        for block in body.blocks() {
            match block.ident.as_str() {
                "template" => {
                    let before = self.errors.len();
                    match self.template(block) {
                        Some(template) if self.errors.len() == before => {
                            parsed.templates.push(template);
                        }
                        _ => parsed
                            .broken
                            .extend(block.labels.first().map(|label| label.as_str().to_owned())),
                    }
                }
                "owner" => parsed.owners.extend(self.owner(block)),
                "baseline" => {
                    let place = self.place(self.head(block));
                    parsed.baselines.push((self.baseline(block), place));
                }
                // Already reported as unknown.
                _ => {}
            }
        }
    }

    /// Notes every attribute and block that does not belong here.
    pub(super) fn check_shape(&mut self, body: &Body, shape: &Shape) {
        for attribute in body.attributes() {
            let name = attribute.key.as_str();
            if !shape.attributes.contains(&name) {
                let blocks = || shape.single.iter().chain(shape.many).copied();
                let help = if blocks().any(|block| block == name) {
                    Some(format!("`{name}` is a block: write `{name} {{ … }}` without `=`"))
                } else {
                    nearest(name, shape.attributes.iter().copied()).map(did_you_mean)
                };
                let kind = Kind::UnknownAttribute { name: name.to_owned(), inside: shape.inside };
                self.error(self.span(attribute.key.span()), kind, help);
            }
        }
        let mut seen: Vec<&str> = Vec::new();
        for block in body.blocks() {
            let name = block.ident.as_str();
            if shape.single.contains(&name) {
                if seen.contains(&name) {
                    let kind = Kind::Repeated { name: name.to_owned(), inside: shape.inside };
                    self.error(
                        self.head(block),
                        kind,
                        Some("put everything into one block".to_owned()),
                    );
                }
                seen.push(name);
            } else if !shape.many.contains(&name) {
                let help = if shape.attributes.contains(&name) {
                    Some(format!("`{name}` is an attribute: write `{name} = …`"))
                } else if name == "test" {
                    Some(
                        "tests of templates stand in files of their own, `*.nhitest.hcl`"
                            .to_owned(),
                    )
                } else {
                    nearest(name, shape.single.iter().chain(shape.many).copied()).map(did_you_mean)
                };
                let kind = Kind::UnknownBlock { name: name.to_owned(), inside: shape.inside };
                self.error(self.head(block), kind, help);
            }
        }
    }

    /// The one label of a block.
    pub(super) fn label(&mut self, block: &Block) -> Option<Spanned<String>> {
        if let [label] = block.labels.as_slice() {
            return Some(Spanned {
                value: label.as_str().to_owned(),
                span: self.span(label.span()),
            });
        }
        let name = block.ident.as_str();
        let kind = Kind::Labels { block: name.to_owned(), expected: "takes one label, its name" };
        self.error(self.head(block), kind, Some(format!("write `{name} \"name\" {{ … }}`")));
        None
    }

    pub(super) fn no_label(&mut self, block: &Block) {
        if !block.labels.is_empty() {
            let name = block.ident.as_str();
            let kind = Kind::Labels { block: name.to_owned(), expected: "takes no label" };
            self.error(self.head(block), kind, Some(format!("write `{name} {{ … }}`")));
        }
    }

    /// A string that may have parameters.
    pub(super) fn string(&mut self, body: &Body, name: &str) -> Option<Spanned<Interpolated>> {
        let attribute = body.get_attribute(name)?;
        let value = self.value(attribute)?;
        self.as_string(name, value)
    }

    /// A string without parameters.
    pub(super) fn literal(&mut self, body: &Body, name: &str) -> Option<Spanned<String>> {
        let string = self.string(body, name)?;
        self.as_literal(name, string)
    }

    /// A list of strings that may have parameters; empty if it is not there.
    pub(super) fn strings(&mut self, body: &Body, name: &str) -> Vec<Spanned<Interpolated>> {
        let Some(value) = body.get_attribute(name).and_then(|it| self.value(it)) else {
            return Vec::new();
        };
        let Some(items) = value.value.as_list() else {
            self.wrong_type(name, value.span, "a list of strings", &value.value);
            return Vec::new();
        };
        items.iter().filter_map(|item| self.as_string(name, item.clone())).collect()
    }

    /// A list of strings without parameters; empty if it is not there.
    pub(super) fn literals(&mut self, body: &Body, name: &str) -> Vec<Spanned<String>> {
        let strings = self.strings(body, name);
        strings.into_iter().filter_map(|string| self.as_literal(name, string)).collect()
    }

    /// A length of time.
    pub(super) fn lifetime(&mut self, body: &Body, name: &str) -> Option<Spanned<Lifetime>> {
        let text = self.literal(body, name)?;
        match Lifetime::parse(&text.value) {
            Ok(value) => Some(Spanned { value, span: text.span }),
            Err(error) => {
                let help = error.help().map(|help| help.to_string());
                self.error(text.span, Kind::Lifetime(error), help);
                None
            }
        }
    }

    /// `true` or `false`.
    pub(super) fn boolean(&mut self, body: &Body, name: &str) -> Option<bool> {
        let value = self.value(body.get_attribute(name)?)?;
        if let Value::Bool(value) = value.value {
            return Some(value);
        }
        self.wrong_type(name, value.span, "`true` or `false`", &value.value);
        None
    }

    pub(super) fn as_string(
        &mut self,
        name: &str,
        value: Spanned<Value>,
    ) -> Option<Spanned<Interpolated>> {
        if let Value::String(string) = value.value {
            return Some(Spanned { value: string, span: value.span });
        }
        self.wrong_type(name, value.span, "a string", &value.value);
        None
    }

    pub(super) fn as_literal(
        &mut self,
        name: &str,
        string: Spanned<Interpolated>,
    ) -> Option<Spanned<String>> {
        if let Some(text) = string.value.as_literal() {
            return Some(Spanned { value: text.to_owned(), span: string.span });
        }
        let help = "parameters stand in the platform blocks only".to_owned();
        self.error(string.span, Kind::NoParametersHere(name.to_owned()), Some(help));
        None
    }

    pub(super) fn wrong_type(
        &mut self,
        name: &str,
        span: SourceSpan,
        expected: &'static str,
        found: &Value,
    ) {
        let kind = Kind::WrongType { name: name.to_owned(), expected, found: found.kind() };
        self.error(span, kind, None);
    }

    pub(super) fn missing(
        &mut self,
        block: &Block,
        name: &'static str,
        inside: &'static str,
        help: &str,
    ) {
        self.error(self.head(block), Kind::Missing { name, inside }, Some(help.to_owned()));
    }

    /// A word of a fixed list.
    pub(super) fn word<T>(
        &mut self,
        text: &Spanned<String>,
        expected: &'static str,
        known: &[(&'static str, T)],
    ) -> Option<T>
    where
        T: Copy,
    {
        if let Some((_, value)) = known.iter().find(|(name, _)| *name == text.value) {
            return Some(*value);
        }
        let names = || known.iter().map(|(name, _)| *name);
        let help = nearest(&text.value, names())
            .map_or_else(|| format!("write one of {}", list(names())), did_you_mean);
        self.error(text.span, Kind::Value { text: text.value.clone(), expected }, Some(help));
        None
    }

    pub(super) fn error(&mut self, span: SourceSpan, kind: Kind, help: Option<String>) {
        self.errors.push(TemplateError {
            kind: Box::new(kind),
            file: Arc::clone(&self.file),
            span,
            help,
        });
    }

    pub(super) fn place(&self, span: SourceSpan) -> Place {
        Place { file: Arc::clone(&self.file), span }
    }

    /// The block's name and labels.
    pub(super) fn head(&self, block: &Block) -> SourceSpan {
        let start = block.ident.span().map_or(0, |span| span.start);
        let end = block
            .labels
            .last()
            .map_or_else(|| block.ident.span(), hcl_edit::Span::span)
            .map_or(start, |span| span.end);
        self.span(Some(start..end))
    }

    pub(super) fn span_of(&self, expression: &Expression) -> SourceSpan {
        self.span(expression.span())
    }

    #[expect(clippy::unused_self, reason = "reads as the other spans do")]
    pub(super) fn span(&self, range: Option<Range<usize>>) -> SourceSpan {
        range.unwrap_or_default().into()
    }

    pub(super) fn text_at(&self, span: SourceSpan) -> &str {
        self.text.get(span.offset()..span.offset() + span.len()).unwrap_or_default()
    }
}

/// `aws:username`, if the mistake at this place is a policy variable whose dollar sign is not doubled.
fn policy_variable(text: &str, at: usize) -> Option<&str> {
    let line_start = text.get(..at)?.rfind('\n').map_or(0, |end| end + 1);
    let (_, after) = text.get(line_start..)?.lines().next()?.split_once("${")?;
    let (inner, _) = after.split_once('}')?;
    inner.contains(':').then_some(inner)
}

pub(super) fn did_you_mean(name: &str) -> String {
    format!("did you mean `{name}`?")
}
