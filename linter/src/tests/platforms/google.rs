//! Google Cloud: custom roles, roles from an export, and where they hold.

use super::checked;

pub(super) fn google(role: &str, more: &str) -> String {
    format!(
        r#"
resource "google_service_account" "robot" {{
  account_id  = "robot"
  description = "nhi:v1;own=payments;exp=2027-06-30;tpl=viewer@1;pur=Reads the invoices of the night"
}}

resource "google_project_iam_custom_role" "viewer" {{
  role_id     = "viewer"
  permissions = ["storage.objects.get"]
}}

resource "google_storage_bucket_iam_member" "robot" {{
  bucket = "ledger"
  role   = {role}
  member = "serviceAccount:${{google_service_account.robot.email}}"
  {more}
}}
"#
    )
}

#[test]
fn google_roles_are_held_against_templates() {
    insta::assert_snapshot!(checked(&google("google_project_iam_custom_role.viewer.id", ""), ""), @"--- exit 0");
    let main = google("\"roles/storage.objectViewer\"", "");
    insta::assert_snapshot!(checked(&main, ""), @r#"
    TPL005[undecided-grant]

      × permissions in `google_storage_bucket_iam_member.robot` cannot be
      │ compared with template `viewer@1.0.0`: the permissions of the role
      │ `roles/storage.objectViewer` are not known: give them with `--gcp-roles
      │ FILE`
        ╭─[main.tf:14:12]
     13 │   bucket = "ledger"
     14 │   role   = "roles/storage.objectViewer"
        ·            ──────────────┬─────────────
        ·                          ╰── not decided before apply
     15 │   member = "serviceAccount:${google_service_account.robot.email}"
        ╰────
      help: write what `gcloud iam roles describe ROLE --format=json` says into a
            file, and name it with `--gcp-roles` or `gcp_roles` in `.nhi-lint.hcl`

    --- exit 1
    "#);
    insta::assert_snapshot!(checked(&main, "--gcp-roles gcp.json"), @"--- exit 0");
    let main = google("\"roles/editor\"", "");
    insta::assert_snapshot!(checked(&main, ""), @r#"
    TPL005[undecided-grant]

      × permissions in `google_storage_bucket_iam_member.robot` cannot be compared
      │ with template `viewer@1.0.0`: the permissions of the role `roles/editor`
      │ are not known: give them with `--gcp-roles FILE`
        ╭─[main.tf:14:12]
     13 │   bucket = "ledger"
     14 │   role   = "roles/editor"
        ·            ───────┬──────
        ·                   ╰── not decided before apply
     15 │   member = "serviceAccount:${google_service_account.robot.email}"
        ╰────
      help: write what `gcloud iam roles describe ROLE --format=json` says into a
            file, and name it with `--gcp-roles` or `gcp_roles` in `.nhi-lint.hcl`

    --- exit 1
    "#);
}

/// A bucket's name does not say in which project it is, and a project is more than its buckets.
#[test]
fn a_role_on_a_project_is_more_than_one_on_a_bucket() {
    let project = r#"
resource "google_project_iam_member" "robot" {
  project = "acme"
  role    = "roles/storage.objectViewer"
  member  = "serviceAccount:${google_service_account.robot.email}"
}
"#;
    let main = google("google_project_iam_custom_role.viewer.id", "") + project;
    insta::assert_snapshot!(checked(&main, "--gcp-roles gcp.json"), @r#"
    TPL001[outside-template]

      × `google_service_account.robot` may do `storage.objects.get` on
      │ `//cloudresourcemanager.googleapis.com/projects/acme`, which template
      │ `viewer@1.0.0` does not allow
        ╭─[main.tf:21:13]
     20 │   project = "acme"
     21 │   role    = "roles/storage.objectViewer"
        ·             ──────────────┬─────────────
        ·                           ╰── allows `storage.objects.get`
     22 │   member  = "serviceAccount:${google_service_account.robot.email}"
        ╰────
      help: narrow `//cloudresourcemanager.googleapis.com/projects/acme` to
            `//storage.googleapis.com/projects/_/buckets/ledger`, or name a
            template that allows it
      ╰─▶   ☞ template `viewer@1.0.0` allows this at most
              ╭─[templates.nhi.hcl:15:20]
           14 │   gcp {
           15 │     permissions = ["storage.objects.get", "storage.objects.list"]
              ·                    ─────────────────────────────────────────────
           16 │     resources   =
          ["//storage.googleapis.com/projects/_/buckets/${param.bucket}"]
              ╰────

    --- exit 1
    "#);
}
