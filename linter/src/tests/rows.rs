//! No row of the catalogue is dead data: of every type a resource that nobody governs is found, in configuration and in a
//! plan, or its row says why not.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::PathBuf;

use policy::governance::Keys;
use serde_json::{Map, Value as Json, json};

use crate::catalogue::{self, Class, Entry, Stands};
use crate::identity::Graph;
use crate::input::{self, Memory, Options};
use crate::lint::{Selected, lint};
use crate::model::Model;
use crate::rule::{Context, Known};
use crate::rules;

use super::commands::{folder, ran};
use super::now;

/// What the condition of a row needs: the attribute, and a value for it.
fn condition(entry: &Entry) -> Option<(String, String)> {
    let Stands::If { attribute, value } = &entry.stands else { return None };
    let value = value.as_deref().unwrap_or("set").replace('*', "1");
    Some((attribute.clone(), value))
}

/// The types that are judged by themselves.
fn judged() -> BTreeSet<String> {
    let judged = catalogue::rows().iter().filter(|entry| {
        matches!(entry.class, Class::Identity | Class::Credential) && entry.stands != Stands::Apart
    });
    judged.map(|entry| format!("{}.x", entry.kind)).collect()
}

fn read(name: &str, text: String) -> Model {
    let disk: BTreeMap<PathBuf, Vec<u8>> = [(PathBuf::from(name), text.into_bytes())].into();
    let path = name.strip_suffix("/main.tf").unwrap_or(name);
    let mut stdin = || Ok(Vec::new());
    let models = input::read(&[path.into()], &mut stdin, &Options::default(), &Memory(disk));
    let [model] = <[Model; 1]>::try_from(models).unwrap();
    assert!(model.problems.is_empty(), "{:?}", model.problems);
    model
}

/// The addresses at which a rule finds something.
fn found(code: &str, model: &Model) -> BTreeSet<String> {
    let graph = Graph::new(model, &Keys::default());
    let known = Known::default();
    let context = Context::new(model, &graph, &known, now(), "");
    let rule = rules::find(code).unwrap();
    let findings = lint(&[Selected { rule, severity: rule.severity }], &context);
    findings.into_iter().map(|finding| finding.address).collect()
}

/// A resource of every type, with what its condition needs. `value` writes the value of a condition.
fn configuration(value: impl Fn(&str) -> String) -> String {
    let mut text = String::from("variable \"unknown\" {}\n");
    for entry in catalogue::rows() {
        let body = condition(entry).map_or_else(String::new, |(attribute, wanted)| {
            let (blocks, name) = attribute.rsplit_once('.').unwrap_or(("", &attribute));
            let blocks: Vec<&str> = blocks.split('.').filter(|block| !block.is_empty()).collect();
            let open: String = blocks.iter().map(|block| format!("{block} {{\n")).collect();
            format!("{open}{name} = {}\n{}", value(&wanted), "}\n".repeat(blocks.len()))
        });
        writeln!(text, "resource \"{}\" \"x\" {{\n{body}}}", entry.kind).unwrap();
    }
    text
}

fn plan() -> String {
    let changes: Vec<Json> = catalogue::rows()
        .iter()
        .map(|entry| {
            let mut after = json!({});
            if let Some((attribute, wanted)) = condition(entry) {
                let mut steps: Vec<&str> = attribute.split('.').collect();
                let name = steps.pop().unwrap();
                let inner = json!({ name: wanted });
                after = steps.into_iter().rev().fold(inner, |inner, step| {
                    Json::Object(Map::from_iter([(step.to_owned(), json!([inner]))]))
                });
            }
            json!({
                "address": format!("{}.x", entry.kind),
                "mode": "managed",
                "type": entry.kind,
                "name": "x",
                "provider_name": "registry.terraform.io/acme/acme",
                "change": { "actions": ["create"], "before": null, "after": after, "after_unknown": {} },
            })
        })
        .collect();
    json!({
        "format_version": "1.2",
        "terraform_version": "1.11.4",
        "planned_values": { "root_module": {} },
        "resource_changes": changes,
        "configuration": { "root_module": {} },
        "complete": true,
        "errored": false,
    })
    .to_string()
}

#[test]
fn every_row_is_found_where_nobody_governs_it() {
    let configured = read("demo/main.tf", configuration(|wanted| format!("\"{wanted}\"")));
    let rows = |model: &Model| model.resources.iter().filter(|it| it.within.is_none()).count();
    assert_eq!(rows(&configured), catalogue::rows().len());
    let planned = read("plan.json", plan());
    assert_eq!(rows(&planned), catalogue::rows().len(), "no row is left out of a plan");
    let judged = judged();
    assert!(judged.len() > 300, "{}", judged.len());
    for model in [&configured, &planned] {
        let found = found("OWN001", model);
        let dead: Vec<&String> = judged.difference(&found).collect();
        assert_eq!(dead, Vec::<&String>::new(), "these rows find nothing");
        let extra: Vec<&String> = found.difference(&judged).collect();
        assert_eq!(extra, Vec::<&String>::new(), "these rows say that they are not judged");
    }
}

#[test]
fn nothing_in_the_catalogue_is_called_unknown() {
    let planned = read("plan.json", plan());
    assert_eq!(found("CAT001", &planned), BTreeSet::new());
}

