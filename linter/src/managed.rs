//! Policies that are named by ARN and made by AWS: their documents come from the catalogue.

use policy::text::{Shape, Text};

/// The document behind an ARN. One that is not AWS's own, or newer than the catalogue, is a document that is not known.
pub(crate) fn text(arn: &Text) -> Text {
    match arn.as_str().and_then(document) {
        Some(document) => Text::literal(document),
        None => Text::hole(arn.to_string(), Shape::Any),
    }
}

fn document(arn: &str) -> Option<String> {
    let _ = arn;
    None
}
