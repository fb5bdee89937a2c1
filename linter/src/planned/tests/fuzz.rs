//! Spoiled input of every form: an error or a model, never a panic, and never silently a smaller model.

use prost::Message as _;
use proto::planfile::Action;
use serde_json::{Value as Json, json};

use super::builder::*;
use super::{captured, read_all};
use crate::hcl::tests::Noise;
use crate::planned::{msgpack, read_json, read_plan_file};

/// Changes something in a tree: takes it out, doubles it, or puts something else there.
fn spoil(value: &mut Json, noise: &mut Noise) {
    let others =
        [json!(null), json!(true), json!(""), json!([]), json!({}), json!(1e300), json!("delete")];
    #[expect(clippy::wildcard_enum_match_arm, reason = "all else is replaced as a whole")]
    match value {
        Json::Object(fields) if !fields.is_empty() && noise.below(8) != 0 => {
            let key = fields.keys().nth(noise.below(fields.len())).cloned().unwrap_or_default();
            match noise.below(12) {
                0 => drop(fields.remove(&key)),
                1 => {
                    let value = fields.remove(&key).unwrap_or_default();
                    fields.insert(format!("{key}x"), value);
                }
                _ => spoil(&mut fields[&key], noise),
            }
        }
        Json::Array(items) if !items.is_empty() && noise.below(8) != 0 => {
            let index = noise.below(items.len());
            match noise.below(12) {
                0 => drop(items.remove(index)),
                1 => items.push(items[index].clone()),
                _ => spoil(&mut items[index], noise),
            }
        }
        other => *other = others[noise.below(others.len())].clone(),
    }
}

/// The addresses that a plan creates, by its own words.
fn created(plan: &Json) -> Vec<String> {
    let changes = plan["resource_changes"].as_array().into_iter().flatten();
    let created = changes.filter(|change| change["change"]["actions"] == json!(["create"]));
    created.filter_map(|change| change["address"].as_str().map(str::to_owned)).collect()
}

#[test]
fn what_a_spoiled_plan_creates_is_in_the_model_or_among_the_problems() {
    let mut noise = Noise(0x5eed_0001);
    let mut read = 0;
    for name in ["new-bucket-role", "ci-oidc", "users-and-keys"] {
        let whole: Json =
            serde_json::from_slice(&captured(&format!("{name}/plan.json"))).expect("JSON");
        for _ in 0..250 {
            let mut plan = whole.clone();
            for _ in 0..=noise.below(3) {
                let part =
                    ["resource_changes", "resource_changes", "configuration", "prior_state", ""]
                        [noise.below(5)];
                match plan.get_mut(part) {
                    Some(part) => spoil(part, &mut noise),
                    None => spoil(&mut plan, &mut noise),
                }
            }
            let model = model(plan.to_string().into_bytes());
            let refused = model.problems.iter().any(|problem| {
                problem.message.starts_with("cannot read `x`") || problem.message.contains("`x` ")
            });
            if refused {
                continue;
            }
            read += 1;
            for address in created(&plan) {
                let there = model.resources.iter().any(|resource| resource.address == address);
                let told = model.problems.iter().any(|problem| problem.message.contains(&*address));
                let kind = crate::planned::Address::parse(&address).map(|parts| parts.kind);
                let other = kind.is_some_and(|kind| model.others.contains_key(&kind));
                assert!(there || told || other, "{address} is lost in {plan}");
            }
        }
    }
    assert!(read > 200, "{read} plans were read");
}

#[test]
fn spoiled_plan_files_are_refused_or_read() {
    let mut noise = Noise(0x5eed_0002);
    let plan = plan(vec![
        change(
            "aws_iam_user.a",
            Action::Create,
            &[json!({ "name": unknown(), "tags": { "k": ["v", 1, null] } })],
        ),
        change(
            "module.m[\"k\"].aws_iam_role.b",
            Action::Update,
            &[json!({ "name": "b" }), json!({ "name": "c" })],
        ),
    ]);
    let bytes = plan.encode_to_vec();
    for _ in 0..4_000 {
        let mut spoiled = bytes.clone();
        for _ in 0..=noise.below(4) {
            let at = noise.below(spoiled.len().max(1));
            match noise.below(4) {
                _ if spoiled.len() < 2 => break,
                0 => drop(spoiled.remove(at)),
                1 => spoiled.insert(at, u8::try_from(noise.below(256)).expect("a byte")),
                2 => spoiled.truncate(at.max(1)),
                _ => spoiled[at] = u8::try_from(noise.below(256)).expect("a byte"),
            }
        }
        if let Ok(Some(planned)) = read_plan_file(&zip(&[("tfplan", &spoiled)])) {
            read_all(&planned);
        }
    }
}

#[test]
fn spoiled_values_are_refused_or_read() {
    let mut noise = Noise(0x5eed_0003);
    let bytes =
        pack(&json!({ "a": [1, -1, 70_000, "text", null, true, unknown()], "b": { "c": {} } }))
            .msgpack;
    for _ in 0..20_000 {
        let mut spoiled = bytes.clone();
        for _ in 0..=noise.below(3) {
            let at = noise.below(spoiled.len());
            spoiled[at] = u8::try_from(noise.below(256)).expect("a byte");
        }
        spoiled.truncate(noise.below(spoiled.len() + 1));
        let _ = msgpack::value(&spoiled, "x");
    }
    // Lengths are claims; a value of many parts is not believed either.
    for bomb in [
        &b"\xdd\xff\xff\xff\xff"[..],
        b"\xdf\xff\xff\xff\xff\xa1a",
        b"\xdb\xff\xff\xff\xffx",
        b"\xc9\xff\xff\xff\xff\x00",
    ] {
        assert_eq!(msgpack::value(bomb, "x"), Err(msgpack::MsgpackError::Truncated));
    }
    let deep = vec![0x91; 100_000];
    assert_eq!(msgpack::value(&deep, "x"), Err(msgpack::MsgpackError::TooDeep));
    let twice = b"\x82\xa1a\x01\xa1a\x02";
    assert_eq!(msgpack::value(twice, "x"), Err(msgpack::MsgpackError::Twice));
    let mut many = vec![0xdd];
    many.extend(9_000_000_u32.to_be_bytes());
    many.resize(9_000_005, 0xc0);
    assert_eq!(msgpack::value(&many, "x"), Err(msgpack::MsgpackError::TooMany));
}

#[test]
fn spoiled_states_are_refused_or_read() {
    let mut noise = Noise(0x5eed_0004);
    let state = json!({ "version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "x", "resources": [
        { "mode": "managed", "type": "aws_iam_user", "name": "u", "module": "module.m", "instances": [
            { "index_key": "k", "attributes": { "name": "a" },
              "sensitive_attributes": [[{ "type": "get_attr", "value": "name" }]] } ] } ] });
    for _ in 0..3_000 {
        let mut spoiled = state.clone();
        for _ in 0..=noise.below(3) {
            spoil(&mut spoiled, &mut noise);
        }
        if let Ok(Some(planned)) = read_json(spoiled.to_string().into_bytes()) {
            read_all(&planned);
        }
    }
}
