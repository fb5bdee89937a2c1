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

# Resource types of this organisation that the catalogue does not know. What a block does not say is as in the type that it is
# `like`, or as in the catalogue's own row of the type; `*` in a name stands for any characters.
catalogue "acme_robot" {
  like        = "scaleway_iam_application" # a catalogued type
  metadata    = ["labels"]
  permissions = ["policy"]
}

catalogue "acme_*_token" {
  kind    = "credential"        # identity, credential, short-lived, grant or trust
  name    = ["robot"]           # attributes that name it, or the identity that it proves
  expiry  = ["expires_at"]      # attributes that hold its end
  ends    = "optional"          # required, optional, bounded or none
  stands  = "if static"         # judged where `static` is set; `alone`: always; `holder`: it only keeps a secret
  instead = "the OIDC token of the pipeline"
  defaults = "ends after 30 days"
}

# Types that only look like identities, for CAT001. The reason is not optional.
harmless "acme_user_agent" {
  reason = "the name of a browser in a log"
}
