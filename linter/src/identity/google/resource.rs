//! The full name of the resource that a `google_*_iam_*` resource is about, as templates and Google's own policies write it.

use policy::text::{Shape, Text};

use crate::identity::links::Links;

/// Where the roles of a family hold: the service, and the path in which `{…}` is an argument.
///
/// An argument that holds a path already (`projects/p/topics/t`) is the whole path.
const FAMILIES: &[(&str, &str, &str)] = &[
    ("google_project", "cloudresourcemanager", "projects/{project}"),
    ("google_folder", "cloudresourcemanager", "folders/{folder}"),
    ("google_organization", "cloudresourcemanager", "organizations/{org_id}"),
    ("google_billing_account", "cloudbilling", "billingAccounts/{billing_account_id}"),
    ("google_service_account", "iam", "projects/-/serviceAccounts/{service_account_id}"),
    ("google_storage_bucket", "storage", "projects/_/buckets/{bucket}"),
    ("google_pubsub_topic", "pubsub", "projects/{project}/topics/{topic}"),
    ("google_pubsub_subscription", "pubsub", "projects/{project}/subscriptions/{subscription}"),
    ("google_secret_manager_secret", "secretmanager", "projects/{project}/secrets/{secret_id}"),
    ("google_kms_key_ring", "cloudkms", "{key_ring_id}"),
    ("google_kms_crypto_key", "cloudkms", "{crypto_key_id}"),
    ("google_bigquery_dataset", "bigquery", "projects/{project}/datasets/{dataset_id}"),
    (
        "google_bigquery_table",
        "bigquery",
        "projects/{project}/datasets/{dataset_id}/tables/{table_id}",
    ),
    (
        "google_cloud_run_service",
        "run",
        "projects/{project}/locations/{location}/services/{service}",
    ),
    (
        "google_cloud_run_v2_service",
        "run",
        "projects/{project}/locations/{location}/services/{name}",
    ),
    ("google_cloud_run_v2_job", "run", "projects/{project}/locations/{location}/jobs/{name}"),
    (
        "google_cloudfunctions_function",
        "cloudfunctions",
        "projects/{project}/locations/{region}/functions/{cloud_function}",
    ),
    (
        "google_cloudfunctions2_function",
        "cloudfunctions",
        "projects/{project}/locations/{location}/functions/{cloud_function}",
    ),
    (
        "google_artifact_registry_repository",
        "artifactregistry",
        "projects/{project}/locations/{location}/repositories/{repository}",
    ),
    ("google_spanner_instance", "spanner", "projects/{project}/instances/{instance}"),
    (
        "google_spanner_database",
        "spanner",
        "projects/{project}/instances/{instance}/databases/{database}",
    ),
    ("google_bigtable_instance", "bigtableadmin", "projects/{project}/instances/{instance}"),
    (
        "google_compute_instance",
        "compute",
        "projects/{project}/zones/{zone}/instances/{instance_name}",
    ),
    (
        "google_compute_subnetwork",
        "compute",
        "projects/{project}/regions/{region}/subnetworks/{subnetwork}",
    ),
    (
        "google_cloud_tasks_queue",
        "cloudtasks",
        "projects/{project}/locations/{location}/queues/{name}",
    ),
    ("google_sourcerepo_repository", "sourcerepo", "projects/{project}/repos/{repository}"),
];

/// The full name; None for a family that is not in the table: no place is known then.
pub(super) fn full_name(links: &Links<'_>, index: usize) -> Option<Text> {
    let kind = links.resource(index)?.kind.as_str();
    let (family, _) = kind.rsplit_once("_iam_")?;
    named(links, index, family)
}

