//! `terraform-provider-nhi`: governed non-human identities as resources of Terraform and OpenTofu.
//!
//! Reading order: a resource is one file under `resources/`, over the framework of [`resource`], [`schema`], [`model`]
//! and [`attribute`]; `server` decodes a call, asks the table and encodes the reply; `wire` knows msgpack and JSON;
//! `handshake` and its neighbours are the process that Terraform starts.

pub mod action;
pub mod attribute;
pub mod context;
pub mod data_source;
pub mod ephemeral;
pub mod function;
pub mod inventory;
pub mod list;
pub mod model;
pub mod number;
pub mod path;
pub mod problem;
pub mod resource;
pub mod schema;
pub mod secret;
pub mod stop;
pub mod ty;
pub mod value;

mod actions;
mod ceiling;
mod conformance;
mod data_sources;
#[cfg(test)]
mod docs;
mod ending;
mod ephemerals;
mod functions;
mod handshake;
mod issuer;
mod issuing;
mod lifetime;
mod listener;
mod logging;
mod plugin;
mod process;
mod reattach;
mod resources;
mod server;
mod settings;
mod tls;
mod wire;
mod wording;

#[cfg(test)]
mod harness;
#[cfg(test)]
mod tables;
#[cfg(test)]
mod tests;

/// The provider's source address.
pub const ADDRESS: &str = "registry.terraform.io/governed-nhi/nhi";

/// Runs the program that Terraform starts.
pub fn run() -> std::process::ExitCode {
    let arguments = std::env::args_os().skip(1).map(|text| text.to_string_lossy().into_owned());
    process::run(arguments, |name| std::env::var(name).ok(), tables)
}

/// Everything that the provider offers.
fn tables() -> server::tables::Tables {
    use crate::model::Model as _;
    server::tables::Tables::new(
        settings::Settings::schema(0, settings::DESCRIPTION),
        server::tables::Entries {
            resources: resources::table(),
            data_sources: data_sources::table(),
            ephemerals: ephemerals::table(),
            lists: resources::lists(),
            actions: actions::table(),
            functions: functions::table(),
        },
    )
}
