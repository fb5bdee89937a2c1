//! Where an ungoverned resource can say who answers for it: advice from the catalogue.

use crate::catalogue::Entry;
use crate::rule::Subject;

/// How to give a resource a governance record.
pub(crate) fn govern(entry: Option<&Entry>, subject: &Subject<'_>) -> String {
    let mut attributes: Vec<&str> = entry.into_iter().flat_map(Entry::metadata).collect();
    attributes.sort_by_key(|name| rank(name));
    let derive = "derive it from an `nhi_*` resource";
    let write = attributes.first().and_then(|name| match rank(name) {
        0 => Some(format!("add `nhi:owner`, `nhi:purpose`, `nhi:expiry` and `nhi:template` to its `{name}`")),
        1 => Some(format!("add `nhi.dev/owner`, `nhi.dev/purpose`, `nhi.dev/expiry` and `nhi.dev/template` to its `{name}`")),
        2 => Some(format!("add `nhi_owner`, `nhi_expiry` and `nhi_template` to its `{name}`")),
        3 => Some(format!("write `nhi:v1;own=…;exp=…;tpl=…;pur=…` into its `{name}`")),
        _ => None,
    });
    let holder = entry.and_then(|entry| entry.names().next());
    match (write, holder) {
        (Some(write), _) => format!("{derive}, or {write}"),
        (None, Some(holder)) if subject.noun == "credential" => {
            format!("it has no metadata of its own: govern the identity that `{holder}` names")
        }
        (None, _) => {
            format!("it has no metadata of its own: {derive}, or name it in an `nhi_binding`")
        }
    }
}

/// How to say on a resource which template it is inside.
pub(crate) fn declare(entry: Option<&Entry>, template: &str) -> String {
    let mut attributes: Vec<&str> = entry.into_iter().flat_map(Entry::metadata).collect();
    attributes.sort_by_key(|name| rank(name));
    let named = attributes.first().and_then(|name| match rank(name) {
        0 => Some(format!("add `nhi:template` = `{template}` to its `{name}`")),
        1 => Some(format!("add `nhi.dev/template` = `{template}` to its `{name}`")),
        2 => Some(format!("add `nhi_template` = `{template}` to its `{name}`")),
        3 => Some(format!("write `tpl={template}` into the record in its `{name}`")),
        _ => None,
    });
    named.unwrap_or_else(|| {
        format!("derive it from an `nhi_*` resource with `template = \"{template}\"`")
    })
}

/// Which style of metadata an attribute holds, the most telling first.
fn rank(attribute: &str) -> u8 {
    match attribute {
        "tags" => 0,
        "annotations" | "metadata.annotations" => 1,
        "labels" | "metadata" | "custom_metadata" | "alias_metadata" => 2,
        "description" | "comment" | "notes" | "note" | "admin_note" => 3,
        _ => 4,
    }
}
