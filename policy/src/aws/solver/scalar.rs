//! Values on a line: exact decimal numbers, moments, addresses; and canonical base64.

use std::cmp::Ordering;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use jiff::Timestamp;

/// What the whole numbers of a line count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    /// 10^-18.
    Number,
    /// Nanoseconds since 1970.
    Date,
}

/// How a value of the request has to stand to one of the policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// A block of addresses, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Network {
    six: bool,
    first: u128,
    last: u128,
}

/// An address: whether it is one of IPv6, and its bits.
pub(super) type Address = (bool, u128);

/// Digits behind the point.
const PLACES: usize = 18;
const ONE: i128 = 1_000_000_000_000_000_000;
pub(super) const SECOND: i128 = 1_000_000_000;
/// 2026-01-01T00:00:00Z.
const EXAMPLE_SECOND: i128 = 1_767_225_600;

const EXAMPLE_V4: u32 = 0xCB00_710A;
const EXAMPLE_V6: u128 = 0x2001_0db8_0000_0000_0000_0000_0000_0001;

impl Order {
    /// The unit and order of an operator without its set operator and `IfExists`. For `NotEquals` the hit is equality.
    pub(super) fn of(operator: &str) -> Option<(Unit, Self)> {
        let (unit, rest) = match operator.strip_prefix("Numeric") {
            Some(rest) => (Unit::Number, rest),
            None => (Unit::Date, operator.strip_prefix("Date")?),
        };
        let order = match rest {
            "Equals" | "NotEquals" => Self::Equal,
            "LessThan" => Self::Less,
            "LessThanEquals" => Self::LessOrEqual,
            "GreaterThan" => Self::Greater,
            "GreaterThanEquals" => Self::GreaterOrEqual,
            _ => return None,
        };
        Some((unit, order))
    }

    /// `value` compared with the constant.
    pub(super) fn holds(self, value: Ordering) -> bool {
        match self {
            Self::Equal => value.is_eq(),
            Self::Less => value.is_lt(),
            Self::LessOrEqual => value.is_le(),
            Self::Greater => value.is_gt(),
            Self::GreaterOrEqual => value.is_ge(),
        }
    }
}

impl Unit {
    /// None for what is not understood. Numbers keep one digit free, so that there is one between any two.
    pub(super) fn read(self, text: &str) -> Option<i128> {
        match self {
            Self::Number => decimal(text),
            Self::Date => match text.parse::<i64>() {
                Ok(seconds) => Timestamp::from_second(seconds).ok(),
                Err(_) => text.parse::<Timestamp>().ok(),
            }
            .map(Timestamp::as_nanosecond),
        }
    }

    pub(super) fn write(self, value: i128) -> Option<String> {
        match self {
            Self::Number => Some(digits(value)),
            Self::Date => Timestamp::from_nanosecond(value).ok().map(|time| time.to_string()),
        }
    }

    /// The plainest value strictly between two others, or on a side of one.
    fn between(self, low: i128, high: i128) -> Option<i128> {
        let steps: &[i128] = match self {
            Self::Number => &[ONE, ONE / 10, ONE / 100, ONE / 1000, ONE / 1_000_000, 1000, 1],
            Self::Date => &[86_400 * SECOND, 3600 * SECOND, 60 * SECOND, SECOND, SECOND / 1000, 1],
        };
        steps.iter().find_map(|step| {
            let next = (low.div_euclid(*step) + 1) * step;
            (next < high).then_some(next)
        })
    }

    /// One value for each way to stand to all constants: each of them, one in each gap and one at each end.
    pub(super) fn representatives(self, mut constants: Vec<i128>) -> Vec<i128> {
        constants.sort_unstable();
        constants.dedup();
        let step = match self {
            Self::Number => ONE,
            Self::Date => 86_400 * SECOND,
        };
        let mut out = Vec::with_capacity(constants.len() * 2 + 2);
        if self == Self::Date {
            out.push(EXAMPLE_SECOND * SECOND);
        }
        out.extend(constants.first().map(|first| first - step));
        for pair in constants.windows(2) {
            if let &[low, high] = pair {
                out.extend(self.between(low, high));
            }
        }
        out.extend(constants.last().map(|last| last + step));
        out.extend(constants);
        out
    }
}

