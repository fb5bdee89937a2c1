//! AWS managed policies: what `arn:aws:iam::aws:policy/AdministratorAccess` grants.
//!
//! `data/README.md` names the source; `data/pack_managed_policies.py` documents the layout.

use std::sync::OnceLock;

use super::actions;
use super::bytes::{Reader, inflate};

static PACKED: &[u8] = include_bytes!("../../data/aws_managed_policies.bin");

// A pure function of bytes that are part of the program, as in `actions::store`: it makes no difference who asked first.
static STORE: OnceLock<Option<Store>> = OnceLock::new();

fn store() -> Option<&'static Store> {
    STORE.get_or_init(|| Store::read(PACKED)).as_ref()
}

/// The JSON of an AWS managed policy, by its ARN. None if the ARN names no managed policy, or one that is newer than the
/// data.
///
/// The data are those of the commercial partition. For `aws-cn` and `aws-us-gov` the ARNs inside are put into that
/// partition; that is how AWS builds them, but a policy may lag behind there or lack a service.
pub fn aws_managed_policy(arn: &str) -> Option<String> {
    let (partition, name) = split(arn)?;
    let store = store()?;
    let after = store.blocks.partition_point(|block| block.first <= name.as_bytes());
    let block = store.blocks.get(after.checked_sub(1)?)?;
    let mut columns = Columns::of(block.inflated())?;
    while let Some(own) = columns.name() {
        if own == name.as_bytes() {
            let mut json = String::new();
            columns.policy(store, &mut Some(&mut json))?;
            return Some(match partition {
                "aws" => json,
                other => json.replace("arn:aws:", &format!("arn:{other}:")),
            });
        }
        columns.policy(store, &mut None)?;
    }
    None
}

/// Every AWS managed policy of the commercial partition: its ARN and its JSON, in the order of the ARNs.
pub fn aws_managed_policies() -> impl Iterator<Item = (String, String)> {
    store().into_iter().flat_map(|store| {
        store.blocks.iter().flat_map(move |block| {
            let mut columns = Columns::of(block.inflated());
            std::iter::from_fn(move || {
                let columns = columns.as_mut()?;
                let name = std::str::from_utf8(columns.name()?).ok()?;
                let mut json = String::new();
                columns.policy(store, &mut Some(&mut json))?;
                Some((format!("arn:aws:iam::aws:policy/{name}"), json))
            })
        })
    })
}

fn split(arn: &str) -> Option<(&str, &str)> {
    let (partition, name) = arn.strip_prefix("arn:")?.split_once(":iam::aws:policy/")?;
    matches!(partition, "aws" | "aws-cn" | "aws-us-gov").then_some((partition, name))
}

/// What all policies share, and the blocks.
struct Store {
    templates: Vec<String>,
    /// Action patterns that the catalogue of actions has not.
    patterns: Vec<String>,
    blocks: Vec<Block>,
}

/// A run of policies that is compressed as one.
struct Block {
    /// The name of its first policy.
    first: &'static [u8],
    deflated: &'static [u8],
    inflated: OnceLock<Vec<u8>>,
}

impl Store {
    fn read(packed: &'static [u8]) -> Option<Self> {
        let mut reader = Reader::new(packed);
        (reader.take(8)? == b"NHIMP002").then_some(())?;
        // Actions are numbers: of another catalogue they would be other actions.
        (reader.take(10)? == actions::DATE.as_bytes()).then_some(())?;
        let mut lines = || {
            let length = reader.fixed::<4>()?;
            let text = String::from_utf8(inflate(reader.take(length)?)?).ok()?;
            Some(text.lines().map(ToOwned::to_owned).collect())
        };
        let (templates, patterns) = (lines()?, lines()?);
        let mut heads = Vec::new();
        for _ in 0..reader.fixed::<4>()? {
            let end = reader.fixed::<4>()?;
            let length = reader.fixed::<2>()?;
            heads.push((reader.take(length)?, end));
        }
        let mut start = 0;
        let mut blocks = Vec::with_capacity(heads.len());
        for (first, end) in heads {
            let deflated = reader.take(end.checked_sub(start)?)?;
            start = end;
            blocks.push(Block { first, deflated, inflated: OnceLock::new() });
        }
        Some(Self { templates, patterns, blocks })
    }
}

impl Block {
    fn inflated(&self) -> &[u8] {
        self.inflated.get_or_init(|| inflate(self.deflated).unwrap_or_default())
    }
}

/// Where the text of a policy goes; nowhere, if the policy is only passed over.
type Out<'o> = Option<&'o mut String>;

fn put(out: &mut Out<'_>, text: &str) {
    if let Some(out) = out {
        out.push_str(text);
    }
}

