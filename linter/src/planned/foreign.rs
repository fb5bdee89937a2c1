//! What people give instead of a plan or state, recognised so that the message can say what to give.

use super::PlannedError;

/// How far into a text its words are looked for.
const HEAD: usize = 64 << 10;

/// What `terraform plan`, `apply` and `show` print for people.
const PRINTED: [&str; 6] = [
    "will perform the following actions",
    "used the selected providers to generate the following execution plan",
    "used the selected providers to generate",
    "will be created",
    "Your infrastructure matches the configuration",
    "Refreshing state...",
];

/// What a text is that is no JSON, where it is something that Terraform or a tool around it writes.
pub(crate) fn foreign(text: &[u8]) -> Option<PlannedError> {
    let head = String::from_utf8_lossy(text.get(..HEAD).unwrap_or(text));
    if PRINTED.iter().any(|words| head.contains(words)) {
        return Some(PlannedError::new("it is what `terraform plan` prints for people").help(SAVE));
    }
    if head.contains("resource_changes = {") || head.contains("planned_values = {") {
        return Some(
            PlannedError::new("it is a mock for Sentinel, not the plan itself").help(SAVE),
        );
    }
    None
}

const SAVE: &str = "save the plan with `terraform plan -out=tfplan` and give `tfplan`, or what `terraform show -json tfplan` writes";

/// Why JSON cannot be read.
pub(super) fn broken(text: &str, error: &serde_json::Error) -> PlannedError {
    // A log is one object a line, each of which says how loud it is.
    if text.lines().next().is_some_and(|line| line.contains("\"@level\"")) {
        return log();
    }
    if error.is_eof() {
        return PlannedError::new(format!("the JSON ends too early: {error}")).help(
            "it may have been cut short on its way; write it again with `terraform show -json`",
        );
    }
    PlannedError::new(format!("the JSON is not what `terraform show -json` writes: {error}"))
}

/// The log that `terraform plan -json` writes instead of a plan.
pub(super) fn log() -> PlannedError {
    PlannedError::new("it is the log that `terraform plan -json` writes, not a plan").help(SAVE)
}

/// A plan or state that OpenTofu has encrypted.
pub(super) fn encrypted() -> PlannedError {
    PlannedError::new("it is encrypted by OpenTofu").help(
        "where the key is, `tofu show -json tfplan` (or `tofu show -json` for the state) writes what nhi-lint reads",
    )
}
