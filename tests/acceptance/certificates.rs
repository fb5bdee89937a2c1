//! What is issued as X.509 is taken by those who know nothing of us, and refused when they should: openssl, PostgreSQL's `cert`
//! authentication, nginx and curl.

use std::fs::{self, Permissions};
use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tests::{Project, Workbench, root, skip};

use super::{apply, code, ok, settled, state};

const BODY: &str = r#"
terraform {
  required_providers {
    nhi = {
      source = "governed-nhi/nhi"
    }
  }
}

provider "nhi" {
  templates = ["./templates"]
  issuer {
    trust_domain = "example.com"
    url          = "https://identity.example.com"
  }
}

variable "state" {
  default = "active"
}

variable "csr" {}

resource "nhi_owner" "payments" {
  name        = "payments"
  accountable = "ada@example.com"
  steward     = "grace@example.com"
}

resource "nhi_workload_identity" "viewer" {
  name        = "ledger-viewer"
  owner       = nhi_owner.payments.name
  purpose     = "Shows the ledger to the support desk"
  expiry      = "90d"
  template    = "s3-object-reader@1"
  service     = "billing"
  environment = "prod"
  parameters  = { bucket = "ledger" }
  state       = var.state
}

resource "nhi_certificate" "server" {
  name        = "ledger-server"
  owner       = nhi_owner.payments.name
  purpose     = "Serves the ledger to the other services"
  expiry      = "90d"
  template    = "internal-tls@1"
  service     = "billing"
  environment = "prod"
  parameters  = { dns_names = "ledger.internal.example.com" }
  csr_pem     = file(var.csr)
}

output "certificate" {
  value = nhi_certificate.server.certificate_pem
}

data "nhi_trust_bundle" "this" {
  depends_on = [nhi_workload_identity.viewer, nhi_certificate.server]
}

output "ca" {
  value = data.nhi_trust_bundle.this.ca_bundle_pem
}

output "crl" {
  value = data.nhi_trust_bundle.this.crl_pem
}
"#;

/// Hands the certificate and its key to whoever uses them, from memory.
const SVID: &str = r#"
variable "lifetime" {
  default = "1h"
}

ephemeral "nhi_x509_svid" "viewer" {
  identity = nhi_workload_identity.viewer.id
  lifetime = var.lifetime
}

resource "terraform_data" "use" {
  triggers_replace = var.lifetime

  provisioner "local-exec" {
    command = "umask 077; printf %s \"$LEAF\" > $NAME.pem; printf %s \"$KEY\" > $NAME.key; printf %s \"$BUNDLE\" > $NAME.ca"
    environment = {
      NAME   = "svid-${var.lifetime}"
      LEAF   = ephemeral.nhi_x509_svid.viewer.certificate_pem
      KEY    = ephemeral.nhi_x509_svid.viewer.private_key_pem
      BUNDLE = ephemeral.nhi_x509_svid.viewer.bundle_pem
    }
  }
}
"#;

/// Whether a program is there; a loud line where it is not.
fn has(program: &str) -> bool {
    let found = Path::new(program).is_absolute() && Path::new(program).is_file()
        || Command::new("sh")
            .args(["-c", &format!("command -v {program} >/dev/null")])
            .status()
            .is_ok_and(|status| status.success());
    if !found {
        skip(&format!("`{program}` is not installed"));
    }
    found
}

/// Runs a program; whether it succeeded, and what it said.
fn run(command: &mut Command) -> (bool, String) {
    let output = command.stdin(Stdio::null()).output().expect("the program starts");
    let text = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&text).into_owned())
}

#[track_caller]
fn succeeds(command: &mut Command) -> String {
    let (success, text) = run(command);
    assert!(success, "{command:?}:\n{text}");
    text
}

#[track_caller]
fn refused(command: &mut Command, word: &str) {
    let (success, text) = run(command);
    assert!(!success, "{command:?} should be refused:\n{text}");
    assert!(text.contains(word), "`{word}` is not in:\n{text}");
}

fn openssl(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new("openssl");
    command.args(arguments).current_dir(folder);
    command
}

