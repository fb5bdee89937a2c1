//! Which template a reference means, and which it does not.

use super::*;
use crate::governance::Kind;

const VERSIONS: &str = r#"
template "reader" { version = "1.0.0" }
template "reader" { version = "1.10.0" }
template "reader" {
  version = "1.11.0"
  status  = "deprecated"
}
template "reader" { version = "1.12.0-rc.1" }
template "reader" {
  version = "2.0.0"
  status  = "revoked"
}
template "old" {
  version = "1.0.0"
  status  = "revoked"
}
template "gone" {
  version = "1.0.0"
  status  = "deprecated"
}
template "new" {
  version  = "1.0.0"
  replaces = ["old@1"]
}
"#;

fn find(reference: &str) -> String {
    use miette::Diagnostic as _;
    match library(&[VERSIONS]).find(reference) {
        Ok(template) => template.reference().to_string(),
        Err(error) => {
            let help = error.help().map(|help| help.to_string()).unwrap_or_default();
            format!("{error} | {help}")
        }
    }
}

#[test]
fn exact_and_newest() {
    assert_eq!(find("reader@1.0.0"), "reader@1.0.0");
    assert_eq!(find("reader@1"), "reader@1.10.0");
    assert_eq!(find("reader@1.12.0-rc.1"), "reader@1.12.0-rc.1");
}

#[test]
fn refusals() {
    insta::assert_snapshot!([
        "reader", "reader@1.2", "reader@3", "reader@1.11.0", "reader@2", "old@1.0.0", "gone@1", "raeder@1", "unknown@1", "unknown"
    ].map(find).join("\n"), @r"
    `reader` does not say which version | write `reader@1` for the newest 1.x, or `reader@1.10.0` for exactly that one
    `1.2` is not a version | write three numbers (`1.2.0`) for exactly that version, or one (`1`) for the newest of that series
    template `reader` has no version `3` | there is `1.0.0`, `1.10.0`, `1.11.0` (deprecated), `1.12.0-rc.1`, `2.0.0` (revoked)
    template `reader@1.11.0` is deprecated | use `reader@1.10.0` instead
    template `reader@2.0.0` is revoked | use `reader@1.10.0` instead
    template `old@1.0.0` is revoked | use `new@1.0.0` instead
    template `gone@1.0.0` is deprecated | there is no active template in its place; ask the team that publishes it
    there is no template `raeder` | did you mean `reader`?
    there is no template `unknown` | there are `gone`, `new`, `old`, `reader`
    `unknown` does not say which version | write `unknown@` and a version, such as `unknown@1` for the newest 1.x or `unknown@1.2.0` for exactly that one
    ");
    let empty = Library::default();
    insta::assert_snapshot!(empty.find("x@1").unwrap_err(), @"there is no template `x`");
}

#[test]
fn another_content_under_a_published_version() {
    let mut published = library(&[r#"template "a" { version = "1.0.0" }"#]);
    let same = library(&[r#"
template "a" {
  # another comment, another status
  version = "1.0.0"
  status  = "revoked"
}"#]);
    assert_eq!(show(&published.merge(same)), "");
    assert_eq!(published.find("a@1").unwrap().status, Status::Active);
    let other = library(&[r#"template "a" {
  version     = "1.0.0"
  description = "wider"
}"#]);
    insta::assert_snapshot!(show(&published.merge(other)), @r#"[template "a"] template `a@1.0.0` is already defined in `0.nhi.hcl` | a published version never changes: give the new content a new version"#);
}

#[test]
fn caps_of_another_library_hold_too() {
    let caps = |session: &str| {
        let text =
            format!("baseline {{\n  kind \"agent\" {{\n    max_session = \"{session}\"\n  }}\n}}");
        library(&[&text])
    };
    let session = |library: &Library| {
        library.baseline().caps(Kind::Agent).max_session.map(|session| session.to_string())
    };
    let mut merged = Library::default();
    assert_eq!(show(&merged.merge(caps("10m"))), "");
    assert_eq!(session(&merged).as_deref(), Some("10m"));
    // What says nothing changes nothing, and the same twice is fine.
    assert_eq!(show(&merged.merge(Library::default())), "");
    assert_eq!(show(&merged.merge(caps("10m"))), "");
    // What says something else is told, and the first holds.
    insta::assert_snapshot!(show(&merged.merge(caps("20m"))), @"[baseline] the baseline is already defined in `0.nhi.hcl` | put all caps into one `baseline` block");
    assert_eq!(session(&merged).as_deref(), Some("10m"));
}

#[test]
fn the_digest_is_of_the_meaning() {
    let digest = |text: &str| {
        let library = library(&[text]);
        library.templates().next().unwrap().digest.clone()
    };
    let first = digest(READER);
    assert_eq!(first, "sha256:3e837b53e8bf5a17911b3bc5428ec907036120e6540c6a1553152e6c1cc20f71");
    let other_words = READER
        .replace("\"365d\"", "\"8760h\"")
        .replace("# semver; a published version never changes", "")
        .replace(
            "      Version = \"2012-10-17\"\n      Statement",
            "\n\n      \"Version\" = (\"2012-10-17\")\n      Statement",
        )
        .replace("resource_names = []", "")
        .replace("status      = \"active\"", "status = \"revoked\"");
    assert_ne!(other_words, READER);
    assert_eq!(digest(&other_words), first);
    for (from, to) in [
        ("s3:GetObject", "s3:PutObject"),
        ("${param.bucket}", "${param.bucket}*"),
        ("\"365d\"", "\"366d\""),
        ("[a-z0-9][a-z0-9.-]{2,62}", "[a-z0-9][a-z0-9.-]{2,63}"),
        ("1.2.0", "1.2.1"),
    ] {
        assert_ne!(digest(&READER.replace(from, to)), first, "{from}");
    }
}

#[test]
fn the_canonical_form() {
    let library = library(&[r#"
template "a" {
  version = "1.0.0"
  parameter "bucket" {}
  aws {
    permissions = jsonencode({ Statement = { Resource = ["arn:aws:s3:::${param.bucket}"], Effect = "Allow", Action = "s3:*" }, Version = "2012-10-17" })
  }
}"#]);
    insta::assert_snapshot!(digest::canonical(library.templates().next().unwrap()), @r#"{"applies_to":{"environments":[],"kinds":[]},"aws":{"boundary":null,"permissions":{"object":{"Statement":{"object":{"Action":"s3:*","Effect":"Allow","Resource":{"list":[["arn:aws:s3:::",{"param":"bucket"}]]}}},"Version":"2012-10-17"}},"trust":null},"azure":null,"canonical_form":1,"description":"","gcp":null,"github":null,"kubernetes":null,"name":"a","owner":"","parameters":{"bucket":{"default":null,"description":"","pattern":null}},"replaces":[],"require":{"max_lifetime":null,"max_session":null,"metadata":[],"review_every":null,"rotate_every":null,"static_credential":null},"vault":null,"version":"1.0.0"}"#);
}
