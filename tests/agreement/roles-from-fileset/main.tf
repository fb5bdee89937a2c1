# A role for each file of a folder.
resource "aws_iam_role" "this" {
  for_each = fileset("${path.module}/policies", "*.json")
  name     = trimsuffix(each.value, ".json")
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_iam_role_policy" "this" {
  for_each = fileset("${path.module}/policies", "*.json")
  role     = aws_iam_role.this[each.value].id
  policy   = file("${path.module}/policies/${each.value}")
}
