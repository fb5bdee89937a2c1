//! `CloudFormation`: what a stack's template makes of IAM, by hand or through the serverless transform.
//!
//! Intrinsic functions are evaluated as far as the template and the stack's parameters say; the rest is unknown.

mod intrinsic;
mod reader;
mod types;

use policy::verdict::Why;

use crate::model::Resource;
use crate::value::Value;

use super::{Made, Part, Platform, documents, map_of_pairs, not_known};
use intrinsic::Stack;
use reader::Reader;

/// The transforms that a template may go through and still say what it makes.
const TRANSFORMS: &[&str] = &["AWS::Serverless-2016-10-31", "AWS::LanguageExtensions"];

/// `aws_cloudformation_stack` and `aws_cloudformation_stack_set`.
pub(super) fn stack(resource: &Resource) -> Vec<Part> {
    let said = |name: &str| resource.after.get(name);
    let mut parts = Vec::new();
    if let Some(url) = said("template_url").text().filter(|_| said("template_body").is_null()) {
        let unknown = url.holes().map(|hole| hole.origin.to_string()).collect();
        let reason = format!("the template at `{url}` is no part of the plan");
        parts.push(unread("template_url", Why { reason, unknown }));
    }
    let body = said("template_body");
    if body.is_null() {
        return parts;
    }
    let text = match body {
        Value::String(text) => text,
        Value::Null
        | Value::Bool(_)
        | Value::Number(_)
        | Value::List(_)
        | Value::Object(_)
        | Value::Unknown(_) => {
            parts.push(unread("template_body", not_known("template_body", body)));
            return parts;
        }
    };
    match documents(text).as_deref() {
        Some([template]) => {
            read(template, "template_body", &resource.address, said("parameters"), &mut parts);
            if let Some(hole) = text.raw_hole() {
                let why = not_known("template_body", &Value::Unknown(hole.clone()));
                parts.push(unread("template_body", why));
            }
        }
        Some(_) | None if text.has_holes() => {
            parts.push(unread("template_body", not_known("template_body", body)));
        }
        Some(_) | None => {
            let why = Why::construct("`template_body` is no template that can be read");
            parts.push(unread("template_body", why));
        }
    }
    parts
}

/// `aws_serverlessapplicationrepository_cloudformation_stack`: its template is in the repository.
pub(super) fn published(resource: &Resource) -> Vec<Part> {
    // Without the capability it makes nothing of IAM.
    let makes = resource.after.get("capabilities").elements().iter();
    let mut makes = makes.filter(|it| it.as_str().is_none_or(|it| it.contains("IAM")));
    let why = Why::construct("what the application of the repository makes is no part of the plan");
    makes.next().map(|_| unread("application_id", why)).into_iter().collect()
}

/// `aws_cloudcontrolapi_resource`: one resource of `CloudFormation`.
pub(super) fn one(resource: &Resource) -> Vec<Part> {
    let said = |name: &str| resource.after.get(name);
    let mut parts = Vec::new();
    let state = said("desired_state");
    let known = state.text().and_then(|text| documents(&text)).and_then(|mut it| it.pop());
    let properties = known.unwrap_or_else(|| state.clone());
    let one =
        [("Type".to_owned(), said("type_name").clone()), ("Properties".to_owned(), properties)];
    let resources = [(resource.name.clone(), Value::Object(one.into()))];
    let template = [("Resources".to_owned(), Value::Object(resources.into()))];
    read(
        &Value::Object(template.into()),
        "desired_state",
        &resource.address,
        &Value::Null,
        &mut parts,
    );
    parts
}

fn unread(path: &str, why: Why) -> Part {
    Part::new(None, path, Made::Unread(Platform::Aws, why))
}

fn read(template: &Value, path: &str, address: &str, given: &Value, parts: &mut Vec<Part>) {
    let odd = template
        .get("Transform")
        .elements()
        .iter()
        .find(|name| name.as_str().is_none_or(|name| !TRANSFORMS.contains(&name)));
    if let Some(odd) = odd {
        let name = odd.text().unwrap_or_default();
        let reason =
            format!("the template goes through the macro `{name}`, which may add anything");
        parts.push(unread(path, Why::construct(reason)));
    }
    if !template.get(INCLUDE).is_null() {
        parts.push(included(path, "the template"));
    }
    let Value::Object(resources) = template.get("Resources") else {
        let why = if let Value::Unknown(_) = template {
            not_known(path, template)
        } else {
            Why::construct(format!("`{path}` is no template that can be read"))
        };
        return parts.push(unread(path, why));
    };
    let stack = Stack::new(template, given, address);
    for (id, resource) in resources {
        if id.starts_with("Fn::") {
            let reason = format!("what `{id}` of the template makes is not evaluated");
            parts.push(unread(path, Why::construct(reason)));
            continue;
        }
        let kind = resource.get("Type");
        let Some(name) = kind.as_str() else {
            parts.push(unread(path, not_known(path, kind)));
            continue;
        };
        let properties = resource.get("Properties");
        let open = |value: &Value| match value {
            Value::Object(fields) => {
                fields.keys().any(|name| name.starts_with("Fn::") || name.starts_with('!'))
            }
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::List(_)
            | Value::Unknown(_) => false,
        };
        if open(resource) || open(properties) && types::is_read(name) {
            parts.push(included(path, &format!("`{id}` of the template")));
        }
        if !resource.get("Connectors").is_null() || name == "AWS::Serverless::Connector" {
            let reason = format!("what the connectors of `{id}` permit is not evaluated");
            parts.push(unread(path, Why::construct(reason)));
        }
        let mut reader = Reader { stack: &stack, id, path, parts };
        reader.resource(name, properties);
    }
}

/// What takes in a text from elsewhere.
const INCLUDE: &str = "Fn::Transform";

fn included(path: &str, what: &str) -> Part {
    let reason = format!("{what} takes in what is written elsewhere, and no part of the plan");
    unread(path, Why::construct(reason))
}
