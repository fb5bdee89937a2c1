//! Paths into values, as findings and sensitive marks spell them: `inline_policy[0].policy`.

/// The path of a key within an object at `path`.
pub(super) fn key(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

/// The path of an element within a list at `path`.
pub(super) fn index(path: &str, index: usize) -> String {
    format!("{path}[{index}]")
}
