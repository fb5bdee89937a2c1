# The caps per kind where this organisation is stricter than the built-in ones, and the teams that may own identities.
baseline {
  kind "service_account" {
    max_lifetime = "180d"
  }
  kind "api_key" {
    max_lifetime = "60d"
    max_session  = "30d"
    review_every = "60d"
  }
}

owner "payments" {
  accountable = "ada.lovelace@example.com"
  steward     = "grace.hopper@example.com"
}

owner "platform-iam" {
  accountable = "barbara.liskov@example.com"
  steward     = "frances.allen@example.com"
}

owner "legacy-integration" {
  accountable = "jean.sammet@example.com"
  active      = false
}
