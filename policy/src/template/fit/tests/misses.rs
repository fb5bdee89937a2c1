//! Why no value of a parameter fits, and what to change.

use super::*;

/// The nearest miss and the changes, of identities with these policies.
#[track_caller]
fn explained(template: &str, permissions: &[Text]) -> String {
    let (library, errors) = Library::parse(&[("x", template)]);
    assert!(errors.is_empty(), "{errors:?}");
    let policies: Vec<Policy> = permissions.iter().map(|it| Policy::parse(it).unwrap()).collect();
    let policies: Vec<&Policy> = policies.iter().collect();
    let boundary = Field::Value("arn:aws:iam::111122223333:policy/nhi-boundary".into());
    let aws = Some(AwsSubject { permissions: &policies, trust: None, boundary });
    let subject = Subject { aws, ..Subject::default() };
    let template = library.templates().next().unwrap();
    let (nearest, changes) = match fit(template, &BTreeMap::new(), &subject) {
        Fit::Outside(outside) => {
            let changes = outside.gaps.iter().filter_map(|gap| gap.change.clone()).collect();
            (outside.nearest, changes)
        }
        Fit::Undecided(undecided) => (undecided.nearest, Vec::new()),
        fit @ (Fit::Inside(_) | Fit::Unbindable(_) | Fit::Inapplicable(_)) => return show(&fit),
    };
    let nearest = nearest.map_or_else(|| "-".to_owned(), |miss| miss.to_string());
    let changes: Vec<String> = changes.iter().map(Change::to_string).collect();
    format!("{nearest} | {}", changes.join("; "))
}

fn get(resource: &str) -> Text {
    allow(r#""s3:GetObject""#, resource)
}

#[test]
fn the_nearest_miss() {
    insta::assert_snapshot!(explained(READER, &[get(r#""arn:aws:s3:::Payments/in/*""#)]), @"`bucket` would have to be `Payments` (statement 1), which does not match its pattern `[a-z0-9][a-z0-9.-]{2,62}` | drop `s3:GetObject`");
    insta::assert_snapshot!(explained(READER, &[get(r#""arn:aws:s3:::payments-*/*""#)]), @"`bucket` would have to be `payments-*` (statement 1), which does not match its pattern `[a-z0-9][a-z0-9.-]{2,62}` | drop `s3:GetObject`");
    insta::assert_snapshot!(explained(READER, &[get(r#""*""#)]), @"no string of the identity stands where `bucket` does | narrow `*` to `arn:aws:s3:::${param.bucket}` and `arn:aws:s3:::${param.bucket}/*`");
    insta::assert_snapshot!(explained(READER, &[get(r#""arn:aws:s3:::ledger/*""#), get(r#"["arn:aws:s3:::other/*","arn:aws:s3:::other"]"#)]), @"`bucket` would have to be both `other` (statement 1 of policy 2) and `ledger` (statement 1 of policy 1) | drop `s3:GetObject`");
    insta::assert_snapshot!(explained(READER, &[policy(r#"{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::one/*"},{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::two/*"}"#)]), @"`bucket` would have to be both `one` (statement 1) and `two` (statement 2) | drop `s3:GetObject`");
    // It is not the parameters that stand in the way.
    insta::assert_snapshot!(explained(READER, &[allow(r#"["s3:GetObject","s3:PutObject"]"#, r#""arn:aws:s3:::ledger/*""#)]), @"- | drop `s3:PutObject`");
}

#[test]
fn a_bare_decision_explains_nothing() {
    let (library, _) = Library::parse(&[("x", READER)]);
    let put = Policy::parse(&allow(r#""s3:PutObject""#, r#""arn:aws:s3:::ledger/*""#)).unwrap();
    let aws = AwsSubject {
        permissions: &[&put],
        trust: None,
        boundary: Field::Value("arn:aws:iam::111122223333:policy/nhi-boundary".into()),
    };
    let subject = Subject { aws: Some(aws), ..Subject::default() };
    let template = library.templates().next().unwrap();
    let Fit::Outside(mut full) = fit(template, &BTreeMap::new(), &subject) else { panic!() };
    let Fit::Outside(bare) = decide(template, &BTreeMap::new(), &subject) else { panic!() };
    assert!(full.gaps[0].change.is_some());
    full.nearest = None;
    full.gaps.iter_mut().for_each(|gap| gap.change = None);
    assert_eq!(full, bare);
}
