# Instances by number, and none where there are none.
variable "people" {
  type    = list(string)
  default = ["build", "deploy", "build-2"]
}

resource "aws_iam_user" "this" {
  count = length(var.people)
  name  = var.people[count.index]
}

resource "aws_iam_access_key" "this" {
  count = length(var.people) - 1
  user  = aws_iam_user.this[count.index].name
}

resource "aws_iam_user_policy" "this" {
  count = length(var.people)
  name  = "p"
  user  = element(aws_iam_user.this[*].name, count.index)
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = count.index == 1 ? "*" : "s3:GetObject", Resource = "*" }]
  })
}

resource "aws_iam_user" "none" {
  count = var.people == [] ? 1 : 0
  name  = "none"
}
