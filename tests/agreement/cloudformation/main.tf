# Identities in the text of a stack.
resource "aws_cloudformation_stack" "roles" {
  name         = "roles"
  capabilities = ["CAPABILITY_NAMED_IAM"]
  parameters   = { Name = "from-stack" }
  template_body = jsonencode({
    Parameters = { Name = { Type = "String" } }
    Resources = {
      Role = {
        Type = "AWS::IAM::Role"
        Properties = {
          RoleName                 = { Ref = "Name" }
          AssumeRolePolicyDocument = { Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }] }
          ManagedPolicyArns        = ["arn:aws:iam::aws:policy/AdministratorAccess"]
        }
      }
    }
  })
}

resource "aws_cloudformation_stack" "yaml" {
  name          = "yaml"
  template_body = <<-EOT
    Resources:
      User:
        Type: AWS::IAM::User
        Properties:
          UserName: robot
  EOT
}
