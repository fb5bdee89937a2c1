"""Questions whose answers are known: an oracle that gets one of them wrong is broken and must say nothing.

`INSIDE` must be proved, `OUTSIDE` must be found: an encoding that makes everything true, or everything false, fails.
"""


def one(action, resource="*", condition=None, effect="Allow", **more):
    statement = {"Effect": effect, "Action": action, "Resource": resource, **more}
    if condition:
        statement["Condition"] = condition
    return statement


def document(*statements):
    return {"Version": "2012-10-17", "Statement": list(statements)}


def when(operator, key, *values):
    return document(one("s3:GetObject", condition={operator: {key: list(values)}}))


def pair(inner, outer, **more):
    return {"inner": [inner], "outer": [outer], **more}


B = "arn:aws:s3:::b"
GET = "s3:GetObject"
TAG = "aws:PrincipalTag/team"
EVERYTHING = document(one("*"))
TRUE, FALSE = "true", "false"

INSIDE = [
    pair(document(one("S3:getobject")), document(one(GET))),
    pair(document(one("s3:Get*")), document(one(["s3:Get*", "s3:List*"]))),
    pair(document(one(GET, [f"{B}/x"])), document(one(GET, f"{B}/*"))),
    pair(document(one(GET, f"{B}/*")), document(one(GET, [f"{B}/", f"{B}/?*"]))),
    pair(document(one("s3:*"), one("s3:Delete*", effect="Deny")), document(one("s3:*"), one("s3:DeleteBucket", effect="Deny"))),
    pair(when("StringEquals", TAG, "a"), when("StringEquals", TAG, "a", "b")),
    pair(when("StringEquals", TAG, "a"), when("StringLike", TAG, "a*")),
    pair(when("StringNotEquals", TAG, "a", "b"), when("StringNotEquals", TAG, "a")),
    pair(when("StringEquals", TAG, "Prod"), when("StringEqualsIgnoreCase", TAG, "prod")),
    pair(when("StringEquals", "AWS:principaltag/Team", "a"), when("StringEquals", "aws:PrincipalTag/team", "a")),
    pair(when("NumericLessThan", "k", "10"), when("NumericLessThanEquals", "k", "10")),
    pair(when("NumericEquals", "k", "1"), when("NumericEquals", "k", "1.0")),
    pair(when("DateLessThan", "k", "2025-01-01T00:00:00+05:00"), when("DateLessThan", "k", "2025-01-01T00:00:00Z")),
    pair(when("DateLessThan", "aws:EpochTime", "1735689600"), when("DateLessThan", "aws:CurrentTime", "2025-01-01T00:00:00Z")),
    pair(when("NotIpAddress", "k", "10.0.0.0/8"), when("NotIpAddress", "k", "10.1.0.0/16")),
    pair(when("IpAddress", "k", "10.0.0.5/8"), when("IpAddress", "k", "10.0.0.0/8")),
    pair(when("ArnEquals", "k", "arn:aws:iam::1:role/*"), when("ArnLike", "k", "arn:aws:iam::1:role/*")),
    pair(when("ArnLike", "k", "arn:aws:iam::*:role/x"), when("StringLike", "k", "arn:aws:iam::*:role/x")),
    pair(when("Bool", "aws:MultiFactorAuthPresent", TRUE), when("BoolIfExists", "aws:MultiFactorAuthPresent", TRUE)),
    pair(when("ForAllValues:StringEquals", "aws:TagKeys", "a"), when("ForAllValues:StringEquals", "aws:TagKeys", "a", "b")),
    pair(when("ForAnyValue:StringEqualsIfExists", "aws:TagKeys", "a"), when("ForAnyValue:StringEquals", "aws:TagKeys", "a")),
    pair(
        document(one(GET, condition={"Bool": {"k": TRUE}}), one(GET, condition={"Bool": {"k": FALSE}}), one(GET, condition={"Null": {"k": TRUE}})),
        EVERYTHING,
    ),
    pair(
        document(one(GET)),
        document(one(GET, condition={"Bool": {"k": TRUE}}), one(GET, condition={"Bool": {"k": FALSE}}), one(GET, condition={"Null": {"k": TRUE}})),
    ),
    pair(document(one(GET, condition={"StringEquals": {"k": "a"}, "StringLike": {"k": "b*"}})), document()),
    pair(document(one(GET, f"{B}/${{aws:username}}/*")), document(one(GET, f"{B}/*"))),
    pair(document(one(GET, f"{B}/${{aws:username}}/*")), document(one(GET, f"{B}/${{aws:username}}/*"))),
    pair(EVERYTHING, document(one("s3:*")), boundary=document(one("s3:*"))),
    pair(EVERYTHING, document(one("s3:Get*")), scps=[[document(one("s3:*"))], [document(one("s3:Get*"))]]),
]

OUTSIDE = [
    pair(document(one("s3:*")), document(one("s3:Get*"))),
    pair(document(one("s3:?etObject")), document(one(GET))),
    pair(EVERYTHING, document(one("s3:*"))),
    pair(document(one(GET, f"{B}*")), document(one(GET, f"{B}/*"))),
    pair(document(one(GET, f"{B}/*")), document(one("s3:*"), one("s3:*", f"{B}/secret/*", effect="Deny"))),
    pair(document(one("s3:*")), document(one("s3:*"), one("s3:Delete*", effect="Deny"))),
    pair(when("StringEquals", TAG, "a", "b"), when("StringEquals", TAG, "a")),
    pair(when("StringEquals", TAG, "a*"), when("StringEquals", TAG, "ab")),
    pair(when("StringNotEquals", TAG, "a"), when("StringNotEquals", TAG, "a", "b")),
    pair(when("StringEqualsIgnoreCase", TAG, "prod"), when("StringEquals", TAG, "Prod")),
    pair(when("StringEqualsIfExists", TAG, "a"), when("StringEquals", TAG, "a")),
    pair(when("NumericLessThan", "k", "10"), when("NumericLessThanEquals", "k", "9")),
    pair(when("NumericLessThanEquals", "k", "10"), when("NumericLessThan", "k", "10")),
    pair(when("NotIpAddress", "k", "10.0.0.0/8"), when("IpAddress", "k", "0.0.0.0/0")),
    pair(when("BoolIfExists", "aws:MultiFactorAuthPresent", TRUE), when("Bool", "aws:MultiFactorAuthPresent", TRUE)),
    pair(when("ForAllValues:StringEquals", "aws:TagKeys", "a", "b"), when("ForAnyValue:StringEquals", "aws:TagKeys", "a", "b")),
    pair(when("ForAnyValue:StringNotEquals", "aws:TagKeys", "a"), when("ForAllValues:StringNotEquals", "aws:TagKeys", "a")),
    pair(document(one(GET)), document(one(GET, condition={"Bool": {"k": TRUE}}), one(GET, condition={"Bool": {"k": FALSE}}))),
    pair(when("ArnNotLike", "k", "arn:aws:iam::1:role/*"), when("Null", "k", FALSE)),
    pair(document(one(GET, f"{B}/home/*")), document(one(GET, f"{B}/${{aws:username}}/*"))),
    pair(document(one(GET, f"{B}/${{aws:username}}/*")), document(one(GET, f"{B}/${{aws:userid}}/*"))),
    pair(EVERYTHING, document(one("s3:Get*")), boundary=document(one("s3:*"))),
    pair(EVERYTHING, document(one("s3:Get*")), scps=[[document(one("s3:*"))], [document(one("*"))]]),
]
