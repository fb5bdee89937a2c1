//! Broken and odd input, made out of good input: the same for the same seed.

use std::fmt::Write as _;

use serde_json::Value;

/// `SplitMix64`: small, and good enough to choose mutations.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % (end.max(1) as u64)).unwrap()
    }

    pub(crate) fn pick<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }
}

/// What breaks parsers and confuses readers, in JSON, HCL and expressions.
const PIECES: &[&str] = &[
    "\"",
    "\\",
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    ":",
    ",",
    "=",
    "*",
    "?",
    "+",
    "${",
    "%{",
    "{{",
    "}}",
    "<<EOT\n",
    "/*",
    "//",
    "#",
    "\n",
    "\t",
    "\0",
    "é",
    "\u{1F600}",
    "\u{feff}",
    "\u{202e}",
    "null",
    "true",
    "-",
    "1e999",
    "0.1",
    "\"\\u",
    "\"\\ud800\"",
    "\"\\x\"",
    "&&",
    "||",
    "!",
    "==",
    "in",
    "for",
    "arn:",
    "aws:",
    "deny",
    "..",
    "'",
    "`",
    "template",
    "path",
    "param.",
    "-1",
    "@",
];

/// Values in the place of others.
const VALUES: &[&str] = &[
    "null",
    "true",
    "[]",
    "{}",
    "[[]]",
    "[{}]",
    "{\"\":\"\"}",
    "0",
    "-1",
    "1.5",
    "1e400",
    "123456789012345678901234567890",
    "\"\"",
    "\"*\"",
    "\"${\"",
    "\"${aws:username}\"",
    "\"\\ud800\"",
    "\"\\x\"",
    "\"\\u0000\"",
    "\"a\nb\"",
    "NaN",
    "'a'",
    "\"***?*?*\"",
    "\"arn:aws:s3:::*\"",
    "\"::::::\"",
];

/// JSON in which a name may stand twice and a value may be no value.
#[derive(Clone)]
enum Tree {
    Raw(String),
    List(Vec<Tree>),
    Object(Vec<(String, Tree)>),
}

impl From<&Value> for Tree {
    fn from(value: &Value) -> Self {
        match value {
            Value::Array(all) => Self::List(all.iter().map(Self::from).collect()),
            Value::Object(all) => {
                Self::Object(all.iter().map(|(name, one)| (name.clone(), one.into())).collect())
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                Self::Raw(value.to_string())
            }
        }
    }
}

impl Tree {
    fn write(&self, out: &mut String) {
        match self {
            Self::Raw(text) => out.push_str(text),
            Self::List(all) => {
                out.push('[');
                for (index, one) in all.iter().enumerate() {
                    out.push_str(if index > 0 { "," } else { "" });
                    one.write(out);
                }
                out.push(']');
            }
            Self::Object(all) => {
                out.push('{');
                for (index, (name, one)) in all.iter().enumerate() {
                    let comma = if index > 0 { "," } else { "" };
                    let _ = write!(out, "{comma}{}:", Value::from(name.as_str()));
                    one.write(out);
                }
                out.push('}');
            }
        }
    }

    fn size(&self) -> usize {
        1 + match self {
            Self::Raw(_) => 0,
            Self::List(all) => all.iter().map(Self::size).sum(),
            Self::Object(all) => all.iter().map(|(_, one)| one.size()).sum(),
        }
    }

    /// The node of this number, in the order in which they are written.
    fn node(&mut self, number: usize) -> &mut Self {
        if number == 0 {
            return self;
        }
        let mut before = 1;
        let children: Vec<&mut Self> = match self {
            Self::Raw(_) => Vec::new(),
            Self::List(all) => all.iter_mut().collect(),
            Self::Object(all) => all.iter_mut().map(|(_, one)| one).collect(),
        };
        for child in children {
            let size = child.size();
            if number < before + size {
                return child.node(number - before);
            }
            before += size;
        }
        panic!("a tree has fewer nodes than it says")
    }

    fn change(&mut self, random: &mut Random) {
        let size = self.size();
        let other = self.node(random.below(size)).clone();
        let value = Self::Raw((*random.pick(VALUES)).to_owned());
        let node = self.node(random.below(size));
        match (random.below(8), &mut *node) {
            (0, Self::Object(all)) if !all.is_empty() => {
                let (name, one) = random.pick(all).clone();
                let one = if random.below(2) == 0 { one } else { value };
                all.insert(random.below(all.len() + 1), (name, one));
            }
            (1, Self::Object(all)) if !all.is_empty() => {
                all.remove(random.below(all.len()));
            }
            (2, Self::Object(all)) if !all.is_empty() => {
                let index = random.below(all.len());
                all[index].0 = (*random.pick(PIECES)).to_owned();
            }
            (3, Self::List(all)) if !all.is_empty() => {
                let one = random.pick(all).clone();
                all.extend(std::iter::repeat_n(one, 1 << random.below(12)));
            }
            (4, Self::List(all)) => all.push(value),
            (5, node) => {
                for _ in 0..1 << random.below(9) {
                    *node = Self::List(vec![node.clone()]);
                }
            }
            (6, node) => *node = other,
            (_, node) => *node = value,
        }
    }
}

/// A relative of a text: a few changes of its structure if it is JSON, of its letters otherwise or as well.
pub(crate) fn mutated(random: &mut Random, seed: &str) -> String {
    let mut text = seed.to_owned();
    if let Ok(value) = serde_json::from_str::<Value>(seed)
        && random.below(4) > 0
    {
        let mut tree = Tree::from(&value);
        for _ in 0..=random.below(3) {
            tree.change(random);
            if tree.size() > 20_000 {
                break;
            }
        }
        text.clear();
        tree.write(&mut text);
        if random.below(3) > 0 {
            return text;
        }
    }
    for _ in 0..=random.below(4) {
        letters(random, &mut text);
    }
    text
}

fn letters(random: &mut Random, text: &mut String) {
    let start = text.floor_char_boundary(random.below(text.len() + 1));
    let end = text.ceil_char_boundary((start + random.below(24)).min(text.len()));
    match random.below(8) {
        0 => text.truncate(start),
        1 => text.replace_range(start..end, ""),
        2 => {
            let piece = text.get(start..end).unwrap().repeat(1 << random.below(7));
            let at = text.floor_char_boundary(random.below(text.len() + 1));
            text.insert_str(at, &piece);
        }
        3 => {
            let bytes: Vec<u8> =
                (0..random.below(16)).map(|_| random.next().to_le_bytes()[0]).collect();
            text.replace_range(start..end, &String::from_utf8_lossy(&bytes));
        }
        4 => text.insert_str(start, &random.pick(PIECES).repeat(1 << random.below(10))),
        _ => text.replace_range(start..end, random.pick::<&str>(PIECES)),
    }
}
