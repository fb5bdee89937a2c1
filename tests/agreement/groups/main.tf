# Users in groups by every way: with boundaries, in lists of users, of groups and of names that are made up.
resource "aws_iam_user" "this" {
  count                = 2
  name                 = "user-${count.index}"
  permissions_boundary = count.index == 0 ? "arn:aws:iam::aws:policy/ReadOnlyAccess" : null
}

resource "aws_iam_group" "this" {
  for_each = toset(["readers", "writers"])
  name     = each.key
}

resource "aws_iam_group_policy" "writers" {
  group  = aws_iam_group.this["writers"].name
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:PutObject", Resource = "*" }] })
}

resource "aws_iam_policy_attachment" "readers" {
  name       = "readers"
  groups     = [aws_iam_group.this["readers"].name]
  users      = [aws_iam_user.this[1].name, "somebody-else"]
  policy_arn = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
}

resource "aws_iam_group_membership" "writers" {
  name  = "writers"
  group = aws_iam_group.this["writers"].name
  users = aws_iam_user.this[*].name
}

resource "aws_iam_user_group_membership" "second" {
  user   = aws_iam_user.this[1].name
  groups = [for group in aws_iam_group.this : group.name if group.name != "writers"]
}

resource "aws_iam_user_login_profile" "second" {
  user = aws_iam_user.this[1].name
}
