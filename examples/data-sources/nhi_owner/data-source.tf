data "nhi_owner" "payments" {
  name = "payments"
}

output "answers_for" {
  value = "${data.nhi_owner.payments.accountable} answers for ${data.nhi_owner.payments.identities} identities"
}

output "next_review" {
  value = data.nhi_owner.payments.next_review
}
