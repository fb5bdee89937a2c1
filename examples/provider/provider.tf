terraform {
  required_providers {
    nhi = {
      source = "governed-nhi/nhi"
    }
  }
}

provider "nhi" {
  inventory = "sqlite:.nhi/inventory.db"
  templates = ["./templates"]

  issuer {
    url          = "https://identity.example.com"
    trust_domain = "example.com"
  }

  defaults {
    environment = "prod"
    service     = "billing"
  }
}
