//! `terraform-provider-nhi`: governed non-human identities as resources of Terraform and OpenTofu.
//!
//! Reading order: a resource is one file under `resources/`, over the framework of [`resource`], [`schema`], [`model`]
//! and [`attribute`]; `server` decodes a call, asks the table and encodes the reply; `wire` knows msgpack and JSON;
//! `handshake` and its neighbours are the process that Terraform starts.

pub mod attribute;
pub mod context;
pub mod data_source;
pub mod function;
pub mod inventory;
pub mod model;
pub mod number;
pub mod path;
pub mod problem;
pub mod resource;
pub mod schema;
pub mod stop;
pub mod ty;
pub mod value;

mod conformance;
mod data_sources;
mod functions;
mod resources;
mod settings;
mod wire;

/// The provider's source address.
pub const ADDRESS: &str = "registry.terraform.io/governed-nhi/nhi";
