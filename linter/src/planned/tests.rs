//! Captured plans of the real AWS provider, plans made by hand, and hostile input.

mod builder;
mod fuzz;
mod layouts;
mod said;
mod secret;
mod terraform;
mod zips;

use super::*;

fn captured(name: &str) -> Vec<u8> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/plans").join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn values(planned: &Planned, address: &str) -> Values {
    planned.values(planned.find(address).expect(address)).expect(address)
}

fn both(name: &str) -> [Planned; 2] {
    let file = read_plan_file(&captured(&format!("{name}/tfplan"))).expect("readable");
    let json = read_json(captured(&format!("{name}/plan.json"))).expect("readable");
    [file.expect("a plan file"), json.expect("plan JSON")]
}

#[test]
fn plan_file_and_plan_json_say_the_same() {
    for name in ["new-bucket-role", "ci-oidc", "users-and-keys"] {
        let [file, json] = both(name);
        // A plan file leaves out variables that have their default.
        assert!(file.variables.iter().all(|(name, value)| json.variables.get(name) == Some(value)));
        assert!(!json.instances.is_empty(), "{name}");
        for instance in &json.instances {
            let ours = file.find(&instance.address).expect(&instance.address);
            assert_eq!(ours.action, instance.action, "{}", instance.address);
            let (ours, theirs) =
                (values(&file, &instance.address), values(&json, &instance.address));
            // Plan JSON leaves out what is null or unknown inside; what both have must agree.
            let Value::Object(theirs) = theirs.after else { panic!("{}", instance.address) };
            for (key, value) in theirs {
                assert_eq!(
                    ours.after.get(&key).is_null(),
                    value.is_null(),
                    "{}.{key}",
                    instance.address
                );
                if !value.has_unknown() {
                    assert_eq!(*ours.after.get(&key), value, "{}.{key}", instance.address);
                }
            }
        }
    }
}

#[test]
fn what_is_unknown_names_its_place() {
    for planned in both("new-bucket-role") {
        let after = values(&planned, "aws_iam_role_policy.export").after;
        let Value::Unknown(hole) = after.get("policy") else { panic!("{after:?}") };
        assert_eq!(&*hole.origin, "aws_iam_role_policy.export.policy");
        assert_eq!(
            values(&planned, "aws_s3_bucket.ledger").after.get("bucket").as_str(),
            Some("payments-ledger")
        );
    }
}

#[test]
fn sensitive_places_are_kept() {
    for planned in both("users-and-keys") {
        let key = values(&planned, "module.robot[0].aws_iam_access_key.this");
        assert!(key.sensitive.contains("secret"), "{:?}", key.sensitive);
    }
}

#[test]
fn the_plan_file_carries_every_module() {
    let [file, json] = both("users-and-keys");
    let snapshot = file.snapshot.expect("sources");
    assert_eq!(snapshot.modules["robot"].folder, "modules/robot");
    assert!(snapshot.modules["robot"].files.contains_key("main.tf"));
    assert!(snapshot.modules[""].files.contains_key("provider.tf"));
    assert!(json.snapshot.is_none());
}

#[test]
fn plan_json_tells_constants_and_references() {
    let [_, json] = both("new-bucket-role");
    let policy = json.find("aws_iam_role_policy.export").expect("planned");
    let configured = json.configured(&policy.parts).expect("configured");
    let references = vec!["aws_s3_bucket.ledger.arn".to_owned(), "aws_s3_bucket.ledger".to_owned()];
    assert_eq!(configured["policy"], Expression::References(references));
    assert_eq!(configured["name"], Expression::Constant("export".into()));
    assert!(!configured.contains_key("name_prefix"), "unset arguments are absent");

    let [_, json] = both("users-and-keys");
    let call = json.call(&["robot".to_owned()]).expect("a call");
    assert_eq!(call["name"], Expression::References(vec!["count.index".to_owned()]));
    let [_, json] = both("ci-oidc");
    let trust = json.find("data.aws_iam_policy_document.trust[\"api\"]").expect("planned");
    let configured = json.configured(&trust.parts).expect("configured");
    assert!(matches!(configured["statement"], Expression::Blocks(ref blocks) if blocks.len() == 1));
}

#[track_caller]
fn refuses(json: &str, words: &str) {
    match read_json(json.as_bytes().to_vec()) {
        Err(error) => assert!(error.message.contains(words), "{}", error.message),
        Ok(read) => panic!("read as {read:?}"),
    }
}

