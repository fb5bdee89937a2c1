//! What the template language says and refuses, shown on whole files.

use std::collections::BTreeMap;

use super::*;

mod binding;
mod files;
mod mutations;
mod references;

const READER: &str = include_str!("../../../examples/templates/s3-object-reader.nhi.hcl");
const WORKLOAD: &str = include_str!("../../../examples/templates/kubernetes-workload.nhi.hcl");
const WRITER: &str = include_str!("../../../examples/templates/lambda-table-writer.nhi.hcl");
const ORGANISATION: &str = include_str!("../../../examples/templates/organisation.nhi.hcl");

/// The library of files without mistakes.
#[track_caller]
fn library(files: &[&str]) -> Library {
    let files: Vec<_> =
        files.iter().enumerate().map(|(index, text)| (format!("{index}.nhi.hcl"), *text)).collect();
    let (library, errors) = Library::parse(&files);
    assert_eq!(show(&errors), "");
    library
}

/// One line an error: what is underlined, the message, the help.
fn show(errors: &[TemplateError]) -> String {
    errors
        .iter()
        .map(|error| {
            let text = error.file.inner();
            let start = error.span.offset();
            let underlined = text.get(start..start + error.span.len()).unwrap();
            let help = error.help.as_deref().unwrap_or("-");
            format!("[{underlined}] {error} | {help}\n")
        })
        .collect()
}

/// The errors of one file.
fn errors(text: &str) -> String {
    show(&Library::parse(&[("x.nhi.hcl", text)]).1)
}

fn given(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}
