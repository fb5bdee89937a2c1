# Settings of nhi-lint. It reads the next file of this name above the first path; the command line wins over it.

# What the platform team published, and the owners directory. Paths start at this file.
templates = ["../templates"]

# What roles consist of, as the clouds' own tools export it:
#   gcloud iam roles describe roles/storage.objectViewer --format=json > gcp-roles.json   (or a list of these)
#   az role definition list -o json > azure-roles.json
gcp_roles   = ["gcp-roles.json"]
azure_roles = ["azure-roles.json"]

# All rules but one. Codes, names, or the beginning of codes (`TPL`).
select = ["ALL"]
ignore = ["placeholder-purpose"]

# A rule that this organisation takes less seriously than others do.
severity = {
  EXP003 = "warning"
}

# The least severity that makes the exit code 1: error, warning, info or never.
fail_on = "error"

# Several reports of one run; all but one go to files.
format = ["pretty", "sarif=nhi-lint.sarif"]

# Keys of this organisation that hold the facts, beside `nhi:owner` and the others.
metadata {
  owner   = ["Team"]
  purpose = ["Description"]
}
