//! Families of questions that grow hard, each with the answer that is true by how it is built.
//!
//! Used by the benchmark, which prints what they cost, and by the tests, which hold the answers: never the wrong one, and an
//! end. Which of them may come out undecided is up to the work that the engine is willing to do.

use std::fmt::Write as _;

/// One question of a family.
pub(crate) struct Hard {
    pub(crate) name: &'static str,
    pub(crate) size: usize,
    pub(crate) inner: String,
    pub(crate) outer: String,
    /// Whether the inner side is inside of the outer one.
    pub(crate) inside: bool,
}

/// Every family, at sizes from easy to hopeless.
pub(crate) fn families() -> Vec<Hard> {
    let mut all = Vec::new();
    for size in [4, 8, 16, 32, 64] {
        all.push(late_letter(size, true));
        all.push(late_letter(size, false));
        all.push(scattered(size, true));
        all.push(scattered(size, false));
    }
    for size in [3, 5, 8, 12, 16] {
        all.push(switches(size, true));
        all.push(switches(size, false));
    }
    for size in [2, 3, 4, 5, 6] {
        all.push(pigeons(size, true));
        all.push(pigeons(size, false));
    }
    for size in [10, 100, 400] {
        all.push(intervals(size, true));
        all.push(intervals(size, false));
        all.push(values(size, true));
        all.push(values(size, false));
        all.push(keys(size, true));
        all.push(keys(size, false));
    }
    for size in [100, 1000, 3000] {
        all.push(denies(size, true));
        all.push(denies(size, false));
        all.push(mirrored(size));
    }
    for size in [50, 500, 1500] {
        all.push(stars(size, true));
        all.push(stars(size, false));
    }
    all
}

/// One statement. An empty condition is none.
fn statement(effect: &str, resources: &[String], condition: &str) -> String {
    let resources: Vec<String> =
        resources.iter().map(|one| format!("\"arn:aws:s3:::b/{one}\"")).collect();
    let condition = if condition.is_empty() {
        String::new()
    } else {
        format!(r#","Condition":{{{condition}}}"#)
    };
    let resources = resources.join(",");
    format!(
        r#"{{"Effect":"{effect}","Action":"s3:GetObject","Resource":[{resources}]{condition}}}"#
    )
}

fn document(statements: &[String]) -> String {
    format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","))
}

fn allow(resources: &[String]) -> String {
    statement("Allow", resources, "")
}

fn when(condition: &str) -> String {
    statement("Allow", &["*".to_owned()], condition)
}

/// `*a` and then any `n` letters: a machine that reads from the left has to remember the last `n` of them.
fn late_letter(size: usize, inside: bool) -> Hard {
    let tail = "?".repeat(size);
    let shorter = "?".repeat(size - 1);
    let first = if inside { format!("a{tail}") } else { format!("a{tail}?") };
    let outer = [first, format!("?*a{tail}"), format!("*b{tail}"), format!("*c{shorter}")];
    Hard {
        name: "a letter before the last n",
        size,
        inner: document(&[allow(&[format!("*a{tail}")])]),
        outer: document(&[allow(&outer)]),
        inside,
    }
}

/// Patterns that may stand anywhere, in any order: what has been seen is one of 2^n sets.
fn scattered(size: usize, inside: bool) -> Hard {
    let word = |index: usize| format!("*x{index}y*");
    let allowed: Vec<String> = (0..size).map(word).collect();
    let mut denied: Vec<String> = (0..size).map(|index| format!("*x{index}y?*z*")).collect();
    if !inside {
        denied.push("*q*".to_owned());
    }
    let all = ["*".to_owned()];
    Hard {
        name: "words anywhere, denied",
        size,
        inner: document(&[allow(&all), statement("Deny", &allowed, "")]),
        outer: document(&[allow(&all), statement("Deny", &denied, "")]),
        inside,
    }
}

