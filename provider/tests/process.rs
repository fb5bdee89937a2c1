//! The built program as Terraform sees it: what it says, and when it goes.
#![cfg(unix)]
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

const COOKIE: &str = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2";

fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_terraform-provider-nhi"));
    command.env_clear().stdin(Stdio::null());
    command
}

/// Starts a plugin without encryption; its line, and what it was started with.
fn plugin(folder: &Path) -> (Child, String) {
    let mut child = program()
        .env("TF_PLUGIN_MAGIC_COOKIE", COOKIE)
        .env("PLUGIN_PROTOCOL_VERSIONS", "5,6")
        .env("TMPDIR", folder)
        .env("TF_LOG", "INFO")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut line = String::new();
    let stdout = child.stdout.as_mut().expect("stdout");
    // One byte at a time: a buffered reader could swallow what must not be there.
    let mut byte = [0];
    while !line.ends_with('\n') && stdout.read(&mut byte).expect("a line") == 1 {
        line.push(char::from(byte[0]));
    }
    (child, line)
}

fn text(output: &Output) -> (Option<i32>, String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("text");
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

fn run(argument: &str) -> (Option<i32>, String, String) {
    text(&program().arg(argument).output().expect("the program runs"))
}

fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill").arg(name).arg(child.id().to_string()).status();
    assert!(sent.expect("kill").success());
}

fn is_empty(folder: &Path) -> bool {
    std::fs::read_dir(folder).expect("the folder").next().is_none()
}

#[test]
fn a_person_is_told_what_it_is() {
    let (code, stdout, stderr) = text(&program().output().expect("the program runs"));
    assert_eq!((code, stdout.as_str()), (Some(1), ""));
    assert!(stderr.contains("is a plugin of Terraform and OpenTofu"), "{stderr}");
    let version = format!("terraform-provider-nhi {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(run("--version"), (Some(0), version, String::new()));
    assert!(run("--help").1.contains("TF_REATTACH_PROVIDERS"));
    let (code, _, stderr) = run("--serve");
    assert_eq!((code, stderr.lines().count()), (Some(1), 1));
}

#[test]
fn when_terraform_is_gone_so_are_we() {
    let folder = tempfile::tempdir().expect("a folder");
    let (mut child, line) = plugin(folder.path());
    let fields: Vec<&str> = line.trim_end().split('|').collect();
    let ["1", "6", "unix", path, "grpc", ""] = fields.as_slice() else { panic!("{line}") };
    assert!(Path::new(path).starts_with(folder.path()) && Path::new(path).exists(), "{path}");
    // What a killed Terraform leaves behind: nobody reads our stdout any more.
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("the end");
    assert_eq!(output.status.code(), Some(0));
    assert!(is_empty(folder.path()), "the socket's folder is gone as well");
    let stderr = String::from_utf8(output.stderr).expect("text");
    let last = stderr.lines().last().expect("a log line");
    assert!(last.starts_with(r#"{"@level":"info","@message":"terraform is gone""#), "{stderr}");
}

#[test]
fn an_interrupt_is_terraforms_to_handle_and_a_termination_is_ours() {
    let folder = tempfile::tempdir().expect("a folder");
    let (child, _) = plugin(folder.path());
    signal(&child, "-INT");
    signal(&child, "-INT");
    signal(&child, "-TERM");
    let (code, stdout, _) = text(&child.wait_with_output().expect("the end"));
    assert_eq!((code, stdout.as_str()), (Some(0), ""), "neither signal killed it");
    assert!(is_empty(folder.path()));
}

#[test]
fn debug_mode_serves_until_interrupted() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut child = program()
        .arg("-debug")
        .env("TMPDIR", folder.path())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut lines = BufReader::new(child.stdout.take().expect("stdout")).lines();
    let variable = lines.find_map(|line| {
        let line = line.expect("a line");
        line.trim_start().strip_prefix("TF_REATTACH_PROVIDERS=").map(str::to_owned)
    });
    let variable = variable.expect("the variable");
    let json: serde_json::Value =
        serde_json::from_str(variable.trim_matches('\'')).expect("what Terraform parses");
    let provider = &json["registry.terraform.io/governed-nhi/nhi"];
    assert_eq!(provider["Pid"], child.id());
    assert_eq!(provider["ProtocolVersion"], 6);
    let socket = provider["Addr"]["String"].as_str().expect("a path").to_owned();
    std::os::unix::net::UnixStream::connect(socket).expect("it listens");
    signal(&child, "-INT");
    assert_eq!(child.wait().expect("the end").code(), Some(0));
    assert!(is_empty(folder.path()));
}
