//! What a policy document says, once it is read.

use miette::SourceSpan;

use super::condition::Condition;
use super::parse::{self, DocumentError};
use super::pattern::{Actions, Resources, Special};
use super::principal::Principals;
use crate::json::Node;
use crate::text::Text;
use crate::verdict::Why;

/// A policy document: identity, trust or resource policy, boundary or SCP.
///
/// What is not understood is kept as such; see [`Document::doubts`].
#[derive(Clone, Debug)]
pub struct Document {
    pub(super) statements: Vec<Statement>,
    /// What the specials in the patterns stand for.
    pub(super) specials: Vec<Special>,
    pub(super) warnings: Vec<Warning>,
    /// Why it may say something else than its statements do.
    pub(super) loose: Option<Why>,
}

/// One statement.
#[derive(Clone, Debug)]
pub struct Statement {
    pub(super) sid: Option<Text>,
    pub(super) span: SourceSpan,
    pub(super) effect: Effect,
    pub(super) actions: Actions,
    /// None where the document says none, as trust policies do: the resource is the role itself.
    pub(super) resources: Option<Resources>,
    /// None in identity policies: the principal is whoever the policy is attached to.
    pub(super) principals: Option<Principals>,
    pub(super) conditions: Vec<Condition>,
    /// Why nothing is known about what the statement matches. Empty: the four dimensions say it.
    pub(super) opaque: Vec<Why>,
}

/// What a statement does with the requests that it matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Grants.
    Allow,
    /// Refuses, whatever else grants.
    Deny,
    /// Not known before apply.
    Unknown,
}

/// Something that the document may say, but hardly means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// A lowercase phrase.
    pub message: String,
    /// Where it stands.
    pub span: SourceSpan,
}

impl Document {
    /// Reads a policy document. The spans count bytes of `text.to_string()`.
    ///
    /// Unknown parts do not make it fail: a text that is one hole is a document of which nothing is known. They are taken to
    /// stay where they are, as in text that `jsonencode` writes; see [`Document::parse_template`].
    pub fn parse(text: &Text) -> Result<Self, DocumentError> {
        parse::document(text)
    }

    /// Reads a policy document that may have been put together as a string: `{"Resource": "${var.x}"}` in a heredoc. An unknown part that is
    /// not escaped can become `","Action":"*`, so nothing is proved of a document with one of any shape.
    pub fn parse_template(text: &Text) -> Result<Self, DocumentError> {
        Ok(Self::parse(text)?.written_as(text))
    }

    /// The same, as sure as the text that it was read from.
    pub(crate) fn written_as(mut self, text: &Text) -> Self {
        // Of one that is a hole as a whole nothing is known anyhow.
        let raw = text.raw_hole().filter(|_| text.parts().len() > 1);
        self.loose = raw.map(|hole| {
            let origin = &hole.origin;
            let reason = format!(
                "`{origin}` is not known before apply, and stands in a policy that is not written with `jsonencode`: with a quote in it, it could say anything"
            );
            Why { reason, unknown: vec![origin.to_string()] }
        });
        self
    }

    /// Reads a document that is a tree already; the spans are those of the tree.
    pub(crate) fn from_tree(node: &Node) -> Result<Self, DocumentError> {
        parse::tree(node)
    }

    /// A document of which nothing is known.
    pub(super) fn unknown(why: Why, span: SourceSpan) -> Self {
        Self {
            statements: vec![Statement::unknown(why, span)],
            specials: Vec::new(),
            warnings: Vec::new(),
            loose: None,
        }
    }

    /// Whether a statement says for whom it is, as trust and resource policies do.
    pub fn names_principals(&self) -> bool {
        self.statements.iter().any(|statement| statement.principals.is_some())
    }

    /// The statements in order.
    pub fn statements(&self) -> &[Statement] {
        &self.statements
    }

    /// What the document says and hardly means.
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// Why parts of the document are not understood or not known, in order. Empty: all of it is.
    pub fn doubts(&self) -> impl Iterator<Item = &Why> {
        self.statements.iter().flat_map(Statement::doubts).chain(&self.loose)
    }
}

impl Statement {
    pub(super) fn unknown(why: Why, span: SourceSpan) -> Self {
        Self {
            sid: None,
            span,
            effect: Effect::Unknown,
            actions: Actions::default(),
            resources: None,
            principals: None,
            conditions: Vec::new(),
            opaque: vec![why],
        }
    }

    /// The `Sid`, if there is one and it is known.
    pub fn sid(&self) -> Option<&str> {
        self.sid.as_ref().and_then(Text::as_str)
    }

    /// Where the statement stands.
    pub fn span(&self) -> SourceSpan {
        self.span
    }

    /// Allow or Deny.
    pub fn effect(&self) -> Effect {
        self.effect
    }

    /// Why parts of the statement are not understood or not known, in order.
    pub fn doubts(&self) -> impl Iterator<Item = &Why> {
        let actions = self.actions.patterns.iter().filter_map(|pattern| pattern.doubt.as_ref());
        let resources = self.resources.iter().flat_map(|resources| &resources.patterns);
        let resources = resources.filter_map(|pattern| pattern.doubt.as_ref());
        let principals = self.principals.iter().flat_map(Principals::doubts);
        let conditions = self.conditions.iter().filter_map(Condition::doubt);
        self.opaque.iter().chain(principals).chain(actions).chain(resources).chain(conditions)
    }
}