/// A project whose server has made its key and its request, applied with a certificate of an hour.
fn issued<'a>(bench: &'a Workbench, name: &str) -> Project<'a> {
    let project = bench.empty_project(name).expect("a folder");
    fs::create_dir(project.folder.join("templates")).expect("a folder");
    for template in ["s3-object-reader", "internal-tls"] {
        let file = format!("templates/{template}.nhi.hcl");
        fs::copy(root().join("examples").join(&file), project.folder.join(&file)).expect("copied");
    }
    for name in ["server", "other"] {
        succeeds(&mut openssl(
            &project.folder,
            &[
                "req",
                "-new",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
                "-nodes",
                "-subj",
                "/",
                "-addext",
                "subjectAltName=DNS:ledger.internal.example.com",
                "-keyout",
                &format!("{name}.key"),
                "-out",
                &format!("{name}.csr"),
            ],
        ));
    }
    variables(&project, "active", "server.csr");
    project.write("main.tf", BODY).expect("main.tf");
    project.write("svid.tf", SVID).expect("svid.tf");
    ok(&project, &["init", "-input=false", "-no-color"]);
    apply(&project);
    publish(&project);
    project
}

fn variables(project: &Project<'_>, state: &str, csr: &str) {
    let text = format!("state = \"{state}\"\ncsr = \"{csr}\"\n");
    project.write("terraform.tfvars", &text).expect("variables");
}

/// Switches the viewer off: who is switched off gets no certificate any more, so that nothing asks for one.
fn switch_off(project: &Project<'_>) {
    variables(project, "disabled", "server.csr");
    fs::remove_file(project.folder.join("svid.tf")).expect("removed");
    apply(project);
    publish(project);
}

/// Has a certificate of a moment issued, which ends by itself.
fn ended(project: &Project<'_>) {
    ok(project, &["apply", "-auto-approve", "-input=false", "-no-color", "-var", "lifetime=1s"]);
    let check = ["x509", "-noout", "-checkend", "0", "-in", "svid-1s.pem"];
    while run(&mut openssl(&project.folder, &check)).0 {}
}

/// Puts the outputs where the relying parties look for them.
fn publish(project: &Project<'_>) {
    for (output, file) in [("ca", "ca.pem"), ("crl", "crl.pem"), ("certificate", "server.pem")] {
        let text = ok(project, &["output", "-raw", output]).stdout;
        let path = project.folder.join(file);
        fs::write(&path, text).expect("written");
        fs::set_permissions(path, Permissions::from_mode(0o644)).expect("readable");
    }
}

#[test]
fn openssl_checks_what_is_issued() {
    let Some(bench) = Workbench::or_skip() else { return };
    if !has("openssl") {
        return;
    }
    let project = issued(&bench, "openssl");
    let folder = &project.folder;
    let verify = |leaf: &str| {
        openssl(
            folder,
            &[
                "verify",
                "-x509_strict",
                "-CAfile",
                "ca.pem",
                "-CRLfile",
                "crl.pem",
                "-crl_check",
                leaf,
            ],
        )
    };
    succeeds(&mut verify("svid-1h.pem"));
    succeeds(&mut verify("server.pem"));
    let bundles =
        ["ca.pem", "svid-1h.ca"].map(|name| fs::read_to_string(folder.join(name)).unwrap());
    assert_eq!(bundles[0], bundles[1]);
    let names = succeeds(&mut openssl(
        folder,
        &["x509", "-in", "server.pem", "-noout", "-ext", "subjectAltName"],
    ));
    assert!(
        names.contains(
            "spiffe://example.com/certificate/ledger-server, DNS:ledger.internal.example.com"
        ),
        "{names}"
    );
    settled(&project);

    // Another request is another certificate, in place; the one before it works for a day more.
    let before = state(&project, "nhi_certificate.server");
    fs::copy(folder.join("server.pem"), folder.join("before.pem")).expect("copied");
    variables(&project, "active", "other.csr");
    apply(&project);
    publish(&project);
    let after = state(&project, "nhi_certificate.server");
    assert_eq!((&after["id"], &after["credential_version"]), (&before["id"], &2.into()));
    assert_ne!(after["serial"], before["serial"]);
    succeeds(&mut verify("server.pem"));
    succeeds(&mut verify("before.pem"));
    settled(&project);

    // Import gives all of it back.
    let id = before["id"].as_str().expect("an id");
    ok(&project, &["state", "rm", "-no-color", "nhi_certificate.server"]);
    ok(&project, &["import", "-input=false", "-no-color", "nhi_certificate.server", id]);
    assert_eq!(state(&project, "nhi_certificate.server"), after);
    code(&project, &["plan", "-input=false", "-no-color", "-detailed-exitcode"], 0);

    switch_off(&project);
    refused(&mut verify("svid-1h.pem"), "certificate revoked");
    succeeds(&mut openssl(folder, &["crl", "-in", "crl.pem", "-CAfile", "ca.pem", "-noout"]));
}

