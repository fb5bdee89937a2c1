# By id, or by name.
terraform import nhi_deployment_token.release ledger-release
