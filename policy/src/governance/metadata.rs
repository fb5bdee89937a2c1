//! Under which keys the facts stand on real resources, and in which letters each place can hold them.
//!
//! Three styles: **tags** (`nhi:owner`; AWS and others) hold nearly any text; **annotations and labels** (`nhi.dev/owner`;
//! Kubernetes) hold any text as annotations and 63 plain characters as labels; **flat labels** (`nhi_owner`; Google and others)
//! hold 63 lowercase ones. A purpose is a sentence, so no label carries it: it goes into the annotation or the
//! [`description`](super::description).

use std::collections::BTreeMap;

use super::record::{Field, Record};

/// One governance fact that metadata can carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fact {
    /// Who answers for it.
    Owner,
    /// Why it exists.
    Purpose,
    /// When it ends.
    Expiry,
    /// The template reference.
    Template,
    /// The business service that it serves.
    Service,
    /// The environment that it lives in.
    Environment,
    /// The id of its record in the inventory.
    Id,
}

impl Fact {
    /// All facts, in the order in which they are listed everywhere.
    pub const ALL: [Self; 7] = [
        Self::Owner,
        Self::Purpose,
        Self::Expiry,
        Self::Template,
        Self::Service,
        Self::Environment,
        Self::Id,
    ];

    /// The name in keys and templates: `environment`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Purpose => "purpose",
            Self::Expiry => "expiry",
            Self::Template => "template",
            Self::Service => "service",
            Self::Environment => "environment",
            Self::Id => "id",
        }
    }

    /// The fact of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|fact| fact.name() == name)
    }
}

/// Where metadata stands, which decides its keys and its letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Style {
    /// `nhi:owner`.
    Tag,
    /// `nhi.dev/owner`, any text.
    Annotation,
    /// `nhi.dev/owner`, at most 63 of `A-Z a-z 0-9 . _ -`, a letter or digit at both ends.
    Label,
    /// `nhi_owner`, at most 63 of `a-z 0-9 _ -`.
    FlatLabel,
}

/// The key names that are read. The built-in ones are [`Keys::default`]; an organisation may add its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keys {
    names: BTreeMap<String, (Fact, Style)>,
}

impl Default for Keys {
    fn default() -> Self {
        let mut keys = Self { names: BTreeMap::new() };
        for fact in Fact::ALL {
            for style in [Style::Tag, Style::Annotation, Style::FlatLabel] {
                keys.add(&key(fact, style), fact, style);
            }
        }
        keys
    }
}

impl Keys {
    /// Reads the fact from this key too. Key names are compared without regard to case.
    pub fn add(&mut self, name: &str, fact: Fact, style: Style) {
        self.names.insert(name.to_lowercase(), (fact, style));
    }

    /// Which fact a key holds, and in which letters.
    pub fn get(&self, name: &str) -> Option<(Fact, Style)> {
        self.names.get(&name.to_lowercase()).copied()
    }
}

/// The built-in key of a fact.
pub fn key(fact: Fact, style: Style) -> String {
    match style {
        Style::Tag => format!("nhi:{}", fact.name()),
        Style::Annotation | Style::Label => format!("nhi.dev/{}", fact.name()),
        Style::FlatLabel => format!("nhi_{}", fact.name()),
    }
}

/// The facts of a record as key and value, for those that are known and that the style can hold.
pub fn render(record: &Record, style: Style) -> BTreeMap<String, String> {
    Fact::ALL
        .into_iter()
        .filter_map(|fact| match record.get(fact) {
            Field::Value(value) => Some((key(fact, style), encode(fact, value, style)?)),
            Field::Absent | Field::Unknown(_) => None,
        })
        .collect()
}

/// A value in the letters of a style; None where it would not be the same fact any more.
pub fn encode(fact: Fact, value: &str, style: Style) -> Option<String> {
    match style {
        Style::Annotation => Some(value.to_owned()),
        Style::Tag => {
            // IAM refuses other characters, and a tag that is refused stops the whole apply.
            let allowed = |c: char| c.is_alphanumeric() || " _.:/=+-@".contains(c);
            let clean: String = value.chars().map(|c| if allowed(c) { c } else { ' ' }).collect();
            let clean = clean.split_whitespace().collect::<Vec<_>>().join(" ");
            Some(clean.chars().take(256).collect())
        }
        Style::Label | Style::FlatLabel => encode_label(fact, value, style),
    }
}