fn decimal(text: &str) -> Option<i128> {
    let (negative, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (whole, rest) = text.split_once('.').unwrap_or((text, "0"));
    let proper = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !proper(whole) || !proper(rest) {
        return None;
    }
    let (whole, rest) = (whole.trim_start_matches('0'), rest.trim_end_matches('0'));
    if whole.len() > PLACES || rest.len() >= PLACES {
        return None;
    }
    let padded = format!("{whole:0>1}{rest:0<PLACES$}");
    let value = padded.parse::<i128>().ok()?;
    Some(if negative { -value } else { value })
}

fn digits(value: i128) -> String {
    let sign = if value < 0 { "-" } else { "" };
    let (whole, rest) =
        (value.unsigned_abs() / ONE.unsigned_abs(), value.unsigned_abs() % ONE.unsigned_abs());
    let rest = format!("{rest:0>PLACES$}");
    let rest = rest.trim_end_matches('0');
    let point = if rest.is_empty() { "" } else { "." };
    format!("{sign}{whole}{point}{rest}")
}

/// A number of seconds since 1970, in nanoseconds.
pub(super) fn seconds(text: &str) -> Option<i128> {
    let value = decimal(text)?;
    let scale = ONE / SECOND;
    (value % scale == 0).then_some(value / scale)
}

impl Network {
    /// Reads an address or a block. Bits of the host do not count.
    pub(super) fn read(text: &str) -> Option<Self> {
        let (base, length) = match text.split_once('/') {
            Some((base, length)) => {
                let proper = length.bytes().all(|byte| byte.is_ascii_digit());
                (base, Some(length.parse::<u32>().ok().filter(|_| proper)?))
            }
            None => (text, None),
        };
        let (six, bits) = address(base)?;
        let all = if six { 128 } else { 32 };
        let length = length.unwrap_or(all);
        let free = all.checked_sub(length)?;
        let hosts = if free == 128 { u128::MAX } else { (1 << free) - 1 };
        Some(Self { six, first: bits & !hosts, last: bits | hosts })
    }

    pub(super) fn contains(&self, (six, bits): Address) -> bool {
        self.six == six && (self.first..=self.last).contains(&bits)
    }
}

/// None for an address of IPv4 in the dress of IPv6: which of the two it is depends on the service.
pub(super) fn address(text: &str) -> Option<Address> {
    match text.parse::<IpAddr>().ok()? {
        IpAddr::V4(four) => Some((false, u128::from(four.to_bits()))),
        IpAddr::V6(six) => six.to_ipv4_mapped().is_none().then(|| (true, six.to_bits())),
    }
}

/// One address for each way to lie in the blocks, of both families.
pub(super) fn addresses(networks: &[Network]) -> Vec<String> {
    let mut out = Vec::new();
    for six in [false, true] {
        let top = if six { u128::MAX } else { u128::from(u32::MAX) };
        let example = if six { EXAMPLE_V6 } else { u128::from(EXAMPLE_V4) };
        let mut starts = vec![0];
        for network in networks.iter().filter(|network| network.six == six) {
            starts.push(network.first);
            starts.extend(network.last.checked_add(1).filter(|next| *next <= top));
        }
        starts.sort_unstable();
        starts.dedup();
        let mut intervals = Vec::with_capacity(starts.len());
        for (index, start) in starts.iter().enumerate() {
            let end = starts.get(index + 1).map_or(top, |next| next - 1);
            let likely = (*start..=end).contains(&example);
            // The first address of a block names the network.
            let inside = if end > *start { start + 1 } else { *start };
            intervals.push((!likely, if likely { example } else { inside }));
        }
        intervals.sort_by_key(|(unlikely, _)| *unlikely);
        out.extend(intervals.iter().map(|(_, bits)| write(six, *bits)));
    }
    out
}

fn write(six: bool, bits: u128) -> String {
    if six {
        Ipv6Addr::from_bits(bits).to_string()
    } else {
        u32::try_from(bits)
            .map_or_else(|_| String::new(), |bits| Ipv4Addr::from_bits(bits).to_string())
    }
}

const BASE64: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The text, if it is the one base64 form of some bytes.
pub(super) fn base64(text: &str) -> Option<String> {
    let bare = text.trim_end_matches('=');
    let padding = text.len() - bare.len();
    let last = bare.chars().last().and_then(|last| BASE64.find(last)).unwrap_or_default();
    let clean = match padding {
        0 => true,
        1 => last.is_multiple_of(4) && bare.len() % 4 == 3,
        2 => last.is_multiple_of(16) && bare.len() % 4 == 2,
        _ => false,
    };
    let proper = bare.chars().all(|letter| BASE64.contains(letter));
    (clean && proper && text.len().is_multiple_of(4)).then(|| text.to_owned())
}
