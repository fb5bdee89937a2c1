//! Every kind of identity, as its example says it, through the real terraform: applied, refreshed, planned empty, updated, rotated,
//! imported and destroyed; and an API key in the hands of a verifier that was written from the guide.

use std::fs;
use std::io::Write as _;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use tests::{Project, Workbench, root, skip};

use super::{HEAD, apply, code, ok, says, settled, state};

/// The kinds, with the address of each one's example.
const KINDS: [&str; 6] = [
    "nhi_agent.triage",
    "nhi_api_key.partner",
    "nhi_certificate.ledger",
    "nhi_deployment_token.release",
    "nhi_service_account.export",
    "nhi_workload_identity.viewer",
];

/// The governed resource out of an example, which may go on to other providers' resources and outputs.
fn example(address: &str) -> String {
    let (kind, label) = address.split_once('.').expect("a type and a label");
    let file = root().join("examples/resources").join(kind).join("resource.tf");
    let text = fs::read_to_string(&file).expect("an example");
    let head = format!("resource \"{kind}\" \"{label}\" {{");
    let (_, body) = text.split_once(&head).expect("the resource of the example");
    let (body, _) = body.split_once("\n}\n").expect("its end");
    format!("{head}{body}\n}}\n")
}

/// A project with every example template and a trust domain.
fn project<'a>(bench: &'a Workbench, name: &str, body: &str) -> Project<'a> {
    let project = bench.empty_project(name).expect("a folder");
    tests::copy_folder(&root().join("examples/templates"), &project.folder.join("templates"))
        .expect("the templates");
    configure(&project, body);
    ok(&project, &["init", "-input=false", "-no-color"]);
    project
}

fn configure(project: &Project<'_>, body: &str) {
    let settings = "provider \"nhi\" {\n  issuer {\n    trust_domain = \"example.com\"\n  }\n";
    let head = HEAD.replace("provider \"nhi\" {\n", settings);
    project.write("main.tf", &format!("{head}{body}")).expect("main.tf");
}

/// The same resource with a line more, and with one text in place of another.
fn with(resource: &str, line: &str) -> String {
    let end = resource.trim_end().strip_suffix('}').expect("a block");
    format!("{end}  {line}\n}}\n")
}

fn version(resource: &Value) -> i64 {
    resource["credential_version"].as_i64().expect("a number")
}

#[test]
fn every_kind_lives_as_its_example_says() {
    let Some(bench) = Workbench::or_skip() else { return };
    let examples: Vec<String> = KINDS.iter().map(|address| example(address)).collect();
    let project = project(&bench, "kinds", &examples.concat());
    ok(&project, &["validate", "-no-color"]);
    apply(&project);
    settled(&project);
    let born: Vec<Value> = KINDS.iter().map(|address| state(&project, address)).collect();
    for (address, born) in KINDS.iter().zip(&born) {
        assert_eq!((version(born), &born["status"]), (1, &json!("active")), "{address}");
        let has_id =
            born["spiffe_id"].as_str().is_some_and(|id| id.starts_with("spiffe://example.com/"));
        assert_eq!(has_id, *address != "nhi_api_key.partner", "{address}: {}", born["spiffe_id"]);
    }

    // An update happens in place and keeps the credential.
    let updated: String = examples
        .iter()
        .map(|it| with(&it.replace("  consumers", "  # "), "consumers = [\"it\"]"))
        .collect();
    configure(&project, &updated);
    let plan = code(&project, &["plan", "-input=false", "-no-color", "-detailed-exitcode"], 2);
    says(&plan, &["0 to add, 6 to change, 0 to destroy"]);
    apply(&project);
    settled(&project);
    for (address, born) in KINDS.iter().zip(&born) {
        let now = state(&project, address);
        assert_eq!((&now["id"], version(&now)), (&born["id"], 1), "{address}");
        for credential in ["key_id", "secret_hash", "serial", "certificate_pem"] {
            assert_eq!(now[credential], born[credential], "{address}: {credential}");
        }
    }

    // Another purpose is another credential, in place as well.
    let rotated: String =
        updated.replace("  purpose     = \"", "  purpose     = \"By another name: ");
    configure(&project, &rotated);
    let plan = code(&project, &["plan", "-input=false", "-no-color", "-detailed-exitcode"], 2);
    says(&plan, &["0 to add, 6 to change, 0 to destroy"]);
    apply(&project);
    settled(&project);
    let turned: Vec<Value> = KINDS.iter().map(|address| state(&project, address)).collect();
    for ((address, born), turned) in KINDS.iter().zip(&born).zip(&turned) {
        assert_eq!((&turned["id"], version(turned)), (&born["id"], 2), "{address}");
    }
    let (key, was) = (&turned[1], &born[1]);
    assert_eq!(key["previous_key_id"], was["key_id"]);
    assert_eq!(key["previous_secret_hash"], was["secret_hash"]);
    assert!(key["previous_valid_until"].is_string() && key["key_id"] != was["key_id"], "{key:#}");
    assert_ne!(turned[2]["serial"], born[2]["serial"]);

    // Import by id gives all of it back.
    for (address, turned) in KINDS.iter().zip(&turned) {
        ok(&project, &["state", "rm", "-no-color", address]);
        let id = turned["id"].as_str().expect("an id");
        ok(&project, &["import", "-input=false", "-no-color", address, id]);
        assert_eq!(state(&project, address), *turned, "{address}");
    }
    // Terraform notes what they depend on when it next applies.
    code(&project, &["plan", "-input=false", "-no-color", "-detailed-exitcode"], 0);
    apply(&project);
    settled(&project);

    // All of them end, with a reason on record.
    let broken: String =
        rotated.replace("  expiry  ", "  break_glass_reason = \"the end of the test\"\n  expiry  ");
    configure(&project, &broken);
    apply(&project);
    settled(&project);
    ok(&project, &["destroy", "-auto-approve", "-input=false", "-no-color"]);
}

