# Documents that are laid over others, with counts that nobody knows.
resource "aws_sqs_queue" "jobs" {
  name = "jobs"
}

resource "terraform_data" "number" {
  input = 2
}

data "aws_iam_policy_document" "base" {
  statement {
    sid       = "Read"
    actions   = ["s3:GetObject"]
    resources = ["arn:aws:s3:::ledger/*"]
  }
  statement {
    sid       = "Queue"
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.jobs.arn]
  }
}

data "aws_iam_policy_document" "over" {
  source_policy_documents = [data.aws_iam_policy_document.base.json]
  override_policy_documents = [jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Sid = "Read", Effect = "Allow", Action = "s3:DeleteObject", Resource = "*" }]
  })]
  statement {
    sid       = "Queue"
    effect    = "Deny"
    actions   = ["sqs:PurgeQueue"]
    resources = ["*"]
  }
}

data "aws_iam_policy_document" "many" {
  source_policy_documents = [data.aws_iam_policy_document.over.json]
  dynamic "statement" {
    for_each = range(terraform_data.number.output)
    content {
      actions   = ["sns:Publish"]
      resources = ["*"]
    }
  }
}

resource "aws_iam_role" "this" {
  for_each = toset(["over", "many"])
  name     = each.key
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_iam_role_policy" "this" {
  for_each = { over = data.aws_iam_policy_document.over.json, many = data.aws_iam_policy_document.many.json }
  role     = aws_iam_role.this[each.key].id
  policy   = each.value
}
