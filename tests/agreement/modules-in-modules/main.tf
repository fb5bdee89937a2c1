# Modules in modules, each for several keys, with a provider handed down.
module "team" {
  source   = "./modules/team"
  for_each = { payments = ["export", "import"], search = ["index"] }
  team     = each.key
  services = each.value
  providers = {
    aws = aws.west
  }
}
