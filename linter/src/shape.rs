//! Attributes that a provider computes and that follow from the configuration all the same: an ARN from a name.
//!
//! A plan says "known after apply" about them, and a grant that uses them would be a riddle. What does not follow is a
//! hole of a known form, so that it is never taken for a wildcard, and never for nothing.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "values and expressions have many forms, and each piece of code is about a few of them"
)]

mod form;
mod policy_document;
pub(crate) mod rendered;
mod table;
#[cfg(test)]
mod truth;

use std::collections::{BTreeMap, BTreeSet};

use policy::text::{Part, Shape, Text};

use crate::model::{Mode, Reference};
use crate::value::Value;

/// What a provider's configuration says about where its resources live.
#[derive(Clone, Debug)]
pub(crate) struct Facts {
    region: Text,
    account: Text,
    partition: Text,
    project: Text,
    default_tags: Value,
    /// Keys, and beginnings of keys, that the provider leaves alone; None while they are not known.
    ignored_tags: Option<[Vec<String>; 2]>,
    default_labels: Value,
    /// What the default tags or labels derive from for sure.
    pub(crate) default_references: BTreeSet<Reference>,
}

impl Facts {
    /// Of a provider of which nothing is configured. `place` tells it apart from other providers: empty for the root
    /// module's default one.
    pub(crate) fn unknown(place: &str) -> Self {
        let hole = |what: &str| {
            let origin =
                if place.is_empty() { what.to_owned() } else { format!("{what} of {place}") };
            Text::hole(origin, Shape::Word)
        };
        Self {
            region: hole("region"),
            account: hole("account"),
            // Of the partitions, nearly everything is in this one; the region tells the others.
            partition: "aws".into(),
            project: hole("project"),
            default_tags: Value::Null,
            ignored_tags: Some([Vec::new(), Vec::new()]),
            default_labels: Value::Null,
            default_references: BTreeSet::new(),
        }
    }

    /// From the arguments of a provider block, and those of the blocks in it.
    pub(crate) fn new(
        place: &str,
        argument: &dyn Fn(&str) -> Value,
        nested: &dyn Fn(&str, &str) -> Option<Value>,
    ) -> Self {
        let mut facts = Self::unknown(place);
        if let Value::String(region) = argument("region") {
            if let Some(known) = region.as_str() {
                facts.partition = partition(known).into();
            }
            facts.region = region;
        }
        if let Value::String(project) = argument("project") {
            facts.project = project;
        }
        let allowed = argument("allowed_account_ids");
        let role = nested("assume_role", "role_arn");
        if let [Value::String(account)] = allowed.elements() {
            facts.account = account.clone();
        } else if let Some(account) =
            role.as_ref().and_then(Value::as_str).and_then(|arn| arn.split(':').nth(4))
        {
            facts.account = account.into();
        }
        facts.default_tags = nested("default_tags", "tags").unwrap_or_default();
        facts.default_labels = argument("default_labels");
        let ignored = |name: &str| -> Option<Vec<String>> {
            let list = nested("ignore_tags", name).unwrap_or_default();
            list.elements().iter().map(|key| key.as_str().map(str::to_owned)).collect()
        };
        facts.ignored_tags =
            ignored("keys").zip(ignored("key_prefixes")).map(|(keys, prefixes)| [keys, prefixes]);
        facts
    }
}

impl Facts {
    /// Tags without those that the provider leaves alone; None where it is not known which these are.
    fn kept(&self, tags: Value) -> Option<Value> {
        let [keys, prefixes] = self.ignored_tags.as_ref()?;
        let Value::Object(mut tags) = tags else { return Some(tags) };
        tags.retain(|key, _| {
            !keys.contains(key) && !prefixes.iter().any(|prefix| key.starts_with(prefix.as_str()))
        });
        Some(Value::Object(tags))
    }
}

fn partition(region: &str) -> &'static str {
    if region.starts_with("cn-") {
        "aws-cn"
    } else if region.starts_with("us-gov-") {
        "aws-us-gov"
    } else {
        "aws"
    }
}

