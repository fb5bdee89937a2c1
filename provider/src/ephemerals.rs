//! The table of ephemeral resources: one line each, in the order of their names.

mod api_key_secret;
mod token;
mod x509_svid;

use policy::governance::Lifetime;

use crate::ephemeral::adapter::Entry;
use crate::wording;

/// Every ephemeral resource.
pub(crate) fn table() -> Vec<Entry> {
    vec![
        Entry::of::<api_key_secret::ApiKeySecret>(),
        Entry::of::<token::Token>(),
        Entry::of::<x509_svid::X509Svid>(),
    ]
}

/// What is wrong with a length of time, as sentences.
fn lifetime(text: &str) -> Result<(), String> {
    Lifetime::parse(text).map(drop).map_err(|error| wording::diagnosed("", &error).detail)
}
