# Run by `nhi-lint template test examples/templates`.
test "reading below one bucket is inside" {
  template = "s3-object-reader@1"
  params   = { bucket = "payments-ledger" }
  platform = "aws"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "s3:GetObject"
      Resource = "arn:aws:s3:::payments-ledger/invoices/*"
    }]
  })
  expect = "inside"
}

test "a reader cannot write" {
  template = "s3-object-reader@1"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:PutObject"]
      Resource = "arn:aws:s3:::payments-ledger/*"
    }]
  })
  expect = "outside"
}

test "nobody but an instance becomes a reader" {
  template = "s3-object-reader@1"
  trust = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::111122223333:root" }
      Action    = "sts:AssumeRole"
    }]
  })
  expect = "outside"
}
