//! What a folder of configuration evaluates to, as JSON: the side of ours when Terraform is asked the same.

use std::path::Path;

use policy::text::Part;
use serde_json::{Map, Value as Json, json};

use super::configuration::reader;
use super::modules::{FolderSource, Loader};
use super::{Disk, Options, on_large_stack, variables};
use crate::evaluate::{Evaluator, NothingKnown, Traced};
use crate::model::Model;
use crate::value::Value;

/// Outputs and locals of the root module, and every resource instance with its values. What is unknown is
/// `{"unknown": origin}`, a string known in part has its pieces as well (null for a hole), and what is sensitive is named.
pub(crate) fn evaluated(folder: &Path) -> Json {
    let mut out = Json::Null;
    on_large_stack(|| {
        out = read(folder, &Options::default());
        Model::default()
    });
    out
}

fn read(folder: &Path, options: &Options) -> Json {
    let model = super::configuration::model(folder, options, &Disk);
    let resources: Map<String, Json> = model
        .resources
        .iter()
        .map(|resource| (resource.address.clone(), json(&resource.after)))
        .collect();
    let sensitive: Map<String, Json> = model
        .resources
        .iter()
        .filter(|resource| !resource.sensitive.is_empty())
        .map(|resource| (resource.address.clone(), json!(resource.sensitive)))
        .collect();
    let problems: Vec<&str> =
        model.problems.iter().map(|problem| problem.message.as_str()).collect();
    let mut sources = crate::source::Sources::default();
    let source = FolderSource::new(&Disk, folder);
    let loaded = Loader::load(&source, &mut sources, true);
    let root = loaded.tree.root();
    let mut ignored = Vec::new();
    let values = variables::values(root, folder, options, &Disk, &mut sources, &mut ignored);
    let read_file = reader(&Disk, Some(folder)).and(loaded.tree.outside());
    let evaluator =
        Evaluator::new(&loaded.tree, &NothingKnown, &read_file, values).rendering(&options.library);
    let instance = evaluator.root();
    let outputs: Map<String, Json> = root
        .outputs
        .keys()
        .map(|name| {
            (
                name.clone(),
                json(&Traced::clone(&evaluator.output_value(&instance, name)).opened().value),
            )
        })
        .collect();
    let locals: Map<String, Json> = root
        .locals
        .keys()
        .map(|name| {
            (
                name.clone(),
                json(&Traced::clone(&evaluator.local_value(&instance, name)).opened().value),
            )
        })
        .collect();
    json!({
        "outputs": outputs,
        "locals": locals,
        "resources": resources,
        "sensitive": sensitive,
        "problems": problems,
    })
}

/// A value as JSON.
fn json(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(truth) => Json::Bool(*truth),
        Value::Number(number) => Json::Number(number.clone()),
        Value::String(text) if text.has_holes() => {
            let pieces = text.parts().iter().map(|part| match part {
                Part::Literal(literal) => Json::from(literal.as_str()),
                Part::Hole(_) => Json::Null,
            });
            json!({"unknown": text.to_string(), "pieces": pieces.collect::<Vec<_>>()})
        }
        Value::String(text) => text.as_str().into(),
        Value::List(items) => items.iter().map(json).collect(),
        Value::Object(fields) => {
            Json::Object(fields.iter().map(|(key, field)| (key.clone(), json(field))).collect())
        }
        Value::Unknown(hole) => json!({"unknown": &*hole.origin}),
    }
}
