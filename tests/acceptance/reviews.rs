//! Reviews take effect, their configuration follows, and bindings and exceptions live beside the identity.

use std::fs;

use super::{EXPORT, apply, code, configure, fails, ok, project, says, settled, state};
use tests::{Project, Workbench, root};

const EXPORT_ADDRESS: &str = "nhi_service_account.export";
const PLAN: [&str; 4] = ["plan", "-input=false", "-no-color", "-detailed-exitcode"];

/// A second owner, and whoever else a review moves the identity to.
const LEDGER: &str = r#"
resource "nhi_owner" "ledger" {
  name        = "ledger"
  accountable = "ada@example.com"
  steward     = "grace@example.com"
}
"#;

fn review(outcome: &str, more: &str) -> String {
    format!(
        r#"
resource "nhi_certification" "review" {{
  identity = nhi_service_account.export.id
  outcome  = "{outcome}"
  reviewer = "margaret@example.com"
  evidence = "https://tickets.example.com/reviews/{outcome}"
  {more}
}}
"#
    )
}

/// The example's identity under review: a narrower version of its template is there to move to.
fn reviewed<'a>(bench: &'a Workbench, name: &str) -> Project<'a> {
    let project = project(bench, name, &format!("{EXPORT}{LEDGER}"));
    let reader = fs::read_to_string(root().join("examples/templates/s3-object-reader.nhi.hcl"))
        .expect("the example template");
    let narrower = reader
        .replace("\"1.2.0\"", "\"1.3.0\"")
        .replace("[\"s3:GetObject\", \"s3:ListBucket\"]", "[\"s3:GetObject\"]");
    assert_ne!(narrower.matches("s3:ListBucket").count(), reader.matches("s3:ListBucket").count());
    project.write("templates/narrower.nhi.hcl", &narrower).expect("a template");
    apply(&project);
    project
}

/// Applies a review of the identity as it is configured, and returns what the review changed.
fn certify(project: &Project<'_>, identity: &str, outcome: &str, more: &str) -> String {
    configure(project, &format!("{identity}{LEDGER}{}", review(outcome, more)));
    let run = apply(project);
    says(&run, &["0 destroyed"]);
    let review = state(project, "nhi_certification.review");
    assert!(review["certified_until"].is_string(), "{review}");
    review["effect"].as_str().expect("an effect").to_owned()
}

/// A configuration that takes the review back is refused and told `advice`; one that follows leaves nothing to do.
fn followed(project: &Project<'_>, follows: &str, outcome: &str, more: &str, advice: &str) {
    says(&fails(project, &PLAN), &["Taken back without a review", advice]);
    configure(project, &format!("{follows}{LEDGER}{}", review(outcome, more)));
    apply(project);
    settled(project);
}

#[test]
fn approving_and_rotating_leave_the_configuration_as_it_is() {
    let Some(bench) = Workbench::or_skip() else { return };
    let project = reviewed(&bench, "approve");
    let before = state(&project, EXPORT_ADDRESS);
    let effect = certify(&project, EXPORT, "approve", "next_review = \"30d\"");
    assert!(effect.starts_with("Nothing changed"), "{effect}");
    code(&project, &PLAN, 0);
    apply(&project);
    settled(&project);
    let approved = state(&project, EXPORT_ADDRESS);
    assert_ne!(approved["certified_until"], before["certified_until"]);

    let effect = certify(&project, EXPORT, "rotate", "");
    assert!(effect.contains("version 2"), "{effect}");
    code(&project, &PLAN, 0);
    apply(&project);
    settled(&project);
    assert_eq!(state(&project, EXPORT_ADDRESS)["credential_version"], 2);

    // Import finds the decision again, and destroying it undoes none.
    let address = "nhi_certification.review";
    let decided = state(&project, address);
    ok(&project, &["state", "rm", "-no-color", address]);
    let id = decided["id"].as_str().expect("an id");
    ok(&project, &["import", "-input=false", "-no-color", address, id]);
    assert_eq!(state(&project, address), decided);
    code(&project, &PLAN, 0);
    configure(&project, &format!("{EXPORT}{LEDGER}"));
    apply(&project);
    settled(&project);
    assert_eq!(state(&project, EXPORT_ADDRESS)["credential_version"], 2);
}

#[test]
fn right_sizing_and_reassigning_are_followed() {
    let Some(bench) = Workbench::or_skip() else { return };
    let project = reviewed(&bench, "moves");
    let more = "template = \"s3-object-reader@1.3.0\"";
    let effect = certify(&project, EXPORT, "right_size", more);
    assert!(effect.contains("`s3-object-reader@1.2.0` to `s3-object-reader@1.3.0`"), "{effect}");
    let smaller = EXPORT.replace("@1.2.0", "@1.3.0");
    followed(&project, &smaller, "right_size", more, "s3-object-reader@1.3.0");
    let moved = state(&project, EXPORT_ADDRESS);
    assert_eq!(moved["credential_version"], 2, "following rotates no second time");
    let permissions = moved["aws"]["permissions"].as_str().expect("rendered");
    assert!(!permissions.contains("s3:ListBucket"), "{permissions}");

    let more = "owner = nhi_owner.ledger.name";
    let effect = certify(&project, &smaller, "reassign", more);
    assert!(effect.contains("`payments` to `ledger`"), "{effect}");
    let given = smaller.replace("nhi_owner.payments.name", "nhi_owner.ledger.name");
    followed(&project, &given, "reassign", more, "ledger");
    let moved = state(&project, EXPORT_ADDRESS);
    assert_eq!(
        (&moved["credential_version"], &moved["tags"]["nhi:owner"]),
        (&3.into(), &"ledger".into())
    );
}

