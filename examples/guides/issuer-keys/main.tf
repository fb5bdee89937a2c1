terraform {
  required_providers {
    nhi = {
      source = "governed-nhi/nhi"
    }
  }
}

# Somebody else holds the key: see examples/issuer-signer for a program that signs.
provider "nhi" {
  issuer {
    url          = "https://identity.example.com"
    trust_domain = "example.com"

    signer {
      command    = ["./sign.sh"]
      public_key = file("issuer.pub")
      timeout    = "10s"
    }
  }
}

# Records need no signature: only issuing a token or a certificate starts the program.
resource "nhi_owner" "identity" {
  name        = "identity"
  accountable = "ada@example.com"
  steward     = "grace@example.com"
}
