//! No secret in anything that stays: with a token, an X.509-SVID and an API key in use, neither state, plan, logs at TRACE nor any
//! file of the inventory holds a secret byte, in whatever form bytes are written.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use super::{HEAD, ok};
use tests::{Project, Workbench, root};

const BODY: &str = r#"
resource "nhi_service_account" "export" {
  name        = "invoice-export"
  owner       = nhi_owner.payments.name
  purpose     = "Nightly export of invoices to the ledger bucket"
  expiry      = "90d"
  template    = "s3-object-reader@1"
  service     = "billing"
  environment = "prod"
  parameters  = { bucket = "payments-ledger" }
}

resource "nhi_workload_identity" "viewer" {
  name        = "ledger-viewer"
  owner       = nhi_owner.payments.name
  purpose     = "Shows the ledger to the support desk"
  expiry      = "90d"
  template    = "s3-object-reader@1"
  service     = "billing"
  environment = "prod"
  parameters  = { bucket = "payments-ledger" }
  subject     = { kubernetes = { namespace = "support", service_account = "viewer" } }
}

resource "nhi_api_key" "partner" {
  name        = "partner-orders"
  owner       = nhi_owner.payments.name
  purpose     = "Lets the partner's warehouse post its orders"
  expiry      = "90d"
  template    = "partner-api@1"
  service     = "billing"
  environment = "prod"
  parameters  = { api = "a1b2c3d4e5", route = "orders" }
}

ephemeral "nhi_token" "svid" {
  identity = nhi_workload_identity.viewer.id
  audience = "https://api.example.com"
}

ephemeral "nhi_token" "access" {
  identity = nhi_service_account.export.id
  audience = "https://api.example.com"
}

ephemeral "nhi_x509_svid" "viewer" {
  identity = nhi_workload_identity.viewer.id
}

ephemeral "nhi_api_key_secret" "partner" {
  identity = nhi_api_key.partner.id
}

data "nhi_trust_bundle" "this" {}

resource "terraform_data" "hand_over" {
  triggers_replace = "ROUND"
  provisioner "local-exec" {
    command = "umask 077; for name in SVID ACCESS KEY API; do printenv $name > ../handed-over/ROUND-$name; done"
    environment = {
      SVID   = ephemeral.nhi_token.svid.token
      ACCESS = ephemeral.nhi_token.access.token
      KEY    = ephemeral.nhi_x509_svid.viewer.private_key_pem
      API    = ephemeral.nhi_api_key_secret.partner.secret
    }
  }
}
"#;

/// The secret part of what is secret: of a token its signature, of an API key what stands after its id, of a key its number.
fn secrets(handed_over: &Path, keys: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut secrets = BTreeMap::new();
    for entry in fs::read_dir(handed_over).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        let text = fs::read_to_string(&path).expect("what was handed over").trim().to_owned();
        let after = |mark: char| text.rsplit(mark).next().expect("a part").to_owned();
        if name.ends_with("KEY") {
            secrets.insert(name, number_of(&text));
        } else if name.ends_with("API") {
            secrets.insert(name, after('_').into_bytes());
        } else {
            let signature = after('.');
            secrets
                .insert(format!("{name} raw"), URL_SAFE_NO_PAD.decode(&signature).expect("base64"));
            secrets.insert(name, signature.into_bytes());
        }
    }
    let issuer = fs::read_to_string(keys.join("issuer.pem")).expect("the issuer's key");
    secrets.insert("issuer.pem".to_owned(), number_of(&issuer));
    let master = fs::read_to_string(keys.join("master.key")).expect("the master key");
    secrets.insert("master.key".to_owned(), STANDARD.decode(master.trim()).expect("base64"));
    secrets
}

/// The private number of a P-256 key in PEM form: the octet string of 32 bytes in it.
fn number_of(pem: &str) -> Vec<u8> {
    let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    let der = STANDARD.decode(body).expect("base64");
    let at = der.windows(2).position(|mark| mark == [0x04, 0x20]).expect("an octet string");
    der[at + 2..at + 34].to_vec()
}

/// Every way in which text may stand for the bytes: hexadecimal digits, and base64 at each of its three alignments.
fn written(secret: &[u8]) -> Vec<Vec<u8>> {
    let lower: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
    let mut forms = vec![lower.to_uppercase().into_bytes(), lower.into_bytes()];
    for offset in 0..3 {
        let shifted = [vec![0; offset], secret.to_vec()].concat();
        // Without the letters that neighbours have a part in, at either end.
        let whole = shifted.len() / 3 * 4;
        let from = if offset == 0 { 0 } else { 4 };
        for text in [STANDARD_NO_PAD.encode(&shifted), URL_SAFE_NO_PAD.encode(&shifted)] {
            forms.push(text.as_bytes()[from..whole].to_vec());
        }
    }
    forms
}

