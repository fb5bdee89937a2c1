# Conditions that Terraform checks, and that say nothing about grants.
variable "name" {
  type    = string
  default = "checked"
  validation {
    condition     = length(var.name) > 3
    error_message = "The name is too short."
  }
}

resource "aws_iam_role" "this" {
  name = var.name
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
  lifecycle {
    prevent_destroy = true
    ignore_changes  = [tags]
    precondition {
      condition     = startswith(var.name, "c")
      error_message = "Names begin with c."
    }
  }
}

check "tagged" {
  assert {
    condition     = can(aws_iam_role.this.tags["nhi:owner"])
    error_message = "There is no owner."
  }
}

output "arn" {
  value = aws_iam_role.this.arn
  precondition {
    condition     = aws_iam_role.this.name != ""
    error_message = "There is no name."
  }
}
