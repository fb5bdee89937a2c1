//! What comes of a template whose parameters have values: the documents that an ordinary provider's resources take.
//!
//! INVARIANT: values are put into strings of a document that is already a tree, and the tree is printed. No value can end a string, open an
//! object or add a statement. The output is compact, with the names of every object in alphabetical order, so that the same template and
//! values give the same bytes.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};

use super::bind::Bound;
use super::expression::{Interpolated, Member, Piece, Value};
use super::model::{Azure, Gcp, GitHub, Kubernetes, KubernetesRule, Platform, Spanned, Vault};
use crate::json::{self, JsonError, Node};
use crate::text::Text;

/// The ceiling on AWS as documents.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RenderedAws {
    /// The identity policy.
    pub permissions: Option<String>,
    /// The trust policy.
    pub trust: Option<String>,
    /// The glob that the permissions boundary must match.
    pub boundary: Option<String>,
}

/// The ceiling on Kubernetes as RBAC rules.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RenderedKubernetes {
    /// The namespaces that the rules hold in.
    pub namespaces: Vec<String>,
    /// The rules of a `Role`, as a JSON list.
    pub rules: String,
}

impl Interpolated {
    /// The string with its parameters filled in; None if one has no value.
    pub fn fill(&self, values: &BTreeMap<String, String>) -> Option<String> {
        let mut out = String::new();
        for piece in self.pieces() {
            out.push_str(match piece {
                Piece::Literal(text) => text,
                Piece::Parameter(name) => values.get(&name.value)?,
            });
        }
        Some(out)
    }

    /// The same with values that may have unknown parts.
    pub fn fill_text(&self, values: &BTreeMap<String, Text>) -> Option<Text> {
        let mut out = Text::new();
        for piece in self.pieces() {
            match piece {
                Piece::Literal(text) => out.push_str(text),
                Piece::Parameter(name) => out.push(values.get(&name.value)?),
            }
        }
        Some(out)
    }
}

impl Value {
    /// The value as JSON with its parameters filled in; None if one has no value, or if two names of an object become
    /// the same.
    pub fn fill(&self, values: &BTreeMap<String, String>) -> Option<Json> {
        Some(match self {
            Self::String(text) => Json::String(text.fill(values)?),
            Self::Number(number) => Json::Number(number.clone()),
            Self::Bool(value) => Json::Bool(*value),
            Self::List(items) => {
                items.iter().map(|item| item.value.fill(values)).collect::<Option<_>>()?
            }
            Self::Object(members) => {
                let mut object = Map::new();
                for member in members {
                    let name = member.name.value.fill(values)?;
                    let value = member.value.value.fill(values)?;
                    // The second would replace the first, and a condition would be gone.
                    if object.insert(name, value).is_some() {
                        return None;
                    }
                }
                Json::Object(object)
            }
            Self::Json(inner) => Json::String(inner.value.fill(values)?.to_string()),
        })
    }
}

/// A document as the tree that its JSON text would be read as, its spans those of the template's file. None if a parameter has no value.
pub(super) fn tree(
    value: &Spanned<Value>,
    values: &BTreeMap<String, Text>,
) -> Option<Result<Node, JsonError>> {
    let tree = match &value.value {
        Value::String(text) => json::Value::String(text.fill_text(values)?),
        Value::Number(number) => json::Value::Number(number.to_string()),
        Value::Bool(value) => json::Value::Bool(*value),
        Value::List(items) => {
            let mut nodes = Vec::with_capacity(items.len());
            for item in items {
                match tree(item, values)? {
                    Ok(node) => nodes.push(node),
                    Err(error) => return Some(Err(error)),
                }
            }
            json::Value::Array(nodes)
        }
        Value::Object(members) => {
            let mut nodes = Vec::with_capacity(members.len());
            for Member { name, value } in members {
                match tree(value, values)? {
                    Ok(value) => nodes.push(json::Member {
                        name: name.value.fill_text(values)?,
                        name_span: name.span,
                        value,
                    }),
                    Err(error) => return Some(Err(error)),
                }
            }
            // Names differ as they are written; only values can make them the same.
            if members.iter().any(|member| member.name.value.as_literal().is_none())
                && let Some(error) = json::repeated(&nodes)
            {
                return Some(Err(error));
            }
            json::Value::Object(nodes)
        }
        Value::Json(inner) => json::Value::String(json_text(&inner.value, values)?),
    };
    Some(Ok(Node { value: tree, span: value.span }))
}

