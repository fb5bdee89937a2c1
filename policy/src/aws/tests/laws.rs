//! Laws, over random small policies and requests.

use proptest::prelude::*;
use proptest::sample::select;

use super::dsl::{documents, refs};
use crate::aws::{Access, Request, contains, evaluate};
use crate::verdict::Verdict;

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
    " if Bool m=true",
    " if StringEquals k=a",
    " if StringEquals k=a/b",
    " if StringNotEquals k=a",
    " if StringEqualsIfExists k=b",
    " if StringEquals k=a and Bool m=true",
    " if Null k=true",
    " if ForAnyValue:StringLike t=a*",
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
    let mut out = Vec::new();
    let resources = [
        "*",
        "^b",
        "^b/",
        "^b/x",
        "^b/a",
        "^b/xa",
        "^b/x/y",
        "^c/x",
        "arn:aws-cn:s3:::b/x",
        "arn:aws:s3:r:1:b/x",
    ];
    for action in ["s3:GetObject", "s3:PutObject", "s3:SetObject", "iam:PassRole", "other:Thing"] {
        for resource in resources {
            for k in [None, Some("a"), Some("b"), Some("c")] {
                for m in [None, Some("true")] {
                    let mut request = Request {
                        action: action.to_owned(),
                        resource: Some(resource.replace('^', "arn:aws:s3:::")),
                        ..Request::default()
                    };
                    let mut put = |key: &str, value: &str| {
                        request.context.insert(key.to_owned(), vec![value.to_owned()]);
                    };
                    put("aws:username", "x");
                    if let Some(k) = k {
                        put("k", k);
                        put("t", k);
                    }
                    if let Some(m) = m {
                        put("m", m);
                    }
                    out.push(request);
                }
            }
        }
    }
    out
}

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
                    let escapes = evaluate(&refs(&inner), &request) == Access::Allowed
                        && evaluate(&refs(&outer), &request) == Access::Denied;
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
