# dynamic blocks below for_each below a module with another provider.
module "stage" {
  source    = "./stage"
  for_each  = { dev = ["s3:GetObject"], prod = ["s3:GetObject", "s3:DeleteObject"] }
  name      = each.key
  actions   = each.value
  providers = { aws = aws.tagged }
}

module "plain" {
  source  = "./stage"
  name    = "plain"
  actions = []
}