/// Adds what follows from the arguments of a resource; what is known already stays.
pub(crate) fn complete(
    mode: Mode,
    kind: &str,
    address: &str,
    fields: &mut BTreeMap<String, Value>,
    facts: &Facts,
) {
    if mode == Mode::Data && kind == "aws_iam_policy_document" {
        policy_document::complete(fields, address);
        return;
    }
    for (attribute, form) in table::rows(mode, kind) {
        let form = match form.strip_prefix('?').and_then(|form| form.split_once(' ')) {
            Some((switch, _)) if fields.get(switch) != Some(&Value::Bool(true)) => continue,
            Some((_, form)) => form,
            None => form,
        };
        let outer = attribute.split('.').next().unwrap_or(attribute);
        if is_open(fields.get(outer)) {
            let value = form::filled(form, attribute, address, fields, facts);
            fields.insert(outer.to_owned(), in_blocks(attribute, value));
        }
    }
    let tags = fields.get("tags").cloned().unwrap_or_default();
    // Not every type can carry tags, so default ones reach only those that are known to.
    let taggable = !tags.is_null() || fields.contains_key("tags_all") || table::is_taggable(kind);
    if mode == Mode::Managed
        && kind.starts_with("aws_")
        && taggable
        && is_open(fields.get("tags_all"))
        && let Some(all) = tags_all(&facts.default_tags, &tags)
        && let Some(all) = facts.kept(all)
    {
        fields.insert("tags_all".to_owned(), all);
    }
    if mode == Mode::Managed && kind.starts_with("google_") && !facts.default_labels.is_null() {
        effective_labels(fields, facts);
    }
}

/// The value of an attribute that is inside of blocks, which are there once each: `identity.oidc.issuer`.
fn in_blocks(attribute: &str, value: Text) -> Value {
    let inner: Vec<&str> = attribute.split('.').skip(1).collect();
    inner.into_iter().rev().fold(Value::String(value), |value, name| {
        Value::List(vec![Value::Object(BTreeMap::from([(name.to_owned(), value)]))])
    })
}

/// Labels with the provider's default ones below them. Whoever reads them knows which types have labels.
fn effective_labels(fields: &mut BTreeMap<String, Value>, facts: &Facts) {
    let labels = fields.get("labels").cloned().unwrap_or_default();
    if is_open(fields.get("effective_labels"))
        && let Some(all) = tags_all(&facts.default_labels, &labels)
    {
        fields.insert("effective_labels".to_owned(), all);
    }
}

/// The arguments that a provider fills in by itself where they are not set, so that a plan calls them unknown: where the
/// configuration does not set them, they are not set.
pub(crate) fn settle_unset(
    kind: &str,
    fields: &mut BTreeMap<String, Value>,
    is_set: &dyn Fn(&str) -> bool,
) {
    for attribute in table::unset(kind) {
        if matches!(fields.get(*attribute), Some(Value::Unknown(_))) && !is_set(attribute) {
            fields.insert((*attribute).to_owned(), Value::Null);
        }
    }
}

/// Whether nothing is known of an attribute yet.
fn is_open(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Unknown(_)) => true,
        Some(Value::String(text)) => match text.parts() {
            [Part::Hole(hole)] => hole.shape == Shape::Any,
            _ => false,
        },
        Some(
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::List(_) | Value::Object(_),
        ) => false,
    }
}

