//! For spreadsheets: a row for each identity (RFC 4180).

use super::view::{Entry, Says, View};

const COLUMNS: [&str; 20] = [
    "input",
    "address",
    "type",
    "platform",
    "kind",
    "name",
    "made",
    "action",
    "file",
    "line",
    "governance",
    "governed_by",
    "owner",
    "purpose",
    "expiry",
    "template",
    "grants",
    "trusts",
    "credentials",
    "consumers",
];

/// All of it.
pub(super) fn render(view: &View) -> String {
    let mut out = COLUMNS.join(",");
    out.push_str("\r\n");
    for entry in &view.identities {
        let row = row(entry).map(|field| escaped(&field));
        out.push_str(&row.join(","));
        out.push_str("\r\n");
    }
    out
}

fn row(entry: &Entry) -> [String; COLUMNS.len()] {
    let governance = &entry.governance;
    let says = |all: &[Says]| all.iter().map(|it| it.text.clone()).collect::<Vec<_>>().join("; ");
    let fact = |stated| super::text::fact(stated).unwrap_or_default();
    let credentials: Vec<&str> = entry.credentials.iter().map(|it| it.address.as_str()).collect();
    let consumers: Vec<&str> = entry
        .consumers
        .iter()
        .map(|it| it.subject.as_deref().unwrap_or(it.address.as_str()))
        .collect();
    [
        entry.input.clone(),
        entry.address.clone(),
        entry.resource_type.clone(),
        entry.platform.to_owned(),
        entry.kind.to_owned(),
        entry.name.clone().unwrap_or_default(),
        entry.made.to_owned(),
        entry.action.to_owned(),
        entry.span.as_ref().map(|span| span.file.clone()).unwrap_or_default(),
        entry.span.as_ref().map(|span| span.line.to_string()).unwrap_or_default(),
        governance.source.to_owned(),
        governance.by.clone().unwrap_or_default(),
        fact(&governance.owner),
        fact(&governance.purpose),
        fact(&governance.expiry),
        fact(&governance.template),
        says(&entry.grants),
        says(&entry.trusts),
        credentials.join("; "),
        consumers.join("; "),
    ]
}

/// In quotes where it has to be. A spreadsheet takes what begins like a formula for one, and these texts are not ours.
fn escaped(field: &str) -> String {
    let formula = field.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let field = if formula { format!("'{field}") } else { field.to_owned() };
    if field.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field
    }
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn no_field_leaves_its_cell() {
        assert_eq!(escaped("a,\"b\"\nc"), "\"a,\"\"b\"\"\nc\"");
        assert_eq!(escaped("=HYPERLINK(\"x\")"), "\"'=HYPERLINK(\"\"x\"\")\"");
        assert_eq!(escaped("plain"), "plain");
    }
}
