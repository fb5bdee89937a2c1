# Terraform lets go of one and keeps another.
removed {
  from = aws_iam_role.let_go
  lifecycle {
    destroy = false
  }
}

removed {
  from = aws_iam_role.destroyed
  lifecycle {
    destroy = true
  }
}

resource "aws_iam_role" "kept" {
  name = "kept"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}
