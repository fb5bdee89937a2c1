//! The rules by which Terraform rejects a whole provider for one bad schema, as a check that the tests run on every
//! schema we register.

use super::{AttributeSpec, Mode, Nesting, Schema, Shape};
use crate::ty::Type;

/// What the schema describes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Provider,
    Resource,
    DataSource,
    Ephemeral,
    List,
    Action,
}

/// Names that Terraform takes for itself at the root of a block.
const RESERVED: [&str; 7] =
    ["count", "for_each", "depends_on", "provider", "lifecycle", "connection", "provisioner"];
const RESERVED_IN_PROVIDER: [&str; 2] = ["version", "alias"];

/// Everything that Terraform, or good manners, would refuse.
pub(crate) fn violations(schema: &Schema, kind: Kind) -> Vec<String> {
    let mut found = Vec::new();
    if schema.version < 0 {
        found.push("the version is negative".to_owned());
    }
    if schema.description.is_empty() {
        found.push("there is no description".to_owned());
    }
    let reserved: &[&str] = if kind == Kind::Provider { &RESERVED_IN_PROVIDER } else { &RESERVED };
    for attribute in &schema.attributes {
        if reserved.contains(&attribute.name) {
            found.push(format!("{}: the name is reserved", attribute.name));
        }
    }
    let place = Place { kind, in_set: false, must_be_write_only: false };
    members(&schema.attributes, "", place, &mut found);
    found
}

#[derive(Clone, Copy)]
struct Place {
    kind: Kind,
    in_set: bool,
    must_be_write_only: bool,
}

fn members(attributes: &[AttributeSpec], prefix: &str, place: Place, found: &mut Vec<String>) {
    for (position, attribute) in attributes.iter().enumerate() {
        let path = format!("{prefix}{}", attribute.name);
        if attributes.iter().take(position).any(|other| other.name == attribute.name) {
            found.push(format!("{path}: the name is used twice"));
        }
        let broken = member(attribute, place);
        found.extend(broken.into_iter().map(|what| format!("{path}: {what}")));
        if let Some((nesting, nested)) = attribute.shape.nested() {
            let place = Place {
                in_set: place.in_set || nesting == Nesting::Set,
                must_be_write_only: attribute.rules.write_only,
                ..place
            };
            members(nested, &format!("{path}."), place, found);
        }
    }
}

fn member(attribute: &AttributeSpec, place: Place) -> Vec<&'static str> {
    let rules = &attribute.rules;
    let name_is_fine = !attribute.name.is_empty()
        && attribute.name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'));
    let is_set = matches!(attribute.ty(), Type::Set(_));
    let ty = attribute.ty();
    let dynamic_in_collection = ty != Type::Dynamic && ty.has_dynamic();
    let checks = [
        (!name_is_fine, "the name is not lower-case letters, digits and underscores"),
        (attribute.description.is_empty(), "there is no description"),
        (
            rules.write_only && rules.mode.is_computed(),
            "write-only and computed exclude each other",
        ),
        (rules.write_only && (place.in_set || is_set), "write-only is not possible in a set"),
        (
            rules.write_only && place.kind != Kind::Resource,
            "only resources have write-only attributes",
        ),
        (
            place.must_be_write_only && !rules.write_only,
            "it is within a write-only attribute and is not",
        ),
        (
            rules.default.is_some() && rules.mode != Mode::OptionalComputed,
            "a default needs optional and computed",
        ),
        (rules.default.is_some() && place.in_set, "a default within a set corrupts the set"),
        (rules.stable && !rules.mode.is_computed(), "only computed attributes can be stable"),
        (place.kind != Kind::Resource && rules.replaces, "only resources are replaced"),
        (place.kind == Kind::Provider && rules.mode.is_computed(), "a provider computes nothing"),
        (place.kind == Kind::List && rules.mode.is_computed(), "a list computes nothing"),
        (place.kind == Kind::Action && rules.mode.is_computed(), "an action computes nothing"),
        (attribute.is_block() && rules.mode.is_computed(), "a block is not computed"),
        (dynamic_in_collection, "dynamic is possible as a whole attribute only"),
        (
            matches!(&attribute.shape, Shape::Nested(_, nested) | Shape::Block(_, nested) if nested.is_empty()),
            "it has no attributes",
        ),
    ];
    checks.into_iter().filter(|(broken, _)| *broken).map(|(_, what)| what).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{computed, optional, required};

    fn check(kind: Kind, attributes: Vec<AttributeSpec>) -> String {
        let schema = Schema { version: 0, description: "d".to_owned(), attributes };
        violations(&schema, kind).join("\n")
    }

    fn plain(name: &'static str, rules: crate::schema::Rules) -> AttributeSpec {
        AttributeSpec::new(name, "d", Shape::Plain(Type::String), rules)
    }

    #[test]
    fn each_rule_names_the_attribute() {
        let nested = Shape::Nested(Nesting::Set, vec![plain("secret", optional().write_only())]);
        let found = check(
            Kind::Resource,
            vec![
                plain("Name", required()),
                plain("count", required()),
                plain("count", computed().write_only()),
                plain("fixed", required().stable()),
                AttributeSpec::new("set", "d", nested, optional()),
                AttributeSpec::new("any", "", Shape::Plain(Type::list(Type::Dynamic)), optional()),
                AttributeSpec::new(
                    "none",
                    "d",
                    Shape::Block(Nesting::List, Vec::new()),
                    computed(),
                ),
            ],
        );
        insta::assert_snapshot!(found, @"
        count: the name is reserved
        count: the name is reserved
        Name: the name is not lower-case letters, digits and underscores
        count: the name is used twice
        count: write-only and computed exclude each other
        fixed: only computed attributes can be stable
        set.secret: write-only is not possible in a set
        any: there is no description
        any: dynamic is possible as a whole attribute only
        none: a block is not computed
        none: it has no attributes
        ");
    }

    #[test]
    fn providers_and_data_sources_have_rules_of_their_own() {
        assert_eq!(
            check(Kind::Provider, vec![plain("alias", computed())]),
            "alias: the name is reserved\nalias: a provider computes nothing"
        );
        assert_eq!(
            check(Kind::DataSource, vec![plain("a", optional().replaces().write_only())]),
            "a: only resources have write-only attributes\na: only resources are replaced"
        );
        assert_eq!(
            check(Kind::Resource, vec![plain("name", required()), plain("id", computed())]),
            ""
        );
    }
}
