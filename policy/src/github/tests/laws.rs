//! Random grants: against the other evaluator, and against the laws that every comparison keeps.

use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::super::evaluate::{Request, allows};
use super::super::*;
use super::grants;
use crate::verdict::Verdict;

fn side() -> impl Strategy<Value = String> {
    let scope = select(vec![
        "contents",
        "issues",
        "id-token",
        "models",
        "members",
        "metadata",
        "repository-projects",
        "newscope",
    ]);
    let levels = proptest::collection::btree_map(
        scope,
        select(vec!["none", "read", "write", "admin"]),
        1..4,
    );
    let levels = levels.prop_map(|levels| {
        let all: Vec<String> =
            levels.iter().map(|(scope, level)| format!("{scope}={level}")).collect();
        all.join(",")
    });
    let permissions = prop_oneof![4 => levels, 1 => Just("read-all".to_owned()), 1 => Just("write-all".to_owned())];
    let places = subsequence(vec!["*", "a/*", "a/x", "b/y", "A/Y"], 1..3);
    let one =
        (permissions, places).prop_map(|(what, places)| format!("{what} @ {}", places.join(",")));
    proptest::collection::vec(one, 1..4).prop_map(|all| all.join(" ; "))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    /// What is decided agrees with every request over the names in play; only a scope that nobody knows is left open.
    #[test]
    fn verdicts_agree_with_requests(outer in side(), inner in side()) {
        let (outer, inner) = (grants(&outer), grants(&inner));
        let answer = contains(&outer, &inner);
        let mut escapes = None;
        for scope in scopes().map(|scope| scope.name).chain(["newscope", "a-later-scope"]) {
            for level in [Level::Read, Level::Write, Level::Admin] {
                for repository in ["a/x", "a/y", "a/z", "b/y", "b/z", "c/x"] {
                    let request = Request { scope, level: Some(level), repository: Some(repository) };
                    if allows(&inner, &request) && !allows(&outer, &request) {
                        escapes.get_or_insert((scope, level, repository));
                    }
                }
            }
        }
        match &answer.open {
            Verdict::Inside => prop_assert_eq!(escapes, None),
            Verdict::Outside(_) => prop_assert!(escapes.is_some()),
            Verdict::Undecided(why) => prop_assert!(why.reason.contains("newscope"), "{}", why.reason),
        }
        if let Verdict::Inside = answer.open {
            prop_assert!(answer.catalogue.is_inside());
        }
    }

    #[test]
    fn laws(one in side(), two in side(), three in side()) {
        let (a, b, c) = (grants(&one), grants(&two), grants(&three));
        prop_assert!(contains(&a, &a).open.is_inside());
        let both: Vec<Grant> = a.iter().chain(&b).cloned().collect();
        prop_assert!(contains(&both, &a).open.is_inside());
        if contains(&b, &a).open.is_inside() {
            prop_assert!(contains(&b, &both).open.is_inside());
            if contains(&c, &b).open.is_inside() {
                prop_assert!(contains(&c, &a).open.is_inside());
            }
        }
    }

    /// A change is offered for every gap that a grant of levels opens.
    #[test]
    fn changes_are_found(outer in side(), inner in side()) {
        let (outer, inner) = (grants(&outer), grants(&inner));
        let answer = contains(&outer, &inner);
        let outside = matches!(answer.open, Verdict::Outside(_));
        prop_assert_eq!(change(&outer, &inner, &answer).is_some(), outside);
    }

    /// Whatever is cut off or put in, reading ends with an answer.
    #[test]
    fn reading_never_fails_to_answer(cut in 0..80usize, put in ".{0,3}") {
        let whole = r#"{"permissions": {"contents": "read"}, "repositories": ["acme/a", "b"]}"#;
        let (start, end) = whole.split_at(cut.min(whole.len()));
        let _ = Grant::parse(&Text::literal(format!("{start}{put}{end}")));
        let _ = Grant::parse(&Text::literal(start));
    }
}
