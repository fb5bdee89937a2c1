//! `provisioner` blocks: programs that Terraform runs beside a resource, with `self` for the resource.

use super::body::{Fields, Filled};
use super::{Evaluator, Scope, Traced};
use crate::hcl::{Body, Expr, ExprKind};
use crate::model::Provisioner;
use crate::value::Value;

impl<'a> Evaluator<'a> {
    /// Adds the provisioners of a resource whose values are complete.
    pub(super) fn provisioners(
        &self,
        scope: &Scope<'a>,
        body: &Body,
        address: &str,
        filled: &mut Filled,
    ) {
        let blocks = body.blocks.iter().filter(|block| block.kind == "provisioner");
        let mut blocks: Vec<(String, Body)> =
            blocks.map(|block| (block.label(0).to_owned(), block.body.clone())).collect();
        if let Some(json) = body.value("provisioner") {
            from_json(json, &mut blocks);
        }
        if blocks.is_empty() {
            return;
        }
        let mut scope = scope.clone();
        scope.bind("self", Traced::resource(filled.value.clone(), address));
        for (index, (kind, body)) in blocks.into_iter().enumerate() {
            let path = format!("provisioner[{index}]");
            let mut fields = Fields::default();
            self.fields(&scope, &plain_words(body), &path, &mut fields, false);
            filled.places.append(&mut fields.places);
            filled.sensitive.append(&mut fields.sensitive);
            let arguments = Value::Object(fields.values);
            filled.provisioners.push(Provisioner { kind, path, arguments });
        }
    }
}

/// `when = destroy` names nothing: the word is the value.
fn plain_words(mut body: Body) -> Body {
    for attribute in &mut body.attributes {
        if matches!(attribute.name.as_str(), "when" | "on_failure")
            && let ExprKind::Name(word) = &attribute.value.kind
        {
            let piece = crate::hcl::Piece::Literal(word.clone());
            attribute.value.kind = ExprKind::Template(vec![piece]);
        }
    }
    body
}

/// `[{"local-exec": {…}}]`, without the list where there is one, and with lists of bodies inside.
fn from_json(json: &Expr, out: &mut Vec<(String, Body)>) {
    match &json.kind {
        ExprKind::List(items) => {
            for item in items {
                from_json(item, out);
            }
        }
        ExprKind::Object(kinds) => {
            for (kind, bodies) in kinds {
                let Some(kind) = kind.as_literal().filter(|kind| *kind != "//") else { continue };
                let bodies = match &bodies.kind {
                    ExprKind::List(bodies) => bodies.iter().collect(),
                    _ => vec![bodies],
                };
                out.extend(bodies.into_iter().map(|body| (kind.to_owned(), json_body(body))));
            }
        }
        _ => {}
    }
}

/// An object of a JSON configuration as the body that it spells.
fn json_body(object: &Expr) -> Body {
    let ExprKind::Object(members) = &object.kind else { return Body::default() };
    let attributes = members.iter().filter_map(|(name, value)| {
        let name = name.as_literal().filter(|name| *name != "//")?.to_owned();
        Some(crate::hcl::Attribute { name, value: value.clone() })
    });
    Body { attributes: attributes.collect(), blocks: Vec::new() }
}
