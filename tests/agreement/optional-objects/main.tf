# Objects of which parts may be left out.
variable "identities" {
  type = map(object({
    path    = optional(string, "/service/")
    owner   = optional(string)
    session = optional(number, 3600)
    grants = optional(list(object({
      action   = string
      resource = optional(string, "*")
    })), [])
  }))
  default = {
    plain = {}
    full = {
      owner  = "payments"
      path   = "/other/"
      grants = [{ action = "s3:GetObject" }, { action = "sqs:*", resource = "arn:aws:sqs:*:*:jobs" }]
    }
  }
}

resource "aws_iam_role" "this" {
  for_each             = var.identities
  name                 = each.key
  path                 = each.value.path
  max_session_duration = each.value.session
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
  tags = each.value.owner == null ? null : { "nhi:owner" = each.value.owner }
}

resource "aws_iam_role_policy" "this" {
  for_each = { for name, it in var.identities : name => it.grants if length(it.grants) > 0 }
  role     = aws_iam_role.this[each.key].id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [for grant in each.value : { Effect = "Allow", Action = grant.action, Resource = grant.resource }]
  })
}