/// A document as JSON text in which the values of parameters may have unknown parts; None if a parameter has no value.
pub(super) fn json_text(value: &Value, values: &BTreeMap<String, Text>) -> Option<Text> {
    let mut out = Text::new();
    write_json(value, values, &mut out)?;
    Some(out)
}

fn write_json(value: &Value, values: &BTreeMap<String, Text>, out: &mut Text) -> Option<()> {
    match value {
        Value::String(text) => write_string(&text.fill_text(values)?, out),
        Value::Number(number) => out.push_str(&number.to_string()),
        Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Value::List(items) => {
            out.push_str("[");
            for (index, item) in items.iter().enumerate() {
                out.push_str(if index == 0 { "" } else { "," });
                write_json(&item.value, values, out)?;
            }
            out.push_str("]");
        }
        Value::Object(members) => {
            out.push_str("{");
            for (index, member) in members.iter().enumerate() {
                out.push_str(if index == 0 { "" } else { "," });
                write_string(&member.name.value.fill_text(values)?, out);
                out.push_str(":");
                write_json(&member.value.value, values, out)?;
            }
            out.push_str("}");
        }
        Value::Json(inner) => {
            let inner = json_text(&inner.value, values)?;
            write_string(&inner, out);
        }
    }
    Some(())
}

fn write_string(text: &Text, out: &mut Text) {
    let escaped = text.map_literals(|literal| {
        let quoted = Json::from(literal).to_string();
        quoted.strip_prefix('"').and_then(|it| it.strip_suffix('"')).unwrap_or_default().to_owned()
    });
    out.push_str("\"");
    out.push(&escaped);
    out.push_str("\"");
}

impl Bound<'_> {
    /// The ceiling on AWS; None if the template has none or a parameter of it has no value.
    pub fn aws(&self) -> Option<RenderedAws> {
        let aws = self.template.aws.as_ref()?;
        let document = |document: &Option<Spanned<Value>>| match document {
            Some(document) => Some(Some(document.value.fill(&self.values)?.to_string())),
            None => Some(None),
        };
        let boundary = match &aws.boundary {
            Some(boundary) => Some(boundary.value.fill(&self.values)?),
            None => None,
        };
        Some(RenderedAws {
            permissions: document(&aws.permissions)?,
            trust: document(&aws.trust)?,
            boundary,
        })
    }

    /// The ceiling on Kubernetes; None if the template has none or a parameter of it has no value.
    pub fn kubernetes(&self) -> Option<RenderedKubernetes> {
        let Kubernetes { namespaces, rules } = self.kubernetes_strings()?;
        let rule = |rule: &KubernetesRule<String>| {
            let KubernetesRule { api_groups, resources, resource_names, verbs } = rule;
            let mut out =
                json!({ "apiGroups": api_groups, "resources": resources, "verbs": verbs });
            // An empty list would be the same to Kubernetes, and a difference to whoever compares.
            if let Json::Object(out) = &mut out
                && !resource_names.is_empty()
            {
                out.insert("resourceNames".to_owned(), json!(resource_names));
            }
            out
        };
        let rules: Json = rules.iter().map(rule).collect();
        Some(RenderedKubernetes { namespaces, rules: rules.to_string() })
    }

    /// The Kubernetes block with its parameters filled in.
    pub fn kubernetes_strings(&self) -> Option<Kubernetes<String>> {
        self.template.kubernetes.as_ref()?.try_map(|it| it.value.fill(&self.values))
    }

    /// The Google Cloud block with its parameters filled in.
    pub fn gcp_strings(&self) -> Option<Gcp<String>> {
        self.template.gcp.as_ref()?.try_map(|it| it.value.fill(&self.values))
    }

    /// The Azure block with its parameters filled in.
    pub fn azure_strings(&self) -> Option<Azure<String>> {
        self.template.azure.as_ref()?.try_map(|it| it.value.fill(&self.values))
    }

    /// The Vault block with its parameters filled in.
    pub fn vault_strings(&self) -> Option<Vault<String>> {
        self.template.vault.as_ref()?.try_map(|it| it.value.fill(&self.values))
    }

    /// The GitHub block with its parameters filled in.
    pub fn github_strings(&self) -> Option<GitHub<String>> {
        self.template.github.as_ref()?.try_map(|it| it.value.fill(&self.values))
    }

    /// Whether everything that the block of a platform needs has a value.
    pub fn renders(&self, platform: Platform) -> bool {
        self.template.covers(platform) && self.missing(platform).is_empty()
    }
}
