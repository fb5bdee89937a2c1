//! From JSON to [`Document`].
//!
//! What AWS would refuse is a problem, and all problems are reported at once. What may be right and is not understood
//! (or not known yet) makes the statement opaque instead, so that it is never dropped and never trusted.

use miette::{Diagnostic, SourceSpan};
use thiserror::Error;

use super::condition::Condition;
use super::document::{Document, Effect, Statement, Warning};
use super::pattern::{Actions, Resources, Special, unknown};
use super::principal::Principals;
use crate::json::{self, JsonError, Member, Node, Value};
use crate::problem::{Problem, summary};
use crate::text::{Hole, Text};
use crate::verdict::Why;

mod dimensions;

/// Why a text is not a policy document: everything that is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, Error, Diagnostic)]
#[error("not a valid policy document: {}", summary(problems))]
pub struct DocumentError {
    /// In the order of the text; never empty.
    #[related]
    pub problems: Vec<Problem>,
}

/// Reads a document.
pub(super) fn document(text: &Text) -> Result<Document, DocumentError> {
    match json::parse(text) {
        Ok(node) => tree(&node),
        Err(JsonError::UnknownPart { origin, .. }) => {
            let reason = format!("`{origin}` is not known before apply");
            let whole = (0, text.to_string().len()).into();
            Ok(Document::unknown(Why { reason, unknown: vec![origin] }, whole))
        }
        Err(error) => Err(DocumentError { problems: vec![error.into()] }),
    }
}

/// Reads a document that is a tree already.
pub(super) fn tree(node: &Node) -> Result<Document, DocumentError> {
    let mut reader = Reader::default();
    let statements = match &node.value {
        Value::Hole(hole) => return Ok(Document::unknown(unknown(hole), node.span)),
        Value::Object(members) => reader.document(members, node.span),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            let found = node.kind();
            reader.problem(format!("a policy document is an object, not {found}"), None, node.span);
            Vec::new()
        }
    };
    if !reader.problems.is_empty() {
        return Err(DocumentError { problems: reader.problems });
    }
    let Reader { specials, warnings, .. } = reader;
    Ok(Document { statements, specials, warnings, loose: None })
}

/// What is collected on the way.
#[derive(Default)]
struct Reader {
    problems: Vec<Problem>,
    warnings: Vec<Warning>,
    specials: Vec<Special>,
    /// Whether `${…}` is a variable; none while the version is not known.
    variables: Option<bool>,
}

impl Reader {
    fn problem(&mut self, message: String, help: Option<&str>, span: SourceSpan) {
        let help = help.map(ToOwned::to_owned);
        self.problems.push(Problem::Element { message, help, span });
    }

    fn warn(&mut self, message: String, span: SourceSpan) {
        self.warnings.push(Warning { message, span });
    }

    fn document(&mut self, members: &[Member], span: SourceSpan) -> Vec<Statement> {
        self.variables = Some(false);
        let mut list = None;
        let mut statements = Vec::new();
        let mut strange = Vec::new();
        for member in members {
            match member.name.as_str() {
                Some("Version") => self.version(&member.value),
                Some("Statement") => list = Some(&member.value),
                Some("Id") => {}
                Some(_) | None => {
                    strange.push(Statement::unknown(strange_element(member), member.name_span));
                }
            }
        }
        if let Some(node) = list {
            statements.extend(node.one_or_many().iter().map(|item| self.statement(item)));
        } else if strange.is_empty() {
            self.problem("the document has no `Statement`".to_owned(), None, span);
        }
        statements.extend(strange);
        statements
    }

    fn version(&mut self, node: &Node) {
        match node.as_str() {
            Some("2012-10-17") => self.variables = Some(true),
            Some("2008-10-17") => self.variables = Some(false),
            Some(other) => self.problem(
                format!("`{other}` is not a version of the policy language"),
                Some("use `2012-10-17`"),
                node.span,
            ),
            None if first_hole(node).is_some() => self.variables = None,
            None => {
                let found = node.kind();
                self.problem(format!("`Version` is a string, not {found}"), None, node.span);
            }
        }
    }

