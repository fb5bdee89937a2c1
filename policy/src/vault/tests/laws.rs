//! Random rules: against the other evaluator, and against the laws that every comparison keeps.

use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::super::evaluate::{Request, Server};
use super::super::*;
use super::{compare, side};

fn rules() -> impl Strategy<Value = String> {
    let segment = || select(vec!["a", "b", "+", "ab", "", "a+"]);
    let path = (proptest::collection::vec(segment(), 1..4), select(vec!["", "*", "/*", "/"]))
        .prop_map(|(segments, tail)| format!("{}{tail}", segments.join("/")))
        .prop_filter("a path that Vault takes", |path| {
            check_path(&Text::literal(path.clone())).is_ok()
        });
    let capabilities = subsequence(vec!["read", "list", "update", "sudo", "deny"], 1..3)
        .prop_map(|names| names.join(","));
    let rule =
        (path, capabilities).prop_map(|(path, capabilities)| format!("{path} {capabilities}"));
    let policy = proptest::collection::vec(rule, 1..4).prop_map(|all| all.join(" ; "));
    proptest::collection::vec(policy, 1..3).prop_map(|all| all.join(" | "))
}

/// All paths of up to five letters over the letters that the rules of [`rules`] are made of, and one more.
fn paths() -> Vec<String> {
    let mut all = vec![String::new()];
    let mut from = 0;
    for _ in 0..4 {
        let until = all.len();
        for at in from..until {
            for letter in ["a", "b", "+", "/", "z"] {
                all.push(format!("{}{letter}", all[at]));
            }
        }
        from = until;
    }
    all.retain(|path| !path.is_empty() && !path.starts_with('/'));
    all
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, ..ProptestConfig::default() })]

    /// What is known as a whole is always decided, and as the other evaluator decides every short path.
    #[test]
    fn verdicts_agree_with_requests(outer in rules(), inner in rules()) {
        let answer = compare(&inner, &outer);
        let (inner_side, outer_side) = (side(&inner), side(&outer));
        let (inner_side, outer_side): (Vec<_>, Vec<_>) =
            (inner_side.iter().collect(), outer_side.iter().collect());
        let (holder, ceiling) = (Server::new(&inner_side), Server::new(&outer_side));
        let mut escapes = None;
        let mut real = None;
        for path in paths() {
            for capability in ["read", "list", "update"] {
                for sudo in [false, true] {
                    let request = Request { capability, path: &path, sudo };
                    if holder.allows(&request) && !ceiling.allows(&request) {
                        let slash = path.ends_with('/');
                        let refused = path.contains("//") || if capability == "list" { !slash } else { capability == "update" && slash };
                        let text = format!("{capability} {path} {sudo}");
                        if !refused {
                            real.get_or_insert(text.clone());
                        }
                        escapes.get_or_insert(text);
                    }
                }
            }
        }
        match &answer.open {
            Verdict::Inside => prop_assert_eq!(escapes, None, "{} in {}", inner, outer),
            Verdict::Outside(_) => {}
            Verdict::Undecided(why) => prop_assert!(false, "{} in {}: {why:?}", inner, outer),
        }
        match &answer.catalogue {
            Verdict::Inside => prop_assert_eq!(real, None, "{} in {}", inner, outer),
            Verdict::Outside(_) => prop_assert!(!answer.open.is_inside()),
            Verdict::Undecided(why) => prop_assert!(false, "{} in {}: {why:?}", inner, outer),
        }
    }

    #[test]
    fn laws(one in rules(), two in rules(), three in rules()) {
        prop_assert!(compare(&one, &one).open.is_inside());
        prop_assert!(compare(&one, "root").open.is_inside());
        prop_assert!(contains(&side(&one).iter().collect::<Vec<_>>(), &[]).open.is_inside());
        if compare(&one, &two).open.is_inside() && compare(&two, &three).open.is_inside() {
            prop_assert!(compare(&one, &three).open.is_inside());
        }
    }

    /// A change that is offered closes the gap that it is offered for.
    #[test]
    fn changes_help(outer in rules(), inner in rules()) {
        let (inner_side, outer_side) = (side(&inner), side(&outer));
        let (inner_side, outer_side): (Vec<_>, Vec<_>) =
            (inner_side.iter().collect(), outer_side.iter().collect());
        let answer = contains(&outer_side, &inner_side);
        let change = change(&outer_side, &inner_side, &answer);
        prop_assert!(change.is_none() || !answer.open.is_inside());
    }

    /// With a hole, `Inside` holds for every value tried.
    #[test]
    fn holes_hold_for_every_value(outer in rules(), inner in rules(), value in select(vec!["a", "b", "+", "", "a/b", "b*", "z"]), at in 0..3usize) {
        let holed = |text: &str| text.replacen("ab", "‹var.a›", at);
        let (inner, outer) = (holed(&inner), holed(&outer));
        let answer = compare(&inner, &outer).open;
        let set = |text: &str| text.replace("‹var.a›", value);
        let (inner, outer) = (set(&inner), set(&outer));
        if !inner.contains("+*") && !outer.contains("+*") && inner.split(' ').all(|it| !it.is_empty()) {
            match answer {
                Verdict::Inside => prop_assert!(compare(&inner, &outer).open.is_inside(), "{inner} in {outer}"),
                Verdict::Outside(_) | Verdict::Undecided(_) => {}
            }
        }
    }
}
