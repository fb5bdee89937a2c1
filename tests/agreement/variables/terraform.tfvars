from_tfvars = "tfvars"
from_auto   = ["lost"]
