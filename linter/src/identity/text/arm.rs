//! Templates of Azure's resource manager, and resources that are written in its own words: identities, role assignments,
//! roles, access policies of key vaults.

use std::collections::BTreeMap;

use policy::text::{Hole, Part as TextPart, Shape, Text};
use policy::verdict::Why;

use crate::model::Resource;
use crate::value::Value;

use super::{Made, Part, Platform, documents, imperative, not_known, set};

/// Templates within templates end here, whatever a text says.
const DEEPEST: usize = 8;

/// `azurerm_*_template_deployment`
pub(super) fn deployment(resource: &Resource) -> Vec<Part> {
    let mut parts = Vec::new();
    if !resource.after.get("template_spec_version_id").is_null() {
        let why = Why::construct("what the template spec makes is no part of the plan");
        parts.push(unread("template_spec_version_id", why));
    }
    let group = resource.after.get("resource_group_name").text();
    let mut scope = Text::literal("/subscriptions/");
    scope.push(&Text::hole(format!("the subscription of {}", resource.address), Shape::Word));
    if let Some(group) = group {
        scope.push_str("/resourceGroups/");
        scope.push(&group);
    }
    for (argument, given) in
        [("template_content", "parameters_content"), ("template_body", "parameters_body")]
    {
        let value = resource.after.get(argument);
        if value.is_null() {
            continue;
        }
        let text = value.text().unwrap_or_default();
        let read = documents(&text).and_then(|mut found| found.pop());
        let Some(template @ Value::Object(_)) = read else {
            parts.push(unread(argument, cannot(argument, value)));
            continue;
        };
        if let Some(hole) = text.raw_hole() {
            parts.push(unread(argument, not_known(argument, &Value::Unknown(hole.clone()))));
        }
        let given = resource.after.get(given).text().and_then(|text| documents(&text));
        let given = given.and_then(|mut found| found.pop()).unwrap_or_default();
        let reader = Template { all: &template, given: &given, scope: &scope, path: argument };
        reader.resources(&member(&template, "resources"), DEEPEST, &mut parts);
    }
    parts
}

/// `azapi_resource`: one resource, whose body is an object or its JSON.
pub(super) fn azapi(resource: &Resource) -> Vec<Part> {
    let said = |name: &str| resource.after.get(name);
    let body = if let Value::String(text) = said("body") {
        documents(text).and_then(|mut found| found.pop())
    } else {
        Some(said("body").clone())
    };
    let Some(body) = body else { return vec![unread("body", cannot("body", said("body")))] };
    let kind = match said("type").as_str() {
        Some(kind) => Value::from(kind.split('@').next().unwrap_or(kind)),
        None => said("type").clone(),
    };
    let mut one = if let Value::Object(fields) = body {
        fields
    } else {
        [("properties".to_owned(), body)].into()
    };
    one.insert("type".to_owned(), kind);
    for name in ["name", "tags"] {
        if !said(name).is_null() {
            one.insert(name.to_owned(), said(name).clone());
        }
    }
    let scope = said("parent_id").text().unwrap_or_default();
    let none = Value::Null;
    let reader = Template { all: &none, given: &none, scope: &scope, path: "body" };
    let mut parts = Vec::new();
    reader.resource(&Value::Object(one), DEEPEST, &mut parts);
    if let [only] = parts.as_mut_slice() {
        only.label = None;
    }
    parts
}

fn unread(path: &str, why: Why) -> Part {
    Part::new(None, path, Made::Unread(Platform::Azure, why))
}

/// A member of an object of a template. Azure does not care for the case of names; a name that is there twice is not sure.
fn member(of: &Value, name: &str) -> Value {
    let Value::Object(fields) = of else {
        return of.get(name).clone();
    };
    let mut found = fields.iter().filter(|(own, _)| own.eq_ignore_ascii_case(name));
    match (found.next(), found.next()) {
        (Some((_, value)), None) => value.clone(),
        (Some(_), Some(_)) => Value::String(Text::hole(format!("`{name}`"), Shape::Any)),
        (None, _) => Value::Null,
    }
}

/// Whether a value is put together by Azure, and not as it is written.
fn is_expression(value: &Value) -> bool {
    let first = |text: &Text| match text.parts().first() {
        Some(TextPart::Literal(first)) => first.starts_with('[') && !first.starts_with("[["),
        Some(TextPart::Hole(_)) => true,
        None => false,
    };
    matches!(value, Value::Unknown(_)) || matches!(value, Value::String(text) if first(text))
}

fn cannot(path: &str, value: &Value) -> Why {
    if value.has_unknown() {
        not_known(path, value)
    } else {
        Why::construct(format!("`{path}` is no template that can be read"))
    }
}

