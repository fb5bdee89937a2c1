//! What a change does to an identity: which ones rotate its credential, in which standing its tokens are refused, and who may have
//! its name after it.

use std::fs;

use serde_json::Value;
use tests::{Project, Run, Workbench, root};

use super::{EXPORT, HEAD, apply, code, fails, ok, project, says, settled, state};

const ADDRESS: &str = "nhi_service_account.export";
const PLAN: [&str; 4] = ["plan", "-input=false", "-no-color", "-detailed-exitcode"];

const LEDGER: &str = r#"
resource "nhi_owner" "ledger" {
  name        = "ledger"
  accountable = "ada@example.com"
  steward     = "grace@example.com"
}
"#;

/// Whoever needs a token for the identity: a plan asks for one.
const HOLDER: &str = r#"
ephemeral "nhi_token" "export" {
  identity = nhi_service_account.export.id
  audience = "https://api.example.com"
}
"#;

/// Puts the configuration down, with an issuer in it.
fn configure(project: &Project<'_>, body: &str) {
    let head = HEAD.replace(
        "provider \"nhi\" {\n",
        "provider \"nhi\" {\n  issuer {\n    url = \"https://identity.example.com\"\n  }\n",
    );
    project.write("main.tf", &format!("{head}{body}")).expect("main.tf");
}

/// The identity with one line more.
fn with(line: &str) -> String {
    EXPORT.replace("  service  ", &format!("  {line}\n  service  "))
}

fn version(identity: &Value) -> i64 {
    identity["credential_version"].as_i64().expect("a number")
}

/// Makes another version of the example template.
fn publish(project: &Project<'_>, version: &str) {
    let text = fs::read_to_string(root().join("examples/templates/s3-object-reader.nhi.hcl"))
        .expect("the example template")
        .replace("\"1.2.0\"", &format!("\"{version}\""));
    project.write(&format!("templates/reader-{version}.nhi.hcl"), &text).expect("a template");
}

/// What the next refresh finds.
#[track_caller]
fn refreshed(project: &Project<'_>, address: &str) -> Value {
    ok(project, &["apply", "-refresh-only", "-auto-approve", "-input=false", "-no-color"]);
    state(project, address)
}

/// Applies, and the change is one of the identity in place.
#[track_caller]
fn in_place(project: &Project<'_>) -> Run {
    let run = apply(project);
    says(&run, &["0 added", "0 destroyed"]);
    run
}

#[test]
fn what_asks_for_a_new_credential_rotates_it_in_place() {
    let Some(bench) = Workbench::or_skip() else { return };
    let project = project(&bench, "rotation", EXPORT);
    publish(&project, "1.3.0");
    let first = with("rotation = { overlap = \"1d\" }");
    configure(&project, &format!("{first}{LEDGER}"));
    apply(&project);
    let born = state(&project, ADDRESS);
    assert_eq!((version(&born), &born["status"]), (1, &"active".into()));

    let staged = first.replace("\"prod\"", "\"staging\"");
    let given = staged.replace("nhi_owner.payments", "nhi_owner.ledger");
    let renewed = given.replace("@1.2.0", "@1.3.0");
    let epoch = "rotation = { overlap = \"1d\", epoch = 2, reason = \"INC-4711\" }";
    let leaked = renewed.replace("rotation = { overlap = \"1d\" }", epoch);
    for (count, body) in [&staged, &given, &renewed, &leaked].into_iter().enumerate() {
        configure(&project, &format!("{body}{LEDGER}"));
        in_place(&project);
        let turned = state(&project, ADDRESS);
        assert_eq!(turned["id"], born["id"]);
        assert_eq!(version(&turned), i64::try_from(count).expect("few") + 2, "{turned:#}");
        assert_eq!(turned["status"], "rotating", "both credentials work");
    }
    settled(&project);
}

