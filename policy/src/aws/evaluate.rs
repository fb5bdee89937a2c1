//! What one concrete request gets.
//!
//! Written from the semantics alone: it reads the text of the patterns and shares no matching code with the symbolic
//! side, so that a mistake there cannot confirm itself. Three-valued: where AWS's documents contradict each other, or a
//! value is not known, the answer is [`Access::Unclear`].

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::composition::Composition;
use super::document::{Document, Effect, Statement};
use super::pattern::Resources;
use super::principal::{Principal, PrincipalKind, PrincipalValue};
use super::{Request, condition::Condition};
use crate::text::{Hole, Part, Text};
use crate::verdict::Why;

mod bearing;
mod condition;
mod wildcard;

pub(super) use bearing::Bearing;
use wildcard::{Reading, Token};

/// The answer to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Access {
    /// An Allow matches, and no Deny does.
    Allowed,
    /// A Deny matches, or no Allow does.
    Denied,
    /// It depends on something that is not known.
    Unclear(Why),
}

/// What documents that count together say to one request.
pub fn evaluate(documents: &[&Document], request: &Request) -> Access {
    if let Some(why) = documents.iter().find_map(|document| document.loose.clone()) {
        return Access::Unclear(why);
    }
    Evaluator { values: &BTreeMap::new() }.evaluate(documents, request)
}

/// What policies and their limits together say to one request.
pub fn evaluate_within(composition: &Composition<'_>, request: &Request) -> Access {
    if let Some(why) = composition.documents().find_map(|document| document.loose.clone()) {
        return Access::Unclear(why);
    }
    Evaluator { values: &BTreeMap::new() }.evaluate_within(composition, request)
}

/// Yes, no, or not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Tri {
    No,
    Maybe,
    Yes,
}

impl Tri {
    fn not(self) -> Self {
        match self {
            Self::No => Self::Yes,
            Self::Maybe => Self::Maybe,
            Self::Yes => Self::No,
        }
    }

    fn any(all: impl Iterator<Item = Tri>) -> Self {
        let mut best = Self::No;
        for one in all {
            best = best.max(one);
            if best == Self::Yes {
                break;
            }
        }
        best
    }
}

impl From<bool> for Tri {
    fn from(value: bool) -> Self {
        if value { Self::Yes } else { Self::No }
    }
}

fn access((allowed, doubt): (Tri, Option<Why>)) -> Access {
    match allowed {
        Tri::Yes => Access::Allowed,
        Tri::No => Access::Denied,
        Tri::Maybe => Access::Unclear(doubt.unwrap_or_else(|| {
            Why::construct("the documents of AWS do not say how a statement matches this request")
        })),
    }
}

/// Evaluates, with values for some of the holes.
pub(super) struct Evaluator<'a> {
    pub(super) values: &'a BTreeMap<Hole, String>,
}

