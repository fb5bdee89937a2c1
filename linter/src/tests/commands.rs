//! Whole commands, run in process as users run them.

use std::fs;
use std::io;
use std::path::Path;

use tempfile::TempDir;

use crate::cli::{World, run};

use super::{PLAIN, READER, now};

/// A folder with files.
pub(crate) fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = TempDir::new().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

/// What a command line prints: standard output, then standard error, then the exit code.
pub(crate) fn ran(folder: &Path, line: &str) -> String {
    let (output, errors, code) = run_in(folder, line);
    let mut out = output;
    if !errors.is_empty() {
        out.push_str("--- stderr\n");
        out.push_str(&errors);
    }
    out + &format!("--- exit {code}")
}

/// Standard output, standard error and exit code of a command line.
pub(crate) fn run_in(folder: &Path, line: &str) -> (String, String, u8) {
    let (mut output, mut errors) = (Vec::new(), Vec::new());
    let arguments = std::iter::once("nhi-lint").chain(line.split_whitespace()).map(Into::into);
    let code = run(
        arguments,
        World {
            folder,
            variables: Vec::new(),
            input: &mut io::empty(),
            output: &mut output,
            errors: &mut errors,
            now: now(),
            terminal: PLAIN,
        },
    );
    (String::from_utf8(output).unwrap(), String::from_utf8(errors).unwrap(), code)
}

