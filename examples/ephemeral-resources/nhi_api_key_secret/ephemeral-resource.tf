ephemeral "nhi_api_key_secret" "partner" {
  identity = nhi_api_key.partner.id
}

resource "aws_secretsmanager_secret" "partner" {
  name = nhi_api_key.partner.principal_name
  tags = nhi_api_key.partner.tags
}

# The key goes from memory to where its holder finds it: no plan and no state has it. Each rotation writes the next one.
resource "aws_secretsmanager_secret_version" "partner" {
  secret_id                = aws_secretsmanager_secret.partner.id
  secret_string_wo         = ephemeral.nhi_api_key_secret.partner.secret
  secret_string_wo_version = nhi_api_key.partner.credential_version
}
