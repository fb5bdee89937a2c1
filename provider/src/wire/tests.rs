//! Round trips, tables of what Terraform sends, and mutated input.

use std::collections::BTreeMap;

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;

use super::*;
use crate::number::Number;
use crate::value::Refinement;

fn msgpack(bytes: &[u8], ty: &Type) -> Result<Value, String> {
    let dynamic = tfplugin6::DynamicValue { msgpack: bytes.to_vec(), json: Vec::new() };
    decode(Some(&dynamic), ty).map_err(|error| error.to_string())
}

fn types() -> impl Strategy<Value = Type> {
    let leaf = prop_oneof![Just(Type::Bool), Just(Type::Number), Just(Type::String)];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            inner.clone().prop_map(Type::list),
            inner.clone().prop_map(Type::set),
            inner.clone().prop_map(Type::map),
            vec(inner.clone(), 0..3).prop_map(Type::Tuple),
            btree_map("[a-z_]{1,5}", inner, 0..4).prop_map(Type::Object),
        ]
    })
}

fn numbers() -> impl Strategy<Value = Number> {
    prop_oneof![
        any::<i64>().prop_map(Number::from),
        any::<u64>().prop_map(Number::from),
        any::<f64>().prop_filter_map("finite", Number::from_f64),
        "-?[0-9]{1,40}(\\.[0-9]{1,40})?(e-?[0-9]{1,3})?"
            .prop_filter_map("a number", |text| Number::from_text(&text)),
    ]
}

fn values(ty: &Type, unknowns: bool) -> BoxedStrategy<Value> {
    let known = match ty {
        Type::Bool => any::<bool>().prop_map(Value::Bool).boxed(),
        Type::Number => numbers().prop_map(Value::Number).boxed(),
        Type::String => any::<String>().prop_map(Value::text).boxed(),
        Type::Dynamic => types()
            .prop_flat_map(move |ty| (Just(ty.clone()), values(&ty, unknowns)))
            .prop_map(|(ty, value)| Value::Dynamic(Box::new((ty, value))))
            .boxed(),
        Type::List(element) => vec(values(element, unknowns), 0..4).prop_map(Value::List).boxed(),
        Type::Set(element) => vec(values(element, unknowns), 0..4)
            .prop_map(|elements| Value::Set(elements.into_iter().collect()))
            .boxed(),
        Type::Map(element) => {
            btree_map("[a-z]{0,3}", values(element, unknowns), 0..4).prop_map(Value::Map).boxed()
        }
        Type::Tuple(types) => types
            .iter()
            .map(|ty| values(ty, unknowns))
            .collect::<Vec<_>>()
            .prop_map(Value::List)
            .boxed(),
        Type::Object(types) => {
            let names: Vec<String> = types.keys().cloned().collect();
            let values: Vec<_> = types.values().map(|ty| values(ty, unknowns)).collect();
            let object = move |values: Vec<Value>| {
                Value::Object(names.iter().cloned().zip(values).collect())
            };
            values.prop_map(object).boxed()
        }
    };
    if unknowns {
        let refined = Value::Unknown(Refinement(vec![0x81, 0x01, 0xc2]));
        prop_oneof![8 => known, 1 => Just(Value::Null), 1 => Just(Value::unknown()), 1 => Just(refined)].boxed()
    } else {
        prop_oneof![8 => known, 1 => Just(Value::Null)].boxed()
    }
}

fn typed(unknowns: bool) -> impl Strategy<Value = (Type, Value)> {
    let types = prop_oneof![9 => types(), 1 => Just(Type::Dynamic)];
    types.prop_flat_map(move |ty| (Just(ty.clone()), values(&ty, unknowns)))
}

proptest! {
    #[test]
    fn msgpack_round_trips((ty, value) in typed(true)) {
        let encoded = encode(&value, &ty).expect("an encoded value");
        let decoded = decode(Some(&encoded), &ty).expect("a decoded value");
        prop_assert_eq!(&decoded, &value);
        // Byte for byte as well, refinements and digits included.
        prop_assert_eq!(encode(&decoded, &ty).expect("an encoded value"), encoded);
    }

    #[test]
    fn json_round_trips((ty, value) in typed(false)) {
        let json = json::to_json(&value).to_string();
        let decoded = json::decode(json.as_bytes(), &ty, json::Unknown::Refused);
        prop_assert_eq!(decoded.expect("a decoded value"), value);
    }

    #[test]
    fn mutated_msgpack_never_panics(
        (ty, value) in typed(true),
        edits in vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut bytes = encode(&value, &ty).expect("an encoded value").msgpack;
        for (index, byte) in edits {
            let index = index.index(bytes.len());
            bytes[index] = byte;
        }
        // An outcome of either kind will do; what counts is that there is one.
        let whole = msgpack(&bytes, &ty);
        let cut = msgpack(&bytes[..cut.index(bytes.len())], &ty);
        prop_assert!(whole.is_ok() || whole.is_err());
        prop_assert!(cut.is_ok() || cut.is_err());
    }

    #[test]
    fn random_bytes_never_panic(ty in types(), bytes in vec(any::<u8>(), 0..64)) {
        let outcome = msgpack(&bytes, &ty);
        prop_assert!(outcome.is_ok() || outcome.is_err());
        let outcome = json::decode(&bytes, &ty, json::Unknown::Dropped);
        prop_assert!(outcome.is_ok() || outcome.is_err());
    }
}

