//! Plan files made by hand, so that each layout and each field has a case.

use std::io::{Cursor, Write as _};
use std::path::PathBuf;

use prost::Message as _;
use proto::planfile::{
    Action, Change, DynamicValue, Path, Plan, ResourceInstanceChange, path::Step,
    path::step::Selector,
};
use serde_json::Value as Json;
use zip::write::SimpleFileOptions;

use crate::input::{Memory, Options, read};
use crate::model::{Model, Provisioner, Resource};
use crate::value::Value;

/// What stands for an unknown value.
pub(super) fn unknown() -> Json {
    serde_json::json!({ "?": true })
}

/// cty's msgpack of a value.
pub(super) fn pack(value: &Json) -> DynamicValue {
    let mut msgpack = Vec::new();
    write(value, &mut msgpack);
    DynamicValue { msgpack }
}

fn write(value: &Json, out: &mut Vec<u8>) {
    let length = |length: usize| u32::try_from(length).expect("short");
    match value {
        Json::Null => out.push(0xc0),
        Json::Bool(truth) => out.push(0xc2 + u8::from(*truth)),
        Json::Number(number) => {
            rmp::encode::write_sint(out, number.as_i64().expect("whole"))
                .map(drop)
                .expect("written");
        }
        Json::String(text) => rmp::encode::write_str(out, text).expect("written"),
        Json::Array(items) => {
            rmp::encode::write_array_len(out, length(items.len())).map(drop).expect("written");
            for item in items {
                write(item, out);
            }
        }
        Json::Object(_) if *value == unknown() => out.extend([0xd4, 0, 0]),
        Json::Object(fields) => {
            rmp::encode::write_map_len(out, length(fields.len())).map(drop).expect("written");
            for (key, field) in fields {
                rmp::encode::write_str(out, key).expect("written");
                write(field, out);
            }
        }
    }
}

/// A plan that Terraform would write.
pub(super) fn plan(changes: Vec<ResourceInstanceChange>) -> Plan {
    Plan {
        version: 3,
        applyable: true,
        complete: true,
        resource_changes: changes,
        ..Plan::default()
    }
}

/// A change of one instance.
pub(super) fn change(addr: &str, action: Action, values: &[Json]) -> ResourceInstanceChange {
    let change = Change {
        action: action.into(),
        values: values.iter().map(pack).collect(),
        ..Change::default()
    };
    ResourceInstanceChange {
        addr: addr.into(),
        change: Some(change),
        ..ResourceInstanceChange::default()
    }
}

/// A path of attributes (`a`) and element keys (`["k"]`, as JSON in brackets).
pub(super) fn path(steps: &[&str]) -> Path {
    let step = |step: &&str| {
        let key = step.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
        let selector = match key {
            Some(key) => Selector::ElementKey(pack(&serde_json::from_str(key).expect("a key"))),
            None => Selector::AttributeName((*step).to_owned()),
        };
        Step { selector: Some(selector) }
    };
    Path { steps: steps.iter().map(step).collect() }
}

/// A zip of these entries.
pub(super) fn zip(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in entries {
        zip.start_file(*name, SimpleFileOptions::default()).expect("started");
        zip.write_all(content).expect("written");
    }
    zip.finish().expect("finished").into_inner()
}

/// The plan file of a plan.
pub(super) fn file(plan: &Plan) -> Vec<u8> {
    zip(&[("tfplan", &plan.encode_to_vec())])
}

/// What is read of some bytes.
pub(super) fn model(bytes: Vec<u8>) -> Model {
    let files = Memory([(PathBuf::from("x"), bytes)].into());
    let mut stdin = || Err(std::io::Error::other("not asked for"));
    read(&["x".into()], &mut stdin, &Options::default(), &files).remove(0)
}

/// What could not be read.
pub(super) fn problems(model: &Model) -> Vec<&str> {
    model.problems.iter().map(|problem| problem.message.as_str()).collect()
}

/// Each resource on a line: what happens to it, and what it was, is and is called.
pub(super) fn lines(model: &Model) -> String {
    // What texts make of their own is not the plan's.
    let own = model.resources.iter().filter(|resource| resource.within.is_none());
    let line = |resource: &Resource| {
        let named = |when: &str, value: &Value| {
            let name = value.get("name").text().unwrap_or_default();
            (!value.is_null()).then(|| format!("{when} {name}"))
        };
        let program = |program: &Provisioner| {
            let command = program.arguments.get("command").text().unwrap_or_default();
            format!("runs {} {}: {command}", program.kind, program.path)
        };
        let marks = &resource.sensitive;
        let said = [
            Some(format!("{:?} {}", resource.action, resource.address)),
            resource.previous.as_ref().map(|previous| format!("was at {previous}")),
            resource.imported.as_ref().map(|id| format!("imported {id}")),
            named("before", &resource.before),
            named("after", &resource.after),
        ];
        let programs = resource.provisioners.iter().map(program);
        let sensitive = (!marks.is_empty()).then(|| format!("sensitive {marks:?}"));
        let said: Vec<String> =
            said.into_iter().flatten().chain(programs).chain(sensitive).collect();
        said.join(", ")
    };
    own.map(line).collect::<Vec<_>>().join("\n")
}
