//! Points in time as Terraform reads, moves and writes them: RFC 3339, seconds and an offset.

use jiff::SignedDuration;
use jiff::civil::{Date, DateTime};

use super::arguments::two_known;
use super::open;
use crate::value::Value;

/// A local time with its offset in minutes.
#[derive(Clone, Copy, Debug)]
struct Time {
    local: DateTime,
    offset: i64,
}

impl Time {
    /// The same moment in UTC, for comparing.
    fn utc(self) -> Option<DateTime> {
        self.local.checked_sub(SignedDuration::from_mins(self.offset)).ok()
    }

    /// As Go's RFC 3339 layout writes it: seconds without a fraction.
    fn text(self) -> String {
        let Self { local, offset } = self;
        let date = format!("{:04}-{:02}-{:02}", local.year(), local.month(), local.day());
        let clock = format!("{:02}:{:02}:{:02}", local.hour(), local.minute(), local.second());
        format!("{date}T{clock}{}", zone(offset, true, "Z"))
    }
}

/// `+01:00`, `+0100`, or a name for UTC.
fn zone(offset: i64, colon: bool, utc: &str) -> String {
    if offset == 0 && !utc.is_empty() {
        return utc.to_owned();
    }
    let sign = if offset < 0 { '-' } else { '+' };
    let (hours, minutes) = (offset.abs() / 60, offset.abs() % 60);
    format!("{sign}{hours:02}{}{minutes:02}", if colon { ":" } else { "" })
}

/// How wide the fields of a time are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Width {
    Full,
    Short,
}

/// A reader of digits.
struct Cursor<'a>(&'a str);

impl Cursor<'_> {
    fn skip(&mut self, wanted: &[char]) -> Option<char> {
        let first = self.0.chars().next().filter(|first| wanted.contains(first))?;
        self.0 = self.0.get(first.len_utf8()..)?;
        Some(first)
    }

    fn number(&mut self, least: usize, most: usize) -> Option<i16> {
        let count = self.0.bytes().take(most).take_while(u8::is_ascii_digit).count();
        let (digits, rest) = self.0.split_at_checked(count).filter(|_| count >= least)?;
        self.0 = rest;
        digits.parse().ok()
    }

    fn field(&mut self, width: Width) -> Option<i8> {
        let least = if width == Width::Full { 2 } else { 1 };
        self.number(least, 2).and_then(|number| number.try_into().ok())
    }
}

/// The date and, after one of these characters, the clock. The rest of the text is what comes behind them.
fn date_and_clock<'a>(
    text: &'a str,
    width: Width,
    between: &[char],
) -> Option<(DateTime, &'a str)> {
    let mut cursor = Cursor(text);
    let year = cursor.number(4, 4)?;
    cursor.skip(&['-'])?;
    let month = cursor.field(width)?;
    cursor.skip(&['-'])?;
    let day = cursor.field(width)?;
    let date = Date::new(year, month, day).ok()?;
    if between.is_empty() {
        return cursor.0.is_empty().then(|| (date.at(0, 0, 0, 0), ""));
    }
    cursor.skip(between)?;
    let hour = cursor.field(width)?;
    cursor.skip(&[':'])?;
    let minute = cursor.field(width)?;
    cursor.skip(&[':'])?;
    let second = cursor.field(width)?;
    let mut nanoseconds = 0;
    if cursor.skip(&['.']).is_some() {
        let count = cursor.0.bytes().take_while(u8::is_ascii_digit).count();
        let (digits, rest) = cursor.0.split_at_checked(count).filter(|_| count > 0)?;
        cursor.0 = rest;
        let nine: String = digits.chars().chain("000000000".chars()).take(9).collect();
        nanoseconds = nine.parse().ok()?;
    }
    let clock = jiff::civil::Time::new(hour, minute, second, nanoseconds).ok()?;
    Some((date.to_datetime(clock), cursor.0))
}

