//! Every policy as it was before it was packed.

use sha2::{Digest as _, Sha256};

use super::*;

#[test]
fn policies_are_found_by_arn() {
    let admin = aws_managed_policy("arn:aws:iam::aws:policy/AdministratorAccess").unwrap();
    assert_eq!(
        admin,
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#
    );
    assert!(
        aws_managed_policy("arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole")
            .is_some()
    );
    for arn in [
        "arn:aws:iam::aws:policy/NoSuchPolicy",
        "arn:aws:iam::aws:policy/",
        "arn:aws:iam::aws:policy/zzz",
        "arn:aws:iam::111122223333:policy/AdministratorAccess",
        "arn:elsewhere:iam::aws:policy/AdministratorAccess",
        "AdministratorAccess",
        "",
    ] {
        assert_eq!(aws_managed_policy(arn), None, "{arn}");
    }
}

#[test]
fn other_partitions_have_their_own_arns() {
    let policy =
        aws_managed_policy("arn:aws-cn:iam::aws:policy/CloudWatchEventsFullAccess").unwrap();
    assert!(policy.contains("arn:aws-cn:iam::*:role/AWS_Events_Invoke_Targets"), "{policy}");
    assert!(!policy.contains("arn:aws:"));
}

#[test]
fn the_list_and_the_look_up_agree() {
    let all: Vec<_> = aws_managed_policies().collect();
    assert_eq!(all.len(), 1594);
    assert!(all.is_sorted());
    for (arn, json) in all.iter().step_by(50) {
        assert_eq!(aws_managed_policy(arn).as_ref(), Some(json));
    }
}

#[test]
fn every_policy_is_as_it_was() {
    let mut digest = Sha256::new();
    let mut size = 0;
    for (arn, json) in aws_managed_policies() {
        let line = format!("{arn}\n{json}\n");
        size += line.len();
        digest.update(line);
    }
    let digest: String = digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(
        (size, digest.as_str()),
        (3_264_518, "33bf16509f2f71578d192e5a667032d33b3758eea5b08b489c94a7d0ad2252c8")
    );
}

/// With `NHI_MANAGED_POLICIES=…/managedPolicies.json` of the npm package.
#[test]
#[expect(clippy::print_stderr, reason = "a skipped test says so")]
fn every_policy_is_that_of_the_package() {
    let Some(path) = std::env::var_os("NHI_MANAGED_POLICIES") else {
        eprintln!("skipped: NHI_MANAGED_POLICIES is not set");
        return;
    };
    let text = std::fs::read_to_string(path).unwrap();
    let package: serde_json::Value = serde_json::from_str(&text).unwrap();
    let mut count = 0;
    for policy in package.as_object().unwrap().values() {
        let latest = policy["latestVersionId"].as_str().unwrap();
        let own = aws_managed_policy(policy["arn"].as_str().unwrap()).unwrap();
        let own: serde_json::Value = serde_json::from_str(&own).unwrap();
        assert_eq!(own, policy["versions"][latest]["document"], "{}", policy["arn"]);
        count += 1;
    }
    assert_eq!(count, 1594);
}

#[test]
fn all_embedded_data_stay_small() {
    let actions = include_bytes!("../../../data/aws_actions.bin").len();
    assert!(PACKED.len() + actions <= 400_000, "{} and {actions}", PACKED.len());
}
