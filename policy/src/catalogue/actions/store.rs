//! The packed bytes behind the actions, read block by block when somebody asks.
//!
//! What has been read is kept in `OnceLock`s. They are no state: each holds a pure function of bytes that are part of
//! the program, so it makes no difference to any answer who asked first, and a caller need not carry a handle through
//! every decision for the sake of a cache.

use std::ops::Range;
use std::sync::OnceLock;

use super::{Level, PACKED};
use crate::catalogue::bytes::{Reader, inflate};

static STORE: OnceLock<Option<Store>> = OnceLock::new();

/// None if the embedded bytes are not of the layout.
pub(super) fn store() -> Option<&'static Store> {
    STORE.get_or_init(|| Store::read(PACKED)).as_ref()
}

/// The directory, and what has been read so far.
pub(super) struct Store {
    pub(super) entries: Vec<Entry>,
    blocks: Vec<Block>,
    tokens: &'static [u8],
    /// Verb and ending of each token.
    parsed_tokens: OnceLock<Vec<(String, String)>>,
    keys: &'static [u8],
    /// Key and letter of its type.
    parsed_keys: OnceLock<Vec<(String, char)>>,
}

/// A service in the directory.
pub(super) struct Entry {
    pub(super) name: &'static str,
    /// Which block, and which service of it.
    block: (usize, usize),
    /// The number of its first action in the order of services and names.
    pub(super) first: usize,
}

struct Block {
    counts: Vec<usize>,
    names: &'static [u8],
    details: &'static [u8],
    parsed_names: OnceLock<Vec<Names>>,
    parsed_details: OnceLock<Vec<Details>>,
    services: Vec<&'static str>,
}

impl Store {
    fn read(packed: &'static [u8]) -> Option<Self> {
        let mut reader = Reader::new(packed);
        (reader.take(8)? == b"NHIAC001").then_some(())?;
        reader.take(10)?;
        let mut part = || {
            let length = reader.fixed::<4>()?;
            reader.take(length)
        };
        let (tokens, keys) = (part()?, part()?);
        let mut heads = Vec::new();
        let mut entries = Vec::new();
        let mut first = 0;
        for block in 0..reader.fixed::<2>()? {
            let (mut services, mut counts) = (Vec::new(), Vec::new());
            for place in 0..reader.fixed::<1>()? {
                let length = reader.fixed::<1>()?;
                let name = std::str::from_utf8(reader.take(length)?).ok()?;
                let count = reader.fixed::<2>()?;
                entries.push(Entry { name, block: (block, place), first });
                services.push(name);
                counts.push(count);
                first += count;
            }
            heads.push((services, counts, reader.fixed::<4>()?, reader.fixed::<4>()?));
        }
        let mut blocks = Vec::new();
        for (services, counts, names, details) in heads {
            let (names, details) = (reader.take(names)?, reader.take(details)?);
            let (parsed_names, parsed_details) = (OnceLock::new(), OnceLock::new());
            blocks.push(Block { counts, names, details, parsed_names, parsed_details, services });
        }
        let (parsed_tokens, parsed_keys) = (OnceLock::new(), OnceLock::new());
        Some(Self { entries, blocks, tokens, parsed_tokens, keys, parsed_keys })
    }

    /// Where a service stands in the directory.
    pub(super) fn position(&self, prefix: &str) -> Option<usize> {
        let lower = prefix.bytes().map(|byte| byte.to_ascii_lowercase());
        self.entries.binary_search_by(|entry| entry.name.bytes().cmp(lower.clone())).ok()
    }

    pub(super) fn names(&self, at: usize) -> Option<&Names> {
        let (block, place) = self.entries.get(at)?.block;
        let block = self.blocks.get(block)?;
        let names = block.parsed_names.get_or_init(|| {
            let inflated = inflate(block.names).unwrap_or_default();
            let mut reader = Reader::new(&inflated);
            let tokens = self.tokens();
            let read = |count: &usize| Names::read(&mut reader, tokens, *count);
            block.counts.iter().map_while(read).collect()
        });
        names.get(place)
    }

