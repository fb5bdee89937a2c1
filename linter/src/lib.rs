//! `nhi-lint`: finds machine identities outside their templates.

mod input;
mod model;
mod source;
mod value;
