data "nhi_trust_bundle" "this" {}

# What relying parties fetch from the issuer's address, as files for whatever serves them.
output "well_known" {
  value = {
    "jwks.json"            = data.nhi_trust_bundle.this.jwks_json
    "openid-configuration" = data.nhi_trust_bundle.this.openid_configuration_json
    "spiffe-bundle.json"   = data.nhi_trust_bundle.this.spiffe_bundle_json
    "ca.pem"               = data.nhi_trust_bundle.this.ca_bundle_pem
    "ca.crl.pem"           = data.nhi_trust_bundle.this.crl_pem
  }
}
