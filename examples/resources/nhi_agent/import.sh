# By id, or by name.
terraform import nhi_agent.triage ticket-triage