fn offset(text: &str) -> Option<i64> {
    if text == "Z" {
        return Some(0);
    }
    let mut cursor = Cursor(text);
    let sign = if cursor.skip(&['+', '-'])? == '-' { -1 } else { 1 };
    let hours = cursor.number(2, 2).filter(|hours| *hours < 24)?;
    cursor.skip(&[':'])?;
    let minutes = cursor.number(2, 2).filter(|minutes| *minutes < 60)?;
    cursor.0.is_empty().then(|| sign * (i64::from(hours) * 60 + i64::from(minutes)))
}

fn rfc3339(text: &str, width: Width, between: &[char]) -> Option<Time> {
    let (local, rest) = date_and_clock(text, width, between)?;
    Some(Time { local, offset: offset(rest)? })
}

/// What YAML takes for a time, as `yamldecode` gives it.
pub(super) fn yaml_timestamp(text: &str) -> Option<String> {
    let utc = |local| Time { local, offset: 0 };
    let zoned = rfc3339(text, Width::Short, &['T', 't']);
    let time = zoned.or_else(|| {
        let (local, rest) = date_and_clock(text, Width::Short, &[' '])
            .or_else(|| date_and_clock(text, Width::Short, &[]))?;
        rest.is_empty().then(|| utc(local))
    })?;
    Some(time.text())
}

/// A timestamp argument. Go reads more than RFC 3339, such as an hour of one digit, so what looks like a time but is not
/// quite one is neither a time nor an error.
enum Read {
    Time(Time),
    Wrong,
    Unclear,
}

fn read(text: &str) -> Read {
    match rfc3339(text, Width::Full, &['T']) {
        Some(time) => Read::Time(time),
        None if text.len() >= 17 && text.contains(['T', 't']) && text.contains(':') => {
            Read::Unclear
        }
        None => Read::Wrong,
    }
}

pub(super) fn timecmp(arguments: &[Value]) -> Option<Value> {
    let (left, right) = two_known(arguments)?;
    let (left, right) = match (read(&left), read(&right)) {
        (Read::Time(left), Read::Time(right)) => (left.utc()?, right.utc()?),
        (Read::Wrong, _) | (_, Read::Wrong) => return None,
        (Read::Unclear, _) | (_, Read::Unclear) => return Some(open("timecmp", arguments)),
    };
    Some(Value::Number((left.cmp(&right) as i64).into()))
}

pub(super) fn timeadd(arguments: &[Value]) -> Option<Value> {
    let (time, duration) = two_known(arguments)?;
    let duration = SignedDuration::from_nanos(nanoseconds(&duration)?);
    let time = match read(&time) {
        Read::Time(time) => time,
        Read::Wrong => return None,
        Read::Unclear => return Some(open("timeadd", arguments)),
    };
    // Years of five digits are beyond us, not beyond Terraform.
    match time.local.checked_add(duration) {
        Ok(local) => Some(Time { local, ..time }.text().as_str().into()),
        Err(_) => Some(open("timeadd", arguments)),
    }
}

/// A duration such as `-1h30m` or `1.5s`, as Go reads it.
fn nanoseconds(text: &str) -> Option<i64> {
    let (negative, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Some(0);
    }
    if rest.is_empty() {
        return None;
    }
    let mut total: i128 = 0;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let (whole, after) = rest.split_at_checked(end)?;
        let (fraction, after) = match after.strip_prefix('.') {
            Some(after) => {
                let end = after.find(|c: char| !c.is_ascii_digit()).unwrap_or(after.len());
                after.split_at_checked(end)?
            }
            None => ("", after),
        };
        if whole.is_empty() && fraction.is_empty() {
            return None;
        }
        let end = after.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(after.len());
        let (unit, after) = after.split_at_checked(end)?;
        let scale: i128 = match unit {
            "ns" => 1,
            "us" | "µs" | "μs" => 1_000,
            "ms" => 1_000_000,
            "s" => 1_000_000_000,
            "m" => 60_000_000_000,
            "h" => 3_600_000_000_000,
            _ => return None,
        };
        let whole: i128 = if whole.is_empty() { 0 } else { whole.parse::<i64>().ok()?.into() };
        // Beyond 18 digits a fraction adds less than a nanosecond.
        let digits: String = fraction.chars().take(18).collect();
        let part = if digits.is_empty() {
            0
        } else {
            digits.parse::<i128>().ok()? * scale / 10_i128.pow(u32::try_from(digits.len()).ok()?)
        };
        total = total.checked_add(whole * scale + part)?;
        rest = after;
    }
    i64::try_from(if negative { -total } else { total }).ok()
}

