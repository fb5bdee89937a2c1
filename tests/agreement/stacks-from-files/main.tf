# Stacks whose text comes from a file, from a template and from a map.
variable "team" {
  type    = string
  default = "payments"
}

resource "aws_cloudformation_stack" "file" {
  name          = "file"
  capabilities  = ["CAPABILITY_NAMED_IAM"]
  template_body = file("${path.module}/stack.yaml")
}

resource "aws_cloudformation_stack" "each" {
  for_each      = { one = "sqs:SendMessage", two = "s3:GetObject" }
  name          = "stack-${each.key}"
  capabilities  = ["CAPABILITY_NAMED_IAM"]
  template_body = templatefile("${path.module}/stack.yaml.tftpl", { name = each.key, action = each.value, team = var.team })
}

resource "aws_sqs_queue" "jobs" {
  name = "jobs"
}

resource "aws_cloudformation_stack" "unknown" {
  name       = "unknown"
  parameters = { Queue = aws_sqs_queue.jobs.url }
  template_body = yamlencode({
    Resources = { User = { Type = "AWS::IAM::User", Properties = { UserName = aws_sqs_queue.jobs.name } } }
  })
}
