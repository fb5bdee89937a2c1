data "nhi_policy" "reader" {
  template = "s3-object-reader@1"

  parameters = {
    bucket = "payments-ledger"
    app    = "billing"
  }
}

# What the platform team puts in front of every account: nobody gets more than the template, whoever writes the role.
output "permissions_boundary" {
  value = data.nhi_policy.reader.aws.permissions
}

# vault policy write billing-reader - <<< "$(terraform output -raw vault_policy)"
output "vault_policy" {
  value = data.nhi_policy.reader.documents["vault-policy.hcl"]
}
