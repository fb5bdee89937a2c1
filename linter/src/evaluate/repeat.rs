//! `count` and `for_each`: which instances a block has.

use std::fmt::{self, Write as _};
use std::rc::Rc;

use serde_json::Number;

use super::operators::truth;
use super::{Evaluator, ModuleInstance, Name, Repetition, Scope, Traced, join, unknown};
use crate::hcl::Block;
use crate::plain::moves;
use crate::value::Value;

/// Nobody means to make more instances than this with one block; beyond it, the keys count as unknown.
const MAX_INSTANCES: i64 = 100_000;

/// The key of an instance.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Key {
    /// The block has one instance.
    #[default]
    None,
    /// `[0]`
    Index(usize),
    /// `["a"]`
    Each(String),
    /// `[*]`: the keys are not known, and this instance stands for all.
    Any,
}

/// As it stands in an address.
impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => Ok(()),
            Self::Index(index) => write!(f, "[{index}]"),
            Self::Each(key) => write!(f, "[{}]", quote(key)),
            Self::Any => f.write_str("[*]"),
        }
    }
}

/// A text in quotes, as Terraform writes keys in addresses and strings in configuration.
pub(crate) fn quote(key: &str) -> String {
    let mut out = String::from("\"");
    let mut rest = key.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '$' | '%' if rest.peek() == Some(&'{') => out.extend([c, c]),
            c if moves(c) => {
                // Writing to a string cannot fail.
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

impl Key {
    /// The key as it stands in an address, without brackets: `0`, `"a"`, `*`.
    pub(crate) fn parse(text: &str) -> Self {
        if text == "*" {
            return Self::Any;
        }
        if let Ok(index) = text.parse() {
            return Self::Index(index);
        }
        let inner = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(text);
        let mut key = String::new();
        let mut chars = inner.chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                '\\' => match chars.next() {
                    Some('n') => key.push('\n'),
                    Some('r') => key.push('\r'),
                    Some('t') => key.push('\t'),
                    Some('u') => key.extend(code(&mut chars, 4)),
                    Some('U') => key.extend(code(&mut chars, 8)),
                    Some(c) => key.push(c),
                    None => {}
                },
                '$' | '%' if chars.peek() == Some(&c) => {
                    chars.next();
                    key.push(c);
                    if chars.peek() != Some(&'{') {
                        key.push(c);
                    }
                }
                c => key.push(c),
            }
        }
        Self::Each(key)
    }
}

/// The character whose number is written next, with so many digits.
fn code(chars: &mut impl Iterator<Item = char>, digits: usize) -> Option<char> {
    let number: String = chars.take(digits).collect();
    u32::from_str_radix(&number, 16).ok().and_then(char::from_u32)
}

/// The keys of a block's instances.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Keys {
    /// Neither `count` nor `for_each`.
    Single,
    /// `count`
    Count(usize),
    /// `for_each`
    Each(Vec<String>),
    /// One of the two, with a value that is not known; what a plan knows of it.
    Unknown(Vec<Key>),
}

impl Keys {
    /// The keys one by one.
    pub(crate) fn all(&self) -> Vec<Key> {
        match self {
            Self::Single => vec![Key::None],
            Self::Count(count) => (0..*count).map(Key::Index).collect(),
            Self::Each(keys) => keys.iter().cloned().map(Key::Each).collect(),
            Self::Unknown(known) if known.is_empty() => vec![Key::Any],
            Self::Unknown(known) => known.clone(),
        }
    }
}

impl<'a> Evaluator<'a> {
    /// What `for_each` or `count` of a block evaluates to.
    fn repeated_over(&self, instance: &Rc<ModuleInstance<'a>>, block: &Block) -> Rc<Traced> {
        let meta = block.body.value("for_each").or_else(|| block.body.value("count"));
        let Some(expr) = meta else { return Rc::default() };
        let name = format!("{}.{}", block.kind, block.labels.join("."));
        let origin = || join(&instance.address, &name);
        Self::remembered(instance, Name::Repeat(name.clone()), origin, || {
            self.expression(&Scope::new(Rc::clone(instance), Repetition::default()), expr)
        })
    }

    /// The keys of the instances of a block.
    pub(crate) fn keys(&self, instance: &Rc<ModuleInstance<'a>>, block: &Block) -> Rc<Keys> {
        let name = format!("{}.{}", block.kind, block.labels.join("."));
        if let Some(keys) = instance.keys.borrow().get(&name) {
            return Rc::clone(keys);
        }
        let keys = Rc::new(self.find_keys(instance, block));
        instance.keys.borrow_mut().insert(name, Rc::clone(&keys));
        keys
    }

