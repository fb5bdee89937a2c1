# By id, or by name.
terraform import nhi_certificate.ledger ledger-server