#[test]
fn numbers_come_and_go_as_terraform_sends_them() {
    let text = |text: &str| {
        let mut bytes = Vec::new();
        rmp::encode::write_str(&mut bytes, text).expect("memory");
        bytes
    };
    let tenth = text("0.1");
    let unsigned = text("18446744073709551615");
    let googol = text(&format!("1{}", "0".repeat(100)));
    for (sent, echoed) in [
        (vec![5], text("5")),
        (vec![0xff], text("-1")),
        (tenth.clone(), tenth.clone()),
        (unsigned.clone(), unsigned),
        (googol.clone(), googol),
        (vec![0xcb, 0x3f, 0xf8, 0, 0, 0, 0, 0, 0], text("1.5e0")),
    ] {
        let number = msgpack(&sent, &Type::Number).expect("a number");
        assert_eq!(encode(&number, &Type::Number).expect("bytes").msgpack, echoed);
    }
    let float = msgpack(&[0xcb, 0x3f, 0xb9, 0x99, 0x99, 0x99, 0x99, 0x99, 0x9a], &Type::Number);
    assert_eq!(float, msgpack(&tenth, &Type::Number), "0.1 as a double and as text are one number");
    let widest = msgpack(&[0xcf, 255, 255, 255, 255, 255, 255, 255, 255], &Type::Number);
    let widest = encode(&widest.expect("a number"), &Type::Number).expect("bytes").msgpack;
    assert_eq!(widest, text("18446744073709551615"), "what exceeds i64 goes as text");
}

#[test]
fn unknowns_keep_their_refinements() {
    let refined = [0xc7, 3, 12, 0x81, 1, 0xc2];
    let value = msgpack(&refined, &Type::String).expect("an unknown");
    assert_eq!(value, Value::unknown());
    assert_eq!(encode(&value, &Type::String).expect("bytes").msgpack, refined);
    assert_eq!(msgpack(&[0xd4, 0, 0], &Type::Bool), Ok(Value::unknown()));
    assert_eq!(encode(&Value::unknown(), &Type::Dynamic).expect("bytes").msgpack, [0xd4, 0, 0]);
}

#[test]
fn nothing_is_null_and_json_stands_in() {
    assert_eq!(decode(None, &Type::Bool), Ok(Value::Null));
    assert_eq!(msgpack(&[], &Type::Bool), Ok(Value::Null));
    let json =
        tfplugin6::DynamicValue { msgpack: Vec::new(), json: b"[\"b\",\"a\",\"b\"]".to_vec() };
    let set = decode(Some(&json), &Type::set(Type::String)).expect("a set");
    assert_eq!(set.elements(), Some(["a".into(), "b".into()].as_slice()));
}

#[test]
fn what_does_not_fit_is_refused_with_its_place() {
    let object = Type::object([("a", Type::list(Type::object([("b", Type::Bool)])))]);
    let cases: [(&[u8], &Type); 9] = [
        (&[0x81, 0xa1, b'a', 0x91, 0x81, 0xa1, b'b', 1], &object),
        (&[0x80], &object),
        (&[0x82, 0xa1, b'a', 0xc0, 0xa1, b'x', 0xc0], &object),
        (&[0x82, 0xa1, b'a', 0xc0, 0xa1, b'a', 0xc0], &object),
        (&[0xa2, 0xff, 0xfe], &Type::String),
        (&[0xc2, 0xc2], &Type::Bool),
        (&[0xdd, 0xff, 0xff, 0xff, 0xff], &object),
        (&[0xcb, 0x7f, 0xf8, 0, 0, 0, 0, 0, 0], &Type::Number),
        (&[0x92, 0xa3, b'"', b'x', b'"', 0xc0], &Type::Dynamic),
    ];
    let shown = cases.map(|(bytes, ty)| msgpack(bytes, ty).expect_err("a refusal"));
    insta::assert_snapshot!(shown.join("\n"), @"
    at `a[0].b`: a bool is needed
    the attribute `a` is missing
    an attribute named `x` is not expected
    `a` is there twice
    the text is not UTF-8
    there are bytes after the value
    an object is needed
    a finite number is needed
    the type is not one of Terraform's
    ");
    let claims: [&[u8]; 3] = [
        &[0xdd, 0xff, 0xff, 0xff, 0xff],
        &[0xdb, 0xff, 0xff, 0xff, 0xff],
        &[0xc9, 0xff, 0xff, 0xff, 0xff, 0],
    ];
    for (bytes, ty) in claims.into_iter().zip([Type::list(Type::Bool), Type::String, Type::Bool]) {
        assert_eq!(msgpack(bytes, &ty), Err("the value is cut off".to_owned()));
    }
}

#[test]
fn endless_nesting_is_refused() {
    let dynamic: Vec<u8> = [0x92, 0xa9].into_iter().chain(*b"\"dynamic\"").collect();
    let deep: Vec<u8> = dynamic.repeat(100_000);
    assert_eq!(msgpack(&deep, &Type::Dynamic), Err("nested too deeply".to_owned()));
    let json = "[".repeat(100_000);
    assert!(
        json::decode(json.as_bytes(), &Type::list(Type::Bool), json::Unknown::Dropped).is_err()
    );
}

#[test]
fn a_state_of_another_schema_is_read_leniently() {
    let ty = Type::object([("kept", Type::String), ("new", Type::Bool)]);
    let json = br#"{"kept":"e\u0301","gone":1}"#;
    let value = json::decode(json, &ty, json::Unknown::Dropped).expect("a state");
    assert_eq!(
        value,
        Value::Object(BTreeMap::from([
            ("kept".to_owned(), "\u{e9}".into()),
            ("new".to_owned(), Value::Null),
        ]))
    );
    assert!(json::decode(json, &ty, json::Unknown::Refused).is_err());
}
