//! `csvdecode`: rows as objects, with the first row as their keys, read as strictly as Go's reader.

use std::collections::BTreeMap;

use super::arguments::one_known;
use crate::value::Value;

pub(super) fn csvdecode(arguments: &[Value]) -> Option<Value> {
    let text = one_known(arguments)?;
    let mut rows = rows(&text)?.into_iter();
    let header = rows.next()?;
    let mut names: Vec<&String> = header.iter().collect();
    names.sort();
    names.dedup();
    if names.len() < header.len() {
        return None;
    }
    let mut out = Vec::new();
    for row in rows {
        if row.len() != header.len() {
            return None;
        }
        let fields = header.iter().cloned().zip(row.iter().map(|field| field.as_str().into()));
        out.push(Value::Object(fields.collect::<BTreeMap<_, _>>()));
    }
    Some(Value::List(out))
}

/// The rows that are not empty; None where a quote is out of place.
fn rows(text: &str) -> Option<Vec<Vec<String>>> {
    let text = text.replace("\r\n", "\n");
    let mut rest = text.strip_suffix('\r').unwrap_or(&text);
    let mut rows = Vec::new();
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix('\n') {
            rest = after;
            continue;
        }
        let mut row = Vec::new();
        loop {
            let (field, after) = field(rest)?;
            row.push(field);
            let Some(next) = after.strip_prefix(',') else {
                rest = after.strip_prefix('\n').unwrap_or(after);
                break;
            };
            rest = next;
        }
        rows.push(row);
    }
    Some(rows)
}

/// One field, and what comes behind it: a comma, the end of the line or of the text.
fn field(text: &str) -> Option<(String, &str)> {
    let Some(mut rest) = text.strip_prefix('"') else {
        let end = text.find([',', '\n']).unwrap_or(text.len());
        let (field, after) = text.split_at_checked(end)?;
        return (!field.contains('"')).then(|| (field.to_owned(), after));
    };
    let mut out = String::new();
    loop {
        let (before, after) = rest.split_once('"')?;
        out.push_str(before);
        match after.strip_prefix('"') {
            Some(after) => {
                out.push('"');
                rest = after;
            }
            None => {
                return (after.is_empty() || after.starts_with([',', '\n']))
                    .then_some((out, after));
            }
        }
    }
}
