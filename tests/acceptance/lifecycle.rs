//! Each path of a life after creation. Time passes by moving the times in the inventory, so that nothing here waits.

use std::fs;

use super::{EXPORT, apply, code, configure, fails, ok, project, says, settled, state};
use tests::{Project, Workbench, root};

const ADDRESS: &str = "nhi_service_account.export";

/// Lets time pass for the identity: `column` holds a time that is over.
fn passed(project: &Project<'_>, column: &str) {
    let inventory = rusqlite::Connection::open(project.folder.join(".nhi/inventory.db"))
        .expect("the inventory opens");
    let sql = format!("UPDATE identities SET {column} = '2020-01-01T00:00:00Z'");
    assert_eq!(inventory.execute(&sql, []).expect("the time moves"), 1);
}

fn version(project: &Project<'_>) -> i64 {
    state(project, ADDRESS)["credential_version"].as_i64().expect("a number")
}

#[test]
fn what_is_due_rotates_in_the_next_apply() {
    let Some(bench) = Workbench::or_skip() else { return };
    let project = project(&bench, "due", EXPORT);
    apply(&project);
    settled(&project);
    passed(&project, "rotated_at");
    let plan = code(&project, &["plan", "-input=false", "-no-color", "-detailed-exitcode"], 2);
    says(
        &plan,
        &["Rotation due", "will be updated in-place", "0 to add, 1 to change, 0 to destroy"],
    );
    apply(&project);
    assert_eq!(version(&project), 2);
    assert_eq!(state(&project, ADDRESS)["status"], "rotating");
    settled(&project);

    // The day of the leak: in place, with a reason, and at once.
    let epoch = |more: &str| {
        let rotation = format!("  rotation = {{ epoch = 1, overlap = \"0s\"{more} }}\n}}");
        EXPORT.trim_end().trim_end_matches('}').to_owned() + &rotation
    };
    configure(&project, &epoch(""));
    says(&fails(&project, &["plan", "-input=false", "-no-color"]), &["Rotation without a reason"]);
    configure(&project, &epoch(", reason = \"INC-7\""));
    apply(&project);
    assert_eq!(version(&project), 3);
    assert_eq!(state(&project, ADDRESS)["status"], "active");
    settled(&project);
}

#[test]
fn an_identity_is_observed_before_it_goes() {
    let Some(bench) = Workbench::or_skip() else { return };
    let project = project(&bench, "observed", "");
    let template = "templates/s3-object-reader.nhi.hcl";
    let text = fs::read_to_string(root().join("examples").join(template)).expect("the template");
    let observed =
        text.replacen("static_credential", "observation = \"14d\"\n    static_credential", 1);
    project.write(template, &observed).expect("the template");
    let off =
        EXPORT.replace("name        = \"inv", "state       = \"disabled\"\n  name        = \"inv");
    configure(&project, EXPORT);
    apply(&project);
    let gone = &["plan", "-input=false", "-no-color"];
    configure(&project, "");
    says(&fails(&project, gone), &["Active identities are not destroyed", "is active"]);
    configure(&project, &off);
    apply(&project);
    configure(&project, "");
    says(&fails(&project, gone), &["under observation until", "break_glass_reason"]);
    passed(&project, "disabled_at");
    apply(&project);
    ok(&project, gone);
}

#[test]
fn an_expired_identity_is_extended_after_a_review() {
    let Some(bench) = Workbench::or_skip() else { return };
    let project = project(&bench, "expired", EXPORT);
    apply(&project);
    let longer = EXPORT.replace("\"90d\"", "\"120d\"");
    configure(&project, &longer);
    let refused = fails(&project, &["plan", "-input=false", "-no-color"]);
    says(&refused, &["Extended without a review", "nhi_certification"]);
    let review = "
resource \"nhi_certification\" \"export\" {
  identity = nhi_service_account.export.id
  outcome  = \"approve\"
  reviewer = \"margaret@example.com\"
  evidence = \"Runs every night, see the job log of this week\"
}
";
    configure(&project, &format!("{EXPORT}{review}"));
    apply(&project);
    configure(&project, &format!("{longer}{review}"));
    apply(&project);
    settled(&project);
}

#[test]
fn an_identity_is_quarantined_while_its_owner_is_away() {
    let Some(bench) = Workbench::or_skip() else { return };
    let project = project(&bench, "quarantined", EXPORT);
    apply(&project);
    let main = fs::read_to_string(project.folder.join("main.tf")).expect("main.tf");
    let away = main.replacen("steward     =", "active      = false\n  steward     =", 1);
    project.write("main.tf", &away).expect("main.tf");
    apply(&project);
    ok(&project, &["apply", "-refresh-only", "-auto-approve", "-input=false", "-no-color"]);
    assert_eq!(state(&project, ADDRESS)["status"], "quarantined");
    says(&ok(&project, &["plan", "-input=false", "-no-color"]), &["Inactive owner"]);
    project.write("main.tf", &main).expect("main.tf");
    apply(&project);
    ok(&project, &["apply", "-refresh-only", "-auto-approve", "-input=false", "-no-color"]);
    assert_eq!(state(&project, ADDRESS)["status"], "active");
}
