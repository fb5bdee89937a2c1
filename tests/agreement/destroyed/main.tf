# Everything goes; what runs then is still a program.

resource "aws_iam_role" "one" {
  name = "one"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_iam_role" "two" {
  count = 1
  name  = "two"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
  tags = { "nhi:owner" = "payments" }
}

resource "aws_iam_user" "robot" {
  name = "robot"
  provisioner "local-exec" {
    when    = destroy
    command = "aws iam create-access-key --user-name admin"
  }
}
