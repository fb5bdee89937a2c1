# By id, or by platform and principal.
terraform import nhi_binding.export aws:arn:aws:iam::123456789012:role/nhi-invoice-export
