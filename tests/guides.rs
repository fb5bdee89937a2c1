//! The guides show nothing that was not run: what they quote stands in an example, and the acceptance tests apply those. No link
//! leads nowhere.

use std::fs;
use std::path::{Path, PathBuf};

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
    sources(&root().join("examples"), &mut texts);
    let mut quoted = 0;
    for entry in fs::read_dir(root().join("docs/guides")).expect("a folder") {
        let path = entry.expect("an entry").path();
        let guide = fs::read_to_string(&path).expect("text");
        let blocks =
            guide.split("```terraform\n").skip(1).filter_map(|rest| rest.split("```").next());
        for block in blocks.filter(|block| !block.contains(LEFT_OUT)) {
            quoted += 1;
            // An example may have more between two resources.
            for part in block.trim_end().split("\n}\n\n") {
                let found = texts.iter().any(|text| text.contains(part));
                assert!(found, "{} quotes what is in no example:\n{part}", path.display());
            }
        }
    }
    assert!(quoted > 5, "no guide quotes anything");
}

/// Every page below a folder.
fn pages(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            pages(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "md") {
            found.push(path);
        }
    }
}

#[test]
fn links_lead_somewhere() {
    let mut found = Vec::new();
    pages(&root().join("docs"), &mut found);
    for page in ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md"] {
        found.push(root().join(page));
    }
    let (mut followed, mut dead) = (0, Vec::new());
    for page in &found {
        let text = fs::read_to_string(page).expect("text");
        let links = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        let links = links.filter_map(|link| link.split('#').next());
        let near = |link: &&str| !link.is_empty() && !link.contains("://");
        for link in links.filter(near) {
            followed += 1;
            if !page.parent().expect("a folder").join(link).exists() {
                dead.push(format!("{}: {link}", page.display()));
            }
        }
    }
    assert!(dead.is_empty(), "{dead:#?}");
    assert!(followed > 30, "only {followed} links");
}