#[test]
fn what_terraform_would_not_apply_is_refused() {
    refuses(
        r#"{"format_version":"1.2","errored":true,"planned_values":{},"resource_changes":[]}"#,
        "error",
    );
    refuses(r#"{"format_version":"9.0","planned_values":{},"resource_changes":[]}"#, "`9.0`");
    refuses(r#"{"planned_values":{},"resource_changes":[]}"#, "format version");
    refuses(r#"{"format_version":"1.2","planned_values":{}"#, "ends too early");
    refuses(r#"{"version":3,"serial":1,"lineage":"x","modules":[]}"#, "version 3");
    assert!(read_json(b"{\"a\":1}".to_vec()).expect("JSON").is_none());
}

#[test]
fn states_are_read_in_both_forms() {
    let file = r#"{"version":4,"terraform_version":"1.11.4","serial":1,"lineage":"x","resources":[
        {"module":"module.a[\"k\"]","mode":"managed","type":"aws_iam_user","name":"u","provider":"p","instances":[
            {"index_key":"x","schema_version":0,"attributes":{"name":"robot","n":12345678901234567890},
             "sensitive_attributes":[[{"type":"get_attr","value":"name"}]]}]}]}"#;
    let state = read_json(file.as_bytes().to_vec()).expect("readable").expect("a state");
    let user = values(&state, "module.a[\"k\"].aws_iam_user.u[\"x\"]");
    assert_eq!(user.after.get("name").as_str(), Some("robot"));
    assert_eq!(user.after.get("n").text().expect("a number").to_string(), "12345678901234567890");
    assert!(user.sensitive.contains("name"));
    assert_eq!(state.instances[0].action, Action::Exists);

    let shown = r#"{"format_version":"1.0","terraform_version":"1.11.4","values":{"root_module":{"child_modules":[
        {"address":"module.a","resources":[{"address":"module.a.aws_iam_user.u","mode":"managed","type":"aws_iam_user",
         "name":"u","values":{"name":"robot"},"sensitive_values":{"tags":{"x":true}}}]}]}}}"#;
    let state = read_json(shown.as_bytes().to_vec()).expect("readable").expect("a state");
    let user = values(&state, "module.a.aws_iam_user.u");
    assert_eq!(user.after.get("name").as_str(), Some("robot"));
    assert!(user.sensitive.contains("tags.x"));
}

#[test]
fn unknowns_are_joined_inside_lists_and_absent_objects() {
    let plan = r#"{"format_version":"1.2","planned_values":{},"resource_changes":[{"address":"a_b.c","change":{
        "actions":["create"],"before":null,"after":{"list":[{"x":1},null]},
        "after_unknown":{"list":[{"y":true,"z":false},true],"whole":true,"inner":{"deep":[false,true]},"no":{"thing":false}}}}]}"#;
    let plan = read_json(plan.as_bytes().to_vec()).expect("readable").expect("a plan");
    let after = values(&plan, "a_b.c").after;
    assert!(matches!(after.get("whole"), Value::Unknown(hole) if &*hole.origin == "a_b.c.whole"));
    let [first, second] = after.get("list").elements() else { panic!("{after:?}") };
    assert!(matches!(first.get("y"), Value::Unknown(hole) if &*hole.origin == "a_b.c.list[0].y"));
    assert!(first.get("z").is_null());
    assert!(matches!(second, Value::Unknown(_)));
    assert!(after.get("inner").get("deep").has_unknown());
    assert!(after.get("no").is_null());
}

/// A small generator, so that the bytes are the same at each run.
fn mutate(bytes: &mut [u8], seed: u64) {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    for _ in 0..=seed % 7 {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let index = usize::try_from(state).unwrap_or(usize::MAX) % bytes.len();
        bytes[index] = u8::try_from(state >> 40 & 0xff).expect("a byte");
    }
}

/// Asks a plan for everything that it was read for.
fn read_all(planned: &Planned) {
    for instance in planned.instances.iter().chain(&planned.prior).chain(&planned.drift) {
        let _ = planned.values(instance).map(|values| values.after.has_unknown());
        let _ = planned.configured(&instance.parts);
        let _ = planned.programs(&instance.parts);
    }
    for action in &planned.actions {
        let _ = planned.arguments(action);
    }
}

#[test]
fn broken_input_is_refused_or_read_and_never_panics() {
    let file = captured("ci-oidc/tfplan");
    let json = captured("ci-oidc/plan.json");
    for seed in 0..1500 {
        let mut bytes = file.clone();
        mutate(&mut bytes, seed);
        if let Ok(Some(planned)) = read_plan_file(&bytes) {
            read_all(&planned);
        }
        let mut bytes = json.clone();
        mutate(&mut bytes, seed);
        if let Ok(Some(planned)) = read_json(bytes) {
            read_all(&planned);
        }
    }
}
