//! Each assertion with a reply that breaks it, and the replies that must pass.

use super::*;
use crate::attribute::Attribute;
use crate::model::{Block, Model as _, model};
use crate::schema::{computed, optional, optional_computed, required};

model! {
    /// Nested.
    struct Inner {
        /// Size.
        size: i64 = required(),
        /// Made.
        made: String = computed(),
    }
}

model! {
    /// Sample.
    struct Sample {
        /// Name.
        name: String = required(),
        /// Note.
        note: String = optional(),
        /// Region.
        region: String = optional_computed(),
        /// Id.
        id: String = computed(),
        /// Secret.
        secret: String = optional().write_only(),
        /// Password.
        password: String = optional().sensitive(),
        /// One.
        one: Inner = optional(),
        /// Several.
        list: Vec<Inner> = optional(),
        /// By name.
        map: std::collections::BTreeMap<String, Inner> = optional(),
        /// Tags.
        tags: std::collections::BTreeSet<Attribute<String>> = optional(),
        /// Blocks.
        blocks: Vec<Block<Inner>> = optional(),
    }
}

fn inner(size: i64) -> Inner {
    Inner { size: size.into(), ..Inner::default() }
}

fn config() -> Sample {
    Sample { name: "a".into(), blocks: Vec::new().into(), ..Sample::default() }
}

