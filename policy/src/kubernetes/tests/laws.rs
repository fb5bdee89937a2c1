//! Random rules: against the concrete check, and against the laws that every comparison keeps.

use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::super::*;
use super::grants;

fn side() -> impl Strategy<Value = String> {
    let verbs = subsequence(vec!["get", "list", "create", "*"], 1..3);
    let resources = subsequence(vec!["pods", "pods/log", "*/log", "secrets", "*"], 1..3);
    let one = (
        verbs,
        resources,
        select(vec!["", " names=a", " names=a,b"]),
        select(vec!["", " ns=n"]),
        select(vec!["", " groups=*"]),
        select(vec!["", " for=sa:n/a", " for=group:system:serviceaccounts:n"]),
    );
    let one = one.prop_map(|(verbs, resources, names, ns, groups, who)| {
        format!("{} {}{names}{ns}{groups}{who}", verbs.join(","), resources.join(","))
    });
    proptest::collection::vec(one, 1..3).prop_map(|all| all.join(" ; "))
}

/// Every request over the names that [`side`] uses, and some others.
fn all_requests() -> Vec<Request> {
    let mut all = Vec::new();
    for verb in ["get", "list", "create", "delete"] {
        for group in ["", "apps"] {
            for kind in ["pods", "pods/log", "jobs/log", "secrets", "jobs"] {
                for namespace in [None, Some("n"), Some("m")] {
                    for name in [None, Some("a"), Some("b"), Some("c")] {
                        for subject in [
                            None,
                            Some("system:serviceaccount:n:a"),
                            Some("system:serviceaccount:n:b"),
                            Some("u"),
                        ] {
                            all.push(Request {
                                verb: verb.to_owned(),
                                group: Some(group.to_owned()),
                                kind: kind.to_owned(),
                                namespace: namespace.map(ToOwned::to_owned),
                                name: name.map(ToOwned::to_owned),
                                subject: subject.map(ToOwned::to_owned),
                            });
                        }
                    }
                }
            }
        }
    }
    all
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    /// What is decided agrees with every request; only whom bare rules are for is left open.
    #[test]
    fn verdicts_agree_with_requests(outer in side(), inner in side()) {
        let (outer, inner) = (grants(&outer), grants(&inner));
        let answer = contains(&outer, &inner);
        let escapes = |request: &Request| allows(&inner, request) && !allows(&outer, request);
        let found = all_requests().into_iter().find(escapes);
        match answer.open {
            Verdict::Inside => {
                prop_assert_eq!(found, None);
                prop_assert!(answer.catalogue.is_inside());
            }
            Verdict::Outside(_) => {}
            Verdict::Undecided(why) => prop_assert!(why.reason.contains("does not say who"), "{}", why.reason),
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

    /// Every gap comes with a change that closes it.
    #[test]
    fn changes_are_found(outer in side(), inner in side()) {
        let (outer, inner) = (grants(&outer), grants(&inner));
        let answer = contains(&outer, &inner);
        let outside = matches!(answer.open, Verdict::Outside(_));
        prop_assert_eq!(change(&outer, &inner, &answer).is_some(), outside);
    }
}
