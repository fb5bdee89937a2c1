//! Schemas as data. What Terraform is told, what validation checks, how a plan treats an attribute, and the documentation
//! all derive from this one description.

use std::collections::BTreeMap;

use crate::ty::Type;
use crate::value::Value;

pub(crate) mod to_proto;
pub(crate) mod validation;
#[cfg(test)]
pub(crate) mod validity;

/// The schema of a resource, data source or provider configuration.
#[derive(Clone, Debug)]
pub struct Schema {
    /// Version of the stored form; raise it together with an upgrade.
    pub version: i64,
    /// What it is, in Markdown.
    pub description: String,
    /// Attributes and blocks, in the order of the documentation.
    pub attributes: Vec<AttributeSpec>,
}

impl Schema {
    /// The implied object type: all attributes and blocks.
    pub fn ty(&self) -> Type {
        object_type(&self.attributes)
    }
}

/// One attribute or block.
#[derive(Clone, Debug)]
pub struct AttributeSpec {
    /// Its name in configuration.
    pub name: &'static str,
    /// What it means, in Markdown.
    pub description: String,
    /// Its type, or its nested attributes.
    pub shape: Shape,
    /// Who sets it and what follows from a change.
    pub rules: Rules,
}

impl AttributeSpec {
    /// An attribute documented by `lines` of doc comment.
    pub fn new(name: &'static str, lines: &str, shape: Shape, rules: Rules) -> Self {
        let words: Vec<&str> = lines.split_whitespace().collect();
        Self { name, description: words.join(" "), shape, rules }
    }

    /// The type of its values.
    pub fn ty(&self) -> Type {
        self.shape.ty()
    }

    /// Whether it is a block.
    pub fn is_block(&self) -> bool {
        matches!(self.shape, Shape::Block(..))
    }
}

/// What an attribute holds.
#[derive(Clone, Debug)]
pub enum Shape {
    /// A value of a type.
    Plain(Type),
    /// Objects with attributes of their own (`rotation = { … }`).
    Nested(Nesting, Vec<AttributeSpec>),
    /// Blocks with attributes of their own (`issuer { … }`).
    Block(Nesting, Vec<AttributeSpec>),
}

impl Shape {
    /// The type of the values of this shape.
    pub fn ty(&self) -> Type {
        match self {
            Self::Plain(ty) => ty.clone(),
            Self::Nested(nesting, attributes) | Self::Block(nesting, attributes) => {
                nesting.of(object_type(attributes))
            }
        }
    }

    /// The nested attributes, if it has any.
    pub fn nested(&self) -> Option<(Nesting, &[AttributeSpec])> {
        match self {
            Self::Plain(_) => None,
            Self::Nested(nesting, attributes) | Self::Block(nesting, attributes) => {
                Some((*nesting, attributes))
            }
        }
    }

    /// A collection of this shape.
    #[must_use]
    pub fn collected(self, nesting: Nesting) -> Self {
        match self {
            Self::Nested(Nesting::Single, attributes) => Self::Nested(nesting, attributes),
            Self::Block(Nesting::Single, attributes) => Self::Block(nesting, attributes),
            Self::Plain(_) | Self::Nested(..) | Self::Block(..) => {
                Self::Plain(nesting.of(self.ty()))
            }
        }
    }
}

/// How nested objects are collected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nesting {
    /// One object.
    Single,
    /// A list of them.
    List,
    /// A set of them.
    Set,
    /// A map of them.
    Map,
}

impl Nesting {
    fn of(self, element: Type) -> Type {
        match self {
            Self::Single => element,
            Self::List => Type::list(element),
            Self::Set => Type::set(element),
            Self::Map => Type::map(element),
        }
    }
}

/// Who sets an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// The configuration, always.
    Required,
    /// The configuration, or nobody.
    Optional,
    /// The provider.
    Computed,
    /// The configuration, else the provider.
    OptionalComputed,
}

impl Mode {
    /// Whether the provider may set it.
    pub fn is_computed(self) -> bool {
        matches!(self, Self::Computed | Self::OptionalComputed)
    }

    /// Whether the configuration may set it.
    pub fn is_configurable(self) -> bool {
        self != Self::Computed
    }
}

/// A check of text: what is wrong with it and the way out, as a phrase.
pub type Check = fn(&str) -> Result<(), String>;

/// Who sets an attribute, what it may hold, and what follows from a change. Made with [`required`], [`optional`],
/// [`computed`] or [`optional_computed`].
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of Terraform's own schema")]
pub struct Rules {
    /// Who sets it.
    pub mode: Mode,
    /// Terraform hides it in its output.
    pub sensitive: bool,
    /// It is in the configuration only, never in plan or state.
    pub write_only: bool,
    /// Why not to use it any more.
    pub deprecated: Option<&'static str>,
    /// A change replaces the resource.
    pub replaces: bool,
    /// A computed value keeps its prior value in an update, instead of becoming unknown.
    pub stable: bool,
    /// The value where the configuration has none.
    pub default: Option<Value>,
    /// The only texts allowed; empty for any.
    pub one_of: &'static [&'static str],
    /// A check of each known text in it.
    pub check: Option<Check>,
}

impl Rules {
    const fn new(mode: Mode) -> Self {
        Self {
            mode,
            sensitive: false,
            write_only: false,
            deprecated: None,
            replaces: false,
            stable: false,
            default: None,
            one_of: &[],
            check: None,
        }
    }

    /// Terraform hides it in its output.
    #[must_use]
    pub fn sensitive(mut self) -> Self {
        self.sensitive = true;
        self
    }

    /// In the configuration only, never in plan or state.
    #[must_use]
    pub fn write_only(mut self) -> Self {
        self.write_only = true;
        self
    }

    /// Not to be used any more, and why.
    #[must_use]
    pub fn deprecated(mut self, why: &'static str) -> Self {
        self.deprecated = Some(why);
        self
    }

    /// A change replaces the resource.
    #[must_use]
    pub fn replaces(mut self) -> Self {
        self.replaces = true;
        self
    }

    /// Keeps its prior value in an update, instead of becoming unknown.
    #[must_use]
    pub fn stable(mut self) -> Self {
        self.stable = true;
        self
    }

    /// The value where the configuration has none; makes an optional attribute computed as well.
    #[must_use]
    pub fn default(mut self, value: impl Into<Value>) -> Self {
        self.mode = Mode::OptionalComputed;
        self.default = Some(value.into());
        self
    }

    /// Only these texts.
    #[must_use]
    pub fn one_of(mut self, texts: &'static [&'static str]) -> Self {
        self.one_of = texts;
        self
    }

    /// Checks each known text in it.
    #[must_use]
    pub fn check(mut self, check: Check) -> Self {
        self.check = Some(check);
        self
    }
}

/// Set by the configuration, always.
pub const fn required() -> Rules {
    Rules::new(Mode::Required)
}

/// Set by the configuration, or by nobody.
pub const fn optional() -> Rules {
    Rules::new(Mode::Optional)
}

/// Set by the provider.
pub const fn computed() -> Rules {
    Rules::new(Mode::Computed)
}

/// Set by the configuration, else by the provider.
pub const fn optional_computed() -> Rules {
    Rules::new(Mode::OptionalComputed)
}

/// The object type of these attributes.
pub(crate) fn object_type(attributes: &[AttributeSpec]) -> Type {
    let types = attributes.iter().map(|attribute| (attribute.name.to_owned(), attribute.ty()));
    Type::Object(types.collect::<BTreeMap<_, _>>())
}
