//! Functions over IP networks.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use num_bigint::BigInt;

use super::arguments::{big, integer, known, two_known};
use super::open;
use crate::value::Value;

/// A network: the first address as a number, how many bits are fixed, and of how many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Network {
    first: u128,
    prefix: u32,
    bits: u32,
}

/// What a text is that should be an address or a network. Go reads some that Rust does not.
enum Read<T> {
    Value(T),
    Wrong,
    Unclear,
}

/// Ends a function early, as what was read demands.
macro_rules! read {
    ($read:expr, $name:literal, $arguments:expr) => {
        match $read {
            Read::Value(value) => value,
            Read::Wrong => return None,
            Read::Unclear => return Some(open($name, $arguments)),
        }
    };
}

impl Network {
    fn mask(self) -> u128 {
        let host = self.bits - self.prefix;
        let all = if self.bits == 128 { u128::MAX } else { (1 << self.bits) - 1 };
        all & u128::MAX.checked_shl(host).unwrap_or(0)
    }

    fn last(self) -> u128 {
        self.first | (self.mask() ^ Self { prefix: 0, ..self }.full())
    }

    fn full(self) -> u128 {
        if self.bits == 128 { u128::MAX } else { (1 << self.bits) - 1 }
    }

    fn contains(self, address: u128) -> bool {
        address & self.mask() == self.first
    }
}

/// The number and the width of an address. Octets may have zeros in front.
fn address(text: &str) -> Read<(u128, u32)> {
    if text.contains(':') {
        return match text.parse::<Ipv6Addr>() {
            Ok(address) => Read::Value((address.into(), 128)),
            Err(_) if text.chars().all(|c| c.is_ascii_hexdigit() || ":.".contains(c)) => {
                Read::Unclear
            }
            Err(_) => Read::Wrong,
        };
    }
    let octets: Option<Vec<u32>> = text
        .split('.')
        .map(|octet| {
            let digits = !octet.is_empty() && octet.bytes().all(|byte| byte.is_ascii_digit());
            digits.then(|| octet.parse::<u32>().ok()).flatten().filter(|octet| *octet <= 255)
        })
        .collect();
    match octets.as_deref() {
        Some([a, b, c, d]) => Read::Value((u128::from(a << 24 | b << 16 | c << 8 | d), 32)),
        _ => Read::Wrong,
    }
}

fn network(text: &str) -> Read<Network> {
    let Some((before, length)) = text.split_once('/') else { return Read::Wrong };
    let (number, bits) = match address(before) {
        Read::Value(address) => address,
        Read::Wrong => return Read::Wrong,
        Read::Unclear => return Read::Unclear,
    };
    let digits = !length.is_empty() && length.bytes().all(|byte| byte.is_ascii_digit());
    match length.parse() {
        Ok(prefix) if digits && prefix <= bits => {
            let network = Network { first: 0, prefix, bits };
            Read::Value(Network { first: number & network.mask(), ..network })
        }
        _ => Read::Wrong,
    }
}

/// An address as Go writes it; None for those of version 4 in the clothes of version 6, which it writes in its own way.
fn written(number: u128, bits: u32) -> Option<String> {
    if bits == 32 {
        return Some(IpAddr::from(Ipv4Addr::from(u32::try_from(number).ok()?)).to_string());
    }
    let address = Ipv6Addr::from(number);
    let plain = number >> 32 != 0 && number >> 32 != 0xffff || number >> 16 == 0;
    plain.then(|| address.to_string())
}

#[expect(clippy::unnecessary_wraps, reason = "every function ends in an optional value")]
fn give(name: &str, text: Option<String>, arguments: &[Value]) -> Option<Value> {
    Some(text.map_or_else(|| open(name, arguments), |text| text.as_str().into()))
}

pub(super) fn cidrhost(arguments: &[Value]) -> Option<Value> {
    let [prefix, host] = arguments else { return None };
    let network = read!(network(&known(prefix)?), "cidrhost", arguments);
    let host = big(host)?.to_whole()?;
    let count = BigInt::from(1) << (network.bits - network.prefix);
    // Negative numbers count from the end.
    let index = if host < BigInt::from(0) { &count + &host } else { host };
    if index < BigInt::from(0) || index >= count {
        return None;
    }
    if in_v4_range(network) {
        return Some(open("cidrhost", arguments));
    }
    give("cidrhost", written(network.first | u128::try_from(index).ok()?, network.bits), arguments)
}

/// Addresses of version 4 inside of version 6 come out in unexpected places.
fn in_v4_range(network: Network) -> bool {
    network.bits == 128 && network.first >> 32 == 0xffff
}

pub(super) fn cidrnetmask(arguments: &[Value]) -> Option<Value> {
    let [prefix] = arguments else { return None };
    let network = read!(network(&known(prefix)?), "cidrnetmask", arguments);
    if network.bits == 128 {
        return None;
    }
    give("cidrnetmask", written(network.mask(), 32), arguments)
}