fn encode_label(fact: Fact, value: &str, style: Style) -> Option<String> {
    let flat = style == Style::FlatLabel;
    let coded = match fact {
        Fact::Purpose => return None,
        // `2027-06-30T12:00:00Z` has the basic form `20270630T120000Z`, which has no colon.
        Fact::Expiry if value.contains(':') => value.replace(['-', ':'], ""),
        // Template names have no underscore, so `name_1.2.0` can only be `name@1.2.0`. With dots gone as well, a pre-release
        // could not be told from a number.
        Fact::Template if flat && value.matches(['-', '+']).count() > name_hyphens(value) => {
            return None;
        }
        Fact::Template if flat => value.replace('@', "_").replace('.', "-"),
        Fact::Template => value.replace('@', "_"),
        Fact::Owner | Fact::Expiry | Fact::Service | Fact::Environment | Fact::Id => {
            value.to_owned()
        }
    };
    let coded = if flat { coded.to_lowercase() } else { coded };
    let edge = |c: char| c.is_ascii_alphanumeric();
    let fits = (1..=63).contains(&coded.len())
        && coded.chars().all(|c| edge(c) || c == '_' || c == '-' || (!flat && c == '.'))
        && coded.starts_with(edge)
        && coded.ends_with(edge);
    fits.then_some(coded)
}

fn name_hyphens(reference: &str) -> usize {
    reference.split('@').next().unwrap_or_default().matches('-').count()
}

/// What [`encode`] wrote, read back.
pub fn decode(fact: Fact, value: &str, style: Style) -> String {
    if matches!(style, Style::Tag) {
        return value.to_owned();
    }
    match fact {
        Fact::Template if !value.contains('@') => match value.rsplit_once('_') {
            Some((name, version)) if style == Style::FlatLabel => {
                format!("{name}@{}", version.replace('-', "."))
            }
            Some((name, version)) => format!("{name}@{version}"),
            None => value.to_owned(),
        },
        Fact::Expiry => basic_time(value).unwrap_or_else(|| value.to_owned()),
        Fact::Template
        | Fact::Owner
        | Fact::Purpose
        | Fact::Service
        | Fact::Environment
        | Fact::Id => value.to_owned(),
    }
}

/// `20270630T120000Z` as `2027-06-30T12:00:00Z`.
fn basic_time(value: &str) -> Option<String> {
    let upper = value.to_ascii_uppercase();
    let (day, clock) = upper.strip_suffix('Z')?.split_once('T')?;
    let digits =
        |text: &str, len| text.len() == len && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(day, 8) || !digits(clock, 6) {
        return None;
    }
    Some(format!(
        "{}-{}-{}T{}:{}:{}Z",
        day.get(..4)?,
        day.get(4..6)?,
        day.get(6..)?,
        clock.get(..2)?,
        clock.get(2..4)?,
        clock.get(4..)?
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> Record {
        let mut record = Record::default();
        for (fact, value) in [
            (Fact::Owner, "payments"),
            (Fact::Purpose, "Nightly export, of invoices & more"),
            (Fact::Expiry, "2027-06-30T12:00:00Z"),
            (Fact::Template, "s3-object-reader@1.2.0"),
            (Fact::Environment, "prod"),
        ] {
            record.set(fact, Field::Value(value.to_owned()));
        }
        record
    }

    fn show(style: Style) -> String {
        render(&record(), style).iter().map(|(key, value)| format!("{key} = {value}\n")).collect()
    }

    #[test]
    fn the_same_facts_in_every_style() {
        insta::assert_snapshot!(show(Style::Tag), @r"
        nhi:environment = prod
        nhi:expiry = 2027-06-30T12:00:00Z
        nhi:owner = payments
        nhi:purpose = Nightly export of invoices more
        nhi:template = s3-object-reader@1.2.0
        ");
        insta::assert_snapshot!(show(Style::Label), @r"
        nhi.dev/environment = prod
        nhi.dev/expiry = 20270630T120000Z
        nhi.dev/owner = payments
        nhi.dev/template = s3-object-reader_1.2.0
        ");
        insta::assert_snapshot!(show(Style::FlatLabel), @r"
        nhi_environment = prod
        nhi_expiry = 20270630t120000z
        nhi_owner = payments
        nhi_template = s3-object-reader_1-2-0
        ");
    }

    #[test]
    fn labels_read_back() {
        for style in [Style::Tag, Style::Annotation, Style::Label, Style::FlatLabel] {
            for (fact, value) in [
                (Fact::Expiry, "2027-06-30"),
                (Fact::Expiry, "90d"),
                (Fact::Expiry, "2027-06-30T12:00:00Z"),
                (Fact::Template, "s3-object-reader@1.2.0"),
                (Fact::Template, "s3-object-reader@1"),
                (Fact::Owner, "platform-iam"),
            ] {
                let coded = encode(fact, value, style).unwrap();
                assert_eq!(decode(fact, &coded, style), value, "{style:?} {coded}");
            }
        }
    }

    #[test]
    fn what_does_not_fit_a_label_is_left_out() {
        assert_eq!(encode(Fact::Owner, "ada@example.com", Style::Label), None);
        assert_eq!(encode(Fact::Template, "reader@1.0.0-rc.1", Style::FlatLabel), None);
        assert_eq!(encode(Fact::Service, &"x".repeat(64), Style::Label), None);
        assert_eq!(encode(Fact::Service, "", Style::Label), None);
    }
}
