resource "nhi_agent" "triage" {
  name        = "ticket-triage"
  owner       = nhi_owner.payments.name
  purpose     = "Sorts new tickets of the ledger and asks for what is missing"
  expiry      = "90d"
  template    = "ticket-agent@1"
  service     = "billing"
  environment = "prod"

  parameters = {
    repository = "acme/ledger"
  }

  # The person who wants it, besides the owner.
  sponsor = "ada@example.com"

  # What it may call, one by one. Another tool means another credential.
  tools = [
    "github.get_issue",
    "github.add_labels",
    "github.create_comment",
  ]

  max_session  = "15m"
  on_behalf_of = ["support-desk"]
}

output "triage" {
  value = nhi_agent.triage.spiffe_id # spiffe://example.com/agent/ticket-triage
}
