# Run by `nhi-lint template test examples/templates`.
test "the role that Google publishes for it" {
  template = "gcs-object-reader@1"
  platform = "gcp"
  policy = jsonencode([{
    role     = "roles/storage.objectViewer"
    resource = "//storage.googleapis.com/projects/_/buckets/ledger"
  }])
  expect = "inside"
}

test "for a while, for one folder of it" {
  template = "gcs-object-reader@1"
  platform = "gcp"
  policy = jsonencode([{
    role     = "roles/storage.objectViewer"
    resource = "//storage.googleapis.com/projects/_/buckets/ledger"
    condition = {
      title      = "exports until June"
      expression = "resource.name.startsWith('projects/_/buckets/ledger/objects/exports/') && request.time < timestamp('2027-06-01T00:00:00Z')"
    }
  }])
  expect = "inside"
}

test "every bucket of a project" {
  template = "gcs-object-reader@1"
  platform = "gcp"
  policy = jsonencode([{
    permissions = ["storage.objects.get"]
    resource    = "//cloudresourcemanager.googleapis.com/projects/payments"
  }])
  expect = "outside"
}

test "two buckets" {
  template = "gcs-object-reader@1"
  platform = "gcp"
  policy = jsonencode([
    { permissions = ["storage.objects.get"], resource = "//storage.googleapis.com/projects/_/buckets/ledger" },
    { permissions = ["storage.objects.get"], resource = "//storage.googleapis.com/projects/_/buckets/archive" },
  ])
  expect = "outside"
}
