# Variables from every place, in their order.
variable "from_default" {
  type    = string
  default = "default"
}

variable "from_environment" {
  nullable = false
  type     = string
  default  = "default"
}

variable "from_tfvars" {
  type    = string
  default = "default"
}

variable "from_auto" {
  type    = list(string)
  default = []
}

variable "from_json" {
  type    = map(string)
  default = {}
}

resource "aws_iam_role" "this" {
  for_each = toset(concat([var.from_default, var.from_environment, var.from_tfvars], var.from_auto))
  name     = each.key
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
  tags = merge({ "nhi:purpose" = "Stands for ${each.key}, no more" }, var.from_json)
}
