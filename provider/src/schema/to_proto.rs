//! The form of a schema that Terraform reads.

use proto::tfplugin6;
use tfplugin6::schema::nested_block::NestingMode as BlockNesting;
use tfplugin6::schema::object::NestingMode;

use super::{AttributeSpec, Mode, Nesting, Schema, Shape};
use crate::ty::Type;

impl Schema {
    /// The form that Terraform reads.
    pub(crate) fn to_proto(&self) -> tfplugin6::Schema {
        let mut block = block(&self.attributes);
        block.description.clone_from(&self.description);
        block.version = self.version;
        tfplugin6::Schema { version: self.version, block: Some(block) }
    }
}

/// The JSON bytes in which the protocol writes a type.
pub(crate) fn type_bytes(ty: &Type) -> Vec<u8> {
    ty.to_json().to_string().into_bytes()
}

fn block(members: &[AttributeSpec]) -> tfplugin6::schema::Block {
    let mut block = tfplugin6::schema::Block {
        description_kind: tfplugin6::StringKind::Markdown.into(),
        ..tfplugin6::schema::Block::default()
    };
    for member in members {
        match &member.shape {
            Shape::Block(nesting, attributes) => {
                block.block_types.push(nested_block(member, *nesting, attributes));
            }
            Shape::Plain(_) | Shape::Nested(..) => block.attributes.push(attribute(member)),
        }
    }
    block
}

fn nested_block(
    member: &AttributeSpec,
    nesting: Nesting,
    attributes: &[AttributeSpec],
) -> tfplugin6::schema::NestedBlock {
    let mode = match nesting {
        Nesting::Single => BlockNesting::Single,
        Nesting::List => BlockNesting::List,
        Nesting::Set => BlockNesting::Set,
        Nesting::Map => BlockNesting::Map,
    };
    let required = i64::from(member.rules.mode == Mode::Required);
    let mut block = block(attributes);
    block.description.clone_from(&member.description);
    block.deprecated = member.rules.deprecated.is_some();
    member.rules.deprecated.unwrap_or_default().clone_into(&mut block.deprecation_message);
    tfplugin6::schema::NestedBlock {
        type_name: member.name.to_owned(),
        block: Some(block),
        nesting: mode.into(),
        min_items: if nesting == Nesting::Map { 0 } else { required },
        // Terraform wants min and max of a single block to be equal.
        max_items: if nesting == Nesting::Single { required } else { 0 },
    }
}

fn attribute(member: &AttributeSpec) -> tfplugin6::schema::Attribute {
    let rules = &member.rules;
    let (ty, nested_type) = match &member.shape {
        Shape::Plain(ty) => (type_bytes(ty), None),
        Shape::Nested(nesting, attributes) | Shape::Block(nesting, attributes) => {
            (Vec::new(), Some(object(*nesting, attributes)))
        }
    };
    tfplugin6::schema::Attribute {
        name: member.name.to_owned(),
        r#type: ty,
        nested_type,
        description: member.description.clone(),
        required: rules.mode == Mode::Required,
        optional: matches!(rules.mode, Mode::Optional | Mode::OptionalComputed),
        computed: rules.mode.is_computed(),
        sensitive: rules.sensitive,
        description_kind: tfplugin6::StringKind::Markdown.into(),
        deprecated: rules.deprecated.is_some(),
        write_only: rules.write_only,
        deprecation_message: rules.deprecated.unwrap_or_default().to_owned(),
    }
}

fn object(nesting: Nesting, attributes: &[AttributeSpec]) -> tfplugin6::schema::Object {
    let mode = match nesting {
        Nesting::Single => NestingMode::Single,
        Nesting::List => NestingMode::List,
        Nesting::Set => NestingMode::Set,
        Nesting::Map => NestingMode::Map,
    };
    tfplugin6::schema::Object {
        attributes: attributes.iter().map(attribute).collect(),
        nesting: mode.into(),
        ..tfplugin6::schema::Object::default()
    }
}
