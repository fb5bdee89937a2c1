//! The types of Terraform values, and the JSON in which the protocol writes them.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

/// How deep types and values may nest. Terraform has no limit; ours keeps hostile input off the stack.
pub(crate) const MAX_DEPTH: usize = 64;

/// The type of a value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Type {
    /// `bool`.
    Bool,
    /// `number`.
    Number,
    /// `string`.
    String,
    /// Any type; the value carries its own.
    Dynamic,
    /// `list(…)`.
    List(Box<Self>),
    /// `set(…)`.
    Set(Box<Self>),
    /// `map(…)`.
    Map(Box<Self>),
    /// `tuple([…])`.
    Tuple(Vec<Self>),
    /// `object({…})`: exactly these attributes.
    Object(BTreeMap<String, Self>),
}

impl Type {
    /// `list(element)`.
    pub fn list(element: Self) -> Self {
        Self::List(Box::new(element))
    }

    /// `set(element)`.
    pub fn set(element: Self) -> Self {
        Self::Set(Box::new(element))
    }

    /// `map(element)`.
    pub fn map(element: Self) -> Self {
        Self::Map(Box::new(element))
    }

    /// `object({…})`.
    pub fn object<const N: usize>(attributes: [(&str, Self); N]) -> Self {
        Self::Object(attributes.into_iter().map(|(name, ty)| (name.to_owned(), ty)).collect())
    }

    /// The protocol's JSON for this type.
    pub fn to_json(&self) -> Json {
        match self {
            Self::Bool => json!("bool"),
            Self::Number => json!("number"),
            Self::String => json!("string"),
            Self::Dynamic => json!("dynamic"),
            Self::List(element) => json!(["list", element.to_json()]),
            Self::Set(element) => json!(["set", element.to_json()]),
            Self::Map(element) => json!(["map", element.to_json()]),
            Self::Tuple(elements) => {
                json!(["tuple", elements.iter().map(Self::to_json).collect::<Vec<_>>()])
            }
            Self::Object(attributes) => {
                let attributes = attributes.iter().map(|(name, ty)| (name.clone(), ty.to_json()));
                json!(["object", attributes.collect::<serde_json::Map<_, _>>()])
            }
        }
    }

    /// Reads the protocol's JSON for a type.
    pub fn from_json(json: &Json) -> Option<Self> {
        Self::from_json_within(json, MAX_DEPTH)
    }

    fn from_json_within(json: &Json, depth: usize) -> Option<Self> {
        let depth = depth.checked_sub(1)?;
        let nested = |json| Self::from_json_within(json, depth);
        if let Some(name) = json.as_str() {
            return match name {
                "bool" => Some(Self::Bool),
                "number" => Some(Self::Number),
                "string" => Some(Self::String),
                "dynamic" => Some(Self::Dynamic),
                _ => None,
            };
        }
        // An object may carry a third element, the names of its optional attributes, which only type constraints have.
        let [constructor, argument, ..] = json.as_array()?.as_slice() else { return None };
        match constructor.as_str()? {
            "list" => nested(argument).map(Self::list),
            "set" => nested(argument).map(Self::set),
            "map" => nested(argument).map(Self::map),
            "tuple" => {
                argument.as_array()?.iter().map(nested).collect::<Option<_>>().map(Self::Tuple)
            }
            "object" => {
                let attributes = argument.as_object()?.iter();
                let attributes = attributes.map(|(name, ty)| Some((name.clone(), nested(ty)?)));
                attributes.collect::<Option<_>>().map(Self::Object)
            }
            _ => None,
        }
    }

    /// Whether `dynamic` occurs anywhere within.
    pub fn has_dynamic(&self) -> bool {
        match self {
            Self::Bool | Self::Number | Self::String => false,
            Self::Dynamic => true,
            Self::List(element) | Self::Set(element) | Self::Map(element) => element.has_dynamic(),
            Self::Tuple(elements) => elements.iter().any(Self::has_dynamic),
            Self::Object(attributes) => attributes.values().any(Self::has_dynamic),
        }
    }

    /// What the type is called in messages, with its article.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Bool => "a bool",
            Self::Number => "a number",
            Self::String => "a string",
            Self::Dynamic => "any value",
            Self::List(_) => "a list",
            Self::Set(_) => "a set",
            Self::Map(_) => "a map",
            Self::Tuple(_) => "a tuple",
            Self::Object(_) => "an object",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_round_trip_through_json() {
        let ty = Type::object([
            ("a", Type::list(Type::set(Type::map(Type::String)))),
            ("b", Type::Tuple(vec![Type::Bool, Type::Number, Type::Dynamic])),
        ]);
        let json = ty.to_json();
        assert_eq!(
            json.to_string(),
            r#"["object",{"a":["list",["set",["map","string"]]],"b":["tuple",["bool","number","dynamic"]]}]"#
        );
        assert_eq!(Type::from_json(&json), Some(ty));
    }

    #[test]
    fn deep_types_are_refused() {
        let deep = (0..MAX_DEPTH).fold(json!("string"), |inner, _| json!(["list", inner]));
        assert_eq!(Type::from_json(&deep), None);
        assert_eq!(Type::from_json(&json!(["list"])), None);
        assert_eq!(Type::from_json(&json!("text")), None);
    }
}
