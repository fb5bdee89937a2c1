//! The algebra against brute force over a small alphabet.

use std::ops::ControlFlow;

use proptest::prelude::*;

use super::product::{Role, explore, explore_best};
use super::*;

/// Textbook matching, written without any of the code under test.
fn matches(pattern: &[char], text: &[char]) -> bool {
    match (pattern.split_first(), text.split_first()) {
        (None, None) => true,
        (Some(('*', rest)), None) => matches(rest, text),
        (Some(('*', rest)), Some((_, tail))) => matches(rest, text) || matches(pattern, tail),
        (Some(('?', rest)), Some((_, tail))) => matches(rest, tail),
        (Some((own, rest)), Some((letter, tail))) => own == letter && matches(rest, tail),
        (None, Some(_)) | (Some(_), None) => false,
    }
}

fn is_match(pattern: &str, text: &str) -> bool {
    matches(&pattern.chars().collect::<Vec<_>>(), &text.chars().collect::<Vec<_>>())
}

/// All strings up to a length over three letters, one of which no pattern uses.
fn strings(length: usize) -> Vec<String> {
    let mut all = vec![String::new()];
    let mut last = all.clone();
    for _ in 0..length {
        last = last
            .iter()
            .flat_map(|text| ["a", "b", "x"].map(|letter| format!("{text}{letter}")))
            .collect();
        all.extend(last.clone());
    }
    all
}

/// A string of the generator that none of the patterns matches.
fn outside(generator: &str, patterns: &[&str]) -> Option<String> {
    let compiled: Vec<_> = patterns.iter().map(|pattern| compile(pattern)).collect();
    let views: Vec<&[Symbol]> = compiled.iter().map(Vec::as_slice).collect();
    explore(&compile(generator), &views, &mut Budget::new(10_000_000), |visit| {
        if visit.matched.contains(&true) {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(visit.word())
        }
    })
    .unwrap()
}

#[test]
fn unions_need_the_product() {
    assert_eq!(outside("b/*", &["b/", "b/?*"]), None);
    assert_eq!(outside("b/a*", &["b/a", "b/a?*"]), None);
    assert_eq!(outside("b/*x*", &["b/*x", "b/*x?*"]), None);
    assert_eq!(outside("b/*", &["b/x", "b/y"]), Some("b/".to_owned()));
    assert_eq!(outside("b/?*", &["b/x*", "b/y*"]), Some("b/z".to_owned()));
}

#[test]
fn segments_stop_at_colons() {
    let wide = compile("a:*:c");
    let narrow = [
        Symbol::Char('a'),
        Symbol::Char(':'),
        Symbol::SegmentMany,
        Symbol::Char(':'),
        Symbol::Char('c'),
    ];
    assert!(covers(&wide, &narrow));
    assert!(!covers(&narrow, &wide));
    assert!(meets(&wide, &narrow));
    assert!(!meets(&compile("a:b:d:c"), &narrow));
    assert!(covers(&narrow, &compile("a:b:c")));
    assert!(!covers(&narrow, &compile("a:?:c")));
}

#[test]
fn a_special_is_only_itself() {
    let own = [Symbol::Char('b'), Symbol::Special(1), Symbol::Char('c')];
    let other = [Symbol::Char('b'), Symbol::Special(2), Symbol::Char('c')];
    assert!(covers(&own, &own));
    assert!(!covers(&own, &other));
    assert!(covers(&compile("b*"), &own));
    assert!(!covers(&compile("b?c"), &own));
    assert!(meets(&own, &compile("bzzzc")));
    assert!(!meets(&own, &compile("czzzc")));
}

fn any_case(text: &str, loose: bool) -> Vec<Symbol> {
    let symbols = text.chars().map(|letter| match letter {
        '*' => Symbol::Many,
        '?' => Symbol::One,
        _ => Symbol::AnyCase { small: letter.to_ascii_lowercase(), loose },
    });
    normal(symbols.collect())
}

#[test]
fn letters_of_any_case() {
    let ok = any_case("Ok", false);
    assert!(["ok", "OK", "oK", "Ok"].iter().all(|text| accepts(&ok, text)));
    assert!(!accepts(&ok, "o\u{212a}") && accepts(&any_case("Ok", true), "o\u{212a}"));
    assert!(covers(&any_case("oK", true), &ok) && !covers(&ok, &any_case("ok", true)));
    assert!(covers(&ok, &compile("oK")) && !covers(&compile("oK"), &ok));
    assert!(covers(&compile("??"), &ok) && meets(&ok, &any_case("OK", false)));
    assert!(meets(&ok, &compile("*K")) && !meets(&ok, &compile("*x")));
    let all = ["ok", "oK", "Ok", "OK"].map(compile);
    let views: Vec<&[Symbol]> = all.iter().map(Vec::as_slice).collect();
    let left = |generator: &[Symbol]| {
        explore(generator, &views, &mut Budget::new(10_000), |visit| {
            if visit.matched.contains(&true) {
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(visit.word())
            }
        })
    };
    assert_eq!(left(&ok), Ok(None));
    assert_eq!(left(&any_case("ok", true)), Ok(Some("O\u{212a}".to_owned())));
}

