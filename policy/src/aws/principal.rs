//! Who a trust or resource policy speaks of.

use std::fmt;

use crate::glob;
use crate::text::{Shape, Text};
use crate::verdict::Why;

use super::pattern::{shape, unknown};

/// The name under which a principal stands in a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PrincipalKind {
    /// Accounts, users, roles and sessions.
    Aws,
    /// `ec2.amazonaws.com`.
    Service,
    /// OIDC and SAML providers.
    Federated,
    /// S3's own identifiers.
    CanonicalUser,
}

/// `Principal` or `NotPrincipal`.
#[derive(Clone, Debug)]
pub(super) struct Principals {
    /// `NotPrincipal`: what it leaves over depends on how AWS expands sessions, so it is not read.
    pub(super) negated: Option<Why>,
    pub(super) list: Vec<Principal>,
}

/// One principal of a list.
#[derive(Clone, Debug)]
pub(super) struct Principal {
    pub(super) kind: PrincipalKind,
    pub(super) text: Text,
    pub(super) value: PrincipalValue,
}

/// What the text of a principal means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum PrincipalValue {
    /// `*`: everyone.
    Everyone,
    /// Every principal of an account, by number or by the ARN of its root.
    Account(String),
    /// Exactly this one.
    Exact,
    /// Not known, or not a principal.
    Unclear(Why),
}

/// Those who ask: a principal of a policy, or what is left of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Caller<'p> {
    pub(super) principal: &'p Principal,
    /// Only those of an account, or of everybody, whom no policy of the comparison names in another way.
    pub(super) rest: bool,
}

/// Whose requests a comparison is about.
#[derive(Clone, Copy, Debug)]
pub(super) enum Asker<'p> {
    /// The identity that the policies are attached to.
    Attached,
    /// Somebody whom a policy names.
    Named(Caller<'p>),
    /// Somebody; the policy does not say whom.
    Vague,
}

/// How one principal stands to another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Overlap {
    /// The other one is part of it.
    Covers,
    /// They have nothing in common.
    Disjoint,
    /// Something else, or not known.
    Unclear,
}

impl PrincipalKind {
    /// All of them.
    pub(crate) const ALL: [Self; 4] =
        [Self::Aws, Self::Service, Self::Federated, Self::CanonicalUser];
}

impl fmt::Display for PrincipalKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Aws => "AWS",
            Self::Service => "Service",
            Self::Federated => "Federated",
            Self::CanonicalUser => "CanonicalUser",
        })
    }
}

impl Principals {
    pub(super) fn doubts(&self) -> impl Iterator<Item = &Why> {
        let unclear = self.list.iter().filter_map(|principal| match &principal.value {
            PrincipalValue::Unclear(why) => Some(why),
            PrincipalValue::Everyone | PrincipalValue::Account(_) | PrincipalValue::Exact => None,
        });
        self.negated.iter().chain(unclear)
    }
}

impl Principals {
    /// Whether the list speaks of a caller: of all of it (lower), or of some of it (upper).
    pub(super) fn speaks_of(&self, caller: Caller<'_>, upper: bool) -> bool {
        let overlaps = || self.list.iter().map(|own| own.overlap_caller(caller));
        if self.negated.is_none() {
            return overlaps().any(|overlap| match overlap {
                Overlap::Covers => true,
                Overlap::Unclear => upper,
                Overlap::Disjoint => false,
            });
        }
        // Whoever is left over by the list; of callers that are taken apart no further nothing is said.
        self.leaves(caller).unwrap_or(upper)
    }

    /// Whether `NotPrincipal` leaves all of a caller over, or none of it. AWS wants the account of a principal listed
    /// beside it, and each session of a role; what it does without them is not said.
    fn leaves(&self, caller: Caller<'_>) -> Option<bool> {
        let whole = matches!(caller.principal.value, PrincipalValue::Exact) || caller.rest;
        if !whole || caller.principal.kind != PrincipalKind::Aws {
            return None;
        }
        let listed = self.list.iter().any(|own| {
            own.kind == PrincipalKind::Aws
                && (own.value == PrincipalValue::Everyone
                    || (!caller.rest && own.text == caller.principal.text))
        });
        let home = match &caller.principal.value {
            PrincipalValue::Account(id) => Some(id.as_str()),
            PrincipalValue::Exact => account(&caller.principal.text),
            PrincipalValue::Everyone | PrincipalValue::Unclear(_) => None,
        };
        let here = |own: &Principal| home.is_some() && account(&own.text) == home;
        let account = self.list.iter().any(|own| match &own.value {
            PrincipalValue::Account(id) => Some(id.as_str()) == home,
            PrincipalValue::Everyone => true,
            PrincipalValue::Exact | PrincipalValue::Unclear(_) => false,
        });
        let neighbour = self.list.iter().any(|own| own.value == PrincipalValue::Exact && here(own));
        let unclear = self.list.iter().any(|own| match own.overlap_caller(caller) {
            // An account in the list stands for its root user, where others of it are listed by name.
            Overlap::Covers => {
                matches!(own.value, PrincipalValue::Account(_)) && !listed && !neighbour
            }
            Overlap::Unclear => true,
            Overlap::Disjoint => false,
        });
        let sessions = caller.principal.text.as_str().is_none_or(|arn| arn.contains(":role/"));
        match (listed, unclear) {
            (true, false) if account && (caller.rest || !sessions) => Some(false),
            (true, _) | (false, true) => None,
            (false, false) => Some(true),
        }
    }
}

