# Keys of AWS that outlive everything, made in a module that is used twice.
module "key" {
  source   = "./key"
  for_each = toset(["old", "new"])
  user     = each.key
  pgp      = each.key == "old" ? null : "keybase:someone"
}