#[test]
fn work_is_counted() {
    // The tautology over n variables: every string of n letters has at some place a letter that some pattern wants.
    let patterns: Vec<String> = (0..24)
        .map(|place| format!("*{}a{}*", "?".repeat(place), "?".repeat(24 - place)))
        .collect();
    let compiled: Vec<_> = patterns.iter().map(|pattern| compile(pattern)).collect();
    let views: Vec<&[Symbol]> = compiled.iter().map(Vec::as_slice).collect();
    let end = explore::<()>(&compile("*"), &views, &mut Budget::new(200_000), |_| {
        ControlFlow::Continue(())
    });
    assert_eq!(end, Err(Exhausted));
}

proptest! {
    #[test]
    fn agrees_with_brute_force(left in "[ab*?]{0,6}", right in "[ab*?]{0,6}") {
        let (outer, inner) = (compile(&left), compile(&right));
        let mut included = true;
        let mut common = false;
        for text in strings(6) {
            let (in_left, in_right) = (is_match(&left, &text), is_match(&right, &text));
            included &= in_left || !in_right;
            common |= in_left && in_right;
        }
        if covers(&outer, &inner) {
            prop_assert!(included, "{right} in {left}");
        }
        // Patterns of six symbols that meet at all meet in a string of at most twelve letters.
        if common {
            prop_assert!(meets(&outer, &inner));
        } else if left.len() + right.len() <= 6 {
            prop_assert!(!meets(&outer, &inner), "{left} and {right}");
        }
        prop_assert_eq!(meets(&outer, &inner), meets(&inner, &outer));
    }

    #[test]
    fn accepts_what_matches(pattern in "[abA*?]{0,6}", text in "[abA]{0,7}") {
        prop_assert_eq!(accepts(&compile(&pattern), &text), is_match(&pattern, &text));
        let (small, lower) = (any_case(&pattern, false), text.to_ascii_lowercase());
        prop_assert_eq!(
            accepts(&small, &text),
            is_match(&pattern.to_ascii_lowercase(), &lower),
        );
    }

    #[test]
    fn cases_in_the_product(generator in "[ab*?]{0,4}", pattern in "[abAB*?]{0,4}") {
        let (wide, own) = (compile(&generator), any_case(&pattern, false));
        let mut both = false;
        let mut only = false;
        explore::<()>(&wide, &[&own], &mut Budget::new(1_000_000), |visit| {
            let word = visit.word();
            both |= visit.matched == [true];
            only |= visit.matched == [false];
            let expected = is_match(&pattern.to_ascii_lowercase(), &word.to_ascii_lowercase());
            assert_eq!(visit.matched, [expected], "{word}");
            ControlFlow::Continue(())
        })
        .unwrap();
        prop_assert_eq!(both, meets(&wide, &own));
        prop_assert!(!covers(&own, &wide) || !only);
    }

    #[test]
    fn the_product_is_exact(generator in "[ab*?]{0,4}", patterns in proptest::collection::vec("[ab*?]{0,4}", 0..4)) {
        let views: Vec<&str> = patterns.iter().map(String::as_str).collect();
        let covered = |text: &str| patterns.iter().any(|pattern| is_match(pattern, text));
        match outside(&generator, &views) {
            Some(word) => {
                prop_assert!(is_match(&generator, &word) && !covered(&word));
            }
            None => {
                for text in strings(7) {
                    prop_assert!(!is_match(&generator, &text) || covered(&text));
                }
            }
        }
    }

    #[test]
    fn the_best_strings_are_enough(
        generator in "[ab*?]{0,4}",
        groups in proptest::collection::vec(
            (any::<bool>(), proptest::collection::vec("[ab*?]{0,4}", 1..4)),
            0..4,
        ),
        wanted in 0_usize..5,
    ) {
        let (generator, mut compiled, mut roles) = (compile(&generator), Vec::new(), Vec::new());
        for (group, (helps, patterns)) in groups.iter().enumerate() {
            for pattern in patterns {
                compiled.push(compile(pattern));
                roles.push(Role { helps: *helps, group });
            }
        }
        let views: Vec<&[Symbol]> = compiled.iter().map(Vec::as_slice).collect();
        // Good enough is what so many groups speak for.
        let good = |matched: &[bool]| {
            let speaks = |(group, (helps, _)): (usize, &(bool, Vec<String>))| {
                let hit = matched.iter().zip(&roles).any(|(hit, role)| *hit && role.group == group);
                hit == *helps
            };
            groups.iter().enumerate().map(speaks).filter(|speaks| *speaks).count() >= wanted
        };
        let stop = |matched: &[bool]| {
            if good(matched) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        let budget = || Budget::new(10_000_000);
        let all = explore(&generator, &views, &mut budget(), |it| stop(it.matched));
        let best = explore_best(&generator, &views, &roles, &mut budget(), |it| stop(it.matched));
        prop_assert_eq!(all, best);
    }
}
