//! AWS's own policies against each other.

use crate::aws::{Breadth, Decision, Document, contains};
use crate::catalogue::{aws_managed_policies, aws_managed_policy};
use crate::text::Text;
use crate::verdict::Verdict;

fn managed(name: &str) -> Document {
    let json = aws_managed_policy(&format!("arn:aws:iam::aws:policy/{name}")).unwrap();
    Document::parse(&Text::from(json)).unwrap()
}

fn decide(inner: &str, outer: &str) -> Decision {
    contains(&[&managed(outer)], &[&managed(inner)])
}

#[test]
fn known_verdicts() {
    let table = [
        ("AmazonS3ReadOnlyAccess", "AmazonS3FullAccess", "inside"),
        ("PowerUserAccess", "AdministratorAccess", "inside"),
        ("ReadOnlyAccess", "AdministratorAccess", "inside"),
        ("job-function/ViewOnlyAccess", "ReadOnlyAccess", "outside"),
        ("SecurityAudit", "ReadOnlyAccess", "outside"),
        ("AWSLambda_FullAccess", "PowerUserAccess", "outside"),
        ("AdministratorAccess", "PowerUserAccess", "outside"),
        ("ReadOnlyAccess", "job-function/ViewOnlyAccess", "outside"),
        ("AdministratorAccess", "ReadOnlyAccess", "outside"),
    ];
    for (inner, outer, expected) in table {
        let decision = decide(inner, outer);
        assert_eq!(decision.open.name(), expected, "{inner} in {outer}: {decision:?}");
    }
}

#[test]
fn every_policy_is_inside_itself_and_inside_admin() {
    let admin = managed("AdministratorAccess");
    let mut doubtful = Vec::new();
    for (arn, json) in aws_managed_policies() {
        let policy = Document::parse(&Text::from(json)).unwrap();
        if policy.doubts().next().is_some() {
            doubtful.push(arn.clone());
        }
        for outer in [&policy, &admin] {
            let decision = contains(&[outer], &[&policy]);
            assert_eq!(decision.open, Verdict::Inside, "{arn}");
        }
    }
    assert_eq!(doubtful, Vec::<String>::new());
}

/// Verdicts of many pairs, counted: a change of the count is a change of behaviour.
#[test]
fn a_sample_of_pairs() {
    let policies: Vec<Document> = aws_managed_policies()
        .step_by(23)
        .map(|(_, json)| Document::parse(&Text::from(json)).unwrap())
        .collect();
    let (mut inside, mut outside, mut undecided) = (0, 0, Vec::new());
    for outer in &policies {
        for inner in &policies {
            match contains(&[outer], &[inner]).open {
                Verdict::Inside => inside += 1,
                Verdict::Outside(_) => outside += 1,
                Verdict::Undecided(why) => undecided.push(why.reason),
            }
        }
    }
    assert_eq!((inside, outside, undecided.len()), (83, 4817, 0), "{undecided:#?}");
}

#[test]
fn broad_policies() {
    assert!(managed("AdministratorAccess").grants_everything().is_some());
    assert_eq!(managed("PowerUserAccess").grants_everything(), None);
    let breadths = |name: &str| -> Vec<Breadth> {
        managed(name).broad_grants().into_iter().map(|grant| grant.breadth).collect()
    };
    assert_eq!(breadths("AdministratorAccess"), [Breadth::Everything]);
    assert_eq!(breadths("PowerUserAccess"), [Breadth::EverythingExcept]);
    assert_eq!(breadths("IAMFullAccess"), [Breadth::Service("iam".to_owned())]);
    assert_eq!(breadths("AmazonS3ReadOnlyAccess"), []);
}
