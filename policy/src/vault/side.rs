//! The rules of all policies of one side, joined where they have the same path.

use std::collections::BTreeMap;

use super::path;
use super::read::CAPABILITIES;
use super::{Policy, Restriction, Rule};
use crate::text::Text;

/// A set of capabilities, as bits.
pub(super) type Mask = u64;

/// What a hole in the place of a capability can become that has no bit of its own.
const ANY_OTHER: Mask = 1 << 63;

/// The capabilities of both sides and their bits.
pub(super) struct Names {
    names: Vec<String>,
}

/// All rules of one side that have the same path.
#[derive(Debug)]
pub(super) struct Joined<'a> {
    /// Capabilities that requests can have at most.
    pub(super) upper: Mask,
    /// Capabilities that every request has.
    pub(super) lower: Mask,
    /// Capabilities that some request has for certain.
    pub(super) some: Mask,
    /// Whether all requests are denied, or may be.
    pub(super) deny: bool,
    /// The rules, with their places among all rules of the side.
    pub(super) rules: Vec<(usize, &'a Rule)>,
}

impl Names {
    /// The names that the policies use; none if they are more than there are bits.
    pub(super) fn of(sides: [&[&Policy]; 2]) -> Option<Self> {
        let mut names: Vec<String> = CAPABILITIES.map(ToOwned::to_owned).to_vec();
        let rules = sides.into_iter().flatten().flat_map(|policy| policy.rules());
        for name in rules.flat_map(|rule| &rule.capabilities).filter_map(Text::as_str) {
            if !names.iter().any(|known| known == name) {
                names.push(name.to_owned());
            }
        }
        (names.len() < 63).then_some(Self { names })
    }

    pub(super) fn bit(&self, name: &str) -> Mask {
        let at = self.names.iter().position(|known| known == name);
        at.map_or(0, |at| 1 << at)
    }

    /// The names of the bits, in order.
    pub(super) fn list(&self, mask: Mask) -> Vec<&str> {
        let set = self.names.iter().enumerate().filter(|(at, _)| mask >> at & 1 == 1);
        set.map(|(_, name)| name.as_str()).collect()
    }

    /// Every capability there is, those of later versions included.
    pub(super) fn all(&self) -> Mask {
        ((1 << self.names.len()) - 1) & !self.bit("deny") | ANY_OTHER
    }

    /// The capabilities that a restriction can take away.
    fn narrowed(&self, restriction: &Restriction) -> Mask {
        let of = |names: &[&str]| names.iter().fold(0, |mask, name| mask | self.bit(name));
        match restriction.name.as_str() {
            "allowed_parameters" | "denied_parameters" | "required_parameters" => {
                !of(&["delete", "list", "scan", "sudo", "subscribe"])
            }
            "subscribe_event_types" => of(&["subscribe"]),
            "list_scan_response_keys_filter_path" | "pagination_limit" => of(&["list", "scan"]),
            _ => Mask::MAX,
        }
    }
}

/// The rules of a side by path.
pub(super) fn joined<'a>(policies: &[&'a Policy], names: &Names) -> BTreeMap<Text, Joined<'a>> {
    let mut paths: BTreeMap<Text, Vec<(usize, &'a Rule)>> = BTreeMap::new();
    let all = policies.iter().flat_map(|policy| policy.rules().iter());
    for (index, rule) in all.enumerate() {
        paths.entry(path::normal(&rule.path)).or_default().push((index, rule));
    }
    paths.into_iter().map(|(path, rules)| (path, Joined::new(rules, names))).collect()
}

impl<'a> Joined<'a> {
    fn new(rules: Vec<(usize, &'a Rule)>, names: &Names) -> Self {
        let capabilities = || rules.iter().flat_map(|(_, rule)| &rule.capabilities);
        let deny = names.bit("deny");
        let known =
            capabilities().filter_map(Text::as_str).fold(0, |it, name| it | names.bit(name));
        let holes = capabilities().any(Text::has_holes);
        let restrictions: Vec<&Restriction> =
            rules.iter().flat_map(|(_, rule)| &rule.restrictions).collect();
        let narrowed = restrictions.iter().fold(0, |it, one| it | names.narrowed(one));
        // One restriction alone always leaves requests that fulfil it; several may exclude each other.
        let impossible = if restrictions.len() > 1 { narrowed } else { 0 };
        let strange: Mask = restrictions
            .iter()
            .filter(|one| !SATISFIABLE.contains(&one.name.as_str()))
            .fold(0, |it, one| it | names.narrowed(one));
        let denied = known & deny != 0;
        let certain = if denied || holes { 0 } else { known };
        Self {
            upper: match (denied, holes) {
                (true, _) => 0,
                (false, true) => names.all(),
                (false, false) => known,
            },
            lower: certain & !narrowed,
            some: certain & !impossible & !strange,
            deny: denied || holes,
            rules,
        }
    }

    /// Whether the rules are the same, so that they do the same whatever they mean.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        let key = |joined: &Self| {
            let mut key: Vec<(Vec<Text>, Vec<Restriction>)> = joined
                .rules
                .iter()
                .map(|(_, rule)| {
                    let mut capabilities = rule.capabilities.clone();
                    capabilities.sort();
                    capabilities.dedup();
                    let mut restrictions = rule.restrictions.clone();
                    restrictions.sort();
                    (capabilities, restrictions)
                })
                .collect();
            key.sort();
            key
        };
        key(self) == key(other)
    }

    /// Why what the rules allow is not certain.
    pub(super) fn doubt(&self) -> Option<(String, Vec<String>)> {
        let holes =
            self.rules.iter().flat_map(|(_, rule)| &rule.capabilities).flat_map(Text::holes);
        let mut origins: Vec<String> = Vec::new();
        for hole in holes {
            if !origins.iter().any(|it| **it == *hole.origin) {
                origins.push(hole.origin.to_string());
            }
        }
        if let Some(first) = origins.first() {
            return Some((format!("`{first}` is not known before apply"), origins));
        }
        self.rules.iter().find_map(|(_, rule)| {
            let restriction = rule.restrictions.first()?;
            Some((
                format!("`{}` on path `{}` is not compared", restriction.name, rule.path),
                origins.clone(),
            ))
        })
    }
}

/// Restrictions that some request fulfils, whatever their value.
const SATISFIABLE: [&str; 9] = [
    "allowed_parameters",
    "denied_parameters",
    "required_parameters",
    "min_wrapping_ttl",
    "max_wrapping_ttl",
    "mfa_methods",
    "control_group",
    "list_scan_response_keys_filter_path",
    "pagination_limit",
];