impl Principal {
    /// How this principal stands to those who ask.
    fn overlap_caller(&self, caller: Caller<'_>) -> Overlap {
        let other = caller.principal;
        if !caller.rest || matches!(self.value, PrincipalValue::Everyone) {
            return self.overlap(other);
        }
        let everyone = other.value == PrincipalValue::Everyone;
        match &self.value {
            PrincipalValue::Exact => Overlap::Disjoint,
            PrincipalValue::Account(_) if everyone => Overlap::Disjoint,
            PrincipalValue::Account(_) | PrincipalValue::Everyone | PrincipalValue::Unclear(_) => {
                self.overlap(other)
            }
        }
    }

    pub(super) fn new(kind: PrincipalKind, text: &Text) -> Self {
        Self { kind, text: text.clone(), value: value(kind, text) }
    }

    /// How this principal stands to another.
    pub(super) fn overlap(&self, other: &Self) -> Overlap {
        use PrincipalValue::{Account, Everyone, Exact, Unclear};
        if self.kind == other.kind && self.text == other.text {
            return Overlap::Covers;
        }
        match (&self.value, &other.value) {
            (Everyone, Everyone) => Overlap::Covers,
            (Everyone, Account(_) | Exact) if other.kind == PrincipalKind::Aws => Overlap::Covers,
            // Whether `*` takes in services and identity providers, or they it, is not said anywhere.
            (Everyone, _) | (_, Everyone) => Overlap::Unclear,
            _ if self.kind != other.kind => Overlap::Disjoint,
            (Account(own), Account(theirs)) if own == theirs => Overlap::Covers,
            (Account(own), Exact) if account(&other.text) == Some(own) => Overlap::Covers,
            (Exact, Account(theirs)) if account(&self.text) == Some(theirs) => Overlap::Unclear,
            (Exact, Exact) if same_role(&self.text, &other.text) => Overlap::Unclear,
            (Unclear(_), _) | (_, Unclear(_)) if self.may_be(other) => Overlap::Unclear,
            _ => Overlap::Disjoint,
        }
    }

    /// Whether one can become the other. Either side may have holes.
    fn may_be(&self, other: &Self) -> bool {
        let loose = |principal: &Self| {
            principal.text.holes().any(|hole| hole.shape == Shape::Any)
                || !principal.text.has_holes()
                    && matches!(principal.value, PrincipalValue::Unclear(_))
        };
        if loose(self) || loose(other) {
            return true;
        }
        // An account takes in more than its own text.
        let broad = |principal: &Self| matches!(principal.value, PrincipalValue::Account(_));
        if broad(self) || broad(other) {
            return true;
        }
        glob::meets(&strings(&self.text), &strings(&other.text))
    }
}

/// All strings that the text can become.
fn strings(text: &Text) -> Vec<glob::Symbol> {
    use crate::text::Part;
    let mut symbols = Vec::new();
    for part in text.parts() {
        match part {
            Part::Literal(known) => symbols.extend(known.chars().map(glob::Symbol::Char)),
            Part::Hole(hole) => symbols.extend(shape(hole)),
        }
    }
    glob::normal(symbols)
}

fn value(kind: PrincipalKind, text: &Text) -> PrincipalValue {
    if let Some(hole) = text.holes().next() {
        return PrincipalValue::Unclear(unknown(hole));
    }
    let known = text.as_str().unwrap_or_default();
    if kind != PrincipalKind::Aws {
        if known.contains('*') {
            let reason = format!("`{known}` is not a principal that AWS accepts");
            return PrincipalValue::Unclear(Why::construct(reason));
        }
        return PrincipalValue::Exact;
    }
    if known == "*" {
        return PrincipalValue::Everyone;
    }
    if is_account(known) {
        return PrincipalValue::Account(known.to_owned());
    }
    let fields: Vec<&str> = known.splitn(6, ':').collect();
    if let ["arn", _, "iam", "", id, "root"] = fields.as_slice()
        && is_account(id)
    {
        return PrincipalValue::Account((*id).to_owned());
    }
    if let ["arn", _, "iam" | "sts", "", id, name] = fields.as_slice()
        && is_account(id)
        && !name.contains(['*', '?'])
    {
        return PrincipalValue::Exact;
    }
    let reason = if known.contains(['*', '?']) {
        format!("`{known}` has a wildcard, and principals are compared letter by letter")
    } else {
        format!("`{known}` is not a principal that is understood")
    };
    PrincipalValue::Unclear(Why::construct(reason))
}

/// Numbers of any length: examples abbreviate them.
fn is_account(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn account(text: &Text) -> Option<&str> {
    text.as_str()?.split(':').nth(4)
}

/// A role and its own sessions share the name, but a session does not say the path of its role.
fn same_role(one: &Text, other: &Text) -> bool {
    let name = |text: &Text| -> Option<(String, String)> {
        let fields: Vec<&str> = text.as_str()?.splitn(6, ':').collect();
        let ["arn", _, _, _, id, rest] = fields.as_slice() else { return None };
        let role = if let Some(session) = rest.strip_prefix("assumed-role/") {
            session.split('/').next()
        } else {
            rest.strip_prefix("role/").and_then(|path| path.rsplit('/').next())
        };
        Some(((*id).to_owned(), role?.to_owned()))
    };
    let session = |text: &Text| text.as_str().is_some_and(|text| text.contains(":assumed-role/"));
    (session(one) || session(other)) && name(one).is_some() && name(one) == name(other)
}
