# Users in groups, their keys, and what they get through the groups.
resource "aws_iam_group" "operators" {
  name = "operators"
  path = "/machines/"
}

resource "aws_iam_user" "robot" {
  for_each = { deploy = "platform", build = null }
  name     = each.key
  tags     = each.value == null ? {} : { "nhi:owner" = each.value, "nhi:purpose" = "Deploys what the pipeline has built" }
}

resource "aws_iam_group_membership" "operators" {
  name  = "operators"
  group = aws_iam_group.operators.name
  users = [for user in aws_iam_user.robot : user.name]
}

resource "aws_iam_user_group_membership" "deploy" {
  user   = aws_iam_user.robot["deploy"].name
  groups = [aws_iam_group.operators.name]
}

resource "aws_iam_group_policy" "operators" {
  group = aws_iam_group.operators.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = ["iam:PassRole", "ec2:*"], Resource = "*" }]
  })
}

resource "aws_iam_group_policy_attachment" "admin" {
  group      = aws_iam_group.operators.name
  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
}

resource "aws_iam_access_key" "deploy" {
  user   = aws_iam_user.robot["deploy"].name
  status = "Active"
}

resource "aws_iam_service_specific_credential" "git" {
  service_name = "codecommit.amazonaws.com"
  user_name    = aws_iam_user.robot["build"].name
}
