# Agents that were stopped because their owner left.
list "nhi_agent" "found" {
  provider = nhi

  config {
    status = "quarantined"
  }
}
