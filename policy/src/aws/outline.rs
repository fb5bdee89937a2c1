//! A statement as it is written, for whoever writes it anew.

use super::condition::Condition;
use super::document::{Effect, Statement};
use super::principal::PrincipalKind;
use crate::text::Text;

/// The elements of a statement that say something.
#[derive(Clone, Debug)]
pub(crate) struct Outline {
    pub(crate) effect: Effect,
    /// `NotAction`.
    pub(crate) not_action: bool,
    pub(crate) actions: Vec<Text>,
    /// Whether it is `NotResource`, and which.
    pub(crate) resources: Option<(bool, Vec<Text>)>,
    /// Whether it is `NotPrincipal`, and who.
    pub(crate) principals: Option<(bool, Vec<(PrincipalKind, Text)>)>,
    /// Operator, key in lower case, values.
    pub(crate) conditions: Vec<(String, Text, Vec<Text>)>,
    /// Whether this is all that the statement says.
    pub(crate) complete: bool,
}

impl Statement {
    pub(crate) fn outline(&self) -> Outline {
        let mut complete = self.opaque.is_empty();
        let mut conditions = Vec::new();
        for condition in &self.conditions {
            match condition {
                Condition::Entry(entry) => {
                    let values = entry.values.iter().cloned().collect();
                    conditions.push((entry.operator.clone(), entry.key.clone(), values));
                }
                // It follows from the resources.
                Condition::Resolves(_) => {}
                Condition::Unclear(_) => complete = false,
            }
        }
        Outline {
            effect: self.effect,
            not_action: self.actions.negated,
            actions: self.actions.patterns.iter().map(|it| it.text.clone()).collect(),
            resources: self.resources.as_ref().map(|resources| {
                let texts = resources.patterns.iter().map(|it| it.text.clone());
                (resources.negated, texts.collect())
            }),
            principals: self.principals.as_ref().map(|principals| {
                let list = principals.list.iter().map(|it| (it.kind, it.text.clone()));
                (principals.negated.is_some(), list.collect())
            }),
            conditions,
            complete,
        }
    }
}
