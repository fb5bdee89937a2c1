# Run by `nhi-lint template test examples/templates`.
test "writing includes reading" {
  template = "github-release@1"
  platform = "github"
  policy   = jsonencode({ permissions = { contents = "read", id-token = "write" }, repositories = ["acme/ledger"] })
  expect   = "inside"
}

test "a scope that is not listed is none" {
  template = "github-release@1"
  platform = "github"
  policy   = jsonencode({ permissions = { contents = "read", issues = "write" }, repositories = ["acme/ledger"] })
  expect   = "outside"
}

test "whatever GitHub may add" {
  template = "github-release@1"
  platform = "github"
  policy   = jsonencode({ permissions = "read-all", repositories = ["acme/ledger"] })
  expect   = "outside"
}
