//! What holds for every pair of sides: the concrete check agrees, and the order is one.

use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::super::evaluate::{Request, allows};
use super::dsl::grants;
use super::*;

const PATTERNS: [&str; 12] = [
    "*",
    "A/*",
    "A/b/*",
    "*/read",
    "A/*/read",
    "A/b/read",
    "A/b/write",
    "A/bc/read",
    "B/b/read",
    "*/b/*",
    "A/b*",
    "B/*",
];
const SCOPES: [&str; 4] = [
    "/",
    "/subscriptions/s",
    "/subscriptions/s/resourceGroups/g",
    "/subscriptions/s/resourceGroups/gg",
];
const OPERATIONS: [&str; 14] = [
    "A/b/read",
    "a/B/Read",
    "A/b/write",
    "A/bc/read",
    "A/read",
    "A/b/c/read",
    "B/b/read",
    "B/b/x",
    "B/read",
    "C/b/read",
    "C/x/action",
    "x",
    "A/b",
    "A/bd/delete",
];

fn side() -> impl Strategy<Value = String> {
    let list = |prefix: &'static str, most: usize| {
        let some = subsequence(PATTERNS.to_vec(), 0..most);
        some.prop_map(move |all| {
            all.iter().map(|one| format!("{prefix}{one}")).collect::<Vec<_>>().join(" ")
        })
    };
    let block = (list("", 3), list("-", 3), list("d:", 2), list("-d:", 2));
    let block = block.prop_map(|(a, b, c, d)| format!("{a} {b} {c} {d}"));
    let blocks = proptest::collection::vec(block, 1..3).prop_map(|all| all.join(" | "));
    let grant = (blocks, select(SCOPES.to_vec()), select(vec!["", "", "", " ?c", " ?d"]));
    let grant =
        grant.prop_map(|(blocks, scope, condition)| format!("{blocks} @{scope}{condition}"));
    proptest::collection::vec(grant, 1..3).prop_map(|all| all.join(" ; "))
}

fn answer(outer: &[Grant], inner: &[Grant]) -> Comparison {
    contains(&Roles::default(), outer, inner)
}

fn requests() -> impl Iterator<Item = Request> {
    SCOPES.iter().flat_map(|scope| {
        OPERATIONS.iter().flat_map(move |operation| {
            [false, true].map(|data| Request {
                operation: (*operation).to_owned(),
                data,
                scope: (*scope).to_owned(),
            })
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// No request leaves what is said to be inside; without conditions everything is decided.
    #[test]
    fn verdicts_agree_with_requests(outer in side(), inner in side()) {
        let plain = !outer.contains('?') && !inner.contains('?');
        let (outer, inner) = (grants(&outer), grants(&inner));
        let found = answer(&outer, &inner);
        prop_assert!(!plain || !matches!(found.open, Verdict::Undecided(_)), "{found:?}");
        let ask = |side: &[Grant], request: &Request| {
            allows(&Tree::new(), &Roles::default(), side, request)
        };
        let escape = requests().find(|request| {
            ask(&inner, request) == Some(true) && ask(&outer, request) == Some(false)
        });
        if found.open.is_inside() {
            prop_assert_eq!(&escape, &None);
            prop_assert!(found.catalogue.is_inside());
        }
        if let (Some(request), Verdict::Outside(shown)) = (&escape, &found.open) {
            // Both may be right at once; the one that is shown has passed the same check.
            let request = Request {
                operation: shown.action.clone(),
                data: shown.context.contains_key("dataAction"),
                scope: shown.resource.clone().unwrap_or(request.scope.clone()),
            };
            prop_assert_eq!(ask(&inner, &request), Some(true));
            prop_assert_eq!(ask(&outer, &request), Some(false));
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

    /// Transitive.
    #[test]
    fn inside_of_inside_is_inside(a in side(), b in side(), c in side()) {
        let (a, b, c) = (grants(&a), grants(&b), grants(&c));
        if answer(&b, &a).open.is_inside() && answer(&c, &b).open.is_inside() {
            prop_assert!(answer(&c, &a).open.is_inside());
        }
    }

    /// An unknown value that becomes known can only decide more.
    #[test]
    fn what_is_decided_stays_so_when_a_value_becomes_known(
        outer in side(),
        inner in side(),
        value in select(vec!["b", "bc", "read", "A"]),
    ) {
        let open = |side: &str| side.replace("/b/", "/‹word.x›/");
        let known = |side: &str| side.replace("/b/", &format!("/{value}/"));
        let before = answer(&grants(&open(&outer)), &grants(&open(&inner)));
        let after = answer(&grants(&known(&outer)), &grants(&known(&inner)));
        if before.open.is_inside() {
            prop_assert!(after.open.is_inside(), "{:?}", after.open);
        }
        if let Verdict::Outside(_) = before.open {
            prop_assert!(!after.open.is_inside());
        }
    }

    /// A change that is proposed leaves the counterexample outside of the identity.
    #[test]
    fn changes_close_the_gap(outer in side(), inner in side()) {
        let (outer, inner) = (grants(&outer), grants(&inner));
        let roles = Roles::default();
        let found = answer(&outer, &inner);
        let proposed = change(&roles, &outer, &inner, &found);
        prop_assert_eq!(proposed.is_some(), matches!(found.open, Verdict::Outside(_)));
    }
}
