# Values that nobody knows before apply, on several ways to tags and grants.
variable "ticket" {
  type    = string
  default = null
}

variable "team" {
  type    = object({ name = string, contacts = optional(list(string), []) })
  default = { name = "payments" }
}

resource "terraform_data" "made" {
  input = { owner = var.team.name, until = "2027-06-30" }
}

locals {
  tags = merge(
    { "nhi:owner" = terraform_data.made.output.owner },
    var.ticket == null ? {} : { "nhi:ticket" = var.ticket },
    { "nhi:purpose" = "Nightly export of invoices for ${terraform_data.made.id}" },
  )
}

resource "aws_iam_role" "owned" {
  name = "owned"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
  tags = local.tags
}

resource "aws_iam_role" "half" {
  name = "half"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
  tags = merge(local.tags, { "nhi:expiry" = timeadd("2027-01-01T00:00:00Z", "720h"), "nhi:template" = "object-reader@1.0.0" })
}

resource "aws_iam_role_policy" "half" {
  role = aws_iam_role.half.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::${terraform_data.made.id}/*" }]
  })
}