impl Evaluator<'_> {
    pub(super) fn evaluate(&self, documents: &[&Document], request: &Request) -> Access {
        Bearing::of(documents, &request.action).access(self, request)
    }

    /// Every layer must allow it.
    pub(super) fn evaluate_within(
        &self,
        composition: &Composition<'_>,
        request: &Request,
    ) -> Access {
        Bearing::within(composition, &request.action).access(self, request)
    }

    /// Whether documents that count together allow it, and what is not known about that.
    fn layer<'d>(
        &self,
        statements: impl Iterator<Item = bearing::Asked<'d>>,
        request: &Request,
    ) -> (Tri, Option<Why>) {
        let mut allowed = Tri::No;
        let mut denied = Tri::No;
        let mut doubt = None;
        for (statement, told) in statements {
            let matched = self.statement(statement, told, request);
            if matched == Tri::Maybe && doubt.is_none() {
                doubt = Some(statement.doubts().next().cloned());
            }
            match statement.effect {
                Effect::Allow => allowed = allowed.max(matched),
                Effect::Deny => denied = denied.max(matched),
                Effect::Unknown => {
                    allowed = allowed.max(matched.min(Tri::Maybe));
                    denied = denied.max(matched.min(Tri::Maybe));
                }
            }
        }
        (allowed.min(denied.not()), doubt.flatten())
    }

    /// Whether a statement matches.
    pub(super) fn matches(&self, statement: &Statement, request: &Request) -> Option<bool> {
        match self.statement(statement, Tri::Maybe, request) {
            Tri::Yes => Some(true),
            Tri::No => Some(false),
            Tri::Maybe => None,
        }
    }

    /// `told`: how its actions stand to the request's, if that is known already; a maybe says nothing.
    fn statement(&self, statement: &Statement, told: Tri, request: &Request) -> Tri {
        if !statement.opaque.is_empty() {
            return Tri::Maybe;
        }
        let mut result = match told {
            Tri::Yes | Tri::No => told,
            Tri::Maybe => self.actions(statement, &request.action),
        };
        if result == Tri::No {
            return Tri::No;
        }
        result = result.min(self.resources(statement.resources.as_ref(), request));
        result = result.min(self.principals(statement, request));
        for condition in &statement.conditions {
            if result == Tri::No {
                break;
            }
            result = result.min(match condition {
                Condition::Entry(entry) => self.condition(entry, &request.context),
                Condition::Resolves(name) => {
                    let values = request.context.get(&name.trim().to_ascii_lowercase());
                    if values.is_some_and(|values| values.len() == 1) {
                        Tri::Yes
                    } else {
                        Tri::Maybe
                    }
                }
                Condition::Unclear(_) => Tri::Maybe,
            });
        }
        result
    }

    fn actions(&self, statement: &Statement, action: &str) -> Tri {
        let patterns = &statement.actions.patterns;
        let matched = Tri::any(patterns.iter().map(|pattern| self.action(&pattern.text, action)));
        if statement.actions.negated { matched.not() } else { matched }
    }

    /// Whether an action pattern matches an action.
    pub(super) fn action_matches(&self, pattern: &Text, action: &str) -> bool {
        self.action(pattern, action) == Tri::Yes
    }

    fn action(&self, pattern: &Text, action: &str) -> Tri {
        let Some(known) = self.filled(pattern) else { return Tri::Maybe };
        if known == "*" || known == "*:*" {
            return Tri::Yes;
        }
        let (Some((service, name)), Some((own_service, own_name))) =
            (known.split_once(':'), action.split_once(':'))
        else {
            return Tri::Maybe;
        };
        if !service.eq_ignore_ascii_case(own_service) {
            return if service.contains(['*', '?']) { Tri::Maybe } else { Tri::No };
        }
        if known.contains(char::is_whitespace) {
            return Tri::No;
        }
        if name.contains(['*', '?']) {
            let (name, own) = (name.to_ascii_lowercase(), own_name.to_ascii_lowercase());
            return wildcard::simple(&name, &own).into();
        }
        name.eq_ignore_ascii_case(own_name).into()
    }

    fn resources(&self, resources: Option<&Resources>, request: &Request) -> Tri {
        let (resources, resource) = match (resources, &request.resource) {
            (None, None) => return Tri::Yes,
            (Some(resources), Some(resource)) => (resources, resource),
            (Some(resources), None) => {
                let all = |text: &Text| text.as_str() == Some("*");
                let everything = resources.patterns.iter().any(|pattern| all(&pattern.text));
                return if everything && !resources.negated { Tri::Yes } else { Tri::Maybe };
            }
            (None, Some(_)) => return Tri::Maybe,
        };
        let patterns = resources.patterns.iter();
        let matched = Tri::any(patterns.map(|pattern| {
            if pattern.opaque && !pattern.text.has_holes() {
                return Tri::Maybe;
            }
            self.resource(&pattern.text, pattern.variables, resource, &request.context)
        }));
        if resources.negated { matched.not() } else { matched }
    }

    /// Whether a resource pattern matches: yes or no only where all readings of it agree.
    fn resource(
        &self,
        pattern: &Text,
        variables: Option<bool>,
        resource: &str,
        context: &BTreeMap<String, Vec<String>>,
    ) -> Tri {
        let Some(known) = self.filled(pattern) else { return Tri::Maybe };
        let variables = match variables {
            Some(variables) => variables,
            None if known.contains("${") => return Tri::Maybe,
            None => false,
        };
        let tokens = if variables {
            let Some(tokens) = wildcard::with_variables(&known, context) else { return Tri::Maybe };
            tokens
        } else {
            wildcard::tokens(&known)
        };
        let first = wildcard::matches(&tokens, resource, Reading::Whole);
        let agreed = [Reading::Segments, Reading::Trailing]
            .iter()
            .all(|reading| wildcard::matches(&tokens, resource, *reading) == first);
        // The resource of an action that knows none is `*`, and only a pattern that says just that grants it.
        let odd = resource == "*" && first && !matches!(tokens.as_slice(), [Token::Run]);
        if agreed && !odd { first.into() } else { Tri::Maybe }
    }

    fn principals(&self, statement: &Statement, request: &Request) -> Tri {
        let (principals, (kind, id)) = match (&statement.principals, &request.principal) {
            (None, None) => return Tri::Yes,
            (Some(principals), Some(principal)) => (principals, principal),
            (Some(_), None) | (None, Some(_)) => return Tri::Maybe,
        };
        if principals.negated.is_none() {
            let list = principals.list.iter();
            return Tri::any(list.map(|principal| self.principal(principal, *kind, id)));
        }
        if statement.effect != Effect::Deny || *kind != PrincipalKind::Aws {
            return Tri::Maybe;
        }
        self.left_over(&principals.list, id)
    }

    /// Whether `NotPrincipal` of a Deny takes in a caller. AWS asks for the account beside each principal and for each
    /// session of a role, and does not say what holds without; an account alone may stand for its root user only.
    fn left_over(&self, list: &[Principal], id: &str) -> Tri {
        let account = id.split(':').nth(4).unwrap_or(id);
        let (mut named, mut home, mut neighbours, mut doubt) = (false, false, false, false);
        for principal in list {
            match (&principal.value, principal.text.as_str()) {
                (PrincipalValue::Account(own), _) => home |= own == account,
                (PrincipalValue::Exact, Some(own)) if own == id => named = true,
                (PrincipalValue::Exact, Some(own)) => {
                    let same = own.split(':').nth(4) == Some(account);
                    neighbours |= same && principal.kind == PrincipalKind::Aws;
                    doubt |= self.principal(principal, PrincipalKind::Aws, id) == Tri::Maybe;
                }
                (PrincipalValue::Everyone, _) => (named, home) = (true, true),
                (PrincipalValue::Exact | PrincipalValue::Unclear(_), _) => doubt = true,
            }
        }
        let role = id.contains(":role/");
        match (named, home) {
            _ if doubt => Tri::Maybe,
            (true, true) if !role => Tri::No,
            (true, _) => Tri::Maybe,
            (false, true) if !neighbours => Tri::Maybe,
            (false, _) => Tri::Yes,
        }
    }

    fn principal(&self, principal: &Principal, kind: PrincipalKind, id: &str) -> Tri {
        let filled = self
            .filled(&principal.text)
            .map(|text| Principal::new(principal.kind, &Text::from(text.as_ref())));
        let Some(own) = filled else {
            return if principal.kind == kind { Tri::Maybe } else { Tri::No };
        };
        match &own.value {
            PrincipalValue::Everyone if kind == PrincipalKind::Aws => Tri::Yes,
            PrincipalValue::Everyone => Tri::Maybe,
            _ if own.kind != kind => Tri::No,
            PrincipalValue::Account(account) => {
                (id == account || id.split(':').nth(4) == Some(account)).into()
            }
            PrincipalValue::Exact if own.text.as_str() == Some(id) => Tri::Yes,
            // A session acts for a role whose path it does not tell.
            PrincipalValue::Exact if id.contains(":assumed-role/") => Tri::Maybe,
            PrincipalValue::Exact => Tri::No,
            PrincipalValue::Unclear(_) => Tri::Maybe,
        }
    }

    /// The text, if every hole in it has a value.
    fn filled<'t>(&self, text: &'t Text) -> Option<Cow<'t, str>> {
        if let Some(known) = text.as_str() {
            return Some(Cow::Borrowed(known));
        }
        let mut out = String::new();
        for part in text.parts() {
            match part {
                Part::Literal(known) => out.push_str(known),
                Part::Hole(hole) => out.push_str(self.values.get(hole)?),
            }
        }
        Some(Cow::Owned(out))
    }
}
