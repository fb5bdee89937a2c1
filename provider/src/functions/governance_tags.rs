//! `governance_tags`: governance facts as the tags that identities carry, for resources whose facts stand in configuration
//! instead of an `nhi_*` resource.

use std::collections::BTreeMap;

use policy::governance::metadata::{self, Fact, Style};
use policy::governance::{Expiry, Field, Record, owner, purpose};
use policy::template::{Reference, nearest};

use super::texts::said;
use crate::attribute::Attribute;
use crate::function::{Function, FunctionProblem, Parameter, Rest};

/// `provider::nhi::governance_tags`.
#[derive(Debug)]
pub(crate) struct GovernanceTags;

/// The styles, by the names of the attributes that identities have for them.
const STYLES: [(&str, Style); 4] = [
    ("tags", Style::Tag),
    ("labels", Style::FlatLabel),
    ("annotations", Style::Annotation),
    ("kubernetes_labels", Style::Label),
];

impl Function for GovernanceTags {
    const NAME: &'static str = "governance_tags";
    const SUMMARY: &'static str = "Governance facts as tags, labels or annotations";
    const DESCRIPTION: &'static str = "Writes governance facts as an identity's `tags`, `labels` and `annotations` have them, and \
        `nhi-lint` reads them. The facts are `owner`, `purpose`, `expiry`, `template`, `service`, `environment` and `id`; what is null \
        or left out is not written. A fact that cannot be one is refused: an owner that is a bot or a mailbox, a purpose that is a \
        placeholder, an expiry that is a duration (it says nothing to who does not know when it began; see `expires_after`). As \
        on identities, a label leaves out what no label can hold, such as the purpose.";
    const PARAMETERS: &'static [Parameter] = &[Parameter {
        name: "facts",
        description: "The facts: `{ owner = \"payments\", purpose = \"…\", expiry = \"2027-06-30\" }`.",
    }];
    const VARIADIC: Option<Parameter> = Some(Parameter {
        name: "style",
        description: "At most one: `tags` (`nhi:owner`, the default), `labels` (`nhi_owner`; Google Cloud and others), \
            `annotations` (`nhi.dev/owner`) or `kubernetes_labels` (`nhi.dev/owner`, in the letters of a label).",
    });

    type Arguments = (BTreeMap<String, Attribute<String>>, Rest<String>);
    type Output = BTreeMap<String, String>;

    fn call((facts, Rest(styles)): Self::Arguments) -> Result<Self::Output, FunctionProblem> {
        let style = match styles.as_slice() {
            [] => Style::Tag,
            [name] => {
                STYLES.into_iter().find(|(known, _)| known == name).map(|it| it.1).ok_or_else(
                    || {
                        let names = STYLES.map(|(name, _)| format!("`{name}`")).join(", ");
                        let text = format!("`{name}` is not a style. There are {names}.");
                        FunctionProblem::at(1, text)
                    },
                )?
            }
            [_, _, ..] => {
                return Err(FunctionProblem::at(2, "There is at most one style."));
            }
        };
        let record = record(facts).map_err(|texts| FunctionProblem::at(0, texts.join("\n")))?;
        Ok(metadata::render(&record, style))
    }
}

/// The facts, or everything that is wrong with them.
fn record(facts: BTreeMap<String, Attribute<String>>) -> Result<Record, Vec<String>> {
    let mut record = Record::default();
    let mut wrong = Vec::new();
    for (name, value) in facts {
        let Some(fact) = Fact::from_name(&name) else {
            wrong.push(unknown(&name));
            continue;
        };
        let Some(value) = value.into_known() else { continue };
        match check(fact, value) {
            Ok(value) => record.set(fact, Field::Value(value)),
            Err(text) => wrong.push(text),
        }
    }
    if wrong.is_empty() { Ok(record) } else { Err(wrong) }
}

fn unknown(name: &str) -> String {
    let names = || Fact::ALL.iter().map(|fact| fact.name());
    let advice = if let Some(near) = nearest(name, names()) {
        format!("Did you mean `{near}`?")
    } else {
        let names: Vec<String> = names().map(|name| format!("`{name}`")).collect();
        format!("There are {}.", names.join(", "))
    };
    format!("`{name}` is not a governance fact. {advice}")
}

