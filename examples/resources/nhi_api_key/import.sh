# By id, or by name.
terraform import nhi_api_key.partner partner-orders
