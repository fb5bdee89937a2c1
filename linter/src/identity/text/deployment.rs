//! Google's Deployment Manager: service accounts, keys and bindings of a configuration.

use std::collections::BTreeMap;

use policy::verdict::Why;

use crate::model::Resource;
use crate::value::Value;

use super::super::dig;
use super::{Made, Part, Platform, documents, not_known};

/// What a deployment makes.
pub(super) fn manager(resource: &Resource) -> Vec<Part> {
    let mut parts = Vec::new();
    if !dig(&resource.after, "target.imports").0.elements().is_empty() {
        let why = Why::construct("what imported templates make is not evaluated");
        parts.push(unread(why));
    }
    let (content, _) = dig(&resource.after, "target.config.content");
    if content.is_null() {
        return parts;
    }
    let read = content.text().and_then(|text| documents(&text)).and_then(|mut found| found.pop());
    let Some(configuration @ Value::Object(_)) = read else {
        let why = if content.has_unknown() {
            not_known("target", content)
        } else {
            Why::construct("`target` holds no configuration that can be read")
        };
        parts.push(unread(why));
        return parts;
    };
    if let Some(hole) = content.text().as_ref().and_then(|text| text.raw_hole().cloned()) {
        parts.push(unread(not_known("target", &Value::Unknown(hole))));
    }
    for one in configuration.get("resources").elements() {
        read_one(one, &mut parts);
    }
    parts
}

fn unread(why: Why) -> Part {
    Part::new(None, "target", Made::Unread(Platform::Google, why))
}

fn read_one(one: &Value, parts: &mut Vec<Part>) {
    let Some(kind) = one.get("type").as_str() else {
        return parts.push(unread(not_known("target", one)));
    };
    let properties = one.get("properties");
    let label = one.get("name").text().unwrap_or_default().to_string();
    let mut add = |made, after: BTreeMap<String, Value>| {
        parts.push(Part::new(Some(label.clone()), "target", Made::Resource(made, after)));
    };
    let field = |from: &str, to: &str| (to.to_owned(), properties.get(from).clone());
    if kind.ends_with("iam.v1.serviceAccount") {
        let after = [field("accountId", "account_id"), field("displayName", "display_name")];
        add("google_service_account", after.into());
    } else if kind.ends_with("iam.v1.serviceAccounts.key") {
        add("google_service_account_key", [field("parent", "service_account_id")].into());
    } else if kind.ends_with("virtual.projects.iamMemberBinding") {
        let after =
            [field("resource", "project"), field("role", "role"), field("member", "member")];
        add("google_project_iam_member", after.into());
    } else if matches!(kind.rsplit_once('.'), Some((_, "py" | "jinja"))) {
        let why = Why::construct(format!("what the template `{kind}` makes is not evaluated"));
        parts.push(unread(why));
        return;
    }
    for binding in one.get("accessControl").get("gcpIamPolicy").get("bindings").elements() {
        let after =
            ["role", "members"].map(|name| (name.to_owned(), binding.get(name).clone())).into();
        parts.push(Part::new(
            Some(label.clone()),
            "target",
            Made::Resource("google_resource_iam_binding", after),
        ));
    }
}