#[test]
fn who_is_not_answered_for_or_switched_off_gets_no_token() {
    let Some(bench) = Workbench::or_skip() else { return };
    let project = project(&bench, "standing", EXPORT);
    let derived = EXPORT
        .replace("\"export\"", "\"part\"")
        .replace("invoice-export", "invoice-export-part")
        .replace("  service  ", "  parent = nhi_service_account.export.id\n  service  ");
    let both = format!("{EXPORT}{derived}");
    configure(&project, &format!("{both}{HOLDER}"));
    apply(&project);
    settled(&project);

    // The team is dissolved: what it owned stops, and nothing of it is lost.
    configure(&project, &both);
    let main = fs::read_to_string(project.folder.join("main.tf")).expect("main.tf");
    let inactive = main.replacen("  steward ", "  active      = false\n  steward ", 1);
    project.write("main.tf", &inactive).expect("main.tf");
    in_place(&project);
    assert_eq!(refreshed(&project, ADDRESS)["status"], "quarantined");
    project.write("main.tf", &format!("{inactive}{HOLDER}")).expect("main.tf");
    says(&fails(&project, &PLAN), &["Credential refused", "The owner `payments`", "is not active"]);
    configure(&project, &both);
    in_place(&project);
    assert_eq!(refreshed(&project, ADDRESS)["status"], "active");

    // Switched off, and what was derived from it with it; switched on again, and both work.
    let off = format!("{}{derived}", with("state = \"disabled\""));
    configure(&project, &off);
    in_place(&project);
    assert_eq!(state(&project, ADDRESS)["status"], "disabled");
    assert_eq!(refreshed(&project, "nhi_service_account.part")["status"], "quarantined");
    configure(&project, &format!("{off}{HOLDER}"));
    says(&fails(&project, &PLAN), &["Credential refused", "is disabled"]);
    configure(&project, &both);
    in_place(&project);
    assert_eq!(refreshed(&project, "nhi_service_account.part")["status"], "active");
    configure(&project, &format!("{both}{HOLDER}"));
    apply(&project);
    settled(&project);
}

#[test]
fn an_identity_ends_at_its_time_and_may_be_renewed_or_destroyed() {
    let Some(bench) = Workbench::or_skip() else { return };
    let brief = EXPORT.replace("\"90d\"", "\"1s\"");
    let project = project(&bench, "expiry", "");
    configure(&project, &brief);
    apply(&project);
    // A second has gone by when Terraform has started twice; on a very fast machine, a little later.
    while refreshed(&project, ADDRESS)["status"] != "expired" {}
    configure(&project, &format!("{brief}{HOLDER}"));
    says(&fails(&project, &PLAN), &["Credential refused", "expired at"]);
    configure(&project, &brief.replace("Nightly", "Hourly"));
    says(
        &fails(&project, &PLAN),
        &["Identity expired", "Move `expiry` on", "state = \"disabled\""],
    );

    // As it is, that is said and stops nobody: it may be left, or destroyed without being switched off first.
    configure(&project, &brief);
    says(&code(&project, &PLAN, 0), &["Warning: Identity expired"]);
    ok(&project, &["destroy", "-auto-approve", "-input=false", "-no-color"]);
}

#[test]
fn a_name_stays_with_its_owner_after_its_identity_is_gone() {
    let Some(bench) = Workbench::or_skip() else { return };
    let project = project(&bench, "tombstone", EXPORT);
    configure(&project, &format!("{EXPORT}{LEDGER}"));
    apply(&project);
    let first = state(&project, ADDRESS);
    let broken = with("break_glass_reason = \"the vendor is gone\"");
    configure(&project, &format!("{broken}{LEDGER}"));
    in_place(&project);
    configure(&project, LEDGER);
    says(&apply(&project), &["1 destroyed"]);

    // Whoever trusted the name must not find somebody else behind it. Its owner may have it again, as another identity.
    configure(&project, &format!("{}{LEDGER}", EXPORT.replace("owner.payments", "owner.ledger")));
    says(&fails(&project, &PLAN), &["belonged to an identity of `payments`"]);
    configure(&project, &format!("{EXPORT}{LEDGER}"));
    apply(&project);
    settled(&project);
    assert_ne!(state(&project, ADDRESS)["id"], first["id"]);
}
