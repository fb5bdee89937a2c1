//! Every path with a policy that opens it, and with policies that lack one step.

use std::collections::BTreeSet;

use super::*;
use crate::aws::contains;
use crate::catalogue::actions;
use crate::text::Text;

fn document(statements: &str) -> Document {
    let json = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
    Document::parse(&Text::from(json)).unwrap()
}

fn allow(steps: &[&str], rest: &str) -> String {
    format!(r#"{{"Effect":"Allow","Action":{steps:?},"Resource":"*"{rest}}}"#)
}

fn opened(statements: &str) -> Vec<&'static Path> {
    let document = document(statements);
    escalations(&[&document]).into_iter().map(|one| one.path).collect()
}

#[test]
fn each_path_needs_each_of_its_steps() {
    for path in PATHS {
        assert!(opened(&allow(path.steps, "")).contains(&path), "{path}");
        for lacking in path.steps {
            let steps: Vec<&str> =
                path.steps.iter().copied().filter(|step| step != lacking).collect();
            if !steps.is_empty() {
                assert!(!opened(&allow(&steps, "")).contains(&path), "{path} {lacking}");
            }
        }
    }
}

#[test]
fn steps_are_actions_that_exist() {
    let ids: Vec<&str> = PATHS.iter().map(|path| path.id).filter(|id| !id.is_empty()).collect();
    assert_eq!(ids.len(), ids.iter().collect::<BTreeSet<_>>().len());
    for step in PATHS.iter().flat_map(|path| path.steps) {
        let known = actions::find(step);
        // AWS has closed the service, and its actions with it.
        let closed = step.starts_with("datapipeline:");
        assert!(closed || known.is_some_and(|known| known.to_string() == **step), "{step}");
    }
}

#[test]
fn conditions_and_denies_count() {
    let both = ["iam:PassRole", "ec2:RunInstances"];
    let passed = |service: &str| {
        let condition =
            format!(r#","Condition":{{"StringEquals":{{"iam:PassedToService":"{service}"}}}}"#);
        allow(&both, &condition)
    };
    let ids = |statements: &str| -> Vec<&str> {
        opened(statements).into_iter().map(|path| path.id).collect()
    };
    assert_eq!(ids(&passed("ec2.amazonaws.com")), ["ec2-001"]);
    let denied =
        format!(r#"{},{{"Effect":"Deny","Action":"iam:*","Resource":"*"}}"#, allow(&both, ""));
    assert_eq!(ids(&denied), [""; 0]);
    let elsewhere = r#"{"Effect":"Allow","Action":"iam:PassRole","Resource":"arn:aws:iam::111122223333:role/app/*"},
        {"Effect":"Allow","Action":"ec2:Run*","Resource":"*"}"#;
    let document = document(elsewhere);
    let found = escalations(&[&document]);
    let statements: Vec<usize> = found[0].statements.iter().map(|one| one.statement).collect();
    assert_eq!((found.len(), found[0].path.id, statements), (1, "ec2-001", vec![0, 1]));
}

#[test]
fn counterexamples_say_what_they_open() {
    let outer = document(&allow(&["ec2:Describe*", "s3:*"], ""));
    let told = |statements: &str| match contains(&[&outer], &[&document(statements)]).open {
        Verdict::Outside(found) => {
            format!("{} {}", found.action, found.escalation.as_deref().unwrap_or("-"))
        }
        other @ (Verdict::Inside | Verdict::Undecided(_)) => format!("{other:?}"),
    };
    insta::assert_snapshot!(
        [
            told(&allow(&["iam:PassRole", "ec2:RunInstances"], "")),
            told(&allow(&["iam:PassRole"], "")),
            told(&allow(&["ec2:RunInstances"], "")),
            told(&allow(&["iam:AttachRolePolicy"], "")),
            told(&allow(&["dynamodb:PutItem"], "")),
        ]
        .join("\n"),
        @"
    iam:PassRole passes a role to a new EC2 instance (ec2-001)
    iam:PassRole -
    ec2:RunInstances -
    iam:AttachRolePolicy attaches a policy to its own role (iam-009)
    dynamodb:PutItem -
    "
    );
}