/// The value as identities write it, or what is wrong with it.
fn check(fact: Fact, value: String) -> Result<String, String> {
    match fact {
        Fact::Owner => match owner::check(&value, None) {
            Some(problem) => Err(format!(
                "The owner `{value}` {problem}. Name a team or a person that can be asked."
            )),
            None => Ok(value),
        },
        Fact::Purpose => match purpose::check(&value, None) {
            Some(problem) => Err(format!(
                "The purpose `{value}` {problem}. Say in a sentence why the identity exists."
            )),
            None => Ok(value),
        },
        Fact::Expiry => match Expiry::parse(&value) {
            Ok(Expiry::Date(day)) => Ok(day.to_string()),
            Ok(Expiry::Time(time)) => Ok(time.to_string()),
            Ok(Expiry::Duration(_)) => Err(format!(
                "The expiry `{value}` says nothing to who does not know when it began. Write a date such as \
                 `2027-06-30`, or count from a time with `provider::nhi::expires_after`."
            )),
            Err(error) => Err(said(&error)),
        },
        Fact::Template => match Reference::parse(&value) {
            Ok(_) => Ok(value),
            Err(error) => Err(said(&error)),
        },
        Fact::Service | Fact::Environment | Fact::Id if value.trim().is_empty() => {
            Err(format!("The {} is empty. Leave it out, or say which it is.", fact.name()))
        }
        Fact::Service | Fact::Environment | Fact::Id => Ok(value),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::Model as _;
    use crate::resource::Resource;
    use crate::resources::owner::Owner;
    use crate::resources::service_account::ServiceAccount;
    use crate::resources::testing::{Bench, READER};
    use crate::wire::json;

    fn facts(facts: &[(&str, &str)]) -> BTreeMap<String, Attribute<String>> {
        facts.iter().map(|(name, value)| ((*name).to_owned(), Attribute::from(*value))).collect()
    }

    fn call(given: &[(&str, &str)], styles: &[&str]) -> String {
        let styles = styles.iter().map(|style| (*style).to_owned()).collect();
        match GovernanceTags::call((facts(given), Rest(styles))) {
            Ok(pairs) => pairs.iter().map(|(key, value)| format!("{key} = {value}\n")).collect(),
            Err(problem) => format!("{}: {}", problem.argument.unwrap(), problem.text),
        }
    }

    const FACTS: &[(&str, &str)] = &[
        ("owner", "payments"),
        ("purpose", "Nightly export of invoices, to the ledger"),
        ("expiry", "2027-06-30"),
        ("template", "s3-object-reader@1"),
        ("environment", "prod"),
    ];

    #[test]
    fn styles() {
        insta::assert_snapshot!(call(FACTS, &[]), @r"
        nhi:environment = prod
        nhi:expiry = 2027-06-30
        nhi:owner = payments
        nhi:purpose = Nightly export of invoices to the ledger
        nhi:template = s3-object-reader@1
        ");
        assert_eq!(call(FACTS, &[]), call(FACTS, &["tags"]));
        insta::assert_snapshot!(call(FACTS, &["labels"]), @r"
        nhi_environment = prod
        nhi_expiry = 2027-06-30
        nhi_owner = payments
        nhi_template = s3-object-reader_1
        ");
        insta::assert_snapshot!(call(FACTS, &["annotations"]), @r"
        nhi.dev/environment = prod
        nhi.dev/expiry = 2027-06-30
        nhi.dev/owner = payments
        nhi.dev/purpose = Nightly export of invoices, to the ledger
        nhi.dev/template = s3-object-reader@1
        ");
        insta::assert_snapshot!(call(FACTS, &["kubernetes_labels"]), @r"
        nhi.dev/environment = prod
        nhi.dev/expiry = 2027-06-30
        nhi.dev/owner = payments
        nhi.dev/template = s3-object-reader_1
        ");
        assert_eq!(call(&[], &[]), "");
    }

    #[test]
    fn what_is_refused() {
        insta::assert_snapshot!(call(&[("ownr", "payments"), ("purpose", "todo")], &[]), @r"
        0: `ownr` is not a governance fact. Did you mean `owner`?
        The purpose `todo` is a placeholder. Say in a sentence why the identity exists.
        ");
        insta::assert_snapshot!(call(&[("owner", "renovate-bot")], &[]), @"0: The owner `renovate-bot` is a bot. Name a team or a person that can be asked.");
        insta::assert_snapshot!(call(&[("expiry", "90d")], &[]), @"0: The expiry `90d` says nothing to who does not know when it began. Write a date such as `2027-06-30`, or count from a time with `provider::nhi::expires_after`.");
        insta::assert_snapshot!(call(&[("expiry", "never")], &[]), @"0: `never` is not an end date: every identity ends. State the day on which somebody must decide again, such as `2027-06-30` or `90d`.");
        insta::assert_snapshot!(call(&[("template", "s3-object-reader")], &[]), @"0: `s3-object-reader` does not say which version. Write `s3-object-reader@` and a version, such as `s3-object-reader@1` for the newest 1.x or `s3-object-reader@1.2.0` for exactly that one.");
        insta::assert_snapshot!(call(&[("service", " ")], &[]), @"0: The service is empty. Leave it out, or say which it is.");
        insta::assert_snapshot!(call(FACTS, &["tag"]), @"1: `tag` is not a style. There are `tags`, `labels`, `annotations`, `kubernetes_labels`.");
        insta::assert_snapshot!(call(FACTS, &["tags", "labels"]), @"2: There is at most one style.");
    }

    /// One decision in one place: what the function says is what the resource carries.
    #[tokio::test]
    async fn the_same_as_an_identity_with_these_facts() {
        let bench = Bench::with(READER);
        let owner = json!({
            "name": "payments", "accountable": "ada@example.com", "steward": "grace@example.com", "active": true,
        });
        make::<Owner>(&bench, &owner).await;
        let made = make::<ServiceAccount>(
            &bench,
            &json!({
                "name": "invoice-export", "owner": "payments", "purpose": "Nightly export of invoices, to the ledger",
                "expiry": "90d", "template": "s3-object-reader@1.2.0", "service": "billing", "environment": "prod",
                "parameters": { "bucket": "payments-ledger" }, "state": "active",
            }),
        )
        .await;
        let text = |name: &str| Attribute::from(made[name].as_str().unwrap());
        let mut facts: BTreeMap<_, _> =
            ["owner", "purpose", "template", "service", "environment", "id"]
                .map(|name| (name.to_owned(), text(name)))
                .into();
        facts.insert("expiry".to_owned(), text("expires_at"));
        for style in ["tags", "labels", "annotations"] {
            let said = GovernanceTags::call((facts.clone(), Rest(vec![style.to_owned()]))).unwrap();
            assert_eq!(json!(said), made[style], "{style}");
        }
    }

    async fn make<R: Resource>(bench: &Bench, said: &serde_json::Value) -> serde_json::Value {
        let ty = R::Model::schema(0, "").ty();
        let config = json::from_json(said, &ty, json::Unknown::Dropped).unwrap();
        let made = bench.create::<R>(R::Model::from_value(&config).unwrap()).await;
        json::to_json(&made.to_value())
    }
}