pub(super) fn formatdate(arguments: &[Value]) -> Option<Value> {
    let (format, time) = two_known(arguments)?;
    match read(&time) {
        Read::Time(time) => Some(formatted(&format, time)?.as_str().into()),
        Read::Wrong => None,
        Read::Unclear => Some(open("formatdate", arguments)),
    }
}

fn formatted(format: &str, time: Time) -> Option<String> {
    let mut out = String::new();
    let mut rest = format;
    while let Some(first) = rest.chars().next() {
        if first == '\'' {
            rest = quoted(rest.get(1..)?, &mut out)?;
            continue;
        }
        if !first.is_ascii_alphabetic() {
            out.push(first);
            rest = rest.get(first.len_utf8()..)?;
            continue;
        }
        let end = rest.find(|c| c != first).unwrap_or(rest.len());
        let (run, after) = rest.split_at_checked(end)?;
        out.push_str(&verb(first, run.len(), time)?);
        rest = after;
    }
    Some(out)
}

/// Literal text up to the closing quote, which doubled stands for itself; what comes behind it.
fn quoted<'a>(text: &'a str, out: &mut String) -> Option<&'a str> {
    let mut rest = text;
    loop {
        let (before, after) = rest.split_once('\'')?;
        out.push_str(before);
        match after.strip_prefix('\'') {
            Some(after) => {
                out.push('\'');
                rest = after;
            }
            None => return Some(after),
        }
    }
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

const DAYS: [&str; 7] =
    ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

fn verb(letter: char, count: usize, time: Time) -> Option<String> {
    let Time { local, offset } = time;
    let name = |names: &[&str], at: i8, short: bool| {
        let name = usize::try_from(at).ok().and_then(|at| names.get(at))?;
        if short { name.get(..3).map(str::to_owned) } else { Some((*name).to_owned()) }
    };
    let number = |value: i8| match count {
        1 => Some(value.to_string()),
        2 => Some(format!("{value:02}")),
        _ => None,
    };
    match (letter, count) {
        ('Y', 2) => Some(format!("{:02}", local.year() % 100)),
        ('Y', 4) => Some(format!("{:04}", local.year())),
        ('M', 3 | 4) => name(&MONTHS, local.month() - 1, count == 3),
        ('M', _) => number(local.month()),
        ('D', _) => number(local.day()),
        ('E', 3 | 4) => name(&DAYS, local.weekday().to_monday_zero_offset(), count == 3),
        ('h', _) => number(local.hour()),
        ('H', _) => number(if local.hour() % 12 == 0 { 12 } else { local.hour() % 12 }),
        ('A', 2) => Some(if local.hour() < 12 { "AM" } else { "PM" }.to_owned()),
        ('a', 2) => Some(if local.hour() < 12 { "am" } else { "pm" }.to_owned()),
        ('m', _) => number(local.minute()),
        ('s', _) => number(local.second()),
        ('Z', 1) => Some(zone(offset, true, "Z")),
        ('Z', 3) => Some(zone(offset, false, "UTC")),
        ('Z', 4) => Some(zone(offset, false, "")),
        ('Z', 5) => Some(zone(offset, true, "")),
        _ => None,
    }
}
