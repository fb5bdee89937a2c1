//! What people hand to `contains`: files of every encoding and none, and templates that say nothing of it.

use std::fs;

use super::commands::{folder, run_in};

const READ: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::ledger/*"}]}"#;
const TEMPLATE: &str = r#"
template "reader" {
  version = "1.0.0"
  parameter "bucket" {}
  aws {
    permissions = jsonencode({
      Version   = "2012-10-17"
      Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::${param.bucket}/*" }]
    })
    trust = jsonencode({
      Version   = "2012-10-17"
      Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }]
    })
  }
}
"#;

fn trust(service: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"Service":"{service}"}},"Action":"sts:AssumeRole"}}]}}"#
    )
}

#[test]
fn texts_of_any_encoding_are_read() {
    let folder = folder(&[("plain.json", READ)]);
    let wide = |unit: fn(u16) -> [u8; 2]| -> Vec<u8> {
        std::iter::once(0xfeff).chain(READ.encode_utf16()).flat_map(unit).collect()
    };
    let texts = [
        ("bom", [&[0xef, 0xbb, 0xbf], READ.as_bytes()].concat()),
        ("little", wide(u16::to_le_bytes)),
        ("big", wide(u16::to_be_bytes)),
        ("windows", READ.replace(',', ",\r\n").into_bytes()),
        ("list", format!("[{READ}, {READ}]").into_bytes()),
    ];
    for (name, text) in texts {
        fs::write(folder.path().join(name), text).unwrap();
        let (_, errors, code) =
            run_in(folder.path(), &format!("contains --inner {name} --outer plain.json"));
        assert_eq!((code, errors.as_str()), (0, ""), "{name}");
    }
}

#[test]
fn what_holds_no_policy_is_refused() {
    let folder = folder(&[("plain.json", READ), ("empty", ""), ("blank", " \n"), ("list", "[]")]);
    fs::write(folder.path().join("bytes"), [0xc3, 0x28]).unwrap();
    for name in ["empty", "blank", "list", "bytes", ".", "nothing"] {
        for line in [
            format!("contains --inner {name} --outer plain.json"),
            format!("contains --inner plain.json --outer {name}"),
        ] {
            let (output, errors, code) = run_in(folder.path(), &line);
            assert_eq!((code, output.as_str()), (2, ""), "{line}");
            assert!(errors.contains(&format!("`{name}`")) || name == ".", "{line}: {errors}");
        }
    }
}

#[test]
fn a_trust_policy_is_held_against_the_trust_of_a_template() {
    let (own, other) = (trust("ec2.amazonaws.com"), trust("lambda.amazonaws.com"));
    let folder = folder(&[
        ("own.json", own.as_str()),
        ("other.json", other.as_str()),
        ("read.json", READ),
        ("t.nhi.hcl", TEMPLATE),
    ]);
    let ask = |inner: &str| {
        let line = format!(
            "contains {inner} --template reader@1 --templates t.nhi.hcl --param bucket=ledger"
        );
        let (output, errors, code) = run_in(folder.path(), &line);
        (code, output + &errors)
    };
    assert_eq!(ask("--inner own.json").0, 0);
    assert_eq!(ask("--inner read.json").0, 0);
    let (code, text) = ask("--inner other.json");
    assert!(code == 1 && text.contains("`sts:AssumeRole` by `lambda.amazonaws.com`"), "{text}");
    let (code, text) = ask("--inner own.json --inner read.json");
    assert_eq!(code, 2);
    insta::assert_snapshot!(text, @r"
    error: `own.json` says who may become the identity, and `read.json` what it may do
      help: compare them with the template one at a time
    ");
}

#[test]
fn a_template_that_is_silent_on_a_platform_allows_nothing_there() {
    let policy = "path \"secret/*\" {\n  capabilities = [\"read\"]\n}\n";
    let folder = folder(&[("policy.hcl", policy), ("t.nhi.hcl", TEMPLATE)]);
    let line = "contains --inner policy.hcl --template reader@1 --templates t.nhi.hcl";
    let (output, errors, code) = run_in(folder.path(), line);
    assert_eq!(code, 1, "{errors}");
    assert!(output.contains("`read` on `secret/x`"), "{output}");
    let (_, errors, code) = run_in(folder.path(), &format!("{line} --param bukcet=x"));
    assert!(code == 2 && errors.contains("did you mean `bucket`"), "{errors}");
}
