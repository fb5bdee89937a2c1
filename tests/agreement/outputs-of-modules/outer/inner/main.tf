variable "name" {
  type = string
}

resource "aws_s3_bucket" "this" {
  bucket = "bucket-${var.name}"
}

resource "aws_iam_role" "this" {
  name = "inner-${var.name}"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}

output "role" {
  value = { id = aws_iam_role.this.id, name = aws_iam_role.this.name }
}

output "arn" {
  value = "${aws_s3_bucket.this.arn}/*"
}
