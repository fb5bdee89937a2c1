//! Laws, over random small policies and requests.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::sample::select;

use super::dsl::{documents, inner as composed, refs};
use crate::aws::{Access, Request, contains, contains_within, evaluate, evaluate_within};
use crate::verdict::{Counterexample, Verdict};

const ACTIONS: &[&str] = &[
    "*",
    "s3:*",
    "s3:Get*",
    "s3:GetObject",
    "s3:PutObject",
    "s3:?etObject",
    "S3:*Object",
    "iam:PassRole",
    "s3:GetObject,iam:*",
];
const RESOURCES: &[&str] = &[
    "*",
    "^b",
    "^b/*",
    "^b/x",
    "^b/a*",
    "^b/*a",
    "^b/?",
    "^b*",
    "^*/x",
    "arn:*:s3:::b/*",
    "^b/x,^b/a*",
    "^b/${aws:username}",
    "^b/${aws:username}/*",
    "arn:aws:s3:*:*:b/*",
    "arn:aws:s3:*:b/*",
];
const CONDITIONS: &[&str] = &[
    "",
    "",
    "",
    "",
    "",
    "",
    " if Bool m=true",
    " if Bool m=false",
    " if BoolIfExists m=false",
    " if StringEquals k=a",
    " if StringEquals k=a/b",
    " if StringLike k=a*",
    " if StringLike k=*",
    " if StringNotLike k=a*",
    " if StringNotEquals k=a",
    " if StringEqualsIgnoreCase k=A",
    " if StringEqualsIfExists k=b",
    " if StringNotEqualsIfExists k=b/ab",
    " if StringEquals k=a and Bool m=true",
    " if Null k=true",
    " if Null k=false and StringNotEquals k=a",
    " if ForAnyValue:StringLike t=a*",
    " if ForAllValues:StringEquals t=a/b",
    " if ForAllValues:StringEquals t=a and Null t=false",
    " if ForAnyValue:StringNotEquals t=a",
    " if NumericLessThan n=10",
    " if NumericGreaterThanEquals n=10",
    " if NumericNotEquals n=5",
    " if IpAddress ip=10.0.0.0/8",
    " if NotIpAddress ip=10.0.0.0/16",
    " if StringEquals k=${aws:username}",
    " if StringLike k=${aws:username}*",
    " if Bool aws:SecureTransport=false",
    " if Bool aws:SecureTransport=true",
];

fn statement() -> impl Strategy<Value = String> {
    (0..4u8, any::<u8>(), select(ACTIONS), select(RESOURCES), select(CONDITIONS)).prop_map(
        |(effect, not, action, resource, condition)| {
            let effect = if effect == 0 { "D" } else { "A" };
            let no_action = if not % 8 == 0 { "not " } else { "" };
            let no_resource = if not / 8 % 8 == 0 { "not " } else { "" };
            format!("{effect} {no_action}{action} on {no_resource}{resource}{condition}")
        },
    )
}

fn policy() -> impl Strategy<Value = String> {
    proptest::collection::vec(statement(), 1..4).prop_map(|statements| statements.join(" ; "))
}

fn requests() -> Vec<Request> {
    let resources = [
        "*",
        "^b",
        "^b/",
        "^b/x",
        "^b/a",
        "^b/xa",
        "^c/x",
        "arn:aws-cn:s3:::b/x",
        "arn:aws:s3:r:1:b/x",
    ];
    let mut out = Vec::new();
    for action in ["s3:GetObject", "s3:PutObject", "s3:SetObject", "iam:PassRole", "other:Thing"] {
        for resource in resources {
            for number in 0..60 {
                out.push(Request {
                    action: action.to_owned(),
                    resource: Some(resource.replace('^', "arn:aws:s3:::")),
                    principal: None,
                    context: context(number),
                });
            }
        }
    }
    out
}

/// Many combinations of values that the conditions tell apart.
fn context(number: usize) -> BTreeMap<String, Vec<String>> {
    let mut context = BTreeMap::new();
    let mut put = |key: &str, values: &[&str]| {
        if !values.is_empty() {
            let values = values.iter().map(|value| (*value).to_owned()).collect();
            context.insert(key.to_owned(), values);
        }
    };
    let pick =
        |choices: &[&'static [&'static str]], by: usize| choices[number / by % choices.len()];
    put("aws:username", pick(&[&["x"], &["a"], &["b"]], 7));
    put("aws:securetransport", pick(&[&["true"], &["false"]], 11));
    put("k", pick(&[&[], &["a"], &["b"], &["ab"], &["A"]], 1));
    put("m", pick(&[&[], &["true"], &["false"]], 5));
    put("t", pick(&[&[], &["a"], &["b", "a"], &["c"], &["a", "c"]], 3));
    put("n", pick(&[&["5"], &[], &["10"], &["10.5"]], 2));
    put("ip", pick(&[&["10.0.0.1"], &["11.0.0.1"], &[], &["2001:db8::1"], &["10.9.0.1"]], 4));
    context
}

/// What can limit policies.
const KINDS: &[&str] = &["boundary", "session", "scp"];

