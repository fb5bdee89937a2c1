# What a module gives goes through two others.
module "outer" {
  source = "./outer"
}

resource "aws_iam_role_policy" "outside" {
  for_each = module.outer.roles
  role     = each.value.id
  policy   = module.outer.policies[each.key]
}

resource "aws_iam_role_policy_attachment" "one" {
  role       = module.outer.first.name
  policy_arn = module.outer.policy.arn
}