    fn statement(&mut self, node: &Node) -> Statement {
        let Some(members) = node.as_object() else {
            if let Some(hole) = first_hole(node) {
                return Statement::unknown(unknown(hole), node.span);
            }
            let found = node.kind();
            self.problem(format!("a statement is an object, not {found}"), None, node.span);
            return Statement::unknown(Why::construct("not a statement"), node.span);
        };
        let mut draft = Draft::default();
        for member in members {
            self.element(member, &mut draft);
        }
        self.finish(draft, node.span)
    }

    fn element(&mut self, member: &Member, draft: &mut Draft) {
        let node = &member.value;
        let both = |one: &str| format!("a statement has `{one}` or `Not{one}`, not both");
        match member.name.as_str() {
            Some("Sid") => {
                draft.sid = node.as_text().cloned();
                if draft.sid.is_none() && node.as_hole().is_none() {
                    let found = node.kind();
                    self.problem(format!("`Sid` is a string, not {found}"), None, node.span);
                }
            }
            Some("Effect") => draft.effect = Some(self.effect(node, &mut draft.opaque)),
            Some(name @ ("Action" | "NotAction")) => {
                if draft.actions.is_some() {
                    self.problem(both("Action"), None, member.name_span);
                }
                draft.actions = Some(self.actions(node, name, &mut draft.opaque));
            }
            Some(name @ ("Resource" | "NotResource")) => {
                if draft.resources.is_some() {
                    self.problem(both("Resource"), None, member.name_span);
                }
                draft.resources = Some(self.resources(node, name, &mut draft.opaque));
            }
            Some(name @ ("Principal" | "NotPrincipal")) => {
                if draft.principals.is_some() {
                    self.problem(both("Principal"), None, member.name_span);
                }
                draft.principals = Some(self.principals(node, name, &mut draft.opaque));
            }
            Some("Condition") => draft.conditions = self.conditions(node),
            Some(_) | None => draft.opaque.push(strange_element(member)),
        }
    }

    fn effect(&mut self, node: &Node, opaque: &mut Vec<Why>) -> Effect {
        match node.as_str() {
            Some("Allow") => return Effect::Allow,
            Some("Deny") => return Effect::Deny,
            Some(other) => self.problem(
                format!("`{other}` is not an effect"),
                Some("write `Allow` or `Deny`"),
                node.span,
            ),
            None => {
                if let Some(hole) = first_hole(node) {
                    opaque.push(unknown(hole));
                } else {
                    let found = node.kind();
                    self.problem(format!("`Effect` is a string, not {found}"), None, node.span);
                }
            }
        }
        Effect::Unknown
    }

    /// Holds the statement together. A missing element is a problem, unless an element that is not understood may be
    /// a misspelling of it: then the statement is opaque already.
    fn finish(&mut self, draft: Draft, span: SourceSpan) -> Statement {
        let clear = draft.opaque.is_empty();
        if clear && draft.effect.is_none() {
            self.problem("the statement has no `Effect`".to_owned(), None, span);
        }
        if clear && draft.actions.is_none() {
            self.problem("the statement has no `Action`".to_owned(), None, span);
        }
        if clear && draft.resources.is_none() && draft.principals.is_none() {
            self.problem(
                "the statement has no `Resource`".to_owned(),
                Some("an identity policy needs `Resource`, a trust policy needs `Principal`"),
                span,
            );
        }
        let mut conditions = draft.conditions;
        if let Some(resources) = &draft.resources {
            conditions.extend(resources.variables(&self.specials).map(Condition::Resolves));
        }
        Statement {
            sid: draft.sid,
            span,
            effect: draft.effect.unwrap_or(Effect::Unknown),
            actions: draft.actions.unwrap_or_default(),
            resources: draft.resources,
            principals: draft.principals,
            conditions,
            opaque: draft.opaque,
        }
    }
}

/// The hole that a value is, or that a string begins to be unknown with.
fn first_hole(node: &Node) -> Option<&Hole> {
    node.as_hole().or_else(|| node.as_text()?.holes().next())
}

fn strange_element(member: &Member) -> Why {
    let name = &member.name;
    let reason = || Why::construct(format!("the element `{name}` is not understood"));
    name.holes().next().map_or_else(reason, unknown)
}

/// A statement under construction.
#[derive(Default)]
struct Draft {
    sid: Option<Text>,
    effect: Option<Effect>,
    actions: Option<Actions>,
    resources: Option<Resources>,
    principals: Option<Principals>,
    conditions: Vec<Condition>,
    opaque: Vec<Why>,
}