fn lines(found: Vec<Violation>) -> String {
    found.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

fn planned(prior: Option<&Sample>, config: &Sample, planned: &Sample) -> String {
    let prior = prior.map_or(Value::Null, Sample::to_value);
    lines(plan_is_valid(&Sample::attributes(), &prior, &config.to_value(), &planned.to_value()))
}

fn applied(planned: &Sample, actual: &Sample) -> String {
    lines(is_compatible(&Sample::attributes(), &planned.to_value(), &actual.to_value()))
}

#[test]
fn a_plan_may_decide_what_the_configuration_leaves_open() {
    let good = Sample { id: Attribute::Unknown, region: "eu".into(), ..config() };
    assert_eq!(planned(None, &config(), &good), "");
    let prior = Sample { note: "old spelling".into(), ..config() };
    let config = Sample { note: "Old Spelling".into(), ..config() };
    assert_eq!(planned(Some(&prior), &config, &prior), "", "another spelling may be kept");
    let unknown = Sample { note: Attribute::Unknown, list: Attribute::Unknown, ..config };
    assert_eq!(planned(None, &unknown, &unknown), "");
}

#[test]
fn a_plan_may_not_contradict_the_configuration() {
    let wanted =
        Sample { region: "eu".into(), password: "p".into(), one: inner(1).into(), ..config() };
    let bad = Sample {
        name: "b".into(),
        note: "n".into(),
        region: "us".into(),
        secret: "s".into(),
        password: "q".into(),
        list: Vec::new().into(),
        ..config()
    };
    insta::assert_snapshot!(planned(Some(&config()), &wanted, &bad), @r#"
    secret: a write-only attribute has a value
    name: `"b"` is planned, which is not the configured `"a"` and not the prior value
    note: `"n"` is planned for an attribute that only the configuration sets
    region: `"us"` is planned, which is not the configured `"eu"`
    password: a sensitive value is planned, which is not the configured a sensitive value
    one: planned for absence, but the configuration wants it
    list: planned for existence, but the configuration does not want it
    "#);
}

#[test]
fn nested_objects_and_blocks_follow_the_configuration() {
    let wanted = Sample {
        one: inner(1).into(),
        list: vec![inner(1)].into(),
        map: std::collections::BTreeMap::from([("x".to_owned(), inner(1))]).into(),
        ..config()
    };
    let bad = Sample {
        one: Attribute::Unknown,
        list: vec![inner(1), inner(2)].into(),
        map: std::collections::BTreeMap::from([("y".to_owned(), inner(1))]).into(),
        blocks: Attribute::Null,
        ..config()
    };
    insta::assert_snapshot!(planned(None, &wanted, &bad), @r#"
    one: planned as unknown, but the configuration is known
    list: 2 elements are planned, but the configuration has 1
    map["x"]: the element is not planned
    map["y"]: the element is not in the configuration
    blocks: no blocks have to be an empty collection, not null
    "#);

    let wanted =
        Sample { list: Attribute::Unknown, blocks: vec![Block(inner(1))].into(), ..wanted };
    let bad = Sample { list: Vec::new().into(), blocks: Attribute::Unknown, ..wanted.clone() };
    insta::assert_snapshot!(planned(None, &wanted, &bad), @"
    list: planned as known, but the configuration is unknown
    blocks: a block cannot be unknown
    ");
    let deep = Sample { one: inner(2).into(), ..wanted.clone() };
    assert_eq!(
        planned(None, &wanted, &deep),
        "one.size: `2` is planned, which is not the configured `1`"
    );
}

#[test]
fn existence_is_the_configurations_decision() {
    let attributes = Sample::attributes();
    let value = config().to_value();
    let absent = plan_is_valid(&attributes, &Value::Null, &value, &Value::Null);
    assert_eq!(lines(absent), "planned for absence, but the configuration wants it");
    let destroyed = plan_is_valid(&attributes, &value, &Value::Null, &value);
    assert_eq!(lines(destroyed), "planned for existence, but the configuration does not want it");
    assert_eq!(plan_is_valid(&attributes, &value, &Value::Null, &Value::Null), []);
}

#[test]
fn what_was_known_stays_and_what_was_unknown_is_free() {
    let plan =
        Sample { id: Attribute::Unknown, note: "n".into(), password: "p".into(), ..config() };
    let good = Sample { id: "1".into(), ..plan.clone() };
    assert_eq!(applied(&plan, &good), "");
    assert_eq!(applied(&plan, &Sample { id: Attribute::Null, ..plan.clone() }), "");

    let bad = Sample { note: "m".into(), region: "eu".into(), password: "q".into(), ..good };
    insta::assert_snapshot!(applied(&plan, &bad), @r#"
    note: `"n"` was planned, but now it is `"m"`
    region: `null` was planned, but now it is `"eu"`
    password: a sensitive value was planned, but now it is a sensitive value
    "#);
}

#[test]
fn collections_keep_their_elements() {
    let tags = |tags: &[Attribute<String>]| {
        tags.iter().cloned().collect::<std::collections::BTreeSet<_>>()
    };
    let plan = Sample {
        list: vec![inner(1)].into(),
        map: std::collections::BTreeMap::from([("x".to_owned(), inner(1))]).into(),
        tags: tags(&["a".into(), Attribute::Unknown]).into(),
        ..config()
    };
    let good = Sample { tags: tags(&["a".into(), "b".into()]).into(), ..plan.clone() };
    assert_eq!(applied(&plan, &good), "");
    let bad = Sample {
        list: Vec::new().into(),
        map: std::collections::BTreeMap::from([("y".to_owned(), inner(1))]).into(),
        tags: tags(&["b".into(), "c".into(), "d".into()]).into(),
        ..config()
    };
    insta::assert_snapshot!(applied(&plan, &bad), @r#"
    list: 1 elements were planned, there are 0
    map["x"]: the element has vanished
    map["y"]: the element has appeared
    tags: 2 elements were planned, there are 3
    tags: a planned element has vanished
    "#);
    let known = Sample { tags: tags(&["a".into()]).into(), ..config() };
    let other = Sample { tags: tags(&["b".into()]).into(), ..config() };
    insta::assert_snapshot!(applied(&known, &other), @"
    tags: a planned element has vanished
    tags: an element that was not planned has appeared
    ");
}

#[test]
fn existence_stays_as_planned() {
    let value = config().to_value();
    let attributes = Sample::attributes();
    assert_eq!(
        lines(is_compatible(&attributes, &value, &Value::Null)),
        "it was planned and does not exist"
    );
    assert_eq!(
        lines(is_compatible(&attributes, &Value::Null, &value)),
        "it was planned away and still exists"
    );
    assert_eq!(is_compatible(&attributes, &Value::Null, &Value::Null), []);
}

#[test]
fn replies_are_known_typed_and_without_write_only_values() {
    let state = Sample {
        id: Attribute::Unknown,
        list: vec![Inner { made: Attribute::Unknown, ..inner(1) }].into(),
        ..config()
    };
    insta::assert_snapshot!(lines(wholly_known(&state.to_value())), @"
    id: the value is still unknown
    list[0].made: the value is still unknown
    ");
    let ty = Type::object([("a", Type::list(Type::Bool)), ("b", Type::String)]);
    let value = Value::object([("a", Value::List(vec!["x".into()])), ("c", Value::Null)]);
    insta::assert_snapshot!(lines(conforms(&ty, &value)), @"
    `c` is not in the schema
    a[0]: a bool is needed
    `b` is missing
    ");
    let secret = Sample { secret: "s".into(), ..config() };
    assert_eq!(
        lines(no_write_only(&Sample::attributes(), &secret.to_value())),
        "secret: a write-only attribute has a value"
    );
}

#[test]
fn replacements_name_paths_that_exist() {
    let value = Sample { list: vec![inner(1)].into(), ..config() }.to_value();
    let paths = [
        Path::from("list").index(0).attribute("size"),
        Path::from("list").index(1),
        Path::from("nmae"),
    ];
    insta::assert_snapshot!(lines(paths_exist(&paths, &Value::Null, &value)), @"
    list[1]: a replacement is asked for because of a path that does not exist
    nmae: a replacement is asked for because of a path that does not exist
    ");
}

#[test]
fn large_sets_stay_cheap() {
    let tags = |range: std::ops::Range<u32>| {
        range
            .map(|tag| Attribute::Known(format!("{tag:06}")))
            .collect::<std::collections::BTreeSet<_>>()
    };
    let plan = Sample { tags: tags(0..20_000).into(), ..config() };
    let actual = Sample { tags: tags(1..20_001).into(), ..config() };
    let started = std::time::Instant::now();
    assert_eq!(applied(&plan, &actual).lines().count(), 2);
    assert!(started.elapsed().as_secs() < 10, "quadratic");
}
