//! What is refused, when, and with which way out.

use super::{EXPORT, apply, configure, fails, ok, project, says};
use tests::Workbench;

/// The line of [`EXPORT`] that sets an argument.
fn line(argument: &str) -> &'static str {
    EXPORT.lines().find(|line| line.trim_start().starts_with(argument)).expect("a line")
}

#[test]
fn a_missing_fact_fails_at_validate() {
    let Some(bench) = Workbench::or_skip() else { return };
    let project = project(&bench, "missing", EXPORT);
    for fact in ["owner", "purpose", "expiry", "template"] {
        configure(&project, &EXPORT.replace(line(fact), ""));
        says(&fails(&project, &["validate", "-no-color"]), &[&format!("\"{fact}\" is required")]);
    }
}

#[test]
fn an_empty_or_hollow_fact_fails_at_validate() {
    let Some(bench) = Workbench::or_skip() else { return };
    let project = project(&bench, "hollow", EXPORT);
    for (fact, value) in [
        ("owner", "\"\""),
        ("purpose", "\"todo\""),
        ("purpose", "\"invoice-export\""),
        ("expiry", "\"soon\""),
        ("expiry", "\"2027-02-31\""),
        ("template", "\"s3-object-reader\""),
    ] {
        configure(&project, &EXPORT.replace(line(fact), &format!("  {fact} = {value}")));
        let run = fails(&project, &["validate", "-no-color"]);
        // The source line is shown because the diagnostic carries the attribute's path.
        says(&run, &[&format!("{fact} = {value}")]);
    }
}

#[test]
fn all_problems_of_a_resource_are_reported_at_once() {
    let Some(bench) = Workbench::or_skip() else { return };
    let hollow = EXPORT
        .replace(line("purpose"), "  purpose = \"todo\"")
        .replace(line("expiry"), "  expiry = \"soon\"");
    let project = project(&bench, "at-once", &hollow);
    says(
        &fails(&project, &["validate", "-no-color"]),
        &["purpose = \"todo\"", "expiry = \"soon\""],
    );
}

#[test]
fn what_breaks_the_template_fails_at_plan() {
    let Some(bench) = Workbench::or_skip() else { return };
    let project = project(&bench, "plan", EXPORT);
    for (argument, value, words) in [
        ("expiry", "\"4000d\"", vec!["365d"]),
        ("expiry", "\"2026-01-01\"", vec!["past"]),
        ("template", "\"s3-object-writer@1\"", vec!["s3-object-writer"]),
        ("template", "\"s3-object-reader@9.9.9\"", vec!["1.2.0"]),
        ("parameters", "{ bucket = \"Not A Bucket\" }", vec!["bucket", "pattern"]),
        ("parameters", "{ buckett = \"payments-ledger\" }", vec!["buckett", "bucket"]),
        ("environment", "\"moon\"", vec!["moon", "prod"]),
        ("owner", "\"nobody\"", vec!["nobody", "nhi_owner"]),
    ] {
        configure(&project, &EXPORT.replace(line(argument), &format!("  {argument} = {value}")));
        let run = fails(&project, &["plan", "-input=false", "-no-color"]);
        says(&run, &[&format!("{argument} = {value}")]);
        says(&run, &words);
    }
}

#[test]
fn a_revoked_template_and_an_inactive_owner_fail_at_plan() {
    let Some(bench) = Workbench::or_skip() else { return };
    let project = project(&bench, "revoked", "");
    apply(&project);

    let file = "templates/s3-object-reader.nhi.hcl";
    let template = std::fs::read_to_string(project.folder.join(file)).expect("the template");
    let active =
        template.lines().find(|line| line.trim_start().starts_with("status")).expect("a status");
    project.write(file, &template.replace(active, "  status = \"revoked\"")).expect("written");
    configure(&project, EXPORT);
    says(&fails(&project, &["plan", "-input=false", "-no-color"]), &["revoked"]);
    project.write(file, &template).expect("written");

    let main = std::fs::read_to_string(project.folder.join("main.tf")).expect("main.tf");
    let gone = main.replace("steward     =", "active = false\n  steward     =");
    project.write("main.tf", &gone.replace(EXPORT, "")).expect("main.tf");
    apply(&project);
    project.write("main.tf", &gone).expect("main.tf");
    says(&fails(&project, &["plan", "-input=false", "-no-color"]), &["payments", "inactive"]);
}

#[test]
fn a_published_version_never_changes() {
    let Some(bench) = Workbench::or_skip() else { return };
    let publish = r#"
resource "nhi_template" "reader" {
  source = file("${path.module}/reader.hcl")
}
"#;
    let project = project(&bench, "immutable", publish);
    let text = std::fs::read_to_string(project.folder.join("templates/s3-object-reader.nhi.hcl"))
        .expect("text");
    std::fs::remove_dir_all(project.folder.join("templates")).expect("removed");
    std::fs::create_dir(project.folder.join("templates")).expect("a folder");
    project.write("reader.hcl", &text).expect("written");
    apply(&project);
    project.write("reader.hcl", &text.replace("s3:ListBucket", "s3:PutObject")).expect("written");
    let run = fails(&project, &["plan", "-input=false", "-no-color"]);
    says(&run, &["s3-object-reader", "1.2.0", "version"]);
    // White space and comments are not content.
    project.write("reader.hcl", &format!("# the same\n{text}")).expect("written");
    ok(&project, &["apply", "-auto-approve", "-input=false", "-no-color"]);
}