#[test]
fn disabling_is_followed_and_decommissioning_after_it() {
    let Some(bench) = Workbench::or_skip() else { return };
    let project = reviewed(&bench, "stops");
    let effect = certify(&project, EXPORT, "disable", "");
    assert_eq!(effect, "Disabled it.");
    let disabled = EXPORT.replace("service  ", "state = \"disabled\"\n  service  ");
    followed(&project, &disabled, "disable", "", "disabled");
    assert_eq!(state(&project, EXPORT_ADDRESS)["status"], "disabled");
    let effect = certify(&project, &disabled, "decommission", "");
    assert!(effect.starts_with("It was disabled already."), "{effect}");
    apply(&project);
    settled(&project);
}

#[test]
fn reviews_that_are_none_are_refused() {
    let Some(bench) = Workbench::or_skip() else { return };
    let project = reviewed(&bench, "refused-reviews");
    for (reviewer, outcome, more, words) in [
        ("grace@example.com", "approve", "", "is its steward"),
        ("ci@example.com", "approve", "", "is a pipeline"),
        ("margaret@example.com", "reassign", "owner = \"payments\"", "Nothing would change"),
        (
            "margaret@example.com",
            "right_size",
            "template = \"s3-object-reader@1.2.0\"",
            "Nothing would change",
        ),
        ("margaret@example.com", "approve", "next_review = \"91d\"", "Next review too late"),
        ("margaret@example.com", "rotate", "owner = \"ledger\"", "Argument of another outcome"),
    ] {
        let block = review(outcome, more).replace("margaret@example.com", reviewer);
        configure(&project, &format!("{EXPORT}{LEDGER}{block}"));
        says(&fails(&project, &PLAN), &[words]);
    }
}

#[test]
fn a_principal_is_bound_once_and_its_binding_is_moved() {
    let Some(bench) = Workbench::or_skip() else { return };
    let project = project(&bench, "bindings", EXPORT);
    let binding = |label: &str, consumers: &str| {
        format!(
            r#"
resource "nhi_binding" "{label}" {{
  identity   = nhi_service_account.export.id
  platform   = "aws"
  principal  = "arn:aws:iam::123456789012:role/nhi-invoice-export"
  consumers  = [{consumers}]
  retired_by = "aws_iam_role.export"
}}
"#
        )
    };
    let bound = format!("{EXPORT}{}", binding("role", "\"ledger-batch\""));
    configure(&project, &bound);
    apply(&project);
    settled(&project);
    let made = state(&project, "nhi_binding.role");
    configure(&project, &format!("{bound}{}", binding("again", "")));
    let twice = fails(&project, &["apply", "-auto-approve", "-input=false", "-no-color"]);
    says(&twice, &["is bound to the service_account `invoice-export`"]);
    configure(&project, &bound);
    ok(
        &project,
        &["apply", "-replace=nhi_binding.role", "-auto-approve", "-input=false", "-no-color"],
    );
    settled(&project);
    assert_ne!(state(&project, "nhi_binding.role")["id"], made["id"]);
    let made = state(&project, "nhi_binding.role");

    configure(&project, &format!("{EXPORT}{}", binding("role", "\"a\", \"b\"")));
    let plan = code(&project, &PLAN, 2);
    says(&plan, &["0 to add, 1 to change, 0 to destroy"]);
    apply(&project);
    settled(&project);
    ok(&project, &["state", "rm", "-no-color", "nhi_binding.role"]);
    let principal = "aws:arn:aws:iam::123456789012:role/nhi-invoice-export";
    ok(&project, &["import", "-input=false", "-no-color", "nhi_binding.role", principal]);
    code(&project, &PLAN, 0);
    assert_eq!(state(&project, "nhi_binding.role")["id"], made["id"]);
    configure(&project, EXPORT);
    let run = apply(&project);
    says(&run, &["1 destroyed"]);
    settled(&project);
}

#[test]
fn an_exception_is_approved_by_somebody_else_and_ends() {
    let Some(bench) = Workbench::or_skip() else { return };
    let exception = |approver: &str, expiry: &str| {
        format!(
            r#"
resource "nhi_exception" "key" {{
  subject              = nhi_service_account.export.id
  rule                 = "CRE001"
  reason               = "The vendor cannot assume a role before its release in February"
  compensating_control = "The key is bound to two addresses and read daily"
  approver             = "{approver}"
  expiry               = "{expiry}"
}}
"#
        )
    };
    let project = project(&bench, "exceptions", EXPORT);
    apply(&project);
    configure(&project, &format!("{EXPORT}{}", exception("ada@example.com", "30d")));
    says(&fails(&project, &PLAN), &["is accountable for the subject"]);
    configure(&project, &format!("{EXPORT}{}", exception("margaret@example.com", "91d")));
    says(&fails(&project, &PLAN), &["Expiry too far"]);
    configure(&project, &format!("{EXPORT}{}", exception("margaret@example.com", "30d")));
    apply(&project);
    settled(&project);
    let made = state(&project, "nhi_exception.key");
    assert_eq!((&made["status"], &made["renewals"]), (&"active".into(), &0.into()));
    // Who needs it for longer makes a new one, and that is counted.
    ok(
        &project,
        &["apply", "-replace=nhi_exception.key", "-auto-approve", "-input=false", "-no-color"],
    );
    settled(&project);
    assert_eq!(state(&project, "nhi_exception.key")["renewals"], 1);
}