/// The full name of the resource of a family that the arguments of a resource name.
pub(super) fn named(links: &Links<'_>, index: usize, family: &str) -> Option<Text> {
    let (_, service, path) = FAMILIES.iter().find(|(name, ..)| *name == family)?;
    let mut out = Text::literal(format!("//{service}.googleapis.com/"));
    let mut parts = Text::new();
    let mut rest = *path;
    while let Some((before, after)) = rest.split_once('{') {
        let (argument, tail) = after.split_once('}')?;
        parts.push_str(before);
        let value = value(links, index, argument);
        // The last argument is the telling one, and says it all where it is a path.
        let whole = value.as_str().filter(|text| {
            text.starts_with("projects/") || text.starts_with(before.trim_start_matches('/'))
        });
        match whole.filter(|text| text.contains('/') && tail.is_empty()) {
            Some(whole) => parts = Text::literal(whole),
            None => parts.push(&value),
        }
        rest = tail;
    }
    parts.push_str(rest);
    out.push(&parts);
    Some(out)
}

/// The value of an argument; where it is not set the provider fills it in.
fn value(links: &Links<'_>, index: usize, argument: &str) -> Text {
    let value = links.value(index, argument);
    if let Some(text) = value.text() {
        // Buckets go by their name, whichever way they are named.
        let short = text.as_str().and_then(|text| text.strip_prefix("b/")).map(Text::literal);
        return short.filter(|_| argument == "bucket").unwrap_or(text);
    }
    for (target, _) in links.references(index, argument) {
        if let Some(name) = links.resource(target).and_then(|it| it.after.get("name").text()) {
            return name;
        }
    }
    let address = links.resource(index).map_or("", |resource| resource.address.as_str());
    Text::hole(format!("{address}.{argument}"), Shape::Word)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::tests::sketch;

    fn name(kind: &str, body: serde_json::Value) -> String {
        let model = sketch::model(&json!({ format!("{kind}.x"): body }));
        full_name(&Links::new(&model), 0).map(|text| text.to_string()).unwrap_or_default()
    }

    #[test]
    fn names_are_those_of_google() {
        let table = [
            (
                "google_project_iam_member",
                json!({ "project": "acme" }),
                "//cloudresourcemanager.googleapis.com/projects/acme",
            ),
            (
                "google_project_iam_member",
                json!({ "project": "projects/acme" }),
                "//cloudresourcemanager.googleapis.com/projects/acme",
            ),
            (
                "google_project_iam_member",
                json!({}),
                "//cloudresourcemanager.googleapis.com/projects/<google_project_iam_member.x.project>",
            ),
            (
                "google_folder_iam_binding",
                json!({ "folder": "folders/123" }),
                "//cloudresourcemanager.googleapis.com/folders/123",
            ),
            (
                "google_organization_iam_member",
                json!({ "org_id": "77" }),
                "//cloudresourcemanager.googleapis.com/organizations/77",
            ),
            (
                "google_storage_bucket_iam_member",
                json!({ "bucket": "b/ledger" }),
                "//storage.googleapis.com/projects/_/buckets/ledger",
            ),
            (
                "google_storage_bucket_iam_member",
                json!({ "bucket": "ledger" }),
                "//storage.googleapis.com/projects/_/buckets/ledger",
            ),
            (
                "google_pubsub_topic_iam_member",
                json!({ "project": "acme", "topic": "t" }),
                "//pubsub.googleapis.com/projects/acme/topics/t",
            ),
            (
                "google_pubsub_topic_iam_member",
                json!({ "topic": "projects/acme/topics/t" }),
                "//pubsub.googleapis.com/projects/acme/topics/t",
            ),
            (
                "google_kms_crypto_key_iam_member",
                json!({ "crypto_key_id": "projects/p/locations/l/keyRings/r/cryptoKeys/k" }),
                "//cloudkms.googleapis.com/projects/p/locations/l/keyRings/r/cryptoKeys/k",
            ),
            (
                "google_service_account_iam_member",
                json!({ "service_account_id": "projects/p/serviceAccounts/a@p.iam" }),
                "//iam.googleapis.com/projects/p/serviceAccounts/a@p.iam",
            ),
            ("google_strange_thing_iam_member", json!({ "project": "acme" }), ""),
        ];
        for (kind, body, wanted) in table {
            assert_eq!(name(kind, body), wanted);
        }
    }
}
