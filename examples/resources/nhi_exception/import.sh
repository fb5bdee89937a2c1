# By id, or by rule and subject.
terraform import nhi_exception.legacy CRE001:aws_iam_user.legacy_export
