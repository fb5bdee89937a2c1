//! Many requests for one action: which statements speak of it is found out once.

use std::collections::BTreeMap;

use super::{Access, Evaluator, Tri, access};
use crate::aws::document::{Document, Statement};
use crate::aws::{Composition, Request};

/// The statements that an action does not rule out, layer by layer.
pub(in crate::aws) struct Bearing<'d> {
    layers: Vec<Vec<Asked<'d>>>,
}

/// A statement, and how its actions stand to the one at hand while no hole has a value.
pub(super) type Asked<'d> = (&'d Statement, Tri);

impl<'d> Bearing<'d> {
    /// Of documents that count together.
    pub(in crate::aws) fn of(documents: &[&'d Document], action: &str) -> Self {
        Self { layers: vec![layer(documents, action)] }
    }

    /// Of policies and their limits.
    pub(in crate::aws) fn within(composition: &Composition<'d>, action: &str) -> Self {
        let all = std::iter::once(composition.policies.as_slice()).chain(composition.limits());
        Self { layers: all.map(|documents| layer(documents, action)).collect() }
    }

    pub(in crate::aws) fn statements(&self) -> impl Iterator<Item = &'d Statement> {
        self.layers.iter().flatten().map(|(statement, _)| *statement)
    }

    /// What a request for the action gets: every layer must allow it.
    pub(in crate::aws) fn access(&self, evaluator: &Evaluator<'_>, request: &Request) -> Access {
        let asked = |layer: &Vec<Asked<'d>>| evaluator.layer(layer.iter().copied(), request);
        let mut layers = self.layers.iter();
        let mut result = layers.next().map_or((Tri::No, None), asked);
        for layer in layers {
            if result.0 == Tri::No {
                break;
            }
            // The doubt of a layer that decides takes the place of others.
            let (allowed, doubt) = asked(layer);
            if allowed < result.0 {
                result = (allowed, doubt);
            }
        }
        access(result)
    }
}

fn layer<'d>(documents: &[&'d Document], action: &str) -> Vec<Asked<'d>> {
    let evaluator = Evaluator { values: &BTreeMap::new() };
    let statements = documents.iter().flat_map(|document| &document.statements);
    let asked = statements.map(|statement| {
        let opaque = !statement.opaque.is_empty();
        (statement, if opaque { Tri::Maybe } else { evaluator.actions(statement, action) })
    });
    asked.filter(|(_, told)| *told != Tri::No).collect()
}
