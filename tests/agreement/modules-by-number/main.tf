# Roles by the same names in modules by number, which read what others made.
module "stage" {
  source = "./stage"
  count  = 2
  index  = count.index
}

resource "aws_iam_role_policy" "across" {
  count = 2
  role  = module.stage[count.index].role_name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Resource = module.stage[1 - count.index].role_arn }]
  })
}

resource "aws_iam_role_policy_attachment" "splat" {
  for_each   = toset(["0", "1"])
  role       = (module.stage[*].role_name)[tonumber(each.key)]
  policy_arn = "arn:aws:iam::aws:policy/IAMFullAccess"
}