#[test]
fn a_credential_without_an_end_is_found_in_every_row() {
    let model = read("demo/main.tf", configuration(|wanted| format!("\"{wanted}\"")));
    let found = found("CRE001", &model);
    for entry in catalogue::rows() {
        let endless = matches!(entry.ends, catalogue::Ends::Never | catalogue::Ends::Optional);
        let expected = entry.class == Class::Credential && entry.stands != Stands::Apart && endless;
        assert_eq!(found.contains(&format!("{}.x", entry.kind)), expected, "{}", entry.kind);
    }
}

#[test]
fn what_is_not_known_may_be_set() {
    let model = read("demo/main.tf", configuration(|_| "var.unknown".to_owned()));
    let found = found("OWN001", &model);
    let dead: Vec<String> = judged().difference(&found).cloned().collect();
    assert_eq!(dead, Vec::<String>::new());
}

/// Types of an organisation of its own, and the settings of the example that know them.
#[test]
fn settings_teach_the_catalogue() {
    const OWN: &str = r#"
resource "acme_robot" "welder" {
  name = "welder"
}

resource "acme_ci_token" "ci" {
  robot  = acme_robot.welder.name
  static = true
}

resource "acme_ci_token" "soon" {
  robot = acme_robot.welder.name
}

resource "acme_user_agent" "browser" {}

resource "acme_web_user" "other" {}
"#;
    let example = include_str!("../../../examples/settings/.nhi-lint.hcl");
    let from = example.find("catalogue \"").unwrap();
    let settings = format!("format = [\"concise\"]\n{}", example.get(from..).unwrap());
    let folder = folder(&[(".nhi-lint.hcl", &settings), ("main.tf", OWN)]);
    insta::assert_snapshot!(ran(folder.path(), "check"), @r"
    main.tf:2:1: OWN001[ungoverned-identity] no governance record answers for `acme_robot.welder`
    main.tf:6:1: OWN001[ungoverned-identity] no governance record answers for `acme_ci_token.ci`
    main.tf:6:1: CRE001[long-lived-credential] `acme_ci_token.ci` is a credential with no end set (default: ends after 30 days)
    main.tf:17:1: CAT001[uncatalogued-identity] `acme_web_user.other` looks like an identity: its type has `user` in its name, and the catalogue does not know `acme_web_user`
    --- stderr
    3 errors, 1 warning: 1 machine identity in 5 resources; 0 with an owner, 0 with a purpose, 0 with an end date, 0 with a template
    --- exit 1
    ");
    let strict =
        settings.replace("format", "severity = { CAT001 = \"error\" }\nselect = [\"CAT\"]\nformat");
    let folder = self::folder(&[(".nhi-lint.hcl", &strict), ("main.tf", OWN)]);
    assert!(ran(folder.path(), "check").ends_with("--- exit 1"));
}

#[test]
fn a_key_is_proved_by_its_holder_on_every_platform() {
    let text = r#"
resource "alicloud_ram_user" "robot" {
  name     = "robot"
  comments = "nhi:v1;own=payments;exp=2027-06-30;pur=Sends the invoices of the night"
}

resource "alicloud_ram_access_key" "by_name" {
  user_name = "robot"
}

resource "scaleway_iam_application" "robot" {
  name        = "robot"
  description = "nhi:v1;own=payments;exp=2027-06-30;pur=Sends the invoices of the night"
}

resource "scaleway_iam_api_key" "by_reference" {
  application_id = scaleway_iam_application.robot.id
}

resource "scaleway_iam_api_key" "of_nobody" {
  application_id = "1"
}
"#;
    let found = found("OWN001", &read("demo/main.tf", text.to_owned()));
    assert_eq!(found, BTreeSet::from(["scaleway_iam_api_key.of_nobody".to_owned()]));
}

#[test]
fn the_twins_of_the_cloud_control_api_are_judged_as_aws() {
    let trust = r#"jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }] })"#;
    let all = r#"jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "*", Resource = "*" }] })"#;
    let text = format!(
        r#"
resource "awscc_iam_role" "tagged" {{
  role_name                   = "tagged"
  assume_role_policy_document = {trust}
  tags = [
    {{ key = "nhi:owner", value = "payments" }},
    {{ key = "nhi:purpose", value = "Nightly export of invoices to the ledger" }},
    {{ key = "nhi:expiry", value = "2027-06-30" }},
  ]
}}

resource "awscc_iam_role" "bare" {{
  role_name                   = "bare"
  assume_role_policy_document = {trust}
  policies                    = [{{ policy_name = "all", policy_document = {all} }}]
}}

resource "awscc_iam_role_policy" "all" {{
  role_name       = awscc_iam_role.tagged.role_name
  policy_name     = "all"
  policy_document = {all}
}}
"#
    );
    let model = read("demo/main.tf", text);
    assert_eq!(found("OWN001", &model), BTreeSet::from(["awscc_iam_role.bare".to_owned()]));
    let admin = ["awscc_iam_role.bare", "awscc_iam_role_policy.all"].map(str::to_owned);
    assert_eq!(found("PRV001", &model), BTreeSet::from(admin.clone()));
    assert_eq!(found("TPL001", &model), BTreeSet::from(admin));
}