/// The text without line breaks, escaped ones as well: a key in PEM form is broken into lines.
fn joined(content: &[u8]) -> Vec<u8> {
    let mut joined = Vec::with_capacity(content.len());
    let mut rest = content;
    while let Some((first, after)) = rest.split_first() {
        rest = match (first, after.first()) {
            (b'\n' | b'\r', _) => after,
            (b'\\', Some(b'n' | b'r')) => &after[1..],
            _ => {
                joined.push(*first);
                after
            }
        };
    }
    joined
}

/// Whether a file holds the secret in any form.
fn tells(content: &[u8], joined: &[u8], secret: &[u8]) -> bool {
    holds(content, secret) || written(secret).iter().any(|form| holds(joined, form))
}

/// Every file below a folder with its content; what is packed in a plan as well.
fn files(folder: &Path, found: &mut Vec<(String, Vec<u8>)>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() && !path.is_symlink() {
            if path.file_name().is_none_or(|name| name != "providers") {
                files(&path, found);
            }
            continue;
        }
        let content = fs::read(&path).expect("a file");
        let name = path.display().to_string();
        // A plan is a zip file: what is packed in it counts.
        if content.starts_with(b"PK") {
            let unzip = Command::new("unzip").arg("-p").arg(&path).output().expect("unzip runs");
            assert!(
                unzip.status.success() && !unzip.stdout.is_empty(),
                "{name} cannot be unpacked"
            );
            found.push((format!("{name}:unpacked"), unzip.stdout));
        }
        found.push((name, content));
    }
}

fn holds(content: &[u8], wanted: &[u8]) -> bool {
    content.windows(wanted.len()).any(|window| window == wanted)
}

fn traced(project: &Project<'_>, round: &str) {
    project
        .write("main.tf", &format!("{}{}", head(), BODY.replace("ROUND", round)))
        .expect("main.tf");
    for arguments in [
        &["plan", "-input=false", "-no-color", "-out=plan.bin"][..],
        &["apply", "-input=false", "-no-color", "plan.bin"],
        &["plan", "-refresh-only", "-input=false", "-no-color"],
    ] {
        let mut command = project.command(arguments);
        command.env("TF_LOG", "TRACE").env("TF_LOG_PATH", project.folder.join("trace.log"));
        let output = command.output().expect("terraform runs");
        let said = [output.stdout, output.stderr].concat();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&said));
        fs::write(project.folder.join(format!("said-{round}-{}", arguments[0])), said)
            .expect("a file");
    }
}

fn head() -> String {
    let issuer = "issuer {\n    url = \"https://identity.example.com\"\n    trust_domain = \"example.com\"\n  }\n";
    HEAD.replace(
        "templates = [\"./templates\"]",
        &format!("templates = [\"./templates\"]\n  {issuer}"),
    )
}

#[test]
fn nothing_that_stays_holds_a_secret() {
    let Some(bench) = Workbench::or_skip() else { return };
    if Command::new("unzip").arg("-v").output().is_err() {
        return tests::skip("plans are not searched for secrets: there is no `unzip`");
    }
    let project = bench.empty_project("secrets").expect("a folder");
    let handed_over = project.folder.with_file_name("handed-over");
    for folder in [&project.folder.join("templates"), &handed_over] {
        fs::create_dir(folder).expect("a folder");
    }
    for name in ["s3-object-reader.nhi.hcl", "partner-api.nhi.hcl"] {
        let template = root().join("examples/templates").join(name);
        fs::copy(template, project.folder.join("templates").join(name)).expect("a template");
    }
    project.write("main.tf", &format!("{}{}", head(), BODY)).expect("main.tf");
    ok(&project, &["init", "-input=false", "-no-color"]);
    // Ephemeral resources open in plans, too, once what they name exists.
    traced(&project, "first");
    traced(&project, "second");

    let keys = project.folder.join(".nhi");
    let secrets = secrets(&handed_over, &keys);
    assert_eq!(secrets.len(), 2 * (2 + 2 + 1 + 1) + 2, "{:?}", secrets.keys());
    let mut found = Vec::new();
    files(&project.folder, &mut found);
    found.retain(|(name, _)| !name.ends_with("issuer.pem") && !name.ends_with("master.key"));
    let names: Vec<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
    for part in ["terraform.tfstate", "plan.bin:unpacked", "trace.log", "inventory.db"] {
        assert!(names.iter().any(|name| name.ends_with(part)), "{part} is not in {names:?}");
    }
    for (name, content) in &found {
        let joined = joined(content);
        for (secret, bytes) in &secrets {
            assert!(!tells(content, &joined, bytes), "{secret} is in {name}");
        }
    }
    // The search itself finds what is there: each secret in what was handed over, and in the key files.
    let mut there = Vec::new();
    files(&handed_over, &mut there);
    files(&keys, &mut there);
    there.retain(|(name, _)| !name.contains("inventory"));
    let there: Vec<_> = there.into_iter().map(|(_, it)| (joined(&it), it)).collect();
    for (secret, bytes) in &secrets {
        assert!(bytes.len() >= 32, "{secret}");
        assert!(there.iter().any(|(joined, it)| tells(it, joined, bytes)), "{secret} is nowhere");
    }
}
