//! What is known about condition keys: which are always there, which hold several values, what likely values are.

use super::Context;
use crate::catalogue::actions::{KeyType, key_type};

/// What is known about the requests that are compared.
#[derive(Clone, Copy, Debug)]
pub(in crate::aws) struct Facts {
    /// Whether the policies name the principals themselves: then somebody without a signature may ask as well.
    pub(in crate::aws) names_principals: bool,
    /// Whether a key holds several values; none where that is not known.
    pub(in crate::aws) several: fn(&str) -> Option<bool>,
}

/// Keys that every request has.
const ALWAYS: &[&str] =
    &["aws:currenttime", "aws:epochtime", "aws:requestedregion", "aws:securetransport"];

/// Keys that every signed request has.
const SIGNED: &[&str] =
    &["aws:principalaccount", "aws:principalarn", "aws:principaltype", "aws:userid"];

/// Keys without which a request is hardly one.
const EXPECTED: &[&str] =
    &["aws:principalisawsservice", "aws:resourceaccount", "aws:viaawsservice"];

/// Whether a request has the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Presence {
    Optional,
    /// One without it would be doubted.
    Expected,
    Always,
}

impl Facts {
    pub(in crate::aws) fn new(names_principals: bool) -> Self {
        Self { names_principals, several }
    }

    pub(super) fn presence(self, key: &str) -> Presence {
        let signed = SIGNED.contains(&key);
        if ALWAYS.contains(&key) || (signed && !self.names_principals) {
            Presence::Always
        } else if signed
            || EXPECTED.contains(&key)
            || key.ends_with(":sub")
            || key.ends_with(":aud")
        {
            Presence::Expected
        } else {
            Presence::Optional
        }
    }
}

/// Whether a key holds several values, and whether these are text, whatever operators speak of it.
pub(super) fn kind(key: &str) -> (Option<bool>, bool) {
    // A tag has one value, which is text.
    if key.contains("tag/") {
        return (Some(false), true);
    }
    let kind = key_type(key);
    (kind.map(|(_, several)| several), matches!(kind, Some((KeyType::String | KeyType::Arn, _))))
}

fn several(key: &str) -> Option<bool> {
    key_type(key).map(|(_, several)| several)
}

/// The account that the ARN of the principal names, where the context has another one beside it.
pub(super) fn another_account(context: &Context) -> Option<String> {
    let only = |key: &str| match context.get(key).map(Vec::as_slice) {
        Some([only]) => Some(only.as_str()),
        Some(_) | None => None,
    };
    let (arn, account) = (only("aws:principalarn")?, only("aws:principalaccount")?);
    let named = arn.split(':').nth(4).unwrap_or_default();
    (named != account).then(|| named.to_owned())
}

/// Whether this is one of the two names of the time of the request.
pub(super) fn is_clock(key: &str) -> bool {
    matches!(key, "aws:currenttime" | "aws:epochtime")
}

/// Values that a reader takes for granted, the likeliest first. Never empty.
pub(super) fn likely(key: &str) -> &'static [&'static str] {
    match key {
        "aws:username" => &["jdoe", "asmith"],
        "aws:userid" => &["AROAEXAMPLE:session", "AIDAEXAMPLE"],
        "aws:principaltype" => &["AssumedRole", "User"],
        "aws:principalorgid" | "aws:resourceorgid" | "aws:sourceorgid" => {
            &["o-exampleorgid", "o-otherorgid"]
        }
        "aws:sourcevpc" => &["vpc-0123456789abcdef0", "vpc-0fedcba9876543210"],
        "aws:sourcevpce" => &["vpce-0123456789abcdef0", "vpce-0fedcba9876543210"],
        "aws:securetransport" => &["true", "false"],
        _ if key.ends_with("region") => &["us-east-1", "eu-west-1"],
        _ if key.ends_with("account") => &["111122223333", "444455556666"],
        _ if key.ends_with("arn") => {
            &["arn:aws:iam::111122223333:role/example", "arn:aws:iam::444455556666:role/other"]
        }
        _ if key.ends_with("isawsservice") || key.ends_with("viaawsservice") => &["false", "true"],
        _ => &["example", "something-else"],
    }
}
