# By id, or by name.
terraform import nhi_owner.payments payments
