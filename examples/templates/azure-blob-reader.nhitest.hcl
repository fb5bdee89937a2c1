# Run by `nhi-lint template test examples/templates`.
test "blobs of one account of the group" {
  template = "azure-blob-reader@1"
  platform = "azure"
  policy = jsonencode([{
    scope = "/subscriptions/0b1f6471-1bf0-4dda-aec3-111122223333/resourceGroups/ledger/providers/Microsoft.Storage/storageAccounts/exports"
    permissions = [{
      actions     = []
      dataActions = ["Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read"]
    }]
  }])
  params = { subscription = "0b1f6471-1bf0-4dda-aec3-111122223333", group = "ledger" }
  expect = "inside"
}

test "a reader of everything reads no blobs, but much else" {
  template = "azure-blob-reader@1"
  platform = "azure"
  policy = jsonencode([{
    roleDefinitionName = "Reader"
    scope              = "/subscriptions/0b1f6471-1bf0-4dda-aec3-111122223333/resourceGroups/ledger"
  }])
  expect = "outside"
}

test "the group whose name begins the same is another one" {
  template = "azure-blob-reader@1"
  platform = "azure"
  params   = { subscription = "0b1f6471-1bf0-4dda-aec3-111122223333", group = "ledger" }
  policy = jsonencode([{
    scope = "/subscriptions/0b1f6471-1bf0-4dda-aec3-111122223333/resourceGroups/ledger2"
    permissions = [{
      dataActions = ["Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read"]
    }]
  }])
  expect = "outside"
}
