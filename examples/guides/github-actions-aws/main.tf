terraform {
  required_providers {
    nhi = {
      source = "governed-nhi/nhi"
    }
    aws = {
      source = "hashicorp/aws"
    }
  }
}

provider "nhi" {
  templates = ["./templates"]

  issuer {
    trust_domain = "example.com"
  }
}

provider "aws" {
  region = "eu-central-1"
}

variable "account" {
  type    = string
  default = "123456789012"
}

resource "nhi_owner" "billing" {
  name        = "billing"
  accountable = "ada.lovelace@example.com"
  steward     = "grace.hopper@example.com"
}

resource "nhi_workload_identity" "deploy" {
  name        = "billing-deploy"
  owner       = nhi_owner.billing.name
  purpose     = "Deploys the billing function from its pipeline"
  expiry      = "2027-06-30"
  template    = "github-deployer@1"
  service     = "billing"
  environment = "prod"
  consumers   = ["github:acme/billing:environment:production"]

  parameters = {
    account     = var.account
    repository  = "acme/billing"
    environment = "production"
    function    = "billing"
  }

  subject = {
    github = {
      repository  = "acme/billing"
      environment = "production"
    }
  }
}

# Once for each account.
resource "aws_iam_openid_connect_provider" "github" {
  url            = "https://token.actions.githubusercontent.com"
  client_id_list = ["sts.amazonaws.com"]
}

# The role takes everything from the identity: nothing here can grant more than the template.
resource "aws_iam_role" "deploy" {
  name                 = nhi_workload_identity.deploy.principal_name
  description          = nhi_workload_identity.deploy.description
  assume_role_policy   = nhi_workload_identity.deploy.aws.trust
  max_session_duration = 3600
  tags                 = nhi_workload_identity.deploy.tags

  depends_on = [aws_iam_openid_connect_provider.github]
}

resource "aws_iam_role_policy" "deploy" {
  name   = "template"
  role   = aws_iam_role.deploy.name
  policy = nhi_workload_identity.deploy.aws.permissions
}

resource "nhi_binding" "deploy" {
  identity   = nhi_workload_identity.deploy.id
  platform   = "aws"
  principal  = aws_iam_role.deploy.arn
  consumers  = nhi_workload_identity.deploy.consumers
  retired_by = "aws_iam_role.deploy"
}

output "role" {
  value = aws_iam_role.deploy.arn
}
