//! What `scripts/release` makes is what the registries and a mirror expect: names, sums, a manifest, and a provider that the real terraform
//! installs from its archive. Built as the tests are: a release differs in speed and size only.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use tests::{Workbench, root, skip};

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Runs a program in a folder and returns what it said.
#[track_caller]
fn said(folder: &Path, program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).current_dir(folder).output();
    let output = output.unwrap_or_else(|error| panic!("{program}: {error}"));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success(),
        "{program}: {text}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    text
}

fn release(out: &Path) -> BTreeMap<String, Vec<u8>> {
    let out = out.display().to_string();
    said(root(), "scripts/release", &["--profile", "dev", "--out", &out]);
    let files = fs::read_dir(&out).expect("a folder").map(|file| file.expect("a file").path());
    files
        .map(|file| {
            let name = file.file_name().expect("a name").to_string_lossy().into_owned();
            (name, fs::read(file).expect("a file"))
        })
        .collect()
}

#[test]
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
fn a_release_is_installed_by_terraform() {
    let Some(bench) = Workbench::or_skip() else { return };
    for tool in ["python3", "readelf", "sha256sum", "ldd"] {
        if Command::new(tool).arg("--version").output().is_err() {
            return skip(&format!("scripts/release needs `{tool}`"));
        }
    }
    let folder = bench.empty_project("release").expect("a folder").folder;
    let dist = folder.join("dist");
    let made = release(&dist);
    let names: Vec<&str> = made.keys().map(String::as_str).collect();
    let expected = [
        "nhi-lint_X_SHA256SUMS",
        "nhi-lint_X_linux_amd64.zip",
        "nhi-lint_X_sbom.cdx.json",
        "terraform-provider-nhi_X_SHA256SUMS",
        "terraform-provider-nhi_X_linux_amd64.zip",
        "terraform-provider-nhi_X_manifest.json",
        "terraform-provider-nhi_X_sbom.cdx.json",
    ];
    assert_eq!(names, expected.map(|name| name.replace('X', VERSION)));
    for program in ["nhi-lint", "terraform-provider-nhi"] {
        let sums = format!("{program}_{VERSION}_SHA256SUMS");
        let checked = said(&dist, "sha256sum", &["--check", "--strict", &sums]);
        let others =
            names.iter().filter(|name| name.starts_with(&format!("{program}_"))).count() - 1;
        assert_eq!(checked.lines().count(), others, "{checked}");
        let sbom = &made[&format!("{program}_{VERSION}_sbom.cdx.json")];
        let sbom: serde_json::Value = serde_json::from_slice(sbom).expect("JSON");
        assert_eq!(sbom["metadata"]["component"]["name"], program);
        let components = sbom["components"].as_array().expect("a list");
        assert!(components.iter().all(|it| it["licenses"].is_array()), "{components:?}");
    }
    assert_eq!(
        made[&format!("terraform-provider-nhi_{VERSION}_manifest.json")],
        fs::read(root().join("terraform-registry-manifest.json")).expect("a file")
    );
    assert!(release(&folder.join("again")) == made, "another run makes other bytes");

    installs(&bench, &dist);
    let archive = format!("nhi-lint_{VERSION}_linux_amd64.zip");
    said(&dist, "python3", &["-m", "zipfile", "-e", &archive, "unpacked"]);
    let unpacked = dist.join("unpacked");
    said(&unpacked, "chmod", &["+x", "nhi-lint"]);
    assert_eq!(said(&unpacked, "./nhi-lint", &["--version"]), format!("nhi-lint {VERSION}\n"));
    assert!(unpacked.join("LICENSE").exists() && unpacked.join("README.md").exists());
}

/// From a mirror with the archive alone, as an organisation without a way to the registry has it.
fn installs(bench: &Workbench, dist: &Path) {
    let project =
        bench.project("installed", &root().join("examples/quickstart")).expect("a project");
    let archive = format!("terraform-provider-nhi_{VERSION}_linux_amd64.zip");
    for host in ["registry.terraform.io", "registry.opentofu.org"] {
        let mirror = dist.join("mirror").join(host).join("governed-nhi/nhi");
        fs::create_dir_all(&mirror).expect("a folder");
        fs::copy(dist.join(&archive), mirror.join(&archive)).expect("the archive");
    }
    let path = serde_json::Value::from(dist.join("mirror").to_string_lossy());
    let settings =
        format!("provider_installation {{\n  filesystem_mirror {{\n    path = {path}\n  }}\n}}\n");
    project.write("terraform.rc", &settings).expect("a file");
    for arguments in
        [&["init", "-input=false", "-no-color"][..], &["plan", "-input=false", "-no-color"]]
    {
        let mut command = project.command(arguments);
        let output =
            command.env("TF_CLI_CONFIG_FILE", project.folder.join("terraform.rc")).output();
        let output = output.expect("terraform runs");
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "terraform {}: {text}", arguments.join(" "));
    }
    let package = format!(
        ".terraform/providers/registry.terraform.io/governed-nhi/nhi/{VERSION}/linux_amd64"
    );
    let program = project.folder.join(package).join(format!("terraform-provider-nhi_v{VERSION}"));
    let linked = Command::new("ldd").arg(&program).output().expect("ldd runs");
    let linked = format!(
        "{}{}",
        String::from_utf8_lossy(&linked.stdout),
        String::from_utf8_lossy(&linked.stderr)
    );
    assert!(linked.contains("statically linked") || linked.contains("not a dynamic"), "{linked}");
}
