//! Inference against brute force: every assignment of small values, judged one by one.

use super::*;
use crate::kubernetes::{Grant, Rule};
use proptest::prelude::*;

/// What the parameters may be: all there is to try.
const VALUES: [&str; 6] = ["a", "b", "aa", "ab", "ba", "bb"];

const TEMPLATES: [&str; 4] = [
    r#"["${param.x}"]"#,
    r#"["${param.x}-${param.y}"]"#,
    r#"["${param.x}", "${param.y}"]"#,
    r#"["a${param.x}", "b${param.y}"]"#,
];

const RESOURCES: [&str; 4] = [
    r#"["arn:aws:s3:::${param.x}"]"#,
    r#"["arn:aws:s3:::${param.x}/${param.y}"]"#,
    r#"["arn:aws:s3:::${param.x}*", "arn:aws:s3:::c/${param.y}"]"#,
    r#"["arn:aws:s3:::${param.x}/${param.x}", "arn:aws:s3:::b/${param.y}*"]"#,
];

fn parameters(list: &str) -> String {
    ["x", "y"]
        .iter()
        .filter(|name| list.contains(&format!("param.{name}")))
        .map(|name| format!("  parameter \"{name}\" {{\n    pattern = \"[ab]{{1,2}}\"\n  }}\n"))
        .collect()
}

fn on_kubernetes(namespaces: &str) -> String {
    format!(
        "template \"t\" {{\n  version = \"1.0.0\"\n{}  kubernetes {{\n    namespaces = {namespaces}\n    rule {{\n      api_groups = [\"\"]\n      resources  = [\"pods\"]\n      verbs      = [\"get\"]\n    }}\n  }}\n}}\n",
        parameters(namespaces)
    )
}

fn on_aws(resources: &str) -> String {
    format!(
        "template \"t\" {{\n  version = \"1.0.0\"\n{}  aws {{\n    permissions = jsonencode({{ Version = \"2012-10-17\", Statement = [{{ Effect = \"Allow\", Action = \"s3:GetObject\", Resource = {resources} }}] }})\n  }}\n}}\n",
        parameters(resources)
    )
}

/// Every assignment that makes it fit.
fn all_fitting(template: &Template, subject: &Subject<'_>) -> Vec<BTreeMap<String, String>> {
    let mut all = vec![BTreeMap::new()];
    for name in template.parameters.keys() {
        all = all
            .iter()
            .flat_map(|one: &BTreeMap<String, String>| {
                VALUES.iter().map(move |value| {
                    let mut one = one.clone();
                    one.insert(name.clone(), (*value).to_owned());
                    one
                })
            })
            .collect();
    }
    all.retain(|given| matches!(decide(template, given, subject), Fit::Inside(_)));
    all
}

/// What inference says has to agree with what brute force finds.
fn agree(text: &str, subject: &Subject<'_>) -> Result<(), TestCaseError> {
    let (library, errors) = Library::parse(&[("x", text)]);
    prop_assert!(errors.is_empty(), "{:?}", errors);
    let template = library.templates().next().unwrap();
    let fitting = all_fitting(template, subject);
    let found = fit(template, &BTreeMap::new(), subject);
    match &found {
        Fit::Inside(binding) => {
            // Those that have the values found, and any at all for what nothing speaks of.
            let agrees = |given: &&BTreeMap<String, String>| {
                binding
                    .values
                    .iter()
                    .all(|(name, value)| given.get(name).map(String::as_str) == value.as_str())
            };
            let expected = VALUES.len().pow(u32::try_from(binding.free.len()).unwrap());
            prop_assert_eq!(fitting.iter().filter(agrees).count(), expected, "{:?}", binding);
        }
        Fit::Outside(_) => prop_assert!(fitting.is_empty(), "{:?} fits", fitting),
        Fit::Undecided(undecided) => {
            prop_assert!(undecided.part.is_none(), "{:?}", undecided);
            // One that fits alone is found.
            prop_assert!(fitting.len() > 1, "{:?} fits, and it says {:?}", fitting, undecided);
        }
        Fit::Unbindable(_) | Fit::Inapplicable(_) => prop_assert!(false, "{:?}", found),
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn namespaces(
        template in proptest::sample::select(&TEMPLATES),
        own in proptest::collection::vec("[ab]{1,3}|[ab]{1,2}-[ab]{1,2}", 0..3),
    ) {
        let grants: Vec<Grant> = own
            .iter()
            .map(|namespace| Grant {
                namespace: Some(namespace.as_str().into()),
                rule: Rule {
                    api_groups: vec!["".into()],
                    resources: vec!["pods".into()],
                    verbs: vec!["get".into()],
                    ..Rule::default()
                },
                ..Grant::default()
            })
            .collect();
        let subject = Subject { kubernetes: Some(&grants), ..Subject::default() };
        agree(&on_kubernetes(template), &subject)?;
    }

    #[test]
    fn resources(
        template in proptest::sample::select(&RESOURCES),
        own in proptest::collection::vec("[abc]{1,2}(/[ab*]{1,2})?", 0..3),
    ) {
        let list: Vec<String> = own.iter().map(|it| format!("\"arn:aws:s3:::{it}\"")).collect();
        let policies: Vec<Policy> = list
            .iter()
            .map(|resource| Policy::parse(&allow(r#""s3:GetObject""#, resource)).unwrap())
            .collect();
        let policies: Vec<&Policy> = policies.iter().collect();
        let aws = AwsSubject { permissions: &policies, trust: None, boundary: Field::Absent };
        let subject = Subject { aws: Some(aws), ..Subject::default() };
        agree(&on_aws(template), &subject)?;
    }
}