fn verdict(outer: &str, inner: &str) -> Verdict {
    let (outer, inner) = (documents(outer), documents(inner));
    contains(&refs(&outer), &refs(&inner)).open
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    #[test]
    fn verdicts_agree_with_requests(outer in policy(), inner in policy()) {
        let (outer, inner) = (documents(&outer), documents(&inner));
        let decision = contains(&refs(&outer), &refs(&inner));
        match &decision.open {
            Verdict::Inside => {
                prop_assert_eq!(&decision.catalogue, &Verdict::Inside);
                for request in requests() {
                    let escapes = evaluate(&refs(&outer), &request) == Access::Denied
                        && evaluate(&refs(&inner), &request) == Access::Allowed;
                    prop_assert!(!escapes, "{request:?}");
                }
            }
            Verdict::Outside(found) => {
                let request = Request {
                    action: found.action.clone(),
                    resource: found.resource.clone(),
                    principal: None,
                    context: found.context.clone(),
                };
                prop_assert_eq!(evaluate(&refs(&inner), &request), Access::Allowed);
                prop_assert_eq!(evaluate(&refs(&outer), &request), Access::Denied);
                prop_assert!(decision.inner_statement.is_some());
            }
            Verdict::Undecided(why) => prop_assert!(!why.reason.is_empty()),
        }
    }

    #[test]
    fn a_policy_is_inside_itself(policy in policy()) {
        prop_assert_eq!(verdict(&policy, &policy), Verdict::Inside);
    }

    #[test]
    fn an_allow_widens_and_a_deny_narrows(policy in policy(), allow in statement(), deny in statement()) {
        let allow = format!("A{}", allow.get(1..).unwrap());
        let deny = format!("D{}", deny.get(1..).unwrap());
        prop_assert_eq!(verdict(&format!("{policy} ; {allow}"), &policy), Verdict::Inside);
        prop_assert_eq!(verdict(&policy, &format!("{policy} ; {deny}")), Verdict::Inside);
        prop_assert_eq!(verdict(&policy, &format!("{policy} ++ {deny}")), Verdict::Inside);
    }

    #[test]
    fn inside_is_transitive(a in policy(), b in policy(), c in policy()) {
        if verdict(&b, &a).is_inside() && verdict(&c, &b).is_inside() {
            let end = verdict(&c, &a);
            prop_assert!(!matches!(end, Verdict::Outside(_)), "{end:?}");
        }
    }

    /// A limit only takes away: inside the policies, inside itself, and never wider than without it.
    #[test]
    fn a_limit_narrows(outer in policy(), policy in policy(), limit in policy(), kind in select(KINDS)) {
        let composed = composed(&format!("{policy} && {kind} {limit}"));
        let within = |outer: &str| {
            contains_within(&refs(&documents(outer)), &composed.composition()).open
        };
        prop_assert_eq!(within(&policy), Verdict::Inside);
        prop_assert_eq!(within(&limit), Verdict::Inside);
        let (alone, limited) = (verdict(&outer, &policy), within(&outer));
        prop_assert!(!alone.is_inside() || limited.is_inside(), "{limited:?}");
        prop_assert!(!matches!(&limited, Verdict::Outside(_)) || !alone.is_inside());
    }

    #[test]
    fn limited_verdicts_agree_with_requests(
        outer in policy(),
        policy in policy(),
        limit in policy(),
        scp in policy(),
    ) {
        let composed = composed(&format!("{policy} && boundary {limit} && scp {scp}"));
        let composition = composed.composition();
        let outer = documents(&outer);
        match contains_within(&refs(&outer), &composition).open {
            Verdict::Inside => {
                for request in requests() {
                    let escapes = evaluate(&refs(&outer), &request) == Access::Denied
                        && evaluate_within(&composition, &request) == Access::Allowed;
                    prop_assert!(!escapes, "{request:?}");
                }
            }
            Verdict::Outside(found) => {
                let Counterexample { action, resource, context, .. } = found;
                let request = Request { action, resource, principal: None, context };
                prop_assert_eq!(evaluate_within(&composition, &request), Access::Allowed);
                prop_assert_eq!(evaluate(&refs(&outer), &request), Access::Denied);
            }
            Verdict::Undecided(why) => prop_assert!(!why.reason.is_empty()),
        }
    }

    /// What is not understood can take a verdict away and never turn it round.
    #[test]
    fn doubt_never_flips_a_verdict(outer in policy(), inner in policy(), side in any::<bool>(), at in 0..3usize) {
        let clear = verdict(&outer, &inner);
        let blur = |text: &str| {
            let mut statements: Vec<String> = text.split(" ; ").map(ToOwned::to_owned).collect();
            let at = at % statements.len();
            let statement = &mut statements[at];
            let joint = if statement.contains(" if ") { "and" } else { "if" };
            *statement = format!("{statement} {joint} StringFoo z=1");
            statements.join(" ; ")
        };
        let blurred = if side { verdict(&blur(&outer), &inner) } else { verdict(&outer, &blur(&inner)) };
        // A condition more on one side changes the question: the inner side can only shrink by it, and so on. But
        // a side that is narrowed by a doubtful condition may still be what it was.
        match (&clear, &blurred) {
            (Verdict::Inside, Verdict::Outside(_)) | (Verdict::Outside(_), Verdict::Inside) => {
                prop_assert!(false, "{clear:?} became {blurred:?}");
            }
            _ => {}
        }
    }
}
