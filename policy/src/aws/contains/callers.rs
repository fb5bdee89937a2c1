//! Who asks: the principals of an inner statement, as far as the policies tell them apart, and what their requests say
//! about them.

use std::collections::BTreeMap;

use super::super::principal::{Caller, Overlap, Principal, PrincipalKind, PrincipalValue};
use super::super::relation::Prepared;
use crate::text::Text;

/// More callers than this are not told apart.
const MOST: usize = 64;

/// What a request says about its caller: an operator, a key and values.
pub(super) type Fact = (&'static str, &'static str, Vec<String>);

/// The principal in pieces: everyone that some statement names, and the rest; with what follows for their requests.
pub(super) fn callers<'e>(
    principal: &'e Principal,
    statements: impl Iterator<Item = &'e Prepared<'e>>,
) -> Vec<(Caller<'e>, Vec<Fact>)> {
    let whole = Caller { principal, rest: false };
    let everyone = principal.value == PrincipalValue::Everyone;
    let broad = everyone || matches!(principal.value, PrincipalValue::Account(_));
    if !broad || principal.kind != PrincipalKind::Aws {
        return vec![(whole, facts(whole))];
    }
    let mut named: BTreeMap<&Text, Caller<'e>> = BTreeMap::new();
    let mut accounts: BTreeMap<&str, Caller<'e>> = BTreeMap::new();
    let lists = statements.filter_map(|one| one.statement.principals.as_ref());
    for one in lists.flat_map(|list| &list.list).filter(|one| one.kind == PrincipalKind::Aws) {
        match &one.value {
            PrincipalValue::Exact if principal.overlap(one) == Overlap::Covers => {
                named.entry(&one.text).or_insert(Caller { principal: one, rest: false });
            }
            PrincipalValue::Account(id) if everyone => {
                accounts.entry(id).or_insert(Caller { principal: one, rest: true });
            }
            PrincipalValue::Everyone
            | PrincipalValue::Account(_)
            | PrincipalValue::Exact
            | PrincipalValue::Unclear(_) => {}
        }
    }
    if named.len() + accounts.len() > MOST {
        return vec![(whole, facts(whole))];
    }
    // Those that are left over are none of the others.
    let known = named.keys().filter_map(|text| text.as_str()).filter(|arn| is_own_arn(arn));
    let known: Vec<String> = known.map(ToOwned::to_owned).collect();
    let other = |key: &'static str, values: Vec<String>| {
        Some(("StringNotEquals", key, values)).filter(|(_, _, values)| !values.is_empty())
    };
    let rest = Caller { principal, rest: true };
    let homes = accounts.keys().map(|id| (*id).to_owned()).collect();
    let mut out = vec![rest];
    out.extend(accounts.into_values());
    let [arn, account] = DERIVED;
    let mut out: Vec<(Caller<'e>, Vec<Fact>)> = out
        .into_iter()
        .map(|caller| {
            let own = facts(caller).into_iter().chain(other(arn, known.clone()));
            (caller, own.collect())
        })
        .collect();
    if let Some((_, own)) = out.first_mut() {
        own.extend(other(account, homes));
    }
    out.extend(named.into_values().map(|caller| (caller, facts(caller))));
    out
}

/// Whether requests carry the ARN as it is: sessions carry that of their role.
fn is_own_arn(arn: &str) -> bool {
    arn.split(':').nth(2) == Some("iam")
}

/// The keys that AWS derives from the caller.
pub(super) const DERIVED: [&str; 2] = ["aws:principalarn", "aws:principalaccount"];

/// What follows from the caller about them. For a session that is the ARN of its role, whose path it does not tell.
fn facts(caller: Caller<'_>) -> Vec<Fact> {
    let principal = caller.principal;
    if principal.kind != PrincipalKind::Aws {
        return Vec::new();
    }
    let [arn, account] = DERIVED;
    match &principal.value {
        PrincipalValue::Everyone | PrincipalValue::Unclear(_) => Vec::new(),
        PrincipalValue::Account(id) => vec![
            ("ArnLike", arn, vec![format!("arn:*:*::{id}:*")]),
            ("StringEquals", account, vec![id.clone()]),
        ],
        PrincipalValue::Exact => {
            let text = principal.text.as_str().unwrap_or_default();
            let fields: Vec<&str> = text.splitn(6, ':').collect();
            let [_, partition, _, _, id, name] = fields.as_slice() else { return Vec::new() };
            let session = name.strip_prefix("assumed-role/").and_then(|it| it.split('/').next());
            let own = match session {
                Some(role) => {
                    let role = |path: &str| format!("arn:{partition}:iam::{id}:role/{path}{role}");
                    ("StringLike", arn, vec![role(""), role("*/")])
                }
                None => ("StringEquals", arn, vec![text.to_owned()]),
            };
            vec![own, ("StringEquals", account, vec![(*id).to_owned()])]
        }
    }
}
