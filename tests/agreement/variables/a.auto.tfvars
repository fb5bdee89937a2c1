from_auto = ["auto"]