/// The verifier of the guide, with what it is to look at on standard input.
const VERIFY: &str = "
import json, sys
given = json.load(sys.stdin)
identity = given['identity']
print(json.dumps([works(key, identity, None) for key in given['keys']]))
";

/// What a verifier that was written from the guide says of each key.
fn verdicts(identity: &Value, keys: &[String]) -> Option<Vec<bool>> {
    let guide = fs::read_to_string(root().join("docs/guides/api-keys.md")).expect("the guide");
    let (_, code) = guide.split_once("```python\n").expect("code");
    let (code, _) = code.split_once("```").expect("its end");
    let program = format!("{code}{VERIFY}");
    let python = Command::new("python3")
        .args(["-c", &program])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let Ok(mut python) = python else {
        skip("there is no `python3` to verify API keys with");
        return None;
    };
    let given = json!({ "identity": identity, "keys": keys }).to_string();
    python.stdin.take().expect("piped").write_all(given.as_bytes()).expect("it reads");
    let output = python.wait_with_output().expect("it ends");
    Some(serde_json::from_slice(&output.stdout).expect("a list"))
}

/// Who finds an API key: a file beside the project, written at each version.
const HOLDER: &str = r#"
ephemeral "nhi_api_key_secret" "partner" {
  identity = nhi_api_key.partner.id
}

resource "terraform_data" "holder" {
  triggers_replace = nhi_api_key.partner.credential_version

  provisioner "local-exec" {
    command     = "printf %s \"$KEY\" > \"$FILE\""
    environment = {
      KEY  = ephemeral.nhi_api_key_secret.partner.secret
      FILE = "${path.module}/../key-${nhi_api_key.partner.credential_version}"
    }
  }
}

data "nhi_identity" "partner" {
  kind = "api_key"
  name = nhi_api_key.partner.name

  depends_on = [nhi_api_key.partner]
}
"#;

#[test]
fn a_key_reaches_its_holder_and_a_verifier_takes_it() {
    let Some(bench) = Workbench::or_skip() else { return };
    let partner = example("nhi_api_key.partner");
    let project = project(&bench, "api-key/project", &format!("{partner}{HOLDER}"));
    apply(&project);
    settled(&project);
    let key = |version: i64| {
        let file = project.folder.join(format!("../key-{version}"));
        fs::read_to_string(file).expect("the key")
    };
    let first = key(1);
    let another = |letter: char| if letter == 'x' { 'y' } else { 'x' };
    let mistype = |(at, letter): (usize, char)| if at == 30 { another(letter) } else { letter };
    let mistyped: String = first.chars().enumerate().map(mistype).collect();
    let id = state(&project, "nhi_api_key.partner");
    assert!(first.contains(id["key_id"].as_str().expect("an id")));
    let found = state(&project, "data.nhi_identity.partner");
    let Some(verdict) = verdicts(&found, &[first.clone(), mistyped, String::new()]) else { return };
    assert_eq!(verdict, [true, false, false]);

    // Both keys work until the overlap is over.
    let next = format!("{}{HOLDER}", partner.replace("post its orders", "post orders and returns"));
    configure(&project, &next);
    apply(&project);
    settled(&project);
    let found = state(&project, "data.nhi_identity.partner");
    let both = [first.clone(), key(2)];
    assert_eq!(verdicts(&found, &both), Some(vec![true, true]));

    // The day on which it leaked.
    let overlap = "    overlap = \"1d\"";
    assert!(next.contains(overlap), "{next}");
    let leaked = "    overlap = \"0s\"\n    epoch = 2\n    reason = \"it was in a log\"";
    configure(&project, &next.replace(overlap, leaked));
    apply(&project);
    settled(&project);
    let found = state(&project, "data.nhi_identity.partner");
    let all = [first, key(2), key(3)];
    assert_eq!(verdicts(&found, &all), Some(vec![false, false, true]));

    // None of them is in what terraform or the provider keep.
    for entry in walk(&project.folder) {
        let bytes = fs::read(&entry).expect("a file");
        for key in &all {
            let found = bytes.windows(key.len()).any(|window| window == key.as_bytes());
            assert!(!found, "a key is in {}", entry.display());
        }
    }
}

/// Every file below a folder, but for programs.
fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.ends_with(".terraform/providers") {
            continue;
        }
        if path.is_dir() { files.extend(walk(&path)) } else { files.push(path) }
    }
    files
}
