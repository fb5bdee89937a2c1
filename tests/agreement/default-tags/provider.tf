terraform {
  required_providers {
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

provider "aws" {
  alias                       = "west"
  region                      = "us-west-2"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
  skip_region_validation      = true
  default_tags {
    tags = {
      "nhi:owner"    = "platform"
      "nhi:purpose"  = "Looks after the buckets in the west"
      "nhi:expiry"   = "2027-05-01"
      "nhi:template" = var.template
    }
  }
}

variable "template" {
  type    = string
  default = "object-reader@1.0.0"
}
