//! Every file that implements a resource, data source or function is in its table, in order, under the file's name.

use std::fs;
use std::path::Path;

use crate::{actions, data_sources, ephemerals, functions, resources};

/// The names of the files of a folder that implement one of the traits, sorted.
fn implementing(folder: &str, traits: &[&str]) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(folder);
    let Ok(entries) = fs::read_dir(&folder) else { return Vec::new() };
    let mut names: Vec<String> = entries
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|it| it == "rs"))
        .filter(|path| {
            let text = fs::read_to_string(path).expect("text");
            traits.iter().any(|it| text.contains(&format!("impl {it} for ")))
        })
        .map(|path| path.file_stem().expect("a name").to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn every_file_is_in_its_table() {
    let prefixed = |names: Vec<String>| -> Vec<_> {
        names.into_iter().map(|name| format!("nhi_{name}")).collect()
    };
    let table: Vec<_> = resources::table().iter().map(|entry| entry.name.to_owned()).collect();
    assert_eq!(table, prefixed(implementing("resources", &["Resource", "Governed"])));
    let table: Vec<_> = data_sources::table().iter().map(|entry| entry.name.to_owned()).collect();
    assert_eq!(table, prefixed(implementing("data_sources", &["DataSource"])));
    let table: Vec<_> = ephemerals::table().iter().map(|entry| entry.name.to_owned()).collect();
    assert_eq!(table, prefixed(implementing("ephemerals", &["Ephemeral"])));
    let table: Vec<_> = actions::table().iter().map(|entry| entry.name.to_owned()).collect();
    assert_eq!(table, prefixed(implementing("actions", &["Action"])));
    let table: Vec<_> = functions::table().iter().map(|entry| entry.name.to_owned()).collect();
    assert_eq!(table, implementing("functions", &["Function"]));
}

#[test]
fn every_resource_has_an_identity_and_can_be_listed() {
    let resources = resources::table();
    let nameless = resources.iter().find(|entry| entry.identity.is_empty());
    assert!(nameless.is_none(), "{nameless:?} has no identity");
    let named = resources.iter().map(|entry| entry.name);
    let lists = resources::lists();
    assert!(named.eq(lists.iter().map(|entry| entry.name)), "{lists:?}");
}
