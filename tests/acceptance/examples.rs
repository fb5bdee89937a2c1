//! Every example of the registry's pages is planned and applied, imported and destroyed by the real terraform. Examples refer to one
//! another: what one does not say itself comes from the example of the type that it names, so that all of them fit together.
//!
//! Blocks of other providers are left out, for want of these providers; those of AWS are planned where the AWS provider is there.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::fs;
use std::path::PathBuf;

use super::{apply, beside_aws, code, ok, state};
use tests::{Project, Workbench, copy_folder, root, skip};

pub(super) const AWS: &str = r#"
provider "aws" {
  region                      = "eu-central-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
  skip_region_validation      = true
}
"#;

/// A top-level block of a file, with the comments above it.
#[derive(Clone, Debug)]
struct Block {
    /// `resource`, `data`, `output` and so on.
    kind: String,
    labels: Vec<String>,
    text: String,
}

impl Block {
    /// How others refer to it: `nhi_owner.payments`, `data.nhi_policy.reader`.
    fn address(&self) -> String {
        let labels = self.labels.join(".");
        if self.kind == "resource" { labels } else { format!("{}.{labels}", self.kind) }
    }

    /// Which provider it needs, if any but the built-in one.
    fn provider(&self) -> Option<&str> {
        match self.kind.as_str() {
            "provider" => self.labels.first().map(String::as_str),
            "resource" | "data" | "ephemeral" => {
                let name = self.labels.first()?.split('_').next()?;
                (name != "terraform").then_some(name)
            }
            _ => None,
        }
    }
}

/// The blocks of a file in the form that `terraform fmt` gives it: a block ends with a brace at the beginning of a line.
fn blocks(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut current = String::new();
    for line in text.lines() {
        current.push_str(line);
        current.push('\n');
        let whole = line.ends_with("{}") && !line.starts_with([' ', '#']);
        if line == "}" || whole {
            let text = std::mem::take(&mut current);
            let head = text.lines().find(|line| !line.starts_with('#') && !line.is_empty());
            let head = head.unwrap_or_default().to_owned();
            let mut words = head.split_whitespace().map(|word| word.trim_matches('"').to_owned());
            let kind = words.next().unwrap_or_default();
            let labels = words.take_while(|word| !word.starts_with('{')).collect();
            blocks.push(Block { kind, labels, text });
        }
    }
    assert!(current.lines().all(|line| line.is_empty() || line.starts_with('#')), "{current}");
    blocks
}

/// An example as the registry shows it, and the folder that it lies in.
#[derive(Clone, Debug)]
pub(super) struct Example {
    pub(super) name: String,
    pub(super) folder: PathBuf,
    blocks: Vec<Block>,
}

impl Example {
    /// The same with what only these providers need.
    pub(super) fn with(&self, providers: &[&str]) -> Self {
        let mut kept = self.blocks.clone();
        // Taking a block away may leave others that refer to it.
        loop {
            let gone: Vec<String> = self
                .blocks
                .iter()
                .filter(|block| kept.iter().all(|other| other.text != block.text))
                .map(Block::address)
                .collect();
            let stays = |block: &Block| {
                let mut gone = gone.iter();
                block.kind != "terraform"
                    && block.provider().is_none_or(|it| providers.contains(&it))
                    && gone.all(|address| !mentions(&block.text, address))
            };
            let before = kept.len();
            kept.retain(stays);
            if kept.len() == before {
                return Self { blocks: kept, ..self.clone() };
            }
        }
    }

    pub(super) fn text(&self) -> String {
        self.blocks.iter().map(|block| block.text.as_str()).collect()
    }
}

/// Whether a text refers to an address, and not only to one that begins or ends like it.
fn mentions(text: &str, address: &str) -> bool {
    let word = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    text.match_indices(address).any(|(at, _)| {
        let before = text.get(..at).and_then(|text| text.chars().next_back());
        let after = text.get(at + address.len()..).and_then(|text| text.chars().next());
        !before.is_some_and(|c| word(c) || c == '.') && !after.is_some_and(word)
    })
}

/// The examples below a folder of `examples/`, in order.
pub(super) fn examples(of: &str) -> Vec<Example> {
    let mut found = Vec::new();
    let Ok(folders) = fs::read_dir(root().join("examples").join(of)) else { return found };
    for folder in folders {
        let folder = folder.expect("a folder").path();
        let mut files: Vec<_> = fs::read_dir(&folder)
            .expect("a folder")
            .map(|file| file.expect("a file").path())
            .collect();
        files.sort();
        for file in files.into_iter().filter(|file| file.extension().is_some_and(|it| it == "tf")) {
            let name = file.strip_prefix(root()).expect("below the root").display().to_string();
            let blocks = blocks(&fs::read_to_string(&file).expect("a text"));
            // How to import is shown by its command, or stands beside what is imported.
            if !name.contains("/import") {
                found.push(Example { name, folder: folder.clone(), blocks });
            }
        }
    }
    found.sort_by(|left, right| left.name.cmp(&right.name));
    found
}

