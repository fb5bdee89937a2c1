//! Condition keys and the types of their values.

use super::store::store;

/// What the values of a condition key are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum KeyType {
    /// Text.
    String,
    /// An ARN.
    Arn,
    /// `true` or `false`.
    Bool,
    /// A number.
    Numeric,
    /// A date, or seconds since 1970.
    Date,
    /// An IP address.
    IpAddress,
}

/// The type of a condition key's values, and whether one request can have several. Case does not matter; the name of a
/// tag may stand in its place: `aws:RequestTag/team`. None for a key that AWS does not list.
pub fn key_type(key: &str) -> Option<(KeyType, bool)> {
    if let Some((_, kind, several)) = GLOBAL.iter().find(|(own, ..)| covers(own, key)) {
        return Some((*kind, *several));
    }
    // Keys of tokens begin with the name of a host, and a name without a service is none of AWS's.
    let (service, _) = key.split_once(':').filter(|(service, _)| !service.contains('.'))?;
    let keys = store()?.keys();
    let from = keys.partition_point(|(own, _)| lower(own).lt(lower(service)));
    let mut own = keys.get(from..)?.iter().take_while(|(own, _)| starts_with(own, service));
    of_letter(own.find(|(own, _)| covers(own, key)).map(|(_, letter)| *letter)?)
}

fn lower(text: &str) -> impl Iterator<Item = u8> {
    text.bytes().map(|byte| byte.to_ascii_lowercase())
}

fn starts_with(text: &str, start: &str) -> bool {
    text.get(..start.len()).is_some_and(|own| own.eq_ignore_ascii_case(start))
}

/// The keys of a list of numbers.
pub(super) fn named(list: &'static [u16]) -> impl Iterator<Item = &'static str> {
    let keys = store().map_or(&[][..], |store| store.keys());
    list.iter().filter_map(|number| keys.get(usize::from(*number)).map(|(key, _)| key.as_str()))
}

fn of_letter(letter: char) -> Option<(KeyType, bool)> {
    let kind = match letter.to_ascii_uppercase() {
        'S' => KeyType::String,
        'R' => KeyType::Arn,
        'B' => KeyType::Bool,
        'N' => KeyType::Numeric,
        'D' => KeyType::Date,
        'I' => KeyType::IpAddress,
        _ => return None,
    };
    Some((kind, letter.is_ascii_lowercase()))
}

/// Whether a key is one of a listed form, in which `${…}` stands for any name. Case does not matter.
fn covers(form: &str, key: &str) -> bool {
    if form.len() != key.len() && !form.contains('$') {
        return false;
    }
    let Some((start, (_, end))) =
        form.split_once("${").and_then(|(start, rest)| Some((start, rest.split_once('}')?)))
    else {
        return form.eq_ignore_ascii_case(key);
    };
    // A form with several names is told by its beginning.
    let end = end.rsplit('}').next().unwrap_or(end);
    if !starts_with(key, start) {
        return false;
    }
    let rest = key.get(start.len()..).unwrap_or_default();
    rest.len() > end.len()
        && rest.get(rest.len() - end.len()..).is_some_and(|own| own.eq_ignore_ascii_case(end))
}

/// Keys that AWS knows everywhere, of which the reference lists those only that an action asks for; and keys that hold
/// several values, whatever it says.
const GLOBAL: &[(&str, KeyType, bool)] = &[
    ("aws:calledvia", KeyType::String, true),
    ("aws:calledviafirst", KeyType::String, false),
    ("aws:calledvialast", KeyType::String, false),
    ("aws:chatbotsourcearn", KeyType::Arn, false),
    ("aws:currenttime", KeyType::Date, false),
    ("aws:ec2instancesourceprivateipv4", KeyType::IpAddress, false),
    ("aws:ec2instancesourcevpc", KeyType::String, false),
    ("aws:epochtime", KeyType::Date, false),
    ("aws:federatedprovider", KeyType::String, false),
    ("aws:multifactorauthage", KeyType::Numeric, false),
    ("aws:multifactorauthpresent", KeyType::Bool, false),
    ("aws:principalaccount", KeyType::String, false),
    ("aws:principalarn", KeyType::Arn, false),
    ("aws:principalisawsservice", KeyType::Bool, false),
    ("aws:principalorgid", KeyType::String, false),
    ("aws:principalorgpaths", KeyType::String, true),
    ("aws:principalservicename", KeyType::String, false),
    ("aws:principalservicenameslist", KeyType::String, true),
    ("aws:principaltag/${tagkey}", KeyType::String, false),
    ("aws:principaltype", KeyType::String, false),
    ("aws:referer", KeyType::String, false),
    ("aws:requestedregion", KeyType::String, false),
    ("aws:requesttag/${tagkey}", KeyType::String, false),
    ("aws:resourceaccount", KeyType::String, false),
    ("aws:resourceorgid", KeyType::String, false),
    ("aws:resourceorgpaths", KeyType::String, true),
    ("aws:resourcetag/${tagkey}", KeyType::String, false),
    ("aws:securetransport", KeyType::Bool, false),
    ("aws:sourceaccount", KeyType::String, false),
    ("aws:sourcearn", KeyType::Arn, false),
    ("aws:sourceidentity", KeyType::String, false),
    ("aws:sourceip", KeyType::IpAddress, false),
    ("aws:sourceorgid", KeyType::String, false),
    ("aws:sourceorgpaths", KeyType::String, true),
    ("aws:sourceowner", KeyType::String, false),
    ("aws:sourcevpc", KeyType::String, false),
    ("aws:sourcevpce", KeyType::String, false),
    ("aws:tagkeys", KeyType::String, true),
    ("aws:tokenissuetime", KeyType::Date, false),
    ("aws:useragent", KeyType::String, false),
    ("aws:userid", KeyType::String, false),
    ("aws:username", KeyType::String, false),
    ("aws:viaawsservice", KeyType::Bool, false),
    ("aws:vpceorgpaths", KeyType::String, true),
    ("aws:vpcsourceip", KeyType::IpAddress, false),
    ("dynamodb:attributes", KeyType::String, true),
    ("dynamodb:leadingkeys", KeyType::String, true),
    ("sts:transitivetagkeys", KeyType::String, true),
];