    fn find_keys(&self, instance: &Rc<ModuleInstance<'a>>, block: &Block) -> Keys {
        let from_plan = || {
            let name = match block.kind.as_str() {
                "module" => {
                    return self.known.module_keys(&join(
                        &instance.address,
                        &format!("module.{}", block.label(0)),
                    ));
                }
                "data" => format!("data.{}.{}", block.label(0), block.label(1)),
                _ => format!("{}.{}", block.label(0), block.label(1)),
            };
            self.known.keys(&join(&instance.address, &name))
        };
        if block.body.value("for_each").is_some() {
            return match each_keys(&self.repeated_over(instance, block).value) {
                Some(keys) => Keys::Each(keys),
                None => Keys::Unknown(from_plan()),
            };
        }
        if block.body.value("count").is_some() {
            return match &self.repeated_over(instance, block).value {
                Value::Number(count) => match count.as_i64() {
                    Some(count @ 0..=MAX_INSTANCES) => {
                        Keys::Count(usize::try_from(count).unwrap_or(0))
                    }
                    _ => Keys::Unknown(from_plan()),
                },
                Value::Bool(truth) => Keys::Count(usize::from(*truth)),
                Value::String(text) => match text.as_str().and_then(|text| text.parse().ok()) {
                    Some(count) => Keys::Count(count),
                    None => Keys::Unknown(from_plan()),
                },
                _ => Keys::Unknown(from_plan()),
            };
        }
        // OpenTofu's `lifecycle { enabled = … }`: one instance or none.
        let enabled = super::provider::nested_value(&block.body, "lifecycle", "enabled");
        let scope = || Scope::new(Rc::clone(instance), Repetition::default());
        match enabled.map(|expr| truth(&self.value(&scope(), expr).value)) {
            Some(Some(false)) => Keys::Count(0),
            _ => Keys::Single,
        }
    }

    /// What `each` and `count` mean in the instance of that key.
    pub(crate) fn repetition(
        &self,
        instance: &Rc<ModuleInstance<'a>>,
        block: &Block,
        key: &Key,
    ) -> Repetition {
        let name = join(&instance.address, &block.labels.join("."));
        let open = |origins| Traced { value: unknown(format!("each.value of {name}")), origins };
        let each_value = match key {
            Key::None | Key::Index(_) => None,
            Key::Each(key) => {
                let over = self.repeated_over(instance, block);
                Some(match &over.value {
                    Value::Object(_) => {
                        over.attribute(key).unwrap_or_else(|_| open(over.origins.clone()))
                    }
                    // The elements of a set are their own keys.
                    Value::List(items) => {
                        let at = items.iter().position(|item| item.as_str() == Some(key));
                        at.and_then(|at| over.element(at).ok())
                            .unwrap_or_else(|| Traced::plain(key.as_str().into()))
                    }
                    _ => Traced {
                        value: unknown(format!("each.value of {name}{}", Key::Each(key.clone()))),
                        origins: over.origins.clone(),
                    },
                })
            }
            Key::Any => Some(open(self.repeated_over(instance, block).origins.clone())),
        };
        Repetition { key: key.clone(), each_value, block: name }
    }
}

/// The keys that `for_each` over a value gives; None where they are not known.
fn each_keys(over: &Value) -> Option<Vec<String>> {
    match over {
        Value::Object(fields) => Some(fields.keys().cloned().collect()),
        Value::List(items) => {
            let mut keys = items
                .iter()
                .map(|item| item.as_str().map(str::to_owned))
                .collect::<Option<Vec<String>>>()?;
            keys.sort();
            keys.dedup();
            Some(keys)
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Unknown(_) => {
            None
        }
    }
}

/// A count as a value.
pub(super) fn index_value(index: usize) -> Value {
    Value::Number(Number::from(index as u64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_print_and_parse_as_in_addresses() {
        for key in ["a", "a.b", "x\"y\\", "${a}", "$$", "é\n", "a\u{1b}\u{202e}b"] {
            let key = Key::Each(key.into());
            let text = key.to_string();
            let inner = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap();
            assert_eq!(Key::parse(inner), key, "{text}");
        }
        assert_eq!(Key::Each("\u{1b}".into()).to_string(), r#"["\u001b"]"#);
        assert_eq!(Key::parse(r#""\U0001f600""#), Key::Each("\u{1f600}".into()));
        assert_eq!(Key::parse("12"), Key::Index(12));
        assert_eq!(Key::Any.to_string(), "[*]");
    }
}
