//! Functions of providers, `provider::aws::arn_parse`, as their documentation tells what they give. What it leaves open is
//! unknown here.

use jiff::Timestamp;
use policy::governance::{Expiry, Lifetime};
use policy::text::Text;

use super::arguments::{known, one_known, text, two_known};
use super::open;
use crate::value::Value;

/// The function of a provider, by its source and name.
pub(super) fn find(source: &str, name: &str) -> Option<super::Plain> {
    let provider = source.strip_prefix("registry.terraform.io/").unwrap_or(source);
    Some(match (provider.rsplit('/').next()?, name) {
        ("nhi", "spiffe_id") => spiffe_id,
        ("nhi", "expires_after") => expires_after,
        ("aws", "arn_build") => arn_build,
        ("aws", "arn_parse") => arn_parse,
        ("aws", "trim_iam_role_path") => trim_iam_role_path,
        ("aws", "user_agent") => user_agent,
        ("kubernetes", "manifest_decode") => manifest_decode,
        ("kubernetes", "manifest_decode_multi") => manifest_decode_multi,
        ("google" | "google-beta", "project_from_id") => project_from_id,
        ("google" | "google-beta", "location_from_id") => location_from_id,
        ("google" | "google-beta", "region_from_id") => region_from_id,
        ("google" | "google-beta", "zone_from_id") => zone_from_id,
        ("google" | "google-beta", "name_from_id") => name_from_id,
        ("google" | "google-beta", "region_from_zone") => region_from_zone,
        _ => return None,
    })
}

/// What our own provider refuses here is listed in its documentation of the function.
fn spiffe_id(arguments: &[Value]) -> Option<Value> {
    let (domain, segments) = arguments.split_first()?;
    let domain = known(domain)?;
    let in_domain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || ".-_".contains(c);
    if domain.is_empty() || domain.len() > 255 || !domain.chars().all(in_domain) {
        return None;
    }
    let mut out = Text::literal(format!("spiffe://{domain}"));
    for segment in segments {
        let segment = text(segment)?;
        if let Some(known) = segment.as_str() {
            let in_path = |c: char| c.is_ascii_alphanumeric() || ".-_".contains(c);
            if matches!(known, "" | "." | "..") || !known.chars().all(in_path) {
                return None;
            }
        }
        out.push_str("/");
        out.push(&segment);
    }
    if out.as_str().is_some_and(|id| id.len() > 2048) {
        return None;
    }
    Some(Value::String(out))
}

fn expires_after(arguments: &[Value]) -> Option<Value> {
    let (timestamp, duration) = two_known(arguments)?;
    let Ok(Expiry::Time(start)) = Expiry::parse(&timestamp) else { return None };
    let end = Lifetime::parse(&duration).ok()?.after(start);
    (end != Timestamp::MAX).then(|| end.to_string().as_str().into())
}

fn arn_build(arguments: &[Value]) -> Option<Value> {
    if arguments.len() != 5 {
        return None;
    }
    let mut out = Text::literal("arn");
    for argument in arguments {
        out.push_str(":");
        out.push(&text(argument)?);
    }
    Some(Value::String(out))
}

/// Partition, service, region, account and resource.
fn arn(text: &str) -> Option<[&str; 5]> {
    let mut parts = text.strip_prefix("arn:")?.splitn(5, ':');
    Some([parts.next()?, parts.next()?, parts.next()?, parts.next()?, parts.next()?])
}

fn arn_parse(arguments: &[Value]) -> Option<Value> {
    let text = one_known(arguments)?;
    let names = ["partition", "service", "region", "account_id", "resource"];
    let fields = names.into_iter().zip(arn(&text)?);
    Some(Value::Object(fields.map(|(name, part)| (name.to_owned(), part.into())).collect()))
}

fn trim_iam_role_path(arguments: &[Value]) -> Option<Value> {
    let text = one_known(arguments)?;
    let [partition, service, region, account, resource] = arn(&text)?;
    let path = resource.strip_prefix("role/")?;
    if service != "iam" || !region.is_empty() {
        return Some(open("provider::aws::trim_iam_role_path", arguments));
    }
    let name = path.rsplit('/').next().unwrap_or(path);
    Some(format!("arn:{partition}:{service}:{region}:{account}:role/{name}").as_str().into())
}

fn user_agent(arguments: &[Value]) -> Option<Value> {
    let parts: Vec<String> = arguments.iter().map(known).collect::<Option<_>>()?;
    match parts.as_slice() {
        [product, version, comment] if parts.iter().all(|part| !part.is_empty()) => {
            Some(format!("{product}/{version} ({comment})").as_str().into())
        }
        _ => Some(open("provider::aws::user_agent", arguments)),
    }
}

