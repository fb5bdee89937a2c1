variable "name" {
  type = string
}

variable "service" {
  type = object({
    owner   = optional(string, "nobody")
    purpose = optional(string)
    admin   = optional(bool, false)
    grants = optional(list(object({
      actions   = list(string)
      resources = optional(set(string), ["*"])
    })), [])
  })
}

resource "aws_iam_role" "this" {
  name = var.name
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
  tags = { for key, value in { "nhi:owner" = var.service.owner, "nhi:purpose" = var.service.purpose } : key => value if value != null }
}

data "aws_iam_policy_document" "this" {
  dynamic "statement" {
    for_each = var.service.grants
    content {
      actions   = statement.value.actions
      resources = statement.value.resources
    }
  }
}

resource "aws_iam_role_policy" "this" {
  count  = length(var.service.grants) > 0 ? 1 : 0
  role   = aws_iam_role.this.name
  policy = data.aws_iam_policy_document.this.json
}

resource "aws_iam_role_policy_attachment" "admin" {
  count      = var.service.admin ? 1 : 0
  role       = aws_iam_role.this.name
  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
}

output "role" {
  value = aws_iam_role.this
}
