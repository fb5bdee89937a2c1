//! The registry's documentation, from the schemas and the examples. Nothing below `docs/` of these names is written by hand;
//! the test rewrites a stale page and fails, so that the change is looked at.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use crate::function;
use crate::model::Model as _;
use crate::schema::{AttributeSpec, Mode, Nesting, Schema, Shape};
use crate::settings::{self, Settings};
use crate::ty::Type;
use crate::{actions, data_sources, ephemerals, functions, resource, resources};

/// The folders that belong to this generator as a whole.
const FOLDERS: [&str; 6] =
    ["resources", "data-sources", "ephemeral-resources", "list-resources", "actions", "functions"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every page by its path below `docs/`.
fn pages() -> BTreeMap<PathBuf, String> {
    let mut pages = BTreeMap::new();
    pages.insert("index.md".into(), provider_page());
    for entry in resources::table() {
        let mut page = head(entry.name, "Resource", &entry.schema.description);
        usage(&mut page, &format!("resources/{}/resource.tf", entry.name));
        schema_section(&mut page, &entry.schema);
        import_section(&mut page, &entry);
        pages.insert(PathBuf::from("resources").join(file_name(entry.name)), page);
    }
    for entry in data_sources::table() {
        let mut page = head(entry.name, "Data Source", &entry.schema.description);
        usage(&mut page, &format!("data-sources/{}/data-source.tf", entry.name));
        schema_section(&mut page, &entry.schema);
        pages.insert(PathBuf::from("data-sources").join(file_name(entry.name)), page);
    }
    for entry in ephemerals::table() {
        let mut page = head(entry.name, "Ephemeral Resource", &entry.schema.description);
        usage(&mut page, &format!("ephemeral-resources/{}/ephemeral-resource.tf", entry.name));
        schema_section(&mut page, &entry.schema);
        pages.insert(PathBuf::from("ephemeral-resources").join(file_name(entry.name)), page);
    }
    for entry in resources::lists() {
        let mut page = head(entry.name, "List Resource", &entry.schema.description);
        usage(&mut page, &format!("list-resources/{}/list-resource.tfquery.hcl", entry.name));
        schema_section(&mut page, &entry.schema);
        pages.insert(PathBuf::from("list-resources").join(file_name(entry.name)), page);
    }
    for entry in actions::table() {
        let mut page = head(entry.name, "Action", &entry.schema.description);
        usage(&mut page, &format!("actions/{}/action.tf", entry.name));
        schema_section(&mut page, &entry.schema);
        pages.insert(PathBuf::from("actions").join(file_name(entry.name)), page);
    }
    for entry in functions::table() {
        let file = PathBuf::from("functions").join(format!("{}.md", entry.name));
        pages.insert(file, function_page(&entry));
    }
    pages
}

/// The registry names pages without the provider's prefix.
fn file_name(type_name: &str) -> String {
    format!("{}.md", type_name.trim_start_matches("nhi_"))
}

fn head(title: &str, kind: &str, description: &str) -> String {
    let summary = description.split_once(". ").map_or(description, |(first, _)| first);
    let summary = summary.trim_end_matches('.').replace('"', "'");
    format!(
        "---\npage_title: \"{title} {kind} - nhi\"\nsubcategory: \"\"\ndescription: |-\n  {summary}\n---\n\n\
         <!-- Generated from the schema and examples/ by `cargo test -p terraform-provider-nhi`. -->\n\n\
         # {title} ({kind})\n\n{description}\n"
    )
}

fn provider_page() -> String {
    let schema = Settings::schema(0, settings::DESCRIPTION);
    let mut page = head("nhi", "Provider", &schema.description);
    usage(&mut page, "provider/provider.tf");
    schema_section(&mut page, &schema);
    page
}

fn function_page(entry: &function::adapter::Entry) -> String {
    let mut page = head(entry.name, "Function", entry.description);
    usage(&mut page, &format!("functions/{}/function.tf", entry.name));
    let proto = entry.to_proto();
    let ty = |bytes: &[u8]| {
        let json = serde_json::from_slice(bytes).expect("a type is JSON");
        type_name(&Type::from_json(&json).expect("a type of ours"))
    };
    let variadic = proto.variadic_parameter.iter();
    let signature: Vec<_> = proto
        .parameters
        .iter()
        .map(|it| format!("{} {}", it.name, ty(&it.r#type)))
        .chain(variadic.clone().map(|it| format!("{} {}...", it.name, ty(&it.r#type))))
        .collect();
    let output = ty(&proto.r#return.expect("a function returns something").r#type);
    let _ = write!(
        page,
        "\n## Signature\n\n```text\n{}({}) {output}\n```\n\n## Arguments\n\n",
        entry.name,
        signature.join(", ")
    );
    for (index, parameter) in proto.parameters.iter().chain(variadic).enumerate() {
        let ty = ty(&parameter.r#type);
        let _ =
            writeln!(page, "{}. `{}` ({ty}) {}", index + 1, parameter.name, parameter.description);
    }
    page
}

fn example(file: &str) -> String {
    let path = root().join("examples").join(file);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn usage(page: &mut String, file: &str) {
    let _ = write!(page, "\n## Example Usage\n\n```terraform\n{}\n```\n", example(file).trim_end());
}

/// The command of `import.sh`, and what it says as a block.
fn import_section(page: &mut String, entry: &resource::adapter::Entry) {
    let script = example(&format!("resources/{}/import.sh", entry.name));
    let command = script.lines().find_map(|line| line.strip_prefix("terraform import "));
    let (address, id) = command.and_then(|words| words.split_once(' ')).expect("a command");
    let _ = write!(
        page,
        "\n## Import\n\nImport brings the record into the state; it changes nothing and reads no secret.\n\n\
         ```shell\n{}\n```\n\n\
         ```terraform\nimport {{\n  to = {address}\n  id = \"{}\"\n}}\n```\n\n\
         Terraform 1.12 and later take its identity as well, which the state and `terraform query` have:\n\n\
         ```terraform\nimport {{\n  to = {address}\n  identity = {{\n",
        script.trim_end(),
        id.trim_matches(['\'', '"'])
    );
    for attribute in entry.identity {
        let _ = writeln!(page, "    {} = \"…\" # {}", attribute.name, attribute.description);
    }
    page.push_str("  }\n}\n```\n");
}

/// `## Schema` and a section for each object within.
fn schema_section(page: &mut String, schema: &Schema) {
    page.push_str("\n## Schema\n");
    let mut open = vec![];
    members(page, &schema.attributes, "###", "", &mut open);
    while let Some((path, attributes)) = open.pop() {
        let _ = write!(
            page,
            "\n<a id=\"nested--{}\"></a>\n### Nested: `{path}`\n",
            path.replace('.', "--")
        );
        members(page, attributes, "####", &path, &mut open);
    }
}

fn members<'a>(
    page: &mut String,
    attributes: &'a [AttributeSpec],
    level: &str,
    path: &str,
    open: &mut Vec<(String, &'a [AttributeSpec])>,
) {
    let mut nested = Vec::new();
    for (title, wanted) in [
        ("Required", vec![Mode::Required]),
        ("Optional", vec![Mode::Optional, Mode::OptionalComputed]),
        ("Read-Only", vec![Mode::Computed]),
    ] {
        let mut group: Vec<_> =
            attributes.iter().filter(|it| wanted.contains(&it.rules.mode)).collect();
        if group.is_empty() {
            continue;
        }
        group.sort_by_key(|it| it.name);
        let _ = write!(page, "\n{level} {title}\n\n");
        for attribute in group {
            let mut words = vec![shape_name(&attribute.shape)];
            words.extend(attribute.rules.sensitive.then(|| "Sensitive".to_owned()));
            words.extend(attribute.rules.write_only.then(|| "Write-only".to_owned()));
            words.extend(attribute.rules.replaces.then(|| "Forces replacement".to_owned()));
            let _ = write!(
                page,
                "- `{}` ({}) {}",
                attribute.name,
                words.join(", "),
                attribute.description
            );
            if let Some(why) = attribute.rules.deprecated {
                let _ = write!(page, " **Deprecated**: {why}.");
            }
            if !attribute.rules.one_of.is_empty() {
                let allowed: Vec<_> =
                    attribute.rules.one_of.iter().map(|it| format!("`{it}`")).collect();
                let _ = write!(page, " One of {}.", allowed.join(", "));
            }
            if let Some((_, inner)) = attribute.shape.nested() {
                let path = if path.is_empty() {
                    attribute.name.to_owned()
                } else {
                    format!("{path}.{}", attribute.name)
                };
                let _ = write!(page, " (see [below](#nested--{}))", path.replace('.', "--"));
                nested.push((path, inner));
            }
            page.push('\n');
        }
    }
    // A stack: the first comes off first.
    open.extend(nested.into_iter().rev());
}

fn shape_name(shape: &Shape) -> String {
    let collected = |nesting: &Nesting| match nesting {
        Nesting::Single => "",
        Nesting::List => " List",
        Nesting::Set => " Set",
        Nesting::Map => " Map",
    };
    match shape {
        Shape::Plain(ty) => type_name(ty),
        Shape::Nested(nesting, _) => format!("Attributes{}", collected(nesting)),
        Shape::Block(nesting, _) => format!("Block{}", collected(nesting)),
    }
}

/// A type as the registry's pages spell it.
fn type_name(ty: &Type) -> String {
    match ty {
        Type::Bool => "Boolean".into(),
        Type::Number => "Number".into(),
        Type::String => "String".into(),
        Type::Dynamic => "Dynamic".into(),
        Type::List(element) => format!("List of {}", type_name(element)),
        Type::Set(element) => format!("Set of {}", type_name(element)),
        Type::Map(element) => format!("Map of {}", type_name(element)),
        Type::Tuple(_) => "Tuple".into(),
        Type::Object(_) => "Object".into(),
    }
}

#[test]
fn pages_are_fresh() {
    let docs = root().join("docs");
    let pages = pages();
    let mut stale = Vec::new();
    for (path, page) in &pages {
        let file = docs.join(path);
        // Git may have checked the page out with the line ends of the machine.
        let current = fs::read_to_string(&file).unwrap_or_default().replace("\r\n", "\n");
        if current != *page {
            fs::create_dir_all(file.parent().expect("a folder")).expect("docs/ is writable");
            fs::write(&file, page).expect("docs/ is writable");
            stale.push(path.display().to_string());
        }
    }
    let ours: BTreeSet<_> = pages.keys().map(|path| docs.join(path)).collect();
    for folder in FOLDERS {
        let Ok(entries) = fs::read_dir(docs.join(folder)) else { continue };
        for entry in entries {
            let file = entry.expect("docs/ is readable").path();
            if !ours.contains(&file) {
                fs::remove_file(&file).expect("docs/ is writable");
                stale.push(file.display().to_string());
            }
        }
    }
    assert!(
        stale.is_empty(),
        "these pages were stale and have been rewritten, look at them: {stale:?}"
    );
}