/// What is left of a block's columns.
struct Columns<'a> {
    names: Reader<'a>,
    templates: Reader<'a>,
    sids: Reader<'a>,
    actions: Reader<'a>,
    resources: Reader<'a>,
    others: Reader<'a>,
}

impl<'a> Columns<'a> {
    fn of(inflated: &'a [u8]) -> Option<Self> {
        let mut reader = Reader::new(inflated);
        let mut lengths = [0; 6];
        for length in &mut lengths {
            *length = reader.number()?;
        }
        let mut column = lengths.into_iter().map(|length| reader.take(length).map(Reader::new));
        Some(Self {
            names: column.next()??,
            templates: column.next()??,
            sids: column.next()??,
            actions: column.next()??,
            resources: column.next()??,
            others: column.next()??,
        })
    }

    /// The name of the next policy, which has to be read or passed over then.
    fn name(&mut self) -> Option<&'a [u8]> {
        self.names.until(b'\n')
    }

    fn policy(&mut self, store: &Store, out: &mut Out<'_>) -> Option<()> {
        let template = store.templates.get(self.templates.number()?)?;
        for letter in template.split_inclusive(is_mark) {
            let mark = put_known(out, letter);
            match mark {
                Some('\u{7}') => {
                    let count = self.templates.number()?;
                    put(out, "[");
                    for index in 0..count {
                        put(out, if index > 0 { "," } else { "" });
                        self.statement(store, out)?;
                    }
                    put(out, "]");
                }
                Some('\u{8}') => self.statement(store, out)?,
                Some(mark) => self.member(mark, store, out)?,
                None => {}
            }
        }
        Some(())
    }

    fn statement(&mut self, store: &Store, out: &mut Out<'_>) -> Option<()> {
        let template = store.templates.get(self.templates.number()?)?;
        for letter in template.split_inclusive(is_mark) {
            if let Some(mark) = put_known(out, letter) {
                self.member(mark, store, out)?;
            }
        }
        Some(())
    }

    /// What stands in the place of a mark.
    fn member(&mut self, mark: char, store: &Store, out: &mut Out<'_>) -> Option<()> {
        match mark {
            '\u{1}' => quoted(self.sids.until(b'\n')?, out),
            '\u{2}' => self.actions(1, store, out),
            '\u{3}' => {
                let count = self.actions.number()?;
                put(out, "[");
                self.actions(count, store, out)?;
                put(out, "]");
                Some(())
            }
            '\u{4}' => quoted(self.resources.until(b'\n')?, out),
            '\u{5}' => {
                let mut count = 0;
                loop {
                    let part = self.resources.fixed::<1>()?;
                    count += part;
                    if part < 255 {
                        break;
                    }
                }
                put(out, "[");
                for index in 0..count {
                    put(out, if index > 0 { "," } else { "" });
                    quoted(self.resources.until(b'\n')?, out)?;
                }
                put(out, "]");
                Some(())
            }
            '\u{6}' => {
                put(out, std::str::from_utf8(self.others.until(b'\n')?).ok()?);
                Some(())
            }
            _ => None,
        }
    }

    fn actions(&mut self, count: usize, store: &Store, out: &mut Out<'_>) -> Option<()> {
        let (mut last, mut small) = (0_usize, false);
        for index in 0..count {
            let mut code = self.actions.number()?;
            if code == 0 {
                small = !small;
                code = self.actions.number()?;
            }
            put(out, if index > 0 { ",\"" } else { "\"" });
            if code == 1 {
                put(out, store.patterns.get(self.actions.number()?)?);
            } else {
                let code = code.checked_sub(2)?;
                last = match code % 2 {
                    0 => last + code / 2,
                    _ => last.checked_sub(code / 2)?,
                };
                if let Some(out) = out {
                    let (service, name) = actions::numbered(last)?;
                    out.push_str(service);
                    out.push(':');
                    let mut letters = name.chars();
                    let first = letters.next()?;
                    out.push(if small { first.to_ascii_lowercase() } else { first });
                    out.push_str(letters.as_str());
                }
            }
            put(out, "\"");
        }
        Some(())
    }
}

/// Puts the known part of a piece of a template; returns the mark that it ends with.
fn put_known(out: &mut Out<'_>, piece: &str) -> Option<char> {
    let mark = piece.chars().next_back().filter(|letter| is_mark(*letter));
    put(out, mark.and_then(|mark| piece.strip_suffix(mark)).unwrap_or(piece));
    mark
}

fn is_mark(letter: char) -> bool {
    letter.is_ascii_control()
}

fn quoted(text: &[u8], out: &mut Out<'_>) -> Option<()> {
    if out.is_some() {
        put(out, "\"");
        put(out, std::str::from_utf8(text).ok()?);
        put(out, "\"");
    }
    Some(())
}

#[cfg(test)]
mod tests;