/// Tags with the provider's default ones below them; None where there is nothing to say.
fn tags_all(defaults: &Value, tags: &Value) -> Option<Value> {
    match (defaults, tags) {
        (Value::Null, Value::Object(_)) => Some(tags.clone()),
        (Value::Object(defaults), Value::Null) => Some(Value::Object(defaults.clone())),
        (Value::Object(defaults), Value::Object(tags)) => {
            let mut all = defaults.clone();
            all.extend(tags.clone());
            Some(Value::Object(all))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use policy::text::Hole;

    use super::*;

    fn complete_with(
        kind: &str,
        arguments: &[(&str, Value)],
        facts: &Facts,
    ) -> BTreeMap<String, Value> {
        let mut fields =
            arguments.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        complete(Mode::Managed, kind, "x.y", &mut fields, facts);
        fields
    }

    #[track_caller]
    fn shows(fields: &BTreeMap<String, Value>, attribute: &str, expected: &str) {
        let text = fields.get(attribute).and_then(Value::text).unwrap_or_default();
        assert_eq!(text.to_string(), expected);
    }

    #[test]
    fn arns_follow_from_names() {
        let facts = Facts::unknown("");
        let bucket = complete_with("aws_s3_bucket", &[("bucket", "demo".into())], &facts);
        shows(&bucket, "arn", "arn:aws:s3:::demo");
        shows(&bucket, "id", "demo");
        let role =
            complete_with("aws_iam_role", &[("name", "ci".into()), ("path", "/x/".into())], &facts);
        shows(&role, "arn", "arn:aws:iam::<account>:role/x/ci");
        let url = [("url", "https://token.actions.githubusercontent.com".into())];
        let provider = complete_with("aws_iam_openid_connect_provider", &url, &facts);
        shows(
            &provider,
            "arn",
            "arn:aws:iam::<account>:oidc-provider/token.actions.githubusercontent.com",
        );
        let cluster = complete_with("aws_eks_cluster", &[("name", "main".into())], &facts);
        let first = |value: &Value| value.elements().first().cloned().unwrap_or_default();
        let identity = cluster.get("identity").map(first).unwrap_or_default();
        let issuer = first(identity.get("oidc")).get("issuer").text();
        assert_eq!(
            issuer.unwrap_or_default().to_string(),
            "https://oidc.eks.<region>.amazonaws.com/id/<x.y.identity.oidc.issuer>"
        );
        let table = complete_with("aws_dynamodb_table", &[], &facts);
        shows(&table, "arn", "arn:aws:dynamodb:<region>:<account>:table/<x.y.name>");
    }

    #[test]
    fn names_that_are_made_up_begin_as_the_configuration_says() {
        let facts = Facts::unknown("");
        let prefix = [("name_prefix", "db/".into())];
        let secret = complete_with("aws_secretsmanager_secret", &prefix, &facts);
        shows(
            &secret,
            "arn",
            "arn:aws:secretsmanager:<region>:<account>:secret:db/<x.y.name>-<x.y.suffix>",
        );
        let role = complete_with("aws_iam_role", &[("name_prefix", "ci-".into())], &facts);
        shows(&role, "arn", "arn:aws:iam::<account>:role/ci-<x.y.name>");
    }

    #[test]
    fn what_is_not_looked_up_one_by_one_is_an_arn_of_its_kind() {
        let agent = complete_with("aws_datasync_agent", &[], &Facts::unknown(""));
        shows(&agent, "arn", "arn:aws:datasync:<region>:<account>:agent/<x.y.arn>");
        let queue = complete_with("aws_lightsail_domain", &[], &Facts::unknown(""));
        shows(&queue, "arn", "arn:aws:lightsail:<x.y.arn>");
    }

    #[test]
    fn a_stream_that_is_not_switched_on_has_no_name() {
        let facts = Facts::unknown("");
        let table = complete_with("aws_dynamodb_table", &[("name", "t".into())], &facts);
        assert_eq!(table.get("stream_arn"), None);
        let on = [("name", "t".into()), ("stream_enabled", Value::Bool(true))];
        let table = complete_with("aws_dynamodb_table", &on, &facts);
        shows(
            &table,
            "stream_arn",
            "arn:aws:dynamodb:<region>:<account>:table/t/stream/<x.y.stream_arn>",
        );
    }

    #[test]
    fn blocks_and_other_slots_are_looked_into() {
        let facts = Facts::unknown("");
        let metadata = Value::List(vec![Value::Object(BTreeMap::from([(
            "name".to_owned(),
            Value::from("app"),
        )]))]);
        let account =
            complete_with("kubernetes_service_account_v1", &[("metadata", metadata)], &facts);
        shows(&account, "id", "default/app");
        let database = complete_with("aws_glue_catalog_database", &[("name", "d".into())], &facts);
        shows(&database, "id", "<account>:d");
    }

    #[test]
    fn the_provider_says_where() {
        let argument = |name: &str| match name {
            "region" => "cn-north-1".into(),
            "allowed_account_ids" => Value::List(vec!["123456789012".into()]),
            _ => Value::Null,
        };
        let facts = Facts::new("", &argument, &|_, _| None);
        let queue = complete_with("aws_sqs_queue", &[("name", "q".into())], &facts);
        shows(&queue, "arn", "arn:aws-cn:sqs:cn-north-1:123456789012:q");
    }

    #[test]
    fn what_is_known_stays() {
        let role =
            complete_with("aws_iam_role", &[("arn", "arn:known".into())], &Facts::unknown(""));
        shows(&role, "arn", "arn:known");
    }

    #[test]
    fn an_argument_that_nobody_set_is_not_unknown() {
        let hole = Value::Unknown(Hole { origin: "x.y.inline_policy".into(), shape: Shape::Any });
        let mut fields = BTreeMap::from([("inline_policy".to_owned(), hole.clone())]);
        settle_unset("aws_iam_role", &mut fields, &|_| true);
        assert_eq!(fields.get("inline_policy"), Some(&hole));
        settle_unset("aws_iam_role", &mut fields, &|_| false);
        assert_eq!(fields.get("inline_policy"), Some(&Value::Null));
    }
}
