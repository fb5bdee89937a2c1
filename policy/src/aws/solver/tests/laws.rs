//! Random formulas against brute force over a grid of contexts, which the evaluator answers.

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::json;

use super::*;
use crate::aws::{Access, Document, Request, evaluate};

/// One key, the operators and values that policies have for it, and what requests have.
struct Sort {
    key: &'static str,
    operators: &'static [&'static str],
    values: &'static [&'static str],
    /// Sets of values; `|` parts them.
    requests: &'static [&'static str],
}

const SORTS: &[Sort] = &[
    Sort {
        key: "k",
        operators: &[
            "StringEquals",
            "StringNotEquals",
            "StringEqualsIgnoreCase",
            "StringNotEqualsIgnoreCase",
            "StringLike",
            "StringNotLike",
            "StringEqualsIfExists",
            "StringNotLikeIfExists",
            "StringLike",
        ],
        values: &["a", "b", "ab", "A", "a*", "?b", "*b", "*", "a?", "*a*", "b*a", "??*", "aB"],
        requests: &[
            "", "a", "b", "A", "B", "x", "*", "aa", "ab", "aB", "Ab", "AB", "ba", "bb", "bx", "xb",
            "ax", "xa", "xx", "a*", "?b", "*b", "a?", "aab", "abb", "axb", "bab", "bxa", "baa",
            "xab", "xax", "xxx", "xxb", "axx", "bxb", "*a*", "b*a", "??*", "ABx", "bxax", "abab",
            "AAb",
        ],
    },
    Sort {
        key: "n",
        operators: &[
            "NumericEquals",
            "NumericNotEquals",
            "NumericLessThan",
            "NumericLessThanEquals",
            "NumericGreaterThan",
            "NumericGreaterThanEquals",
            "NumericLessThanIfExists",
        ],
        values: &["1", "2", "2.5", "-1", "10", "1.0"],
        requests: &["-2", "-1", "0", "1", "1.5", "2", "2.2", "2.5", "3", "10", "11"],
    },
    Sort {
        key: "d",
        operators: &[
            "DateEquals",
            "DateNotEquals",
            "DateLessThan",
            "DateGreaterThanEquals",
            "DateLessThanEquals",
        ],
        values: &[
            "2025-01-01T00:00:00Z",
            "2025-01-01T05:00:00+05:00",
            "1735776000",
            "2025-06-01T00:00:00.5Z",
        ],
        requests: &[
            "2024-12-31T00:00:00Z",
            "1735689600",
            "2025-01-01T12:00:00Z",
            "2025-01-02T00:00:00Z",
            "2025-03-01T00:00:00Z",
            "2025-06-01T00:00:00.5Z",
            "2025-07-01T00:00:00Z",
        ],
    },
    Sort {
        key: "ip",
        operators: &["IpAddress", "NotIpAddress", "IpAddressIfExists"],
        values: &[
            "10.0.0.0/8",
            "10.1.0.0/16",
            "10.1.2.3",
            "0.0.0.0/0",
            "2001:db8::/32",
            "::/0",
            "10.128.0.0/9",
        ],
        requests: &[
            "10.0.0.1",
            "10.1.0.1",
            "10.1.2.3",
            "10.200.0.1",
            "11.0.0.1",
            "2001:db8::5",
            "2002::1",
        ],
    },
    Sort {
        key: "m",
        operators: &["Bool", "BoolIfExists"],
        values: &["true", "false", "True"],
        requests: &["true", "false"],
    },
    Sort {
        key: "arn",
        operators: &[
            "ArnLike",
            "ArnNotLike",
            "ArnEquals",
            "ArnNotEquals",
            "StringLike",
            "ArnLikeIfExists",
        ],
        values: &[
            "arn:aws:iam::1:role/x",
            "arn:aws:iam::*:role/x",
            "arn:aws:iam::1:role/*",
            "arn:*:iam::?:*",
            "arn:aws:*:role/*",
            "arn:aws:iam::1:*:x",
        ],
        requests: &[
            "arn:aws:iam::1:role/x",
            "arn:aws:iam::1:role/y",
            "arn:aws:iam::2:role/x",
            "arn:aws:iam::2:role/y",
            "arn:aws:iam::22:role/y",
            "arn:aws:iam::22:role/x",
            "arn:aws:iam::1:role/a:x",
            "arn:aws:iam::1:user:x",
            "arn:aws:iam::1:2:role/x",
            "arn:aws-cn:iam::1:user/x",
            "arn:aws-cn:s3::1:user/x",
            "arn:aws:s3:::role/x",
            "arn:aws:iam:::role/x",
            "arn:aws:iam::1:user/x",
            "arn:aws:iam::2:1:x",
        ],
    },
    Sort {
        key: "t",
        operators: &[
            "ForAllValues:StringEquals",
            "ForAnyValue:StringEquals",
            "ForAllValues:StringLike",
            "ForAnyValue:StringLike",
            "ForAllValues:StringNotEquals",
            "ForAnyValue:StringNotEquals",
            "ForAnyValue:StringNotLike",
            "ForAllValues:StringNotLike",
            "ForAnyValue:StringEqualsIfExists",
        ],
        values: &["a", "b", "a*", "*b", "ab", "*"],
        requests: &[
            "a",
            "b",
            "ab",
            "x",
            "ax",
            "xb",
            "a|b",
            "a|ab",
            "a|x",
            "b|x",
            "ab|x",
            "ax|xb",
            "ax|b",
            "ab|b",
            "ax|x",
            "a|xb",
            "xb|x",
            "a|b|x",
            "a|b|ab",
            "ab|ax|xb",
            "ax|xb|x",
            "a|xb|x",
            "a|ax",
            "b|xb",
            "ab|ax",
            "ab|xb",
            "b|ax|x",
            "a|ax|b",
            "a|b|xb",
            "a|b|ax|xb|ab|x",
            "a|b|ab|x",
            "a|ax|xb",
            "b|ax|xb",
            "a|ab|x",
            "b|ab|x",
        ],
    },
];

