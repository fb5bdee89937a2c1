# ARNs of many services, none of which exists yet, and none with a name that a grant could not be judged by.
locals {
  governance = {
    "nhi:owner"    = "payments"
    "nhi:purpose"  = "Nightly export of invoices to the ledger"
    "nhi:expiry"   = "2027-06-30"
    "nhi:template" = "worker@1.0.0"
  }
}

resource "aws_sqs_queue" "q" {
  name = "jobs"
}
resource "aws_sns_topic" "t" {
  name = "events"
}
resource "aws_dynamodb_table" "d" {
  name         = "orders"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"
  attribute {
    name = "id"
    type = "S"
  }
}
resource "aws_kms_key" "k" {
  description = "orders"
}
resource "aws_lambda_function" "f" {
  function_name = "next"
  role          = aws_iam_role.worker.arn
  package_type  = "Image"
  image_uri     = "111122223333.dkr.ecr.eu-central-1.amazonaws.com/next:1"
}
resource "aws_ecr_repository" "r" {
  name = "team/next"
}
resource "aws_sfn_activity" "s" {
  name = "flow"
}
resource "aws_secretsmanager_secret" "x" {
  name = "db/password"
}
resource "aws_ssm_parameter" "p" {
  name  = "/next/limit"
  type  = "String"
  value = "7"
}
resource "aws_cloudwatch_log_group" "l" {
  name = "/aws/lambda/next"
}
resource "aws_kinesis_stream" "i" {
  name        = "clicks"
  shard_count = 1
}
resource "aws_cloudwatch_event_bus" "b" {
  name = "orders"
}

resource "aws_iam_role" "worker" {
  name = "worker"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "lambda.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
  tags = local.governance
}

resource "aws_iam_role_policy" "worker" {
  role = aws_iam_role.worker.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = "sqs:SendMessage", Resource = aws_sqs_queue.q.arn },
      { Effect = "Allow", Action = "sns:Publish", Resource = aws_sns_topic.t.arn },
      { Effect = "Allow", Action = "dynamodb:PutItem", Resource = aws_dynamodb_table.d.arn },
      { Effect = "Allow", Action = "kms:Decrypt", Resource = aws_kms_key.k.arn },
      { Effect = "Allow", Action = "lambda:InvokeFunction", Resource = aws_lambda_function.f.arn },
      { Effect = "Allow", Action = "ecr:BatchGetImage", Resource = aws_ecr_repository.r.arn },
      { Effect = "Allow", Action = "states:GetActivityTask", Resource = aws_sfn_activity.s.id },
      { Effect = "Allow", Action = "secretsmanager:GetSecretValue", Resource = aws_secretsmanager_secret.x.arn },
      { Effect = "Allow", Action = "ssm:GetParameter", Resource = aws_ssm_parameter.p.arn },
      { Effect = "Allow", Action = "logs:PutLogEvents", Resource = "${aws_cloudwatch_log_group.l.arn}:*" },
      { Effect = "Allow", Action = "kinesis:PutRecord", Resource = aws_kinesis_stream.i.arn },
      { Effect = "Allow", Action = "events:PutEvents", Resource = aws_cloudwatch_event_bus.b.arn },
    ]
  })
}

resource "aws_iam_role" "over" {
  name = "over"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "lambda.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
  tags = local.governance
}

resource "aws_iam_role_policy" "over" {
  role = aws_iam_role.over.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = ["kms:Decrypt", "kms:ScheduleKeyDeletion"], Resource = aws_kms_key.k.arn }]
  })
}
