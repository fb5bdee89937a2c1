resource "nhi_owner" "payments" {
  name        = "payments"
  accountable = "ada@example.com"
  steward     = "grace@example.com"
  contacts    = ["https://chat.example.com/payments", "payments-oncall@example.com"]
}