/// An entry: its sort, operator and values.
#[derive(Clone, Debug)]
struct Draw {
    sort: usize,
    operator: String,
    values: Vec<String>,
}

/// A formula over numbered blocks.
#[derive(Clone, Debug)]
pub(super) enum Shape {
    Holds(usize),
    Fails(usize),
    All(Vec<Shape>),
    Any(Vec<Shape>),
}

fn draw(sort: usize) -> impl Strategy<Value = Draw> {
    let it = &SORTS[sort];
    let values = proptest::collection::vec(select(it.values), 1..4);
    (select(it.operators), values, 0..8u8).prop_map(move |(operator, values, null)| {
        if null == 0 {
            let value = if values.len() == 1 { "true" } else { "false" };
            return Draw { sort, operator: "Null".to_owned(), values: vec![value.to_owned()] };
        }
        let values = values.into_iter().map(ToOwned::to_owned).collect();
        Draw { sort, operator: operator.to_owned(), values }
    })
}

pub(super) fn shape(blocks: usize) -> impl Strategy<Value = Shape> {
    let leaf = prop_oneof![(0..blocks).prop_map(Shape::Holds), (0..blocks).prop_map(Shape::Fails)];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            2 => proptest::collection::vec(inner.clone(), 1..4).prop_map(Shape::All),
            1 => proptest::collection::vec(inner, 1..4).prop_map(Shape::Any),
        ]
    })
}

type Case = (Vec<Draw>, Vec<Vec<usize>>, Vec<Shape>);

/// Entries on at most two keys, blocks of them, and a conjunction of formulas over the blocks.
fn case() -> impl Strategy<Value = Case> {
    let sorts = 0..SORTS.len();
    (sorts.clone(), sorts).prop_flat_map(|(one, two)| {
        let entries = proptest::collection::vec(prop_oneof![draw(one), draw(two)], 1..7);
        let blocks = proptest::collection::vec(proptest::collection::vec(0..100usize, 0..3), 2..6);
        (entries, blocks).prop_flat_map(|(entries, blocks)| {
            let count = blocks.len();
            (Just(entries), Just(blocks), proptest::collection::vec(shape(count), 1..4))
        })
    })
}

fn of(draw: &Draw) -> Condition {
    condition(&format!("{} {}={}", draw.operator, SORTS[draw.sort].key, draw.values.join("|")))
}

fn ask(draw: &Draw, context: &Context) -> Option<bool> {
    told(&draw.operator, SORTS[draw.sort].key, &draw.values, context)
}

/// What the evaluator says: some for yes or no.
pub(super) fn told(
    operator: &str,
    key: &str,
    values: &[String],
    context: &Context,
) -> Option<bool> {
    let statement = json!({
        "Effect": "Allow", "Action": "*", "Resource": "*",
        "Condition": { operator: { key: values } },
    });
    let text = json!({ "Version": "2012-10-17", "Statement": statement }).to_string();
    let document = Document::parse(&Text::literal(text)).unwrap();
    let request = Request {
        action: "s3:GetObject".to_owned(),
        resource: Some("arn:aws:s3:::b/x".to_owned()),
        principal: None,
        context: context.clone(),
    };
    match evaluate(&[&document], &request) {
        Access::Allowed => Some(true),
        Access::Denied => Some(false),
        Access::Unclear(_) => None,
    }
}

