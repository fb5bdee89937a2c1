//! `discover`: the guide's example is what the program says, and every input tells the same.

use std::fs;
use std::path::Path;

use serde_json::Value as Json;

use super::commands::{folder, run_in};

fn guide() -> (std::path::PathBuf, String) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/guides/discover.md");
    let text = fs::read_to_string(&path).unwrap();
    (path, text)
}

/// The text of the fence with that heading, and where it stands.
fn fence<'a>(guide: &'a str, heading: &str) -> (usize, &'a str) {
    let opening = format!("```{heading}\n");
    let start =
        guide.find(&opening).unwrap_or_else(|| panic!("no fence {heading}")) + opening.len();
    (start, guide.get(start..).unwrap().split_once("```").unwrap().0)
}

#[test]
fn the_guide_is_fresh() {
    let (path, old) = guide();
    let folder = folder(&[
        ("main.tf", fence(&old, "hcl main.tf").1),
        ("templates/reader.nhi.hcl", fence(&old, "hcl templates/reader.nhi.hcl").1),
    ]);
    let mut new = old.clone();
    for (format, heading) in [
        ("text", "text"),
        ("csv", "csv"),
        ("dot", "dot"),
        ("hcl", "hcl adopted.tf"),
        ("json", "json"),
    ] {
        let line = format!("discover . --templates templates --format {format}");
        let (mut output, errors, code) = run_in(folder.path(), &line);
        assert_eq!((code, errors.as_str()), (0, ""), "{format}");
        if format == "json" {
            let json: Json = serde_json::from_str(&output).unwrap();
            output = serde_json::to_string_pretty(&json["identities"][1]).unwrap() + "\n";
        }
        let (start, text) = fence(&new, heading);
        let end = start + text.len();
        new.replace_range(start..end, &output.replace('\r', ""));
    }
    if new != old {
        fs::write(&path, new).unwrap();
        panic!("the guide was stale and has been written anew; commit it");
    }
}

#[test]
fn what_to_adopt_does_not_validate_until_it_is_filled() {
    let (_, guide) = guide();
    let folder = folder(&[
        ("main.tf", fence(&guide, "hcl main.tf").1),
        ("adopted.tf", fence(&guide, "hcl adopted.tf").1),
        ("templates/reader.nhi.hcl", fence(&guide, "hcl templates/reader.nhi.hcl").1),
    ]);
    let check = "check . --templates templates --format concise --select OWN002,PUR001,EXP001";
    let (output, errors, code) = run_in(folder.path(), check);
    assert_eq!(code, 1, "{errors}");
    for code in ["OWN002", "PUR001", "EXP001"] {
        assert!(output.contains(code), "{output}");
    }
    // It is what answers for the identity from then on.
    let (output, _, _) = run_in(folder.path(), "discover . --format csv");
    let row = output.lines().find(|line| line.contains(",aws_iam_role.export,")).unwrap();
    assert!(row.contains(",derived,nhi_workload_identity.export,"), "{row}");
}

#[test]
fn what_exists_is_imported() {
    let state = r#"{
      "version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "x", "outputs": {},
      "resources": [{
        "mode": "managed", "type": "aws_iam_role", "name": "old",
        "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
        "instances": [{ "schema_version": 0, "attributes": {
          "id": "old-${x}\u001b", "name": "old-${x}", "arn": "arn:aws:iam::123456789012:role/old",
          "assume_role_policy": "{\"Version\":\"2012-10-17\",\"Statement\":[]}"
        } }]
      }]
    }"#;
    let folder = folder(&[("terraform.tfstate", state)]);
    let (output, errors, code) = run_in(folder.path(), "discover terraform.tfstate --format hcl");
    assert_eq!((code, errors.as_str()), (0, ""));
    insta::assert_snapshot!(output, @r#"
    # aws_iam_role.old
    resource "nhi_workload_identity" "old" {
      name     = "old-x"
      owner    = "" # who answers for it
      purpose  = "" # why it exists, in a sentence
      expiry   = "" # its last day, such as 2027-06-30, or 90d
      template = "" # no published template fits; `nhi-lint template suggest` drafts one
    }

    resource "nhi_binding" "old" {
      identity  = nhi_workload_identity.old.id
      platform  = "aws"
      principal = aws_iam_role.old.arn
    }

    import {
      to = aws_iam_role.old
      id = "old-$${x}\u001b"
    }
    "#);
}

#[test]
fn what_a_text_makes_leaves_its_principal_to_a_person() {
    let text = r#"
resource "terraform_data" "d" {
  provisioner "local-exec" {
    command = "aws iam create-user --user-name bob"
  }
}
"#;
    let folder = folder(&[("main.tf", text)]);
    let (output, _, _) = run_in(folder.path(), "discover . --format hcl");
    let binding = output.split_once("\n\n").unwrap().1;
    insta::assert_snapshot!(binding, @r#"
    resource "nhi_binding" "d_aws_iam_create_user" {
      identity  = nhi_service_account.d_aws_iam_create_user.id
      platform  = "other"
      principal = "" # what its platform knows it by
    }
    "#);
    let file = crate::source::Sources::default().add("adopted.tf", output.as_str());
    let (_, errors) = crate::hcl::parse_body(&output, file);
    assert!(errors.is_empty(), "{errors:?}\n{output}");
}

#[test]
fn what_cannot_be_read_fails_and_hides_nothing() {
    let folder = folder(&[
        ("main.tf", "resource \"aws_iam_user\" \"robot\" {\n  name = \"robot\"\n}\n"),
        ("broken.tf", "resource \"aws_iam_user\" {{{\n"),
    ]);
    let (output, errors, code) = run_in(folder.path(), "discover .");
    assert_eq!(code, 2);
    assert!(output.contains("aws_iam_user.robot") && errors.contains("broken.tf"), "{errors}");
}

#[test]
fn sensitive_values_stay_hidden() {
    let text = r#"
variable "owner" {
  default   = "hunter2-team"
  sensitive = true
}
resource "aws_iam_role" "r" {
  name               = "r"
  assume_role_policy = "{}"
  tags               = { "nhi:owner" = var.owner }
}
"#;
    let folder = folder(&[("main.tf", text)]);
    for format in ["text", "json", "csv", "dot", "hcl"] {
        let (output, _, _) = run_in(folder.path(), &format!("discover . --format {format}"));
        assert!(!output.contains("hunter2"), "{format}: {output}");
    }
}