/// Keys of two values; the outer side takes them in case by case. Without one of the cases it does not.
fn switches(size: usize, inside: bool) -> Hard {
    let either: Vec<String> = (0..size).map(|key| format!(r#""k{key}":["on","off"]"#)).collect();
    let inner = when(&format!(r#""StringEquals":{{{}}}"#, either.join(",")));
    // The first key that is off, or none.
    let case = |off: usize| {
        let value = |key| if key == off { "off" } else { "on" };
        let keys = (0..=off.min(size - 1)).map(|key| format!(r#""k{key}":"{}""#, value(key)));
        when(&format!(r#""StringEquals":{{{}}}"#, keys.collect::<Vec<_>>().join(",")))
    };
    let outer: Vec<String> = (0..size + usize::from(inside)).map(case).collect();
    Hard {
        name: "switches, case by case",
        size,
        inner: document(&[inner]),
        outer: document(&outer),
        inside,
    }
}

/// `n + 1` pigeons in `n` holes: two of them share one. With as many holes as pigeons they need not.
fn pigeons(holes: usize, inside: bool) -> Hard {
    let count = holes + usize::from(inside);
    let all: Vec<String> = (0..holes).map(|hole| format!("\"{hole}\"")).collect();
    let each = (0..count).map(|pigeon| format!(r#""p{pigeon}":[{}]"#, all.join(",")));
    let inner = when(&format!(r#""StringEquals":{{{}}}"#, each.collect::<Vec<_>>().join(",")));
    let mut outer = Vec::new();
    for one in 0..count {
        for other in one + 1..count {
            for hole in 0..holes {
                outer.push(when(&format!(
                    r#""StringEquals":{{"p{one}":"{hole}","p{other}":"{hole}"}}"#
                )));
            }
        }
    }
    Hard {
        name: "pigeons",
        size: holes,
        inner: document(&[inner]),
        outer: document(&outer),
        inside,
    }
}

/// A range of numbers covered by unit steps, or by all but one of them.
fn intervals(size: usize, inside: bool) -> Hard {
    let between = |from: usize, to: usize| {
        format!(r#""NumericGreaterThanEquals":{{"k":"{from}"}},"NumericLessThan":{{"k":"{to}"}}"#)
    };
    let outer: Vec<String> = (0..size)
        .filter(|step| inside || *step != size / 2)
        .map(|step| when(&between(step, step + 1)))
        .collect();
    Hard {
        name: "numbers, step by step",
        size,
        inner: document(&[when(&between(0, size))]),
        outer: document(&outer),
        inside,
    }
}

/// One key with many values, a statement for each on the outer side.
fn values(size: usize, inside: bool) -> Hard {
    let equals = |value: usize| format!(r#""StringEquals":{{"aws:PrincipalTag/team":"t{value}"}}"#);
    let all: Vec<String> = (0..size).map(|value| format!("\"t{value}\"")).collect();
    let inner = format!(r#""StringEquals":{{"aws:PrincipalTag/team":[{}]}}"#, all.join(","));
    let outer: Vec<String> =
        (0..size - usize::from(!inside)).map(|value| when(&equals(value))).collect();
    Hard {
        name: "values, one by one",
        size,
        inner: document(&[when(&inner)]),
        outer: document(&outer),
        inside,
    }
}

/// One statement with many keys.
fn keys(size: usize, inside: bool) -> Hard {
    let block = |count: usize| {
        let mut out = String::new();
        for key in 0..count {
            let comma = if key > 0 { "," } else { "" };
            let _ = write!(out, r#"{comma}"aws:PrincipalTag/t{key}":["a","b*"]"#);
        }
        when(&format!(r#""StringLike":{{{out}}}"#))
    };
    Hard {
        name: "many keys",
        size,
        inner: document(&[block(size - usize::from(!inside))]),
        outer: document(&[block(size)]),
        inside,
    }
}

/// Denies by the thousand on the outer side, of places beside the inner one or within it.
fn denies(size: usize, inside: bool) -> Hard {
    let place = if inside { "other" } else { "home/x" };
    let denied = (0..size).map(|index| statement("Deny", &[format!("{place}{index}/*")], ""));
    let outer: Vec<String> = std::iter::once(allow(&["*".to_owned()])).chain(denied).collect();
    Hard {
        name: "thousands of denies",
        size,
        inner: document(&[allow(&["home/*".to_owned()])]),
        outer: document(&outer),
        inside,
    }
}

/// The same Denies on both sides, in another order.
fn mirrored(size: usize) -> Hard {
    let deny = |index: usize| statement("Deny", &[format!("*secret{index}/*")], "");
    let all = || std::iter::once(allow(&["*".to_owned()]));
    Hard {
        name: "the same denies on both sides",
        size,
        inner: document(&all().chain((0..size).map(deny)).collect::<Vec<_>>()),
        outer: document(&all().chain((0..size).rev().map(deny)).collect::<Vec<_>>()),
        inside: true,
    }
}

/// Long patterns of stars and letters, with one letter fewer or one more.
fn stars(size: usize, inside: bool) -> Hard {
    let (inner, outer) = if inside { (size, size - 1) } else { (size - 1, size) };
    Hard {
        name: "stars",
        size,
        inner: document(&[allow(&["a*".repeat(inner)])]),
        outer: document(&[allow(&[format!("*{}", "a*".repeat(outer))])]),
        inside,
    }
}
