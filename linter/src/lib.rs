//! `nhi-lint`: finds machine identities outside their templates.

mod model;
mod source;
mod value;