/// What each entry says in some contexts.
type Table = Vec<(String, Vec<Option<bool>>)>;

/// The value of a formula in one context: none where an entry that matters is not answered.
pub(super) fn kleene(shape: &Shape, block: &dyn Fn(usize) -> Option<bool>) -> Option<bool> {
    let any = |values: Vec<Option<bool>>| {
        if values.contains(&Some(true)) {
            Some(true)
        } else {
            (!values.contains(&None)).then_some(false)
        }
    };
    match shape {
        Shape::Holds(index) => block(*index),
        Shape::Fails(index) => block(*index).map(|value| !value),
        Shape::Any(parts) => any(parts.iter().map(|part| kleene(part, block)).collect()),
        Shape::All(parts) => {
            let not = |value: Option<bool>| value.map(|value| !value);
            not(any(parts.iter().map(|part| not(kleene(part, block))).collect()))
        }
    }
}

/// A conjunction.
pub(super) fn all(answers: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let answers: Vec<Option<bool>> = answers.collect();
    if answers.contains(&Some(false)) {
        Some(false)
    } else {
        (!answers.contains(&None)).then_some(true)
    }
}

pub(super) fn formula(shape: &Shape, blocks: &[BlockId]) -> Formula {
    let parts = |parts: &[Shape]| parts.iter().map(|part| formula(part, blocks)).collect();
    match shape {
        Shape::Holds(index) => Formula::Holds(blocks[*index]),
        Shape::Fails(index) => Formula::Fails(blocks[*index]),
        Shape::All(inner) => Formula::All(parts(inner)),
        Shape::Any(inner) => Formula::Any(parts(inner)),
    }
}

fn check((entries, blocks, shapes): &Case) -> Result<(), TestCaseError> {
    let blocks: Vec<Vec<usize>> = blocks
        .iter()
        .map(|block| block.iter().map(|index| index % entries.len()).collect())
        .collect();
    let conditions: Vec<Vec<Condition>> = blocks
        .iter()
        .map(|block| block.iter().map(|index| of(&entries[*index])).collect())
        .collect();
    let mut solver = Solver::new(Facts::new(false));
    let ids: Vec<BlockId> = conditions.iter().map(|block| solver.block(block)).collect();
    let whole = Shape::All(shapes.clone());
    let formula = formula(&whole, &ids);
    let mut budget = Budget::new(10_000_000);
    let possible = solver.solve(&formula, Mode::Possible, &mut budget).unwrap();
    let certain = solver.solve(&formula, Mode::Certain, &mut budget).unwrap();
    let holds = |answers: &dyn Fn(usize) -> Option<bool>| {
        kleene(&whole, &|block: usize| all(blocks[block].iter().map(|index| answers(*index))))
    };
    if let Some(context) = &certain {
        let answers = |index: usize| ask(&entries[index], context);
        prop_assert_eq!(holds(&answers), Some(true), "{:?}", context);
        prop_assert!(possible.is_some(), "certain and not possible: {:?}", context);
    }
    // Entries of one key are answered by that key alone.
    let mut used: Vec<usize> = entries.iter().map(|entry| entry.sort).collect();
    used.sort_unstable();
    used.dedup();
    let mut tables: Vec<(usize, Table)> = Vec::new();
    for sort in used {
        let mut table = Vec::new();
        for request in std::iter::once(None).chain(SORTS[sort].requests.iter().map(Some)) {
            let mut context = Context::new();
            if let Some(request) = request {
                let values = request.split('|').map(ToOwned::to_owned).collect();
                context.insert(SORTS[sort].key.to_owned(), values);
            }
            let answers = entries
                .iter()
                .map(|entry| if entry.sort == sort { ask(entry, &context) } else { None })
                .collect();
            table.push((format!("{context:?}"), answers));
        }
        tables.push((sort, table));
    }
    let (first, rest) = tables.split_first().unwrap();
    let single = vec![(String::new(), Vec::new())];
    let second = rest.first().map_or(&single, |(_, table)| table);
    for (one, left) in &first.1 {
        for (two, right) in second {
            let answers = |index: usize| {
                if entries[index].sort == first.0 { left[index] } else { right[index] }
            };
            if holds(&answers) == Some(true) {
                prop_assert!(possible.is_some(), "missed {one} {two}");
                prop_assert!(certain.is_some(), "no example, but {one} {two}");
                return Ok(());
            }
        }
    }
    Ok(())
}

proptest! {
    #[test]
    fn agrees_with_brute_force(case in case()) {
        check(&case)?;
    }
}
