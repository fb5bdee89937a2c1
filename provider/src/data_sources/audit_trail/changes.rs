//! What two records of one subject differ in, attribute by attribute.

use std::collections::BTreeMap;

use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// The longest text that is shown; a longer one, such as a certificate, is told apart by its hash.
const LONGEST: usize = 400;

/// The attributes of a record by name, those of objects within as `rotation.every`. What is null is left out.
pub(crate) fn flat(record: &str) -> BTreeMap<String, String> {
    let mut attributes = BTreeMap::new();
    // A record that cannot be read has no attributes; that it was altered is for the verification to say.
    if let Ok(Value::Object(record)) = serde_json::from_str(record) {
        for (name, value) in record {
            flatten(name, value, &mut attributes);
        }
    }
    // It grows with each change, and says nothing.
    attributes.remove("version");
    attributes
}

fn flatten(name: String, value: Value, attributes: &mut BTreeMap<String, String>) {
    let text = match value {
        Value::Null => return,
        Value::Object(within) => {
            for (inner, value) in within {
                flatten(format!("{name}.{inner}"), value, attributes);
            }
            return;
        }
        Value::String(text) => text,
        Value::Array(elements) => {
            let elements = elements.iter().map(|element| match element {
                Value::String(text) => text.clone(),
                Value::Null
                | Value::Bool(_)
                | Value::Number(_)
                | Value::Array(_)
                | Value::Object(_) => element.to_string(),
            });
            elements.collect::<Vec<_>>().join(", ")
        }
        other @ (Value::Bool(_) | Value::Number(_)) => other.to_string(),
    };
    attributes.insert(name, shown(text));
}

fn shown(text: String) -> String {
    if text.len() <= LONGEST {
        return text;
    }
    format!("sha256:{}", hex(&Sha256::digest(text.as_bytes())))
}

/// Bytes as lowercase hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut hex, byte| {
        // Writing to a string does not fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// Attribute, what it was, what it is.
type Difference = (String, Option<String>, Option<String>);

/// What differs, by name.
pub(crate) fn between(
    before: &BTreeMap<String, String>,
    after: &BTreeMap<String, String>,
) -> Vec<Difference> {
    let mut names: Vec<&String> = before.keys().chain(after.keys()).collect();
    names.sort();
    names.dedup();
    let differences = names.into_iter().filter(|name| *name != "because");
    differences
        .filter(|name| before.get(*name) != after.get(*name))
        .map(|name| (name.clone(), before.get(name).cloned(), after.get(name).cloned()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_what_went_and_what_changed() {
        let before = flat(
            r#"{"purpose":"a","rotation":{"every":"30d","epoch":null},"consumers":["x"],"version":1}"#,
        );
        let after = flat(
            r#"{"purpose":"b","rotation":{"every":"30d","epoch":2},"consumers":["x","y"],"because":"leak","version":2}"#,
        );
        let text = |(name, before, after): Difference| format!("{name}: {before:?} -> {after:?}");
        let differences: Vec<_> = between(&before, &after).into_iter().map(text).collect();
        insta::assert_snapshot!(differences.join("\n"), @r#"
        consumers: Some("x") -> Some("x, y")
        purpose: Some("a") -> Some("b")
        rotation.epoch: None -> Some("2")
        "#);
        assert_eq!(between(&after, &after), []);
    }

    #[test]
    fn long_texts_are_told_apart_by_their_hash() {
        let pem = format!(r#"{{"csr_pem":"{}"}}"#, "x".repeat(LONGEST + 1));
        let shown = flat(&pem).remove("csr_pem").unwrap();
        assert!(shown.starts_with("sha256:") && shown.len() == 71, "{shown}");
        assert_eq!(flat("no JSON"), BTreeMap::new());
    }
}
