//! The projects that the guides quote: what is ours in them is applied by the real terraform, each in an inventory of its own. Where
//! the AWS provider is there, the whole of those that need it is planned, and `nhi-lint` finds nothing, by the guides' own command.

use std::env;
use std::fs;

use super::examples::{AWS, Example, examples, nothing_to_do, said};
use super::{apply, ok};
use tests::{Project, Workbench, copy_folder, skip};

/// A project with the providers that it may have, ready to be planned.
fn project<'a>(bench: &'a Workbench, guide: &Example, providers: &[&str]) -> Project<'a> {
    said(&guide.name);
    let name = guide.folder.file_name().expect("a name").to_string_lossy().into_owned();
    let project = bench.empty_project(&format!("{name}-{}", providers.len())).expect("a folder");
    copy_folder(&guide.folder, &project.folder).expect("the project's files");
    for file in fs::read_dir(&project.folder).expect("a folder") {
        let path = file.expect("a file").path();
        if path.extension().is_some_and(|it| it == "tf") {
            fs::remove_file(&path).expect("a file");
        }
    }
    let sources: String = providers
        .iter()
        .map(|it| {
            let owner = if *it == "nhi" { "governed-nhi" } else { "hashicorp" };
            format!("    {it} = {{\n      source = \"{owner}/{it}\"\n    }}\n")
        })
        .collect();
    let head = format!("terraform {{\n  required_providers {{\n{sources}  }}\n}}\n");
    project.write("main.tf", &format!("{head}{}", guide.with(providers).text())).expect("a file");
    ok(&project, &["init", "-input=false", "-no-color"]);
    project
}

/// The guides' projects by their main files.
fn guides() -> Vec<Example> {
    let guides: Vec<Example> =
        examples("guides").into_iter().filter(|it| it.name.ends_with("main.tf")).collect();
    assert!(guides.len() >= 6, "{guides:?}");
    guides
}

#[test]
fn what_guides_show_is_applied() {
    let Some(bench) = Workbench::or_skip() else { return };
    for guide in guides() {
        let project = project(&bench, &guide, &["nhi"]);
        apply(&project);
        nothing_to_do(&project);
    }
}

#[test]
fn what_guides_show_of_aws_is_clean() {
    let Some(bench) = Workbench::or_skip() else { return };
    if env::var_os("NHI_TEST_PROVIDER_MIRROR").is_none() {
        return skip("NHI_TEST_PROVIDER_MIRROR names no mirror with the AWS provider");
    }
    let mut planned = 0;
    for guide in guides().iter().filter(|guide| guide.text().contains("resource \"aws_")) {
        let project = project(&bench, guide, &["nhi", "aws"]);
        let main = fs::read_to_string(project.folder.join("main.tf")).expect("a text");
        let own = "provider \"aws\" {\n  region = \"eu-central-1\"\n}\n";
        assert!(main.contains(own), "{main}");
        project.write("main.tf", &main.replace(own, AWS)).expect("a file");
        ok(&project, &["plan", "-input=false", "-no-color", "-out=tfplan"]);
        for input in ["tfplan", "."] {
            let clean = project.lint(&["check", input, "--templates", "templates"]);
            let clean = clean.expect("nhi-lint runs");
            assert_eq!(clean.code, Some(0), "{}: {}", guide.name, clean.text());
        }
        planned += 1;
    }
    assert!(planned > 1, "no guide shows what AWS takes from an identity");
}