struct Template<'a> {
    all: &'a Value,
    given: &'a Value,
    /// Where it is deployed.
    scope: &'a Text,
    path: &'a str,
}

impl Template<'_> {
    fn resources(&self, resources: &Value, depth: usize, parts: &mut Vec<Part>) {
        match resources {
            // The newer language has an object, with symbolic names.
            Value::Object(named) => {
                for one in named.values() {
                    self.resource(one, depth, parts);
                }
            }
            Value::List(items) => {
                for one in items {
                    self.resource(one, depth, parts);
                }
            }
            Value::Unknown(_) => parts.push(unread(self.path, not_known(self.path, resources))),
            Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                let reason = format!("the resources of `{}` are put together by Azure", self.path);
                parts.push(unread(self.path, Why::construct(reason)));
            }
            Value::Null => {}
        }
    }

    fn resource(&self, one: &Value, depth: usize, parts: &mut Vec<Part>) {
        let Some(depth) = depth.checked_sub(1) else {
            return parts
                .push(unread(self.path, Why::construct("the template is nested too deep")));
        };
        let said = member(one, "type");
        let Some(kind) = said.as_str() else {
            return parts.push(unread(self.path, cannot(self.path, &said)));
        };
        if kind.starts_with('[') && !kind.starts_with("[[") {
            let reason = format!("the type `{kind}` in `{}` is put together by Azure", self.path);
            return parts.push(unread(self.path, Why::construct(reason)));
        }
        let properties = &member(one, "properties");
        // What a role is about is before the type in that of an extension: `…/vaults/providers/roleAssignments`.
        let short = kind.rsplit('/').next().unwrap_or(kind).to_ascii_lowercase();
        let lower = kind.to_ascii_lowercase();
        let name = self.value(&member(one, "name"));
        let label = format!(
            "{}/{}",
            kind.rsplit('/').next().unwrap_or(kind),
            name.text().unwrap_or_default()
        );
        let mut add = |made, after| {
            parts.push(Part::new(Some(label.clone()), self.path, Made::Resource(made, after)));
        };
        let judged =
            ["roleassignments", "roledefinitions", "vaults", "accesspolicies", "deployments"];
        if judged.contains(&short.as_str()) && matches!(properties, Value::String(_)) {
            return parts.push(unread(self.path, cannot(self.path, properties)));
        }
        match short.as_str() {
            "roleassignments" => add("azurerm_role_assignment", self.assignment(one, properties)),
            "roledefinitions" => add("azurerm_role_definition", self.definition(properties, name)),
            "userassignedidentities" => {
                let tags = member(one, "tags");
                let after = [("name".to_owned(), name), ("tags".to_owned(), tags)];
                add("azurerm_user_assigned_identity", after.into());
            }
            "vaults" | "accesspolicies" if lower.starts_with("microsoft.keyvault/") => {
                for policy in member(properties, "accessPolicies").elements() {
                    add("azurerm_key_vault_access_policy", self.access(policy));
                }
            }
            "deploymentscripts" if lower.starts_with("microsoft.resources/") => {
                let script = &member(properties, "scriptContent");
                let run = set(script).map_or_else(
                    || {
                        let reason = "what a script of the template makes is no part of the plan";
                        vec![unread(self.path, Why::construct(reason))]
                    },
                    |script| imperative::written(script, self.path),
                );
                parts.extend(run);
            }
            "deployments" if lower == "microsoft.resources/deployments" => {
                let inner = &member(properties, "template");
                if inner.is_null() {
                    let reason = "what a linked template makes is no part of the plan";
                    parts.push(unread(self.path, Why::construct(reason)));
                } else {
                    // Unless it is said otherwise, its expressions are those of the template around it.
                    let options = member(properties, "expressionEvaluationOptions");
                    let scope = member(&options, "scope");
                    let own = scope.as_str().is_some_and(|it| it.eq_ignore_ascii_case("inner"));
                    let given = &member(properties, "parameters");
                    let inside = if own {
                        Template { all: inner, given, ..*self }
                    } else {
                        Template { ..*self }
                    };
                    inside.resources(&member(inner, "resources"), depth, parts);
                }
            }
            _ => {}
        }
        self.resources(&member(one, "resources"), depth, parts);
    }

    fn assignment(&self, one: &Value, properties: &Value) -> BTreeMap<String, Value> {
        let said = member(one, "scope");
        let said = set(&said);
        let scope = said.map_or_else(|| Value::String(self.scope.clone()), |it| self.value(it));
        [
            ("principal_id".to_owned(), self.value(&member(properties, "principalId"))),
            ("role_definition_id".to_owned(), self.value(&member(properties, "roleDefinitionId"))),
            ("condition".to_owned(), self.value(&member(properties, "condition"))),
            ("scope".to_owned(), scope),
        ]
        .into()
    }

    fn definition(&self, properties: &Value, name: Value) -> BTreeMap<String, Value> {
        let names = [
            ("actions", "actions"),
            ("notActions", "not_actions"),
            ("dataActions", "data_actions"),
            ("notDataActions", "not_data_actions"),
        ];
        // What Azure puts together is not known here.
        let opened = |value: Value| if is_expression(&value) { self.opened(&value) } else { value };
        let permissions = opened(member(properties, "permissions"));
        let blocks = permissions.elements().iter().map(|block| {
            let block = opened(block.clone());
            if let Value::Unknown(_) = block {
                return block;
            }
            let said = |name: &str| {
                let said = opened(member(&block, name));
                let Value::List(items) = said else { return said };
                Value::List(items.into_iter().map(opened).collect())
            };
            Value::Object(names.iter().map(|(from, to)| ((*to).to_owned(), said(from))).collect())
        });
        let own = self.value(&member(properties, "roleName"));
        [
            ("name".to_owned(), if own.is_null() { name } else { own }),
            ("permissions".to_owned(), Value::List(blocks.collect())),
        ]
        .into()
    }

    fn access(&self, policy: &Value) -> BTreeMap<String, Value> {
        let permissions = member(policy, "permissions");
        [
            ("object_id".to_owned(), self.value(&member(policy, "objectId"))),
            ("key_vault_id".to_owned(), Value::String(self.scope.clone())),
            ("key_permissions".to_owned(), member(&permissions, "keys")),
            ("secret_permissions".to_owned(), member(&permissions, "secrets")),
            ("certificate_permissions".to_owned(), member(&permissions, "certificates")),
            ("storage_permissions".to_owned(), member(&permissions, "storage")),
        ]
        .into()
    }

    /// What an expression gives that may be any value.
    fn opened(&self, value: &Value) -> Value {
        if let Value::Unknown(_) = value {
            return value.clone();
        }
        let origin = format!("{} in `{}`", value.text().unwrap_or_default(), self.path);
        Value::Unknown(Hole { origin: origin.into(), shape: Shape::Any })
    }

    /// A value; of an expression what it gives, where that is a parameter, a variable, or the id of something built in.
    fn value(&self, value: &Value) -> Value {
        let Some(text) = value.as_str() else { return value.clone() };
        let Some(expression) = text.strip_prefix('[').and_then(|it| it.strip_suffix(']')) else {
            return value.clone();
        };
        if let Some(rest) = expression.strip_prefix('[') {
            return Value::String(Text::literal(format!("[{rest}]")));
        }
        let argument = |function: &str| {
            let inside = expression.strip_prefix(function)?.strip_prefix('(')?.strip_suffix(')')?;
            let inside = inside.trim().strip_prefix('\'')?.strip_suffix('\'')?;
            (!inside.contains('\'')).then_some(inside)
        };
        let known = argument("parameters").map(|name| {
            let default = member(&member(&member(self.all, "parameters"), name), "defaultValue");
            let given = member(&member(self.given, name), "value");
            if given.is_null() { default } else { given }
        });
        let known =
            known.or_else(|| Some(member(&member(self.all, "variables"), argument("variables")?)));
        if let Some(known) = known.filter(|known| !known.is_null()) {
            let is_expression = known.as_str().is_some_and(|text| text.starts_with('['));
            if !is_expression || known.as_str() != Some(text) && argument("variables").is_some() {
                return if is_expression {
                    self.built_in(known.as_str().unwrap_or_default())
                } else {
                    known.clone()
                };
            }
        }
        self.built_in(text)
    }

    /// `[subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '…')]`
    fn built_in(&self, text: &str) -> Value {
        let inside = text.trim_start_matches('[').trim_end_matches(']');
        let id = inside
            .strip_prefix("subscriptionResourceId(")
            .or_else(|| inside.strip_prefix("tenantResourceId("))
            .or_else(|| inside.strip_prefix("resourceId("))
            .and_then(|rest| rest.strip_suffix(')'))
            .and_then(|rest| rest.split_once(','))
            .filter(|(kind, _)| {
                kind.trim().eq_ignore_ascii_case("'Microsoft.Authorization/roleDefinitions'")
            })
            .and_then(|(_, id)| id.trim().strip_prefix('\'')?.strip_suffix('\''));
        match id {
            Some(id) if !id.contains('\'') => Value::String(Text::literal(format!(
                "/providers/Microsoft.Authorization/roleDefinitions/{id}"
            ))),
            Some(_) | None => {
                let origin = format!("{inside} in `{}`", self.path);
                Value::String(Text::hole(origin, Shape::Any))
            }
        }
    }
}
