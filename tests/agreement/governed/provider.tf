# Of every configuration that has no provider.tf of its own: the provider plans, and never calls AWS.
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

provider "aws" {
  region                      = "eu-central-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
  skip_region_validation      = true
}

provider "nhi" {
  templates = ["./templates"]
}
