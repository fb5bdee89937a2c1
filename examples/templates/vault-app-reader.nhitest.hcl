# Run by `nhi-lint template test examples/templates`.
test "its own secrets, but for those of the administrators" {
  template = "vault-app-reader@1"
  platform = "vault"
  policy = jsonencode({ path = {
    "secret/data/billing/*"       = { capabilities = ["read"] }
    "secret/data/billing/admin/*" = { capabilities = ["deny"] }
  } })
  expect = "inside"
}

test "one segment of a path may be any application" {
  template = "vault-app-reader@1"
  platform = "vault"
  policy   = jsonencode({ path = { "secret/data/+/config" = { capabilities = ["read"] } } })
  expect   = "outside"
}

test "writing" {
  template = "vault-app-reader@1"
  platform = "vault"
  policy   = jsonencode({ path = { "secret/data/billing/*" = { capabilities = ["read", "update"] } } })
  expect   = "outside"
}
