//! The guides show nothing that was not run: what they quote stands in a project below `examples/guides`, which the acceptance
//! tests apply.

use std::fs;
use std::path::Path;

use tests::root;

/// A block that says so leaves something out.
const LEFT_OUT: &str = "# …";

/// Every Terraform file below a folder.
fn sources(folder: &Path, texts: &mut Vec<String>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, texts);
        } else if path.extension().is_some_and(|extension| extension == "tf") {
            texts.push(fs::read_to_string(&path).expect("text"));
        }
    }
}

#[test]
fn guides_quote_what_runs() {
    let mut texts = Vec::new();
    sources(&root().join("examples/guides"), &mut texts);
    let mut quoted = 0;
    for entry in fs::read_dir(root().join("docs/guides")).expect("a folder") {
        let path = entry.expect("an entry").path();
        let guide = fs::read_to_string(&path).expect("text");
        let blocks = guide.split("```terraform\n").skip(1).filter_map(|rest| rest.split("```").next());
        for block in blocks.filter(|block| !block.contains(LEFT_OUT)) {
            quoted += 1;
            let found = texts.iter().any(|text| text.contains(block));
            assert!(found, "{} quotes what is in no example:\n{block}", path.display());
        }
    }
    assert!(quoted > 5, "no guide quotes anything");
}
