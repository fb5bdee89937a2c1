# The last workload of a role goes, and the role stays; a user goes with its key, another stays and changes hands.
resource "aws_iam_user" "stays" {
  name = "stays"
  tags = { "nhi:owner" = "search" }
}

resource "aws_iam_access_key" "stays" {
  user = aws_iam_user.stays.name
}

resource "aws_iam_role" "worker" {
  name = "worker"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}