const INNER: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:GetObject","s3:PutObject"],"Resource":"arn:aws:s3:::ledger/*"}]}"#;
const OUTER: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::ledger/*"}]}"#;
const UNLIKE: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::ledger/*","Condition":{"Null":{"aws:x":"${aws:y}"}}}]}"#;

#[test]
fn contains_answers_in_text_and_exit_code() {
    let files = [
        ("inner.json", INNER),
        ("outer.json", OUTER),
        ("t/t.nhi.hcl", READER),
        ("broken.json", "{"),
    ];
    let folder = folder(&files);
    insta::assert_snapshot!(ran(folder.path(), "contains --inner inner.json --outer outer.json"), @r"
    inside: the outer side allows everything that the inner side allows
    --- exit 0
    ");
    insta::assert_snapshot!(ran(folder.path(), "contains --inner outer.json --outer inner.json"), @r"
    outside: the inner side allows `s3:DeleteObject` on `arn:aws:s3:::ledger/example-object`, and the outer side does not
      allowed by: outer.json:1, statement 1
      to fit: narrow `s3:*` to `s3:GetObject` and `s3:PutObject`
    --- exit 1
    ");
    insta::assert_snapshot!(
        ran(folder.path(), "contains --inner inner.json --template s3-object-reader@1 --param bucket=ledger --templates t"),
        @r#"
        outside: the inner side allows `s3:PutObject` on `arn:aws:s3:::ledger/x`, and the outer side does not
          allowed by: inner.json:1, statement 1
          to fit: drop `s3:PutObject`
          template `s3-object-reader@1.2.0` with bucket = "ledger"
        --- exit 1
        "#
    );
    insta::assert_snapshot!(
        ran(folder.path(), "contains --inner inner.json --template s3-object-reader@1 --templates t"),
        @r"
    --- stderr
    error: parameter `bucket` of template `s3-object-reader@1.2.0` has no value
      help: state parameters with `--param name=value`
    --- exit 2
    "
    );
    insta::assert_snapshot!(ran(folder.path(), "contains --inner broken.json --outer inner.json"), @r"
    --- stderr
    error: `broken.json` is not a valid policy document: expected a name in quotes, found the end of the text (line 1)
    --- exit 2
    ");
    insta::assert_snapshot!(ran(folder.path(), "contains --inner missing.json --outer inner.json"), @r"
    --- stderr
    error: cannot read `missing.json`: there is no such file or folder
    --- exit 2
    ");
}

#[test]
fn contains_answers_in_json() {
    let folder = folder(&[("inner.json", INNER), ("outer.json", OUTER), ("unlike.json", UNLIKE)]);
    insta::assert_snapshot!(
        ran(folder.path(), "contains --inner inner.json --outer outer.json --format json"),
        @r#"
        {"version":1,"world":"open","result":"inside","catalogue":"inside","counterexample":null,"reason":null}
        --- exit 0
        "#
    );
    insta::assert_snapshot!(
        ran(folder.path(), "contains --inner outer.json --outer inner.json --format json"),
        @r#"
        {"version":1,"world":"open","result":"outside","catalogue":"outside","counterexample":{"action":"s3:DeleteObject","resource":"arn:aws:s3:::ledger/example-object","principal":null,"context":{}},"reason":null,"inner":{"file":"outer.json","line":1,"element":"statement 1"},"change":"narrow `s3:*` to `s3:GetObject` and `s3:PutObject`"}
        --- exit 1
        "#
    );
    insta::assert_snapshot!(
        ran(folder.path(), "contains --inner outer.json --outer unlike.json --format json"),
        @r#"
        {"version":1,"world":"open","result":"undecided","catalogue":"undecided","counterexample":null,"reason":"no request shows what the condition `Null` on `aws:x` of outer statement 1 leaves out","inner":{"file":"outer.json","line":1,"element":"statement 1"}}
        --- exit 3
        "#
    );
}

#[test]
fn templates_are_checked_with_every_mistake_at_its_place() {
    let good = folder(&[("a.nhi.hcl", READER)]);
    let (output, _, code) = run_in(good.path(), "template check .");
    assert!(output.starts_with("s3-object-reader@1.2.0 active sha256:"), "{output}");
    assert_eq!(code, 0);
    let bad = folder(&[("a.nhi.hcl", "template \"a\" {\n  version = \"1\"\n  awz {}\n}\n")]);
    insta::assert_snapshot!(ran(bad.path(), "template check a.nhi.hcl"), @r#"
    --- stderr
      × unknown block `awz` in a `template` block
       ╭─[a.nhi.hcl:3:3]
     2 │   version = "1"
     3 │   awz {}
       ·   ─┬─
       ·    ╰── not part of the language
     4 │ }
       ╰────
      help: did you mean `aws`?

      × `1` is not a version: unexpected end of input while parsing major version
      │ number
       ╭─[a.nhi.hcl:2:13]
     1 │ template "a" {
     2 │   version = "1"
       ·             ─┬─
       ·              ╰── this value
     3 │   awz {}
       ╰────
      help: write three numbers, such as `1.2.0`, without a `v`

    --- exit 2
    "#);
    insta::assert_snapshot!(ran(good.path(), "template check nowhere"), @r"
    --- stderr
    error: cannot read `nowhere`: there is no such file or folder
    --- exit 2
    ");
}

#[test]
fn settings_are_refused_at_their_place() {
    let text = "templates = [\"t\"]\nselct = [\"TPL\"]\nignore = [\"TPL0001\"]\nfail_on = \"warn\"\nmetadata {\n  ownr = [\"Team\"]\n}\n";
    let folder = folder(&[(".nhi-lint.hcl", text), ("t/t.nhi.hcl", READER), ("infra/main.tf", "")]);
    insta::assert_snapshot!(ran(folder.path(), "check infra"), @r#"
    --- stderr
      × there is no setting `selct`
       ╭─[.nhi-lint.hcl:2:1]
     1 │ templates = ["t"]
     2 │ selct = ["TPL"]
       · ──┬──
       ·   ╰── here
     3 │ ignore = ["TPL0001"]
       ╰────
      help: did you mean `select`?

      × there is no rule `TPL0001`
       ╭─[.nhi-lint.hcl:3:11]
     2 │ selct = ["TPL"]
     3 │ ignore = ["TPL0001"]
       ·           ────┬────
       ·               ╰── here
     4 │ fail_on = "warn"
       ╰────
      help: did you mean `TPL001`?

      × `warn` is not a severity
       ╭─[.nhi-lint.hcl:4:11]
     3 │ ignore = ["TPL0001"]
     4 │ fail_on = "warn"
       ·           ───┬──
       ·              ╰── here
     5 │ metadata {
       ╰────
      help: there are `error`, `warning`, `info` and `never`

      × there is no fact `ownr`
       ╭─[.nhi-lint.hcl:6:3]
     5 │ metadata {
     6 │   ownr = ["Team"]
       ·   ──┬─
       ·     ╰── here
     7 │ }
       ╰────
      help: did you mean `owner`?

    --- exit 2
    "#);
}

#[test]
fn mistakes_in_the_command_line_fail_the_run() {
    let folder = folder(&[("main.tf", "")]);
    insta::assert_snapshot!(ran(folder.path(), "check --select TPL01"), @r"
    --- stderr
    error: there is no rule `TPL01`
      help: did you mean `TPL001`?
    --- exit 2
    ");
    insta::assert_snapshot!(ran(folder.path(), "check --format json --format concise"), @r"
    --- stderr
    error: two formats cannot share standard output
      help: give all but one of them a file: `--format sarif=nhi.sarif`
    --- exit 2
    ");
    insta::assert_snapshot!(ran(folder.path(), "check --format jsn"), @r"
    --- stderr
    error: invalid value 'jsn' for '--format <FORMAT[=FILE]>': there is no format `jsn`; there are pretty, concise, json and sarif

    For more information, try '--help'.
    --- exit 2
    ");
    insta::assert_snapshot!(ran(folder.path(), "check --frobnicate"), @r"
    --- stderr
    error: unexpected argument '--frobnicate' found

      tip: a similar argument exists: '--format'

    Usage: nhi-lint check --format <FORMAT[=FILE]> [PATH]...

    For more information, try '--help'.
    --- exit 2
    ");
    insta::assert_snapshot!(ran(folder.path(), "check --var x"), @r"
    --- stderr
    error: `--var x` gives no value
      help: write `--var name=value`
    --- exit 2
    ");
    insta::assert_snapshot!(ran(folder.path(), "explain TPL99"), @r"
    --- stderr
    error: there is no rule `TPL99`
      help: `nhi-lint rules` lists them
    --- exit 2
    ");
}

#[test]
fn every_rule_explains_itself() {
    let folder = folder(&[]);
    for rule in crate::rules::RULES {
        let (by_code, _, code) = run_in(folder.path(), &format!("explain {}", rule.code));
        let (by_name, ..) = run_in(folder.path(), &format!("explain {}", rule.name));
        assert_eq!(code, 0);
        assert_eq!(by_code, by_name);
        assert!(by_code.contains("## Why"), "{by_code}");
    }
    let (list, _, code) = run_in(folder.path(), "rules --format json");
    let list: serde_json::Value = serde_json::from_str(&list).unwrap();
    assert_eq!((list.as_array().unwrap().len(), code), (crate::rules::RULES.len(), 0));
    insta::assert_snapshot!(ran(folder.path(), "rules"), @r"
    OWN001 ungoverned-identity     error   a machine identity or credential that no governance record answers for
    OWN002 missing-owner           error   an identity whose owner is absent, or a mailbox, a pipeline, a bot or the identity itself
    OWN003 unknown-owner           error   an owner that is not in the owners directory, or no longer active there
    PUR001 missing-purpose         error   an identity that does not say why it exists
    PUR002 placeholder-purpose     error   a purpose that says nothing: a placeholder, the name again, or fewer than three words
    EXP001 missing-expiry          error   an identity without an end date
    EXP002 expired                 error   an identity whose end date is past
    EXP003 expiry-too-far          error   an end date beyond what the template or the kind allows
    EXP004 extended-without-review error   a later end date for an identity that nobody certified anew
    TPL001 outside-template        error   permissions or trust beyond the template, or beyond every template where none is named
    TPL002 undeclared-template     warning an identity that fits a published template and names none
    TPL003 unusable-template       error   a template that is unknown, revoked, deprecated, or meant for other kinds or environments
    TPL004 invalid-parameter       error   a parameter that its template does not have, that has no value, or whose value breaks the pattern
    TPL005 undecided-grant         error   permissions or trust that cannot be compared with the template before apply
    PRV001 admin-grant             error   permission to do everything: `*` on `*`, owner, editor, cluster-admin
    CRE001 long-lived-credential   error   a credential that cannot expire, or that has no end set
    REU001 shared-identity         warning an identity that several workloads run as, and default identities that everything shares
    OFF002 orphaned-identity       warning a plan that removes the last workload that runs as an identity, and keeps the identity
    OFF004 change-without-rotation warning a new owner, purpose, template or environment for an identity whose credentials stay the same
    OFF005 governance-weakened     error   a plan that takes owner, purpose, end date, template or boundary away from an identity that has them
    CAT001 uncatalogued-identity   warning a resource that looks like an identity, and is of a type that the catalogue does not know
    --- exit 0
    ");
}

#[test]
fn completions_are_printed() {
    let folder = folder(&[]);
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let (script, _, code) = run_in(folder.path(), &format!("completions {shell}"));
        assert!(script.contains("nhi-lint") && code == 0, "{shell}: {script}");
    }
}
