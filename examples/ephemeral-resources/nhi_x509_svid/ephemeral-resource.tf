# A certificate of an hour and its key: both are in memory only.
ephemeral "nhi_x509_svid" "ledger" {
  identity = nhi_workload_identity.viewer.id
  lifetime = "30m"
}

# PostgreSQL's `cert` authentication: the certificate's common name is the database user.
resource "postgresql_role" "viewer" {
  name  = nhi_workload_identity.viewer.principal_name
  login = true
}

provider "kubernetes" {
  host                   = "https://cluster.example.com"
  cluster_ca_certificate = ephemeral.nhi_x509_svid.ledger.bundle_pem
  client_certificate     = ephemeral.nhi_x509_svid.ledger.certificate_pem
  client_key             = ephemeral.nhi_x509_svid.ledger.private_key_pem
}
