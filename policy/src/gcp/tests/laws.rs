//! What holds for every pair of sides: the concrete check agrees, and the order is one.

use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::super::condition::Attribute;
use super::super::evaluate::{Request, allows};
use super::super::facts::Facts;
use super::dsl::{export, grants};
use super::*;

const PLACES: [&str; 6] = [
    "projects/p",
    "projects/q",
    "//pubsub.googleapis.com/projects/p/topics/t",
    "//storage.googleapis.com/projects/_/buckets/b",
    "//storage.googleapis.com/projects/_/buckets/bb",
    "folders/1",
];
const ATOMS: [&str; 12] = [
    "request.time < timestamp('2026-01-01T00:00:00Z')",
    "request.time >= timestamp('2026-06-01T00:00:00Z')",
    "resource.name.startsWith('projects/_/buckets/b')",
    "resource.name.startsWith('projects/_/buckets/b/objects/a')",
    "resource.name.endsWith('a')",
    "resource.name == 'projects/_/buckets/b/objects/a'",
    "resource.type == 'storage.googleapis.com/Object'",
    "resource.service == 'storage.googleapis.com'",
    "resource.matchTag('1/e', 'd')",
    "api.getAttribute('k', []).hasOnly(['a', 'b'])",
    "api.getAttribute('k', []).hasOnly(['b'])",
    "x.opaque()",
];

fn condition() -> impl Strategy<Value = String> {
    let leaf = select(ATOMS.to_vec()).prop_map(str::to_owned);
    leaf.prop_recursive(3, 8, 2, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a}) && ({b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a}) || ({b})")),
            inner.prop_map(|a| format!("!({a})")),
        ]
    })
}

fn side() -> impl Strategy<Value = String> {
    let what = prop_oneof![
        subsequence(vec!["storage.objects.get", "storage.objects.list", "a.b.get"], 1..3)
            .prop_map(|all| all.join(" ")),
        select(vec![
            "role=roles/storage.objectViewer",
            "role=roles/both",
            "role=roles/storage.admin",
            "role=roles/unknown"
        ])
        .prop_map(str::to_owned),
    ];
    let condition = prop_oneof![
        Just(String::new()),
        condition().prop_map(|condition| format!(" ?{condition}"))
    ];
    let grant = (what, select(PLACES.to_vec()), condition)
        .prop_map(|(what, place, condition)| format!("{what} @{place}{condition}"));
    proptest::collection::vec(grant, 1..3).prop_map(|all| all.join(" ; "))
}

fn answer(outer: &[Grant], inner: &[Grant]) -> Comparison {
    contains(&export(), outer, inner)
}

/// Requests at the edges of the atoms, at places and with names that go together.
fn requests() -> Vec<Request> {
    let names = [
        ("//storage.googleapis.com/projects/_/buckets/b", "projects/_/buckets/b", "Bucket"),
        (
            "//storage.googleapis.com/projects/_/buckets/b",
            "projects/_/buckets/b/objects/a",
            "Object",
        ),
        (
            "//storage.googleapis.com/projects/_/buckets/b",
            "projects/_/buckets/b/objects/xa",
            "Object",
        ),
        (
            "//storage.googleapis.com/projects/_/buckets/bb",
            "projects/_/buckets/bb/objects/x",
            "Object",
        ),
    ];
    let mut out = Vec::new();
    for permission in [
        "storage.objects.get",
        "storage.objects.list",
        "a.b.get",
        "iam.serviceAccounts.getAccessToken",
    ] {
        for (place, name, kind) in names {
            for time in ["2025-12-31T00:00:00Z", "2026-01-01T00:00:00Z", "2026-07-01T00:00:00Z"] {
                for list in [vec![], vec!["a"], vec!["b"], vec!["a", "b"], vec!["c"]] {
                    for tag in [false, true] {
                        let time: jiff::Timestamp = time.parse().unwrap();
                        let kind = format!("storage.googleapis.com/{kind}");
                        let strings = [name.to_owned(), kind, "storage.googleapis.com".to_owned()];
                        let tag = (Text::literal("resource.matchTag(\"1/e\",\"d\")"), tag);
                        out.push(Request {
                            permission: permission.to_owned(),
                            resource: Some(place.to_owned()),
                            facts: Facts {
                                strings: Attribute::ALL.into_iter().zip(strings).collect(),
                                time: Some(time.as_nanosecond()),
                                lists: [(
                                    "k".to_owned(),
                                    list.iter().map(|it| (*it).to_owned()).collect(),
                                )]
                                .into(),
                                tags: [tag].into(),
                            },
                        });
                    }
                }
            }
        }
    }
    out
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// No request leaves what is said to be inside.
    #[test]
    fn verdicts_agree_with_requests(outer in side(), inner in side()) {
        let (outer, inner) = (grants(&outer), grants(&inner));
        if answer(&outer, &inner).open.is_inside() {
            let ask = |side: &[Grant], request: &Request| allows(&Tree::new(), &export(), side, request);
            let escape = requests().into_iter().find(|request| {
                ask(&inner, request) == Some(true) && ask(&outer, request) == Some(false)
            });
            prop_assert_eq!(escape, None);
        }
    }

    /// Reflexive, and monotone on both sides.
    #[test]
    fn a_side_is_in_itself_and_in_more(one in side(), more in side()) {
        let (one, more) = (grants(&one), grants(&more));
        prop_assert!(answer(&one, &one).open.is_inside());
        let both: Vec<Grant> = more.iter().chain(&one).cloned().collect();
        prop_assert!(answer(&both, &one).open.is_inside());
        prop_assert!(answer(&both, &both).open.is_inside());
        if answer(&one, &more).open.is_inside() {
            prop_assert!(answer(&one, &both).open.is_inside());
        }
        prop_assert!(answer(&one, &[]).open.is_inside());
    }

    /// Nothing outside lies inside of something that is inside.
    #[test]
    fn inside_of_inside_is_never_outside(a in side(), b in side(), c in side()) {
        let (a, b, c) = (grants(&a), grants(&b), grants(&c));
        if answer(&b, &a).open.is_inside() && answer(&c, &b).open.is_inside() {
            prop_assert!(!matches!(answer(&c, &a).open, Verdict::Outside(_)));
        }
    }

    /// An implication that is decided agrees with that of every stronger and weaker condition.
    #[test]
    fn conditions_are_monotone(a in condition(), b in condition()) {
        let grant = |condition: &str| grants(&format!("a.b.get ?{condition}"));
        let both = format!("({a}) && ({b})");
        let either = format!("({a}) || ({b})");
        prop_assert!(answer(&grant(&a), &grant(&both)).open.is_inside());
        prop_assert!(answer(&grant(&either), &grant(&a)).open.is_inside());
        // What implies a condition and its opposite never holds.
        let implies = |outer: &str| answer(&grant(outer), &grant(&a)).open.is_inside();
        if implies(&b) && implies(&format!("!({b})")) {
            prop_assert!(implies("false"));
        }
    }

    /// A change is proposed where something is outside, and nowhere else.
    #[test]
    fn changes_are_for_gaps(outer in side(), inner in side()) {
        let (outer, inner) = (grants(&outer), grants(&inner));
        let found = answer(&outer, &inner);
        let proposed = change(&export(), &outer, &inner, &found);
        prop_assert!(proposed.is_none() || matches!(found.open, Verdict::Outside(_)));
    }
}