/// What an example refers to and does not say itself, from the examples of those types.
fn referred<'a>(example: &Example, resources: &'a [Example]) -> BTreeMap<String, &'a Block> {
    let mut found: BTreeMap<String, &Block> = BTreeMap::new();
    let own: BTreeSet<String> = example.blocks.iter().map(Block::address).collect();
    let mut texts = vec![example.text()];
    while let Some(text) = texts.pop() {
        for block in resources.iter().flat_map(|it| &it.blocks).filter(|it| it.kind == "resource") {
            let address = block.address();
            if mentions(&text, &address) && !own.contains(&address) && !found.contains_key(&address)
            {
                texts.push(block.text.clone());
                found.insert(address, block);
            }
        }
    }
    found
}

/// A project that is initialised and empty but for the provider's example, the AWS provider where there is one, and all templates.
fn bare<'a>(bench: &'a Workbench, name: &str, aws: &str) -> Project<'a> {
    let project = bench.empty_project(name).expect("a folder");
    copy_folder(&root().join("examples/templates"), &project.folder.join("templates"))
        .expect("the templates");
    // Owners come from their own example.
    fs::remove_file(project.folder.join("templates/organisation.nhi.hcl")).expect("a file");
    let provider = fs::read_to_string(root().join("examples/provider/provider.tf"));
    let mut provider = provider.expect("the provider's example");
    if !aws.is_empty() {
        provider = beside_aws(&provider) + aws;
    }
    project.write("provider.tf", &provider).expect("a file");
    ok(&project, &["init", "-input=false", "-no-color"]);
    project
}

/// Copies what lies beside an example: requests, documents.
fn copy_beside(project: &Project<'_>, example: &Example) {
    for entry in fs::read_dir(&example.folder).expect("a folder") {
        let path = entry.expect("a file").path();
        if path.extension().is_none_or(|it| it != "tf" && it != "sh") {
            let name = path.file_name().expect("a name");
            fs::copy(&path, project.folder.join(name)).expect("a file");
        }
    }
}

/// Puts an example into a project, with what it refers to.
fn put(project: &Project<'_>, example: &Example, referred: &BTreeMap<String, &Block>) {
    copy_beside(project, example);
    let around: String = referred.values().map(|block| block.text.as_str()).collect();
    project.write("around.tf", &around).expect("a file");
    project.write("example.tf", &example.text()).expect("a file");
}

/// A plan finds nothing to do.
#[track_caller]
pub(super) fn nothing_to_do(project: &Project<'_>) {
    code(project, &["plan", "-input=false", "-no-color", "-detailed-exitcode"], 0);
}

/// The last wish of an active identity.
fn break_glass(project: &Project<'_>) {
    for file in ["around.tf", "example.tf"] {
        let text = fs::read_to_string(project.folder.join(file)).expect("a text");
        let blocks: String =
            blocks(&text).into_iter().map(|block| without_brakes(&block)).collect();
        project.write(file, &blocks).expect("a file");
    }
}

fn without_brakes(block: &Block) -> String {
    let kinds = [
        "service_account",
        "workload_identity",
        "api_key",
        "deployment_token",
        "certificate",
        "agent",
    ];
    let identity = block.labels.first().and_then(|label| label.strip_prefix("nhi_"));
    if block.kind != "resource" || identity.is_none_or(|kind| !kinds.contains(&kind)) {
        return block.text.clone();
    }
    let head = format!("resource \"{}\" {{\n", block.labels.join("\" \""));
    let reason = "  break_glass_reason = \"The example is over\"\n";
    block.text.replacen(&head, &format!("{head}{reason}"), 1)
}

/// The command of `import.sh`, on a resource that the state has forgotten.
fn import(project: &Project<'_>, example: &Example) {
    let Ok(script) = fs::read_to_string(example.folder.join("import.sh")) else { return };
    let command = script.lines().find_map(|line| line.strip_prefix("terraform import "));
    let command = command.unwrap_or_else(|| panic!("{} has no command", example.name));
    let words: Vec<&str> =
        command.split_whitespace().map(|word| word.trim_matches(['\'', '"'])).collect();
    let [address, id] = words.as_slice() else { panic!("`{command}` has no address and id") };
    // An id that the inventory makes up stands for the one of this run.
    let own = state(project, address);
    let own = own["id"].as_str().unwrap_or_default();
    let made_up =
        |id: &str| id.split_once('-').map(|(prefix, rest)| (prefix.to_owned(), rest.len()));
    let id = if made_up(own).is_some_and(|shape| made_up(id) == Some(shape)) { own } else { id };
    ok(project, &["state", "rm", address]);
    ok(project, &["import", "-input=false", "-no-color", address, id]);
    nothing_to_do(project);
}