    pub(super) fn details(&self, at: usize) -> Option<&Details> {
        let (block, place) = self.entries.get(at)?.block;
        let block = self.blocks.get(block)?;
        let details = block.parsed_details.get_or_init(|| {
            let inflated = inflate(block.details).unwrap_or_default();
            let mut reader = Reader::new(&inflated);
            let both = block.services.iter().zip(&block.counts);
            both.map_while(|(service, count)| Details::read(&mut reader, service, *count)).collect()
        });
        details.get(place)
    }

    fn tokens(&self) -> &[(String, String)] {
        self.parsed_tokens.get_or_init(|| lines(self.tokens))
    }

    /// Every key with the letter of its type, in byte order of the key in lower case.
    pub(super) fn keys(&self) -> &[(String, char)] {
        self.parsed_keys.get_or_init(|| {
            let pairs = lines(self.keys).into_iter();
            pairs.map(|(key, kind)| (key, kind.chars().next().unwrap_or('?'))).collect()
        })
    }
}

/// Lines of two columns.
fn lines(deflated: &[u8]) -> Vec<(String, String)> {
    let text = inflate(deflated).and_then(|bytes| String::from_utf8(bytes).ok());
    let text = text.unwrap_or_default();
    let pairs = text.lines().filter_map(|line| line.split_once('\t'));
    pairs.map(|(one, other)| (one.to_owned(), other.to_owned())).collect()
}

/// The names of one service, in the order of their lower case.
pub(super) struct Names {
    /// All of them as AWS spells them, one after the other, in the order of the details.
    text: String,
    lower: String,
    sorted: Vec<Name>,
}

/// A name: where it begins, how long it is, and where its details stand.
struct Name {
    start: u32,
    length: u16,
    place: u16,
}

impl Name {
    fn range(&self) -> Range<usize> {
        // A u32 fits into every usize that can hold the names at all.
        let start = usize::try_from(self.start).unwrap_or(usize::MAX);
        start..start.saturating_add(usize::from(self.length))
    }
}

impl Names {
    fn read(reader: &mut Reader<'_>, tokens: &[(String, String)], count: usize) -> Option<Self> {
        let mut text = String::with_capacity(count * 24);
        let mut names = Vec::with_capacity(count);
        loop {
            let group = reader.until(b'\n')?;
            if group.is_empty() {
                break;
            }
            let length = group.iter().take_while(|byte| !byte.is_ascii()).count();
            let (mut marks, noun) = group.split_at_checked(length)?;
            let noun = std::str::from_utf8(noun).ok()?;
            while let Some((first, rest)) = marks.split_first() {
                marks = rest;
                let mut token = usize::from(*first).checked_sub(0x80)?;
                if let Some(lead) = token.checked_sub(0x7C) {
                    let (second, rest) = marks.split_first()?;
                    marks = rest;
                    token = 0x7C + lead * 128 + usize::from(*second).checked_sub(0x80)?;
                }
                let (verb, ending) = tokens.get(token)?;
                let start = text.len();
                text.push_str(verb);
                text.push_str(if ending == "ies" { noun.strip_suffix('y')? } else { noun });
                text.push_str(ending);
                names.push(Name {
                    start: u32::try_from(start).ok()?,
                    length: u16::try_from(text.len() - start).ok()?,
                    place: u16::try_from(names.len()).ok()?,
                });
            }
        }
        (names.len() == count).then_some(())?;
        let lower = text.to_ascii_lowercase();
        let whole = |name: &Name| lower.as_bytes().get(name.range()).unwrap_or_default();
        // The first letters as one number tell a name from most others.
        let first = |name: &Name| {
            let mut first = [0; 16];
            first.iter_mut().zip(whole(name)).for_each(|(slot, letter)| *slot = *letter);
            u128::from_be_bytes(first)
        };
        let mut sorted: Vec<_> = names.into_iter().map(|name| (first(&name), name)).collect();
        sorted.sort_unstable_by(|(one, name), (other, second)| {
            one.cmp(other).then_with(|| whole(name).cmp(whole(second)))
        });
        let sorted = sorted.into_iter().map(|(_, name)| name).collect();
        Some(Self { text, lower, sorted })
    }