pub(super) fn cidrsubnet(arguments: &[Value]) -> Option<Value> {
    let [prefix, new_bits, number] = arguments else { return None };
    let network = read!(network(&known(prefix)?), "cidrsubnet", arguments);
    let (new_bits, number) = (integer(new_bits)?, big(number)?.to_whole()?);
    // Negative ones give something, but nothing that means anything.
    if new_bits < 0 || number < BigInt::from(0) || in_v4_range(network) {
        return Some(open("cidrsubnet", arguments));
    }
    let new_bits = u32::try_from(new_bits).ok()?;
    let prefix = network.prefix.checked_add(new_bits).filter(|prefix| *prefix <= network.bits)?;
    if number >= BigInt::from(1) << new_bits {
        return None;
    }
    let shift = network.bits - prefix;
    let first = network.first | u128::try_from(number).ok()?.checked_shl(shift).unwrap_or(0);
    let text = written(first, network.bits).map(|first| format!("{first}/{prefix}"));
    give("cidrsubnet", text, arguments)
}

pub(super) fn cidrsubnets(arguments: &[Value]) -> Option<Value> {
    let (prefix, new_bits) = arguments.split_first()?;
    let network = read!(network(&known(prefix)?), "cidrsubnets", arguments);
    if in_v4_range(network) {
        return Some(open("cidrsubnets", arguments));
    }
    let mut out = Vec::new();
    let mut next = Some(network.first).filter(|first| *first != 0 || new_bits.is_empty());
    for bits in new_bits {
        let bits = u32::try_from(integer(bits)?).ok().filter(|bits| (1..=32).contains(bits))?;
        let length = network.prefix.checked_add(bits).filter(|length| *length <= network.bits)?;
        let block = Network { first: 0, prefix: length, bits: network.bits };
        let size_less_one = block.full() ^ block.mask();
        // The first address behind the last subnet at which one of this size can begin.
        let first = next?.checked_add(size_less_one)? & block.mask();
        if first > network.last() {
            return None;
        }
        let text = match written(first, network.bits) {
            Some(first) => format!("{first}/{length}"),
            None => return Some(open("cidrsubnets", arguments)),
        };
        out.push(Value::from(text.as_str()));
        next = (first | size_less_one).checked_add(1).filter(|next| *next <= network.full());
    }
    Some(Value::List(out))
}

pub(super) fn cidrcontains(arguments: &[Value]) -> Option<Value> {
    let (outer, inner) = two_known(arguments)?;
    let outer = read!(network(&outer), "cidrcontains", arguments);
    let (first, last, bits) = match address(&inner) {
        Read::Value((number, bits)) => (number, number, bits),
        Read::Unclear => return Some(open("cidrcontains", arguments)),
        Read::Wrong => {
            let inner = read!(network(&inner), "cidrcontains", arguments);
            (inner.first, inner.last(), inner.bits)
        }
    };
    if bits != outer.bits {
        // One of version 4 in the clothes of version 6 counts as either.
        return if in_v4_range(outer) || bits == 128 && first >> 32 == 0xffff {
            Some(open("cidrcontains", arguments))
        } else {
            None
        };
    }
    Some(Value::Bool(outer.contains(first) && outer.contains(last)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(function: fn(&[Value]) -> Option<Value>, arguments: &[&str]) -> String {
        let arguments: Vec<Value> = arguments.iter().map(|argument| (*argument).into()).collect();
        match function(&arguments) {
            Some(value) => crate::evaluate::functions::to_json(&value).to_string(),
            None => "wrong".to_owned(),
        }
    }

    #[test]
    fn networks() {
        assert_eq!(call(cidrhost, &["10.0.0.0/8", "-1"]), r#""10.255.255.255""#);
        assert_eq!(call(cidrhost, &["10.0.0.0/30", "4"]), "wrong");
        assert_eq!(call(cidrhost, &["10.0.0.0/30", "-5"]), "wrong");
        assert_eq!(call(cidrnetmask, &["10.0.0.0/12"]), r#""255.240.0.0""#);
        assert_eq!(call(cidrnetmask, &["fd00::/8"]), "wrong");
        assert_eq!(call(cidrsubnet, &["fd00::/8", "64", "5"]), r#""fd00::500:0:0:0/72""#);
        assert_eq!(
            call(cidrsubnets, &["10.0.0.0/8", "4", "4", "8"]),
            r#"["10.0.0.0/12","10.16.0.0/12","10.32.0.0/16"]"#
        );
        assert_eq!(call(cidrsubnets, &["10.0.0.0/8"]), "[]");
        assert_eq!(call(cidrsubnets, &["10.0.0.0/30", "2", "1", "1"]), "wrong");
        assert_eq!(call(cidrsubnets, &["0.0.0.0/8", "4"]), "wrong");
        assert_eq!(call(cidrcontains, &["192.168.2.0/20", "192.168.2.1"]), "true");
        assert_eq!(call(cidrcontains, &["192.168.2.0/20", "192.126.2.0/18"]), "false");
        assert_eq!(call(cidrcontains, &["192.168.2.0/20", "fd00::1"]), "wrong");
    }
}