/// A database of its own, ended with the test.
struct Postgres {
    binaries: PathBuf,
    folder: PathBuf,
}

impl Postgres {
    /// PostgreSQL's programs do not run as root.
    fn command(&self, program: &str, arguments: &[&str]) -> Command {
        let program = self.binaries.join(program);
        let as_root = fs::metadata("/proc/self").is_ok_and(|it| {
            use std::os::unix::fs::MetadataExt as _;
            it.uid() == 0
        });
        let mut command = if as_root {
            let mut command = Command::new("setpriv");
            command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        command.args(arguments).current_dir(&self.folder).env("PGHOST", &self.folder);
        command.env("LC_ALL", "C");
        command
    }

    /// Gives it a file of the project. Its programs run as somebody else.
    fn give(&self, project: &Project<'_>, name: &str, mode: u32) {
        let target = self.folder.join(name);
        let _ = fs::remove_file(&target);
        fs::copy(project.folder.join(name), &target).expect("copied");
        fs::set_permissions(&target, Permissions::from_mode(mode)).expect("changed");
        let _ = std::os::unix::fs::chown(&target, Some(65534), Some(65534));
    }

    /// Starts a server that lets clients in by their certificates alone.
    fn start(&self, project: &Project<'_>, port: u16) {
        fs::set_permissions(&self.folder, Permissions::from_mode(0o755)).expect("changed");
        let _ = std::os::unix::fs::chown(&self.folder, Some(65534), Some(65534));
        for (name, mode) in
            [("server.pem", 0o644), ("server.key", 0o600), ("ca.pem", 0o644), ("crl.pem", 0o644)]
        {
            self.give(project, name, mode);
        }
        succeeds(&mut self.command("initdb", &["-D", "data", "-U", "admin", "-A", "trust", "-N"]));
        let place = self.folder.display();
        let settings = format!(
            "listen_addresses = '127.0.0.1'\nport = {port}\nunix_socket_directories = '{place}'\nfsync = off\nssl = on\n\
             ssl_cert_file = '{place}/server.pem'\nssl_key_file = '{place}/server.key'\nssl_ca_file = '{place}/ca.pem'\n\
             ssl_crl_file = '{place}/crl.pem'\n"
        );
        fs::write(self.folder.join("data/postgresql.auto.conf"), settings).expect("settings");
        let rules = "local all admin trust\nhostssl all all 127.0.0.1/32 cert\n";
        fs::write(self.folder.join("data/pg_hba.conf"), rules).expect("rules");
        succeeds(&mut self.command("pg_ctl", &["-D", "data", "-w", "-l", "log", "start"]));
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let _ = self.command("pg_ctl", &["-D", "data", "-m", "immediate", "stop"]).output();
    }
}

/// The newest installed server.
fn postgres_binaries() -> Option<PathBuf> {
    let mut versions: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path().join("bin")))
        .filter(|folder| folder.join("initdb").is_file())
        .collect();
    versions.sort();
    if versions.is_empty() {
        skip("no PostgreSQL server is installed below /usr/lib/postgresql");
    }
    versions.pop()
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("its address").port()
}

#[test]
fn postgresql_lets_a_certificate_in_until_it_is_revoked_or_over() {
    let Some(bench) = Workbench::or_skip() else { return };
    let Some(binaries) = postgres_binaries() else { return };
    if !["openssl", "psql", "setpriv"].into_iter().all(has) {
        return;
    }
    let project = issued(&bench, "postgres");
    let folder = tempfile::Builder::new().prefix("nhi-pg-").tempdir_in("/tmp").expect("a folder");
    let database = Postgres { binaries, folder: folder.path().to_owned() };
    let port = free_port();
    database.start(&project, port);
    let administer = |statement: &str| {
        let port = port.to_string();
        succeeds(
            &mut database
                .command("psql", &["-p", &port, "-U", "admin", "-d", "postgres", "-c", statement]),
        );
    };
    // The identity's name on platforms is the database user: no map is needed.
    let user = state(&project, "nhi_workload_identity.viewer")["principal_name"].clone();
    let user = user.as_str().expect("a name").to_owned();
    administer(&format!("CREATE ROLE \"{user}\" LOGIN"));
    administer("CREATE ROLE somebody LOGIN");

    let connect = |leaf: &str, user: &str| {
        let at = |name: String| project.folder.join(name).display().to_string();
        // The client checks the server as well: its name is in the certificate that we signed for it.
        let address = format!(
            "host=ledger.internal.example.com hostaddr=127.0.0.1 port={port} dbname=postgres user={user} sslmode=verify-full \
             sslrootcert={} sslcert={} sslkey={}",
            at("ca.pem".into()),
            at(format!("{leaf}.pem")),
            at(format!("{leaf}.key"))
        );
        let mut command = Command::new("psql");
        command.args(["-X", "-A", "-t", "-d", &address, "-c", "SELECT current_user"]);
        command
    };
    assert_eq!(succeeds(&mut connect("svid-1h", &user)).trim(), user);
    refused(&mut connect("svid-1h", "somebody"), "certificate authentication failed");

    ended(&project);
    refused(&mut connect("svid-1s", &user), "expired");

    // Switched off, its certificates are on hold: from the next reading of the list on nobody gets in with them.
    switch_off(&project);
    database.give(&project, "crl.pem", 0o644);
    succeeds(&mut database.command("pg_ctl", &["-D", "data", "reload"]));
    // The server reads it when it gets to it.
    let mut last = (true, String::new());
    for _ in 0..50 {
        last = run(&mut connect("svid-1h", &user));
        if !last.0 {
            break;
        }
    }
    assert!(!last.0 && last.1.contains("revoked"), "{}", last.1);
}

