# By id, or by name.
terraform import nhi_service_account.export invoice-export
