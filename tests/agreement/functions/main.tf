# Names through functions, encodings and formats.
locals {
  governance = {
    "nhi:owner"    = "payments"
    "nhi:purpose"  = "Nightly export of invoices to the ledger"
    "nhi:expiry"   = "2027-06-30"
    "nhi:template" = "object-reader@1.0.0"
  }
}

locals {
  names = [for index, name in ["Orders", "Refunds"] : lower(join("-", [name, format("%03d", index)]))]
  roles = zipmap(local.names, [for name in local.names : { bucket = replace(name, "/[0-9]+/", "x"), actions = distinct(flatten([["s3:GetObject"], ["s3:GetObject", "s3:ListBucket"]])) }])
}

resource "aws_s3_bucket" "this" {
  for_each = local.roles
  bucket   = each.value.bucket
}

resource "aws_iam_role" "this" {
  for_each = local.roles
  name     = substr(sha256(each.key), 0, 8)
  assume_role_policy = jsonencode(jsondecode(base64decode(base64encode(jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })))))
  tags = local.governance
}

resource "aws_iam_role_policy" "this" {
  for_each = local.roles
  name     = "${each.key}-${length(each.value.actions)}"
  role     = aws_iam_role.this[each.key].id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = each.value.actions, Resource = [aws_s3_bucket.this[each.key].arn, format("%s/*", aws_s3_bucket.this[each.key].arn)] }]
  })
}

resource "aws_iam_role_policy" "more" {
  for_each = { for pair in setproduct(keys(local.roles), ["Put", "Delete"]) : join("/", pair) => pair }
  name     = md5(each.key)
  role     = aws_iam_role.this[each.value[0]].id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "s3:${each.value[1]}Object", Resource = "${aws_s3_bucket.this[each.value[0]].arn}/*" }]
  })
}