/// A web server, ended with the test.
struct Nginx {
    child: Child,
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn nginx(folder: &Path, port: u16) -> Nginx {
    let place = folder.display();
    let settings = format!(
        "daemon off;\nmaster_process off;\npid {place}/nginx.pid;\nerror_log stderr notice;\nevents {{}}\nhttp {{\n\
         access_log off;\nclient_body_temp_path {place}/t;\nproxy_temp_path {place}/t;\nfastcgi_temp_path {place}/t;\n\
         uwsgi_temp_path {place}/t;\nscgi_temp_path {place}/t;\nserver {{\nlisten 127.0.0.1:{port} ssl;\n\
         ssl_certificate {place}/server.pem;\nssl_certificate_key {place}/server.key;\nssl_verify_client on;\n\
         ssl_client_certificate {place}/ca.pem;\nssl_crl {place}/crl.pem;\n\
         location / {{ return 200 \"$ssl_client_s_dn\\n\"; }}\n}}\n}}\n"
    );
    fs::write(folder.join("nginx.conf"), settings).expect("settings");
    let mut child = Command::new("nginx")
        .args(["-e", "stderr", "-c"])
        .arg(folder.join("nginx.conf"))
        .args(["-p"])
        .arg(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("nginx starts");
    // It says so when it listens.
    let stderr = child.stderr.take().expect("its messages");
    let mut said = String::new();
    let mut lines = BufReader::new(stderr).lines();
    loop {
        match lines.next() {
            Some(Ok(line)) if line.contains("start worker") || line.contains("OS: ") => break,
            Some(Ok(line)) => said.push_str(&line),
            Some(Err(_)) | None => panic!("nginx ended: {said}"),
        }
    }
    // Whoever reads no more would stop it.
    std::thread::spawn(move || lines.for_each(drop));
    Nginx { child }
}

#[test]
fn nginx_lets_a_client_in_until_its_certificate_is_revoked_or_over() {
    let Some(bench) = Workbench::or_skip() else { return };
    if !["openssl", "nginx", "curl"].into_iter().all(has) {
        return;
    }
    let project = issued(&bench, "nginx");
    let port = free_port();
    let server = nginx(&project.folder, port);
    let url = format!("https://ledger.internal.example.com:{port}/");
    let resolve = format!("ledger.internal.example.com:{port}:127.0.0.1");
    let get = |with: &[&str]| {
        let mut command = Command::new("curl");
        command
            .args([
                "--silent",
                "--show-error",
                "--fail-with-body",
                "--noproxy",
                "*",
                "--cacert",
                "ca.pem",
            ])
            .args(["--retry", "5", "--retry-connrefused", "--resolve", &resolve])
            .args(with)
            .arg(&url)
            .current_dir(&project.folder);
        command
    };
    let with = ["--cert", "svid-1h.pem", "--key", "svid-1h.key"];
    let said = succeeds(&mut get(&with));
    assert!(said.starts_with("CN=nhi-ledger-viewer,UID=nhi-"), "{said}");
    refused(&mut get(&[]), "No required SSL certificate was sent");
    ended(&project);
    let over = ["--cert", "svid-1s.pem", "--key", "svid-1s.key"];
    refused(&mut get(&over), "The SSL certificate error");
    drop(server);
    switch_off(&project);
    let _server = nginx(&project.folder, port);
    refused(&mut get(&with), "The SSL certificate error");
}
