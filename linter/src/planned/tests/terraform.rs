//! Plans that the real terraform made of everything that happens to a resource: `terraform/make.sh`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::planned::{Instance, Planned, read_json, read_plan_file};
use crate::value::Value;

const CASES: [&str; 7] =
    ["create", "nothing", "targeted", "destroy", "changes", "deposed", "refresh-only"];

fn both(name: &str) -> [Planned; 2] {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/planned/tests/terraform");
    let bytes = |end: &str| fs::read(folder.join(format!("{name}.{end}"))).expect("made");
    let file = read_plan_file(&bytes("tfplan")).expect("readable").expect("a plan");
    [file, read_json(bytes("json")).expect("readable").expect("a plan")]
}

/// Plan JSON leaves out what is null, and knows no type of a dynamic value; both forms say the same otherwise.
fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let set = fields.iter().filter(|(_, value)| !value.is_null());
            Value::Object(set.map(|(key, value)| (key.clone(), without_nulls(value))).collect())
        }
        Value::List(items) => Value::List(items.iter().map(without_nulls).collect()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Unknown(_) => {
            value.clone()
        }
    }
}

fn said(planned: &Planned, instance: &Instance) -> String {
    let values = planned.values(instance).expect("readable");
    format!(
        "{:?} {:?} {:?} {:?}\nbefore {:?}\nafter {:?}",
        instance.action,
        instance.deposed(),
        instance.previous(),
        instance.imported(),
        without_nulls(&values.before),
        without_nulls(&values.after),
    )
}

#[test]
fn plan_file_and_plan_json_of_terraform_say_the_same() {
    for name in CASES {
        let [file, json] = both(name).map(|planned| {
            let key = |instance: &Instance| {
                (instance.address.clone(), instance.deposed().map(str::to_owned))
            };
            let said = planned.instances.iter().map(|it| (key(it), said(&planned, it)));
            let said: BTreeMap<_, _> = said.collect();
            let problems: Vec<bool> =
                planned.problems.iter().map(|it| it.message.contains("incomplete")).collect();
            let mut prior: Vec<_> = planned.prior.iter().map(key).collect();
            prior.sort();
            (said, prior, problems)
        });
        assert_eq!(file, json, "{name}");
        assert_eq!(file.2.len(), usize::from(name == "targeted"), "{name}");
    }
}

#[test]
fn what_terraform_did_is_told() {
    let [changes, _] = both("changes");
    let mut told: Vec<String> = changes
        .instances
        .iter()
        .map(|it| {
            format!(
                "{:?} {} {:?} {:?}",
                it.action,
                it.address,
                it.previous(),
                it.imported().map(ToString::to_string)
            )
        })
        .collect();
    // In the order of their addresses: the plan's own differs from one making to the next.
    told.sort_by(|one, other| one.split(' ').nth(1).cmp(&other.split(' ').nth(1)));
    insta::assert_snapshot!(told.join("\n"), @r#"
    Update terraform_data.counted[0] None None
    Update terraform_data.each["a"] None None
    Update terraform_data.each["b.c"] None None
    Update terraform_data.each["d\"e"] None None
    Replace terraform_data.held None None
    NoOp terraform_data.imported None Some("an-id")
    Forget terraform_data.kept None None
    Replace terraform_data.moved Some("terraform_data.counted[1]") None
    Replace terraform_data.plain None None
    "#);
    let [deposed, _] = both("deposed");
    assert_eq!(deposed.instances.iter().filter(|it| it.deposed().is_some()).count(), 1);
    let [refresh, _] = both("refresh-only");
    assert!(refresh.instances.is_empty() && refresh.prior.len() == 8);
}
