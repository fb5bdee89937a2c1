//! Holds the committed code to the `.proto` texts: regenerates it, rewrites what is stale, and then fails.

use std::fs;
use std::path::Path;

const PROTOS: [&str; 4] = ["planfile.proto", "tfplugin6.proto", "plugin.proto", "health.proto"];

#[test]
fn generated_code_is_fresh() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let descriptors = protox::compile(PROTOS, [root]).expect("the .proto texts compile");
    let fresh = tempfile::tempdir().expect("a temporary folder");
    tonic_prost_build::configure()
        .btree_map(".")
        .build_transport(false)
        .generate_default_stubs(true)
        .client_mod_attribute(".", "#[cfg(feature = \"client\")]")
        .emit_rerun_if_changed(false)
        .out_dir(fresh.path())
        .compile_fds(descriptors)
        .expect("code for the descriptors");

    let committed = root.join("src/generated");
    let mut stale = Vec::new();
    for file in fs::read_dir(fresh.path()).expect("the generated files") {
        let file = file.expect("a generated file");
        let text = fs::read_to_string(file.path()).expect("generated text");
        let target = committed.join(file.file_name());
        if fs::read_to_string(&target).ok().as_deref() != Some(text.as_str()) {
            fs::write(&target, text).expect("the committed folder is writable");
            stale.push(file.file_name());
        }
    }
    assert!(stale.is_empty(), "rewritten, please commit: {stale:?}");
}