/// Whether a document is a manifest of which every scalar means the same to every reader of YAML.
fn is_plain_manifest(value: &Value) -> bool {
    ["apiVersion", "kind", "metadata"].iter().all(|key| !value.get(key).is_null())
        && super::yaml::is_plain(value)
}

fn manifest_decode(arguments: &[Value]) -> Option<Value> {
    let decoded = super::yaml::yamldecode(arguments)?;
    Some(if is_plain_manifest(&decoded) {
        decoded
    } else {
        open("provider::kubernetes::manifest_decode", arguments)
    })
}

fn manifest_decode_multi(arguments: &[Value]) -> Option<Value> {
    let [source] = arguments else { return None };
    let text = text(source)?;
    let documents = super::yaml::documents(&text).filter(|_| text.raw_hole().is_none());
    Some(match documents {
        Some(documents) if documents.iter().all(is_plain_manifest) => Value::List(documents),
        _ => open("provider::kubernetes::manifest_decode_multi", arguments),
    })
}

/// What stands behind `kind/` in a path, up to the next slash.
fn part_of_id(arguments: &[Value], kind: &str) -> Option<Value> {
    let text = one_known(arguments)?;
    let found = text.split_once(&format!("{kind}/")).and_then(|(before, after)| {
        let (part, _) = after.split_once('/')?;
        (before.is_empty() || before.ends_with('/')).then_some(part).filter(|part| !part.is_empty())
    });
    Some(found.map_or_else(|| open("provider::google::…_from_id", arguments), Value::from))
}

fn project_from_id(arguments: &[Value]) -> Option<Value> {
    part_of_id(arguments, "projects")
}

fn location_from_id(arguments: &[Value]) -> Option<Value> {
    part_of_id(arguments, "locations")
}

fn region_from_id(arguments: &[Value]) -> Option<Value> {
    part_of_id(arguments, "regions")
}

fn zone_from_id(arguments: &[Value]) -> Option<Value> {
    part_of_id(arguments, "zones")
}

fn name_from_id(arguments: &[Value]) -> Option<Value> {
    let text = one_known(arguments)?;
    let name = text.rsplit_once('/').map(|(_, name)| name).filter(|name| !name.is_empty());
    Some(name.map_or_else(|| open("provider::google::name_from_id", arguments), Value::from))
}

fn region_from_zone(arguments: &[Value]) -> Option<Value> {
    let zone = one_known(arguments)?;
    let region =
        zone.rsplit_once('-').filter(|(_, letter)| letter.len() == 1).map(|(region, _)| region);
    Some(region.map_or_else(|| open("provider::google::region_from_zone", arguments), Value::from))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(source: &str, name: &str, arguments: &[&str]) -> String {
        let arguments: Vec<Value> = arguments.iter().map(|argument| (*argument).into()).collect();
        match find(source, name).unwrap()(&arguments) {
            Some(value) => crate::evaluate::functions::to_json(&value).to_string(),
            None => "wrong".to_owned(),
        }
    }

    #[test]
    fn what_the_documentation_says() {
        let nhi = "governed-nhi/nhi";
        assert_eq!(
            call(nhi, "spiffe_id", &["example.com", "billing", "worker"]),
            r#""spiffe://example.com/billing/worker""#
        );
        assert_eq!(call(nhi, "spiffe_id", &["Example.com"]), "wrong");
        assert_eq!(
            call(nhi, "expires_after", &["2026-11-21T00:00:00Z", "90d"]),
            r#""2027-02-19T00:00:00Z""#
        );
        let aws = "hashicorp/aws";
        assert_eq!(
            call(aws, "arn_build", &["aws", "iam", "", "444455556666", "role/example"]),
            r#""arn:aws:iam::444455556666:role/example""#
        );
        assert_eq!(
            call(aws, "arn_parse", &["arn:aws:iam::444455556666:role/a:b"]),
            r#"{"account_id":"444455556666","partition":"aws","region":"","resource":"role/a:b","service":"iam"}"#
        );
        assert_eq!(
            call(aws, "trim_iam_role_path", &["arn:aws:iam::444455556666:role/with/path/example"]),
            r#""arn:aws:iam::444455556666:role/example""#
        );
        let google = "hashicorp/google";
        let id = "projects/my-project/zones/us-central1-c/instances/my-instance";
        assert_eq!(call(google, "project_from_id", &[id]), r#""my-project""#);
        assert_eq!(call(google, "zone_from_id", &[id]), r#""us-central1-c""#);
        assert_eq!(call(google, "name_from_id", &[id]), r#""my-instance""#);
        assert_eq!(call(google, "region_from_zone", &["us-central1-b"]), r#""us-central1""#);
    }
}