#[test]
fn resources_are_made_imported_and_destroyed() {
    let Some(bench) = Workbench::or_skip() else { return };
    let resources: Vec<Example> = examples("resources");
    let ours: Vec<Example> = resources.iter().map(|example| example.with(&["nhi"])).collect();
    assert!(ours.len() >= 4, "{ours:?}");
    let project = bare(&bench, "examples", "");
    for example in &ours {
        said(&example.name);
        put(&project, example, &referred(example, &ours));
        apply(&project);
        nothing_to_do(&project);
        import(&project, example);
        break_glass(&project);
        apply(&project);
        ok(&project, &["destroy", "-auto-approve", "-input=false", "-no-color"]);
    }
}

/// Look-ups, functions and ephemeral resources in an inventory that holds what all the examples of resources make.
#[test]
fn what_reads_and_issues_does_so() {
    let Some(bench) = Workbench::or_skip() else { return };
    let ours: Vec<Example> = examples("resources").iter().map(|it| it.with(&["nhi"])).collect();
    let project = bare(&bench, "reading", "");
    for example in &ours {
        copy_beside(&project, example);
    }
    // The outputs of two examples may have one name.
    let made: Vec<&Block> =
        ours.iter().flat_map(|it| &it.blocks).filter(|block| block.kind != "output").collect();
    let made: String = made.iter().map(|block| block.text.as_str()).collect();
    project.write("around.tf", &made).expect("a file");
    apply(&project);
    nothing_to_do(&project);
    for of in ["data-sources", "functions", "ephemeral-resources"] {
        for example in examples(of) {
            said(&example.name);
            project.write("example.tf", &example.with(&["nhi"]).text()).expect("a file");
            apply(&project);
            nothing_to_do(&project);
        }
    }
}

#[test]
fn quickstart() {
    let Some(bench) = Workbench::or_skip() else { return };
    let project =
        bench.project("quickstart", &root().join("examples/quickstart")).expect("a project");
    ok(&project, &["init", "-input=false", "-no-color"]);
    ok(&project, &["validate", "-no-color"]);
    apply(&project);
    nothing_to_do(&project);
    let text = fs::read_to_string(project.folder.join("main.tf")).expect("a text");
    let last: String = blocks(&text).iter().map(without_brakes).collect();
    project.write("main.tf", &last).expect("a file");
    apply(&project);
    ok(&project, &["destroy", "-auto-approve", "-input=false", "-no-color"]);
}

/// What the examples show of AWS is planned by its real provider, and `nhi-lint` finds nothing in it.
#[test]
fn examples_with_aws_are_planned() {
    let Some(bench) = Workbench::or_skip() else { return };
    if env::var_os("NHI_TEST_PROVIDER_MIRROR").is_none() {
        return skip("NHI_TEST_PROVIDER_MIRROR names no mirror with the AWS provider");
    }
    let resources: Vec<Example> = examples("resources");
    let ours: Vec<Example> = resources.iter().map(|example| example.with(&["nhi"])).collect();
    let project = bare(&bench, "aws", AWS);
    let write_only = knows_write_only(&project);
    let mut planned = 0;
    for of in ["resources", "ephemeral-resources", "data-sources", "functions"] {
        for example in examples(of) {
            let mut example = example.with(&["nhi", "aws"]);
            // Older releases have no write-only arguments.
            example.blocks.retain(|block| write_only || !block.text.contains("_wo "));
            if example.blocks.iter().any(|block| block.provider() == Some("aws")) {
                said(&example.name);
                put(&project, &example, &referred(&example, &ours));
                ok(&project, &["plan", "-input=false", "-no-color", "-out=tfplan"]);
                let lint = ["check", "tfplan", "--templates", "templates", "--format=concise"];
                let clean = project.lint(&lint).expect("nhi-lint runs");
                assert_eq!(clean.code, Some(0), "{}: {}", example.name, clean.text());
                planned += 1;
            }
        }
    }
    assert!(planned > 0, "no example shows what AWS takes from an identity");
}

fn knows_write_only(project: &Project<'_>) -> bool {
    let run = ok(project, &["version", "-json"]);
    let versions: serde_json::Value = serde_json::from_str(&run.stdout).expect("JSON");
    let version = versions["provider_selections"]["registry.terraform.io/hashicorp/aws"].as_str();
    let mut numbers =
        version.unwrap_or_default().split('.').filter_map(|it| it.parse::<u32>().ok());
    (numbers.next(), numbers.next()) >= (Some(5), Some(87))
}

/// Which example a failure is about.
#[expect(clippy::print_stdout, reason = "the harness shows it where the test fails")]
pub(super) fn said(name: &str) {
    println!("-- {name}");
}
