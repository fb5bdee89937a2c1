//! The arrows between crates, and what may never become a dependency of what.

use std::collections::BTreeSet;
use std::process::Command;

use cargo_metadata::{CargoOpt, DependencyKind, Metadata, MetadataCommand};

/// Every arrow that may be, normal and build dependencies.
const ARROWS: [(&str, &[&str]); 5] = [
    ("proto", &[]),
    ("policy", &[]),
    ("terraform-provider-nhi", &["policy", "proto"]),
    ("nhi-lint", &["policy", "proto"]),
    ("tests", &[]),
];

/// What the linter must stay free of, so that it builds and starts fast and can open no socket.
const NOT_IN_THE_LINTER: [&str; 6] =
    ["tokio", "tonic", "hyper", "rustls", "rusqlite", "libsqlite3-sys"];

/// What decisions must stay free of: I/O, async and the clock.
const NOT_IN_POLICY: [&str; 4] = ["tokio", "rusqlite", "clap", "tempfile"];

fn metadata() -> Metadata {
    MetadataCommand::new()
        .manifest_path(tests::root().join("Cargo.toml"))
        .features(CargoOpt::AllFeatures)
        .other_options(["--locked".to_owned(), "--offline".to_owned()])
        .exec()
        .expect("cargo metadata")
}

/// The names of the packages that one package runs with, by way of others too.
///
/// Asked of `cargo tree`, which resolves the features of this package alone; metadata joins those of all members.
fn closure(of: &str) -> BTreeSet<String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["tree", "--package", of, "--edges", "normal", "--prefix", "none", "--format", "{p}"])
        .args(["--locked", "--offline"])
        .current_dir(tests::root())
        .output()
        .expect("cargo tree");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    text.lines().filter_map(|line| line.split_whitespace().next().map(str::to_owned)).collect()
}

#[test]
fn arrows_are_as_drawn() {
    let metadata = metadata();
    let members: BTreeSet<_> =
        metadata.workspace_packages().iter().map(|package| package.name.to_string()).collect();
    assert_eq!(members, ARROWS.iter().map(|(name, _)| (*name).to_owned()).collect());
    for package in metadata.workspace_packages() {
        let actual: BTreeSet<_> = package
            .dependencies
            .iter()
            .filter(|dependency| dependency.kind != DependencyKind::Development)
            .map(|dependency| dependency.name.clone())
            .filter(|name| members.contains(name))
            .collect();
        let drawn =
            ARROWS.iter().find(|(name, _)| *name == package.name.as_str()).expect("a row").1;
        let drawn: BTreeSet<_> = drawn.iter().map(|name| (*name).to_owned()).collect();
        assert_eq!(actual, drawn, "arrows out of {}", package.name);
    }
}

#[test]
fn the_linter_stays_light_and_decisions_stay_pure() {
    for (crate_name, banned) in
        [("nhi-lint", NOT_IN_THE_LINTER.as_slice()), ("policy", NOT_IN_POLICY.as_slice())]
    {
        let all = closure(crate_name);
        assert!(all.contains("serde"), "the closure of {crate_name} is empty");
        let found: Vec<_> = banned.iter().filter(|name| all.contains(**name)).collect();
        assert!(found.is_empty(), "{crate_name} depends on {found:?}");
    }
}
