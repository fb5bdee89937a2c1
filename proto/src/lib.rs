//! Wire formats as Rust types, generated from the `.proto` texts beside this crate and committed, so that a build needs
//! neither protoc nor a build script. No decisions here: programs convert these types at their edge.
//!
//! - [`planfile`]: the saved plan of Terraform and of OpenTofu, read by number.
//! - [`tfplugin6`]: the provider protocol, minor version 6.11 (`plugin` feature).
//! - [`goplugin`] and [`health`]: the services that go-plugin expects beside it (`plugin` feature).
//!
//! `tests/generated.rs` regenerates the code; when it fails it has already written the fresh files.
//! If stale code does not even compile, empty this file, run the test, and put it back.

pub mod planfile;

/// The provider protocol 6.
#[cfg(feature = "plugin")]
#[expect(clippy::all, clippy::pedantic, reason = "generated code")]
pub mod tfplugin6 {
    include!("generated/tfplugin6.rs");
}

/// The controller, stdio and broker services of go-plugin.
#[cfg(feature = "plugin")]
#[expect(clippy::all, clippy::pedantic, reason = "generated code")]
pub mod goplugin {
    include!("generated/plugin.rs");
}

/// The standard gRPC health service.
#[cfg(feature = "plugin")]
#[expect(clippy::all, clippy::pedantic, reason = "generated code")]
pub mod health {
    include!("generated/grpc.health.v1.rs");
}
