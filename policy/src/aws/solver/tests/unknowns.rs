//! Variables, holes and the two names of the time against brute force. Here the solver may say less than is true, and
//! never more.

use proptest::prelude::*;
use proptest::sample::select;

use super::laws::{Shape, all, formula, kleene, shape, told};
use super::*;

/// An operator, a key and values; `~` is a hole.
type Entry = (String, &'static str, Vec<String>);

const OPERATORS: &[&str] = &[
    "StringEquals",
    "StringNotEquals",
    "StringLike",
    "StringNotLike",
    "StringEqualsIgnoreCase",
    "StringLikeIfExists",
    "StringEquals",
    "StringLike",
];
const VALUES: &[&str] = &[
    "${v}",
    "a${v}",
    "${v}*",
    "${v}/${w}",
    "${w}",
    "${v, 'a'}",
    "a${*}",
    "*${v}",
    "a",
    "b",
    "a*",
    "*",
    "?",
    "${v}?",
    "${v}/*",
    "a/${w}",
    "${w}${w}",
];
const WITH_HOLES: &[&str] =
    &["~", "a~", "~*", "~/${w}", "~?", "a", "a*", "*", "b", "*~", "${v}", "${v}~"];
const CLOCK: &[&str] = &[
    "DateLessThan aws:CurrentTime",
    "DateGreaterThan aws:CurrentTime",
    "DateEquals aws:CurrentTime",
    "DateNotEquals aws:CurrentTime",
    "DateLessThanEquals aws:EpochTime",
    "DateGreaterThan aws:EpochTime",
    "NumericLessThan aws:EpochTime",
    "NumericGreaterThanEquals aws:EpochTime",
    "NumericEquals aws:EpochTime",
];

fn values(pool: &'static [&'static str]) -> impl Strategy<Value = Vec<String>> {
    proptest::collection::vec(select(pool).prop_map(ToOwned::to_owned), 1..3)
}

fn entry(pool: &'static [&'static str]) -> impl Strategy<Value = Entry> {
    prop_oneof![
        4 => (select(OPERATORS), values(pool)).prop_map(|(one, values)| (one.to_owned(), "k", values)),
        1 => (select(&["StringEquals", "StringLike", "StringNotEquals"][..]), select(&["v", "w"][..]), values(&["a", "b", "*"]))
            .prop_map(|(one, key, values)| (one.to_owned(), key, values)),
        1 => (select(&["k", "v"][..]), any::<bool>())
            .prop_map(|(key, absent)| ("Null".to_owned(), key, vec![absent.to_string()])),
    ]
}

fn clock() -> impl Strategy<Value = Entry> {
    (select(CLOCK), 0..4i64, any::<bool>()).prop_map(|(entry, days, second)| {
        let (operator, key) = entry.split_once(' ').unwrap();
        let seconds = 1_767_225_600 + days * 86_400 + i64::from(second);
        let value = if key == "aws:EpochTime" {
            seconds.to_string()
        } else {
            jiff::Timestamp::from_second(seconds).unwrap().to_string()
        };
        (operator.to_owned(), key, vec![value])
    })
}

type Case = (Vec<Entry>, Vec<Vec<usize>>, Vec<Shape>);

fn case(entry: impl Strategy<Value = Entry>) -> impl Strategy<Value = Case> {
    let blocks = proptest::collection::vec(proptest::collection::vec(0..100usize, 0..3), 2..5);
    (proptest::collection::vec(entry, 1..5), blocks).prop_flat_map(|(entries, blocks)| {
        let shapes = proptest::collection::vec(shape(blocks.len()), 1..4);
        (Just(entries), Just(blocks), shapes)
    })
}

/// Contexts with these values for each key; none for absent.
fn contexts(keys: &[(&str, &[Option<&str>])]) -> Vec<Context> {
    let mut out = vec![Context::new()];
    for (key, values) in keys {
        let longer = |context: &Context, value: Option<&str>| {
            let mut context = context.clone();
            context.extend(value.map(|value| ((*key).to_owned(), vec![value.to_owned()])));
            context
        };
        out = out
            .iter()
            .flat_map(|context| values.iter().map(move |value| longer(context, *value)))
            .collect();
    }
    out
}

fn check(
    case: &Case,
    holes: &[&str],
    grid: &[Context],
    complete: bool,
) -> Result<(), TestCaseError> {
    let (entries, blocks, shapes) = case;
    let block = |index: usize| blocks[index].iter().map(|place| &entries[place % entries.len()]);
    let conditions: Vec<Vec<Condition>> = (0..blocks.len())
        .map(|index| {
            block(index)
                .map(|(operator, key, values)| {
                    condition(&format!("{operator} {key}={}", values.join("|")))
                })
                .collect()
        })
        .collect();
    let mut solver = Solver::new(Facts::new(false));
    let ids: Vec<BlockId> = conditions.iter().map(|block| solver.block(block)).collect();
    let whole = Shape::All(shapes.clone());
    let asked = formula(&whole, &ids);
    let budget = &mut Budget::new(10_000_000);
    let possible = solver.solve(&asked, Mode::Possible, budget).unwrap();
    let certain = solver.solve(&asked, Mode::Certain, budget).unwrap();
    let answer = |context: &Context, hole: &str| {
        kleene(&whole, &|index: usize| {
            all(block(index).map(|(operator, key, values)| {
                let filled: Vec<String> =
                    values.iter().map(|value| value.replace('~', hole)).collect();
                told(operator, key, &filled, context)
            }))
        })
    };
    for hole in holes {
        if let Some(context) = &certain {
            prop_assert_eq!(answer(context, hole), Some(true), "{:?} with {}", context, hole);
            prop_assert!(possible.is_some(), "certain and not possible: {:?}", context);
        }
        if let Some(context) = grid.iter().find(|context| answer(context, hole) == Some(true)) {
            prop_assert!(possible.is_some(), "missed {:?} with {}", context, hole);
            prop_assert!(certain.is_some() || !complete, "no example, but {:?}", context);
        }
    }
    Ok(())
}

proptest! {
    #[test]
    fn variables(case in case(entry(VALUES))) {
        let own = ["", "a", "b", "aa", "a*", "ab", "a/b", "b/x"].map(Some);
        let own: Vec<Option<&str>> = std::iter::once(None).chain(own).collect();
        let grid = contexts(&[
            ("k", &own),
            ("v", &[None, Some("a"), Some("b")]),
            ("w", &[None, Some("b"), Some("*")]),
        ]);
        check(&case, &[""], &grid, false)?;
    }

    #[test]
    fn holes(case in case(entry(WITH_HOLES))) {
        let grid = contexts(&[
            ("k", &[None, Some("a"), Some("b"), Some("ab"), Some("a/b"), Some("")]),
            ("v", &[None, Some("a")]),
            ("w", &[Some("b")]),
        ]);
        check(&case, &["", "a", "*", "b"], &grid, false)?;
    }

    #[test]
    fn time(case in case(clock())) {
        let grid: Vec<Context> = (-1..5i64)
            .flat_map(|day| [0, 1, 2].map(|second| 1_767_225_600 + day * 86_400 + second))
            .map(|seconds| {
                let time = jiff::Timestamp::from_second(seconds).unwrap().to_string();
                Context::from([
                    ("aws:currenttime".to_owned(), vec![time]),
                    ("aws:epochtime".to_owned(), vec![seconds.to_string()]),
                ])
            })
            .collect();
        check(&case, &[""], &grid, true)?;
    }
}