    pub(super) fn len(&self) -> usize {
        self.sorted.len()
    }

    pub(super) fn get(&self, index: usize) -> Option<&str> {
        self.text.get(self.sorted.get(index)?.range())
    }

    pub(super) fn lower(&self, index: usize) -> Option<&str> {
        self.lower.get(self.sorted.get(index)?.range())
    }

    pub(super) fn place(&self, index: usize) -> Option<usize> {
        self.sorted.get(index).map(|name| usize::from(name.place))
    }

    /// The first name for which `before` does not hold; it holds for a first part of them.
    fn partition(&self, before: impl Fn(&str) -> bool) -> usize {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = usize::midpoint(low, high);
            if self.lower(middle).is_some_and(&before) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    pub(super) fn find(&self, name: &str) -> Option<usize> {
        let bytes = || name.bytes().map(|byte| byte.to_ascii_lowercase());
        let found = self.partition(|own| own.bytes().lt(bytes()));
        self.lower(found).filter(|own| own.bytes().eq(bytes())).map(|_| found)
    }

    pub(super) fn starting_with(&self, start: &str) -> Range<usize> {
        let bytes = || start.bytes().map(|byte| byte.to_ascii_lowercase());
        let first = self.partition(|own| own.bytes().lt(bytes()));
        let end = self.partition(|own| own.bytes().take(start.len()).le(bytes()));
        first..end
    }
}

/// A type of resource.
pub(super) struct Kind {
    pub(super) name: String,
    pub(super) arn: String,
    pub(super) keys: Vec<u16>,
}

/// What is known of the actions of a service beside their names.
pub(super) struct Details {
    pub(super) types: Vec<Kind>,
    /// Which types, and whether each is required.
    pub(super) type_lists: Vec<Vec<(u16, bool)>>,
    pub(super) key_lists: Vec<Vec<u16>>,
    /// Level, type list and key list of each action.
    pub(super) actions: Vec<(Level, u16, u16)>,
}

impl Details {
    fn read(reader: &mut Reader<'_>, service: &str, count: usize) -> Option<Self> {
        let mut types = Vec::new();
        for _ in 0..reader.number()? {
            let (name, arn) = (reader.text()?.to_owned(), reader.text()?);
            let start = format!("arn:${{Partition}}:{service}");
            let arn = arn.replace('\u{2}', &start);
            let arn = arn.replace('\u{1}', &format!("{start}:${{Region}}:${{Account}}:"));
            types.push(Kind { name, arn, keys: key_list(reader)? });
        }
        let mut type_lists = Vec::new();
        for _ in 0..reader.number()? {
            let mut list = Vec::new();
            for _ in 0..reader.number()? {
                let both = reader.number()?;
                list.push((u16::try_from(both / 2).ok()?, both % 2 == 1));
            }
            type_lists.push(list);
        }
        let mut key_lists = Vec::new();
        for _ in 0..reader.number()? {
            key_lists.push(key_list(reader)?);
        }
        let mut column = || -> Option<Vec<u16>> {
            (0..count).map(|_| u16::try_from(reader.number()?).ok()).collect()
        };
        let (levels, kinds, keys) = (column()?, column()?, column()?);
        let rows = levels.into_iter().zip(kinds).zip(keys);
        let actions: Option<Vec<_>> = rows
            .map(|((level, kinds), keys)| {
                let all =
                    [Level::Write, Level::Permissions, Level::Tagging, Level::Read, Level::List];
                Some((*all.get(usize::from(level))?, kinds, keys))
            })
            .collect();
        Some(Self { types, type_lists, key_lists, actions: actions? })
    }
}

fn key_list(reader: &mut Reader<'_>) -> Option<Vec<u16>> {
    let mut list = Vec::new();
    let mut key = 0;
    for _ in 0..reader.number()? {
        key += reader.number()?;
        list.push(u16::try_from(key).ok()?);
    }
    Some(list)
}
