//! The arrows between crates, and what may never become a dependency of what.

use std::collections::{BTreeMap, BTreeSet};

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

/// Package name -> names of the packages that it depends on to run, by way of others too.
fn closure(metadata: &Metadata, of: &str) -> BTreeSet<String> {
    let resolve = metadata.resolve.as_ref().expect("a resolved graph");
    let names: BTreeMap<_, _> =
        metadata.packages.iter().map(|package| (&package.id, package.name.to_string())).collect();
    let start = metadata.packages.iter().find(|package| package.name.as_str() == of).expect(of);
    let mut seen = BTreeSet::new();
    let mut open = vec![&start.id];
    while let Some(id) = open.pop() {
        let node = resolve.nodes.iter().find(|node| &node.id == id).expect("a node");
        for dependency in &node.deps {
            let runs = dependency.dep_kinds.iter().any(|kind| kind.kind == DependencyKind::Normal);
            if runs && seen.insert(names[&dependency.pkg].clone()) {
                open.push(&dependency.pkg);
            }
        }
    }
    seen
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
    let metadata = metadata();
    for (crate_name, banned) in
        [("nhi-lint", NOT_IN_THE_LINTER.as_slice()), ("policy", NOT_IN_POLICY.as_slice())]
    {
        let all = closure(&metadata, crate_name);
        assert!(all.contains("serde"), "the closure of {crate_name} is empty");
        let found: Vec<_> = banned.iter().filter(|name| all.contains(**name)).collect();
        assert!(found.is_empty(), "{crate_name} depends on {found:?}");
    }
}
