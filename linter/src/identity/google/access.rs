//! The older lists of who may do what: of buckets, of objects, of datasets of `BigQuery`.

use policy::gcp;
use policy::text::{Part, Shape, Text};

use crate::value::Value;

use super::super::{Builder, Content, Grant};
use super::{accounts, is_machine, resource};

/// Lists of buckets and objects: the type, the argument with entries, whether they are about objects.
const LISTS: &[(&str, bool)] = &[
    ("google_storage_bucket_access_control", false),
    ("google_storage_bucket_acl", false),
    ("google_storage_default_object_access_control", true),
    ("google_storage_default_object_acl", true),
    ("google_storage_object_access_control", true),
    ("google_storage_object_acl", true),
];

/// The roles that say the same. <https://cloud.google.com/storage/docs/access-control/iam-roles#legacy-roles>
fn storage_role(level: &str, objects: bool) -> Option<&'static str> {
    Some(match (level.to_ascii_uppercase().as_str(), objects) {
        ("READER", false) => "roles/storage.legacyBucketReader",
        ("WRITER", false) => "roles/storage.legacyBucketWriter",
        ("OWNER", false) => "roles/storage.legacyBucketOwner",
        ("READER", true) => "roles/storage.legacyObjectReader",
        ("OWNER", true) => "roles/storage.legacyObjectOwner",
        _ => return None,
    })
}

/// <https://cloud.google.com/bigquery/docs/access-control-basic-roles#dataset-basic-roles>
fn dataset_role(level: &str) -> Option<&'static str> {
    Some(match level {
        "READER" => "roles/bigquery.dataViewer",
        "WRITER" => "roles/bigquery.dataEditor",
        "OWNER" => "roles/bigquery.dataOwner",
        _ => return None,
    })
}

/// Hands what the lists say to the service accounts in them.
pub(super) fn extract(builder: &mut Builder<'_>) {
    for (kind, objects) in LISTS {
        for index in builder.links.of_kind(kind) {
            storage(builder, index, *objects);
        }
    }
    for index in builder.links.of_kind("google_bigquery_dataset_access") {
        let Some(resource) = builder.links.resource(index) else { continue };
        dataset(builder, index, &resource.after, None);
    }
    for index in builder.links.of_kind("google_bigquery_dataset") {
        let blocks = builder.links.value(index, "access").elements();
        for (number, block) in blocks.iter().enumerate() {
            dataset(builder, index, block, Some(number));
        }
    }
}

fn storage(builder: &mut Builder<'_>, index: usize, objects: bool) {
    let value = |name: &str| builder.links.value(index, name);
    let mut entries: Vec<(Text, Text, String, &str)> = Vec::new();
    if let (Some(entity), Some(level)) = (value("entity").text(), value("role").text()) {
        entries.push((entity, level, "role".to_owned(), "entity"));
    }
    // `OWNER:user-robot@acme.iam.gserviceaccount.com`
    for (number, entry) in value("role_entity").elements().iter().enumerate() {
        let Some(text) = entry.text() else { continue };
        let (level, entity) = match text.parts().split_first() {
            Some((Part::Literal(first), rest)) if first.contains(':') => {
                let (level, start) = first.split_once(':').unwrap_or_default();
                let start =
                    [Part::Literal(start.to_owned())].into_iter().chain(rest.iter().cloned());
                (Text::literal(level), start.collect())
            }
            _ => (text.clone(), text),
        };
        entries.push((entity, level, format!("role_entity[{number}]"), "role_entity"));
    }
    let bucket = resource::named(&builder.links, index, "google_storage_bucket");
    for (entity, level, path, argument) in entries {
        let role = match level.as_str() {
            Some(known) => match storage_role(known, objects) {
                Some(role) => Text::literal(role),
                None => Text::hole(format!("the role `{known}` of a list"), Shape::Any),
            },
            None => level,
        };
        give(builder, index, argument, path, &member(&entity), role, bucket.clone());
    }
}

/// An entity of a list as a member of a binding: `user-x@y` is `user:x@y`, or a service account by its address.
fn member(entity: &Text) -> Text {
    let Some(known) = entity.as_str() else {
        let first = match entity.parts().first() {
            Some(Part::Literal(first)) => first.as_str(),
            Some(Part::Hole(_)) | None => "",
        };
        let skipped = first.strip_prefix("user-").map_or(0, |_| "user-".len());
        let mut out = Text::literal("serviceAccount:");
        for (number, part) in entity.parts().iter().enumerate() {
            match part {
                Part::Literal(literal) if number == 0 => {
                    out.push_str(literal.get(skipped..).unwrap_or_default());
                }
                Part::Literal(literal) => out.push_str(literal),
                Part::Hole(hole) => out.push(&Text::from(hole.clone())),
            }
        }
        return out;
    };
    match known.strip_prefix("user-") {
        Some(email) => by_email(email),
        // Groups, domains, the public, and the people of a project.
        None => Text::literal(format!("group:{known}")),
    }
}

fn by_email(email: &str) -> Text {
    let machine = email.ends_with(".gserviceaccount.com");
    Text::literal(format!("{}:{email}", if machine { "serviceAccount" } else { "user" }))
}

fn dataset(builder: &mut Builder<'_>, index: usize, block: &Value, number: Option<usize>) {
    let Some(role) = block.get("role").text() else { return };
    let role = role.as_str().and_then(dataset_role).map_or(role.clone(), Text::literal);
    let at = |name: &str| match number {
        Some(number) => format!("access[{number}].{name}"),
        None => name.to_owned(),
    };
    let place = resource::named(&builder.links, index, "google_bigquery_dataset");
    for name in ["user_by_email", "iam_member"] {
        let Some(who) = block.get(name).text() else { continue };
        let who = match who.as_str() {
            Some(email) if name == "user_by_email" => by_email(email),
            Some(_) | None => who,
        };
        let argument = if number.is_some() { "access" } else { name };
        give(builder, index, argument, at("role"), &who, role.clone(), place.clone());
    }
}

fn give(
    builder: &mut Builder<'_>,
    index: usize,
    argument: &str,
    path: String,
    member: &Text,
    role: Text,
    resource: Option<Text>,
) {
    if !is_machine(member) {
        return;
    }
    let what = gcp::Assigned::Role(role);
    let content = Content::Google(gcp::Grant { what, resource, condition: None });
    let grant = Grant { resource: index, path, content };
    for identity in accounts(builder, index, argument, member) {
        builder.grant(identity, std::slice::from_ref(&grant));
    }
}
