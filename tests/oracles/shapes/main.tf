# One of everything that moto can make, to see what the provider says of it afterwards. Not here: what moto gives another ARN
# than AWS (permission sets, global networks, DHCP options), and what the provider cannot read from it.
variable "server" {
  type = string
}

terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

provider "aws" {
  region                      = "eu-central-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = false
  skip_region_validation      = true
  s3_use_path_style           = true
  max_retries                 = 1
  endpoints {
    acm              = var.server
    acmpca           = var.server
    apigateway       = var.server
    apigatewayv2     = var.server
    appconfig        = var.server
    appmesh          = var.server
    appsync          = var.server
    athena           = var.server
    autoscaling      = var.server
    backup           = var.server
    batch            = var.server
    budgets          = var.server
    cloudformation   = var.server
    cloudfront       = var.server
    cloudtrail       = var.server
    cloudwatch       = var.server
    cloudwatchlogs   = var.server
    codeartifact     = var.server
    codebuild        = var.server
    codecommit       = var.server
    codedeploy       = var.server
    codepipeline     = var.server
    cognitoidentity  = var.server
    cognitoidp       = var.server
    configservice    = var.server
    databrew         = var.server
    datasync         = var.server
    dax              = var.server
    dms              = var.server
    ds               = var.server
    dynamodb         = var.server
    ec2              = var.server
    ecr              = var.server
    ecs              = var.server
    efs              = var.server
    eks              = var.server
    elasticache      = var.server
    elasticbeanstalk = var.server
    elb              = var.server
    elbv2            = var.server
    emr              = var.server
    emrcontainers    = var.server
    emrserverless    = var.server
    eventbridge      = var.server
    firehose         = var.server
    glacier          = var.server
    glue             = var.server
    guardduty        = var.server
    iam              = var.server
    iot              = var.server
    ivs              = var.server
    kafka            = var.server
    kinesis          = var.server
    kinesisvideo     = var.server
    kms              = var.server
    lambda           = var.server
    mediaconnect     = var.server
    medialive        = var.server
    memorydb         = var.server
    mq               = var.server
    neptune          = var.server
    networkmanager   = var.server
    opensearch       = var.server
    organizations    = var.server
    pinpoint         = var.server
    pipes            = var.server
    quicksight       = var.server
    ram              = var.server
    rds              = var.server
    redshift         = var.server
    resourcegroups   = var.server
    route53          = var.server
    route53resolver  = var.server
    s3               = var.server
    s3control        = var.server
    sagemaker        = var.server
    scheduler        = var.server
    schemas          = var.server
    secretsmanager   = var.server
    servicediscovery = var.server
    ses              = var.server
    sesv2            = var.server
    sfn              = var.server
    signer           = var.server
    sns              = var.server
    sqs              = var.server
    ssm              = var.server
    ssoadmin         = var.server
    sts              = var.server
    swf              = var.server
    synthetics       = var.server
    timestreamwrite  = var.server
    transfer         = var.server
    wafv2            = var.server
    xray             = var.server
  }
}

data "aws_caller_identity" "x" {}
data "aws_region" "x" {}
data "aws_partition" "x" {}
data "aws_iam_role" "x" {
  name = aws_iam_role.x.name
}
data "aws_iam_user" "x" {
  user_name = aws_iam_user.x.name
}
data "aws_s3_bucket" "x" {
  bucket = aws_s3_bucket.x.bucket
}
data "aws_sqs_queue" "x" {
  name = aws_sqs_queue.x.name
}
data "aws_kms_key" "x" {
  key_id = aws_kms_key.x.key_id
}
data "aws_ssm_parameter" "x" {
  name = aws_ssm_parameter.x.name
}
data "aws_dynamodb_table" "x" {
  name = aws_dynamodb_table.x.name
}
data "aws_iam_policy" "x" {
  arn = aws_iam_policy.x.arn
}
data "aws_ecr_repository" "x" {
  name = aws_ecr_repository.x.name
}
data "aws_secretsmanager_secret" "x" {
  name = aws_secretsmanager_secret.x.name
}
data "aws_cloudwatch_log_group" "x" {
  name = aws_cloudwatch_log_group.x.name
}
data "aws_sns_topic" "x" {
  name = aws_sns_topic.x.name
}

resource "aws_iam_role" "x" {
  name               = "x"
  path               = "/team/"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { Service = ["lambda.amazonaws.com", "eks.amazonaws.com", "codebuild.amazonaws.com"] }, Action = "sts:AssumeRole" }] })
}
resource "aws_iam_role" "prefixed" {
  name_prefix        = "pre-"
  assume_role_policy = aws_iam_role.x.assume_role_policy
}
resource "aws_iam_role" "nameless" {
  assume_role_policy = aws_iam_role.x.assume_role_policy
}
resource "aws_iam_user" "x" {
  name = "x"
}
resource "aws_iam_user" "path" {
  name = "in-path"
  path = "/a/b/"
}
resource "aws_iam_group" "x" {
  name = "x"
}
resource "aws_iam_policy" "x" {
  name   = "x"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "*" }] })
}
resource "aws_iam_policy" "prefixed" {
  name_prefix = "pre-"
  path        = "/p/"
  policy      = aws_iam_policy.x.policy
}
resource "aws_iam_role_policy" "x" {
  role   = aws_iam_role.x.id
  name   = "inline"
  policy = aws_iam_policy.x.policy
}
resource "aws_iam_user_policy" "x" {
  user   = aws_iam_user.x.name
  name   = "inline"
  policy = aws_iam_policy.x.policy
}
resource "aws_iam_group_policy" "x" {
  group  = aws_iam_group.x.name
  name   = "inline"
  policy = aws_iam_policy.x.policy
}
resource "aws_iam_access_key" "x" {
  user = aws_iam_user.x.name
}
resource "aws_iam_instance_profile" "x" {
  name = "x"
  role = aws_iam_role.x.name
}
resource "aws_iam_instance_profile" "prefixed" {
  name_prefix = "pre-"
  path        = "/p/"
}
resource "aws_iam_openid_connect_provider" "x" {
  url             = "https://token.actions.githubusercontent.com"
  client_id_list  = ["sts.amazonaws.com"]
  thumbprint_list = ["6938fd4d98bab03faadb97b34396831e3780aea1"]
}
resource "aws_iam_saml_provider" "x" {
  name                   = "x"
  saml_metadata_document = "<?xml version=\"1.0\"?><EntityDescriptor xmlns=\"urn:oasis:names:tc:SAML:2.0:metadata\" entityID=\"x\"><!-- ${join("", [for i in range(1000) : "x"])} --></EntityDescriptor>"
}
resource "aws_iam_virtual_mfa_device" "x" {
  virtual_mfa_device_name = "x"
}
resource "aws_iam_service_linked_role" "x" {
  aws_service_name = "autoscaling.amazonaws.com"
}

resource "aws_s3_bucket" "x" {
  bucket = "shapes-x"
}
resource "aws_s3_bucket" "prefixed" {
  bucket_prefix = "shapes-"
}
resource "aws_s3_bucket_policy" "x" {
  bucket = aws_s3_bucket.x.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { AWS = "123456789012" }, Action = "s3:GetObject", Resource = "arn:aws:s3:::shapes-x/*" }] })
}
resource "aws_s3_bucket_public_access_block" "x" {
  bucket = aws_s3_bucket.x.id
}
resource "aws_s3_bucket_notification" "x" {
  bucket      = aws_s3_bucket.x.id
  eventbridge = true
}
resource "aws_s3_bucket_ownership_controls" "x" {
  bucket = aws_s3_bucket.x.id
  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}
resource "aws_s3_object" "x" {
  bucket  = aws_s3_bucket.x.id
  key     = "a/b.txt"
  content = "x"
}
resource "aws_s3_access_point" "x" {
  bucket = aws_s3_bucket.x.id
  name   = "point"
}
resource "aws_sqs_queue" "x" {
  name = "x"
}
resource "aws_sqs_queue" "fifo" {
  name_prefix = "pre-"
  fifo_queue  = true
}
resource "aws_sns_topic" "x" {
  name = "x"
}
resource "aws_sns_topic" "prefixed" {
  name_prefix = "pre-"
}
resource "aws_sns_topic_subscription" "x" {
  topic_arn = aws_sns_topic.x.arn
  protocol  = "sqs"
  endpoint  = aws_sqs_queue.x.arn
}
resource "aws_sns_platform_application" "x" {
  name                = "x"
  platform            = "GCM"
  platform_credential = "x"
}
resource "aws_dynamodb_table" "x" {
  name         = "x"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"
  attribute {
    name = "id"
    type = "S"
  }
}
resource "aws_dynamodb_table" "stream" {
  name             = "stream"
  billing_mode     = "PAY_PER_REQUEST"
  hash_key         = "id"
  stream_enabled   = true
  stream_view_type = "KEYS_ONLY"
  attribute {
    name = "id"
    type = "S"
  }
}
resource "aws_kms_key" "x" {}
resource "aws_kms_alias" "x" {
  name          = "alias/x"
  target_key_id = aws_kms_key.x.key_id
}
resource "aws_kms_alias" "prefixed" {
  name_prefix   = "alias/pre-"
  target_key_id = aws_kms_key.x.key_id
}
resource "aws_kms_external_key" "x" {}
resource "aws_lambda_function" "x" {
  function_name = "x"
  role          = aws_iam_role.x.arn
  package_type  = "Image"
  image_uri     = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/x:1"
}
resource "aws_lambda_alias" "x" {
  name             = "live"
  function_name    = aws_lambda_function.x.function_name
  function_version = "$LATEST"
}
resource "aws_lambda_event_source_mapping" "x" {
  event_source_arn = aws_sqs_queue.x.arn
  function_name    = aws_lambda_function.x.arn
}
resource "aws_ecr_repository" "x" {
  name = "team/x"
}
resource "aws_sfn_activity" "x" {
  name = "x"
}
resource "aws_secretsmanager_secret" "x" {
  name = "db/x"
}
resource "aws_secretsmanager_secret" "prefixed" {
  name_prefix = "db/pre-"
}
resource "aws_secretsmanager_secret_version" "x" {
  secret_id     = aws_secretsmanager_secret.x.id
  secret_string = "x"
}
resource "aws_ssm_parameter" "x" {
  name  = "/a/x"
  type  = "String"
  value = "x"
}
resource "aws_ssm_parameter" "plain" {
  name  = "plain"
  type  = "String"
  value = "x"
}
resource "aws_ssm_document" "x" {
  name          = "xdoc"
  document_type = "Command"
  content       = jsonencode({ schemaVersion = "1.2", description = "x", parameters = {}, runtimeConfig = { "aws:runShellScript" = { properties = [{ id = "0.aws:runShellScript", runCommand = ["true"] }] } } })
}
resource "aws_cloudwatch_log_group" "x" {
  name = "/a/x"
}
resource "aws_cloudwatch_log_group" "prefixed" {
  name_prefix = "/a/pre-"
}
resource "aws_cloudwatch_log_stream" "x" {
  name           = "s"
  log_group_name = aws_cloudwatch_log_group.x.name
}
resource "aws_cloudwatch_log_destination" "x" {
  name       = "x"
  role_arn   = aws_iam_role.x.arn
  target_arn = aws_kinesis_stream.x.arn
}
resource "aws_kinesis_stream" "x" {
  name        = "x"
  shard_count = 1
}
resource "aws_kinesis_stream_consumer" "x" {
  name       = "x"
  stream_arn = aws_kinesis_stream.x.arn
}
resource "aws_kinesis_firehose_delivery_stream" "x" {
  name        = "x"
  destination = "extended_s3"
  extended_s3_configuration {
    role_arn   = aws_iam_role.x.arn
    bucket_arn = aws_s3_bucket.x.arn
  }
}
resource "aws_kinesis_video_stream" "x" {
  name = "x"
}
resource "aws_cloudwatch_event_bus" "x" {
  name = "x"
}
resource "aws_cloudwatch_event_rule" "x" {
  name                = "x"
  schedule_expression = "rate(5 minutes)"
}
resource "aws_cloudwatch_event_rule" "bus" {
  name           = "on-bus"
  event_bus_name = aws_cloudwatch_event_bus.x.name
  event_pattern  = jsonencode({ source = ["x"] })
}
resource "aws_cloudwatch_event_archive" "x" {
  name             = "x"
  event_source_arn = aws_cloudwatch_event_bus.x.arn
}
resource "aws_cloudwatch_event_connection" "x" {
  name               = "x"
  authorization_type = "API_KEY"
  auth_parameters {
    api_key {
      key   = "x"
      value = "x"
    }
  }
}
resource "aws_cloudwatch_event_api_destination" "x" {
  name                = "x"
  invocation_endpoint = "https://example.com"
  http_method         = "POST"
  connection_arn      = aws_cloudwatch_event_connection.x.arn
}
resource "aws_cloudwatch_metric_alarm" "x" {
  alarm_name          = "x"
  comparison_operator = "GreaterThanThreshold"
  evaluation_periods  = 1
  threshold           = 1
  metric_name         = "x"
  namespace           = "x"
  period              = 60
  statistic           = "Sum"
}
resource "aws_cloudwatch_composite_alarm" "x" {
  alarm_name = "composite"
  alarm_rule = "ALARM(x)"
}
resource "aws_scheduler_schedule_group" "x" {
  name = "x"
}
resource "aws_scheduler_schedule" "x" {
  name                = "x"
  schedule_expression = "rate(5 minutes)"
  flexible_time_window {
    mode = "OFF"
  }
  target {
    arn      = aws_sqs_queue.x.arn
    role_arn = aws_iam_role.x.arn
  }
}
resource "aws_scheduler_schedule" "group" {
  name                = "in-group"
  group_name          = aws_scheduler_schedule_group.x.name
  schedule_expression = "rate(5 minutes)"
  flexible_time_window {
    mode = "OFF"
  }
  target {
    arn      = aws_sqs_queue.x.arn
    role_arn = aws_iam_role.x.arn
  }
}
resource "aws_ecs_cluster" "x" {
  name = "x"
}
resource "aws_ecs_task_definition" "x" {
  family                = "x"
  container_definitions = jsonencode([{ name = "x", image = "x:1", memory = 128, cpu = 1, essential = true }])
}
resource "aws_ecs_service" "x" {
  name            = "x"
  cluster         = aws_ecs_cluster.x.id
  task_definition = aws_ecs_task_definition.x.arn
}
resource "aws_vpc" "x" {
  cidr_block = "10.0.0.0/16"
}
resource "aws_subnet" "x" {
  count             = 2
  vpc_id            = aws_vpc.x.id
  cidr_block        = "10.0.${count.index}.0/24"
  availability_zone = ["eu-central-1a", "eu-central-1b"][count.index]
}
resource "aws_security_group" "x" {
  name   = "x"
  vpc_id = aws_vpc.x.id
}
resource "aws_security_group" "prefixed" {
  name_prefix = "pre-"
  vpc_id      = aws_vpc.x.id
}
resource "aws_internet_gateway" "x" {
  vpc_id = aws_vpc.x.id
}
resource "aws_route_table" "x" {
  vpc_id = aws_vpc.x.id
}
resource "aws_network_acl" "x" {
  vpc_id = aws_vpc.x.id
}
resource "aws_network_interface" "x" {
  subnet_id = aws_subnet.x[0].id
}
resource "aws_vpc_endpoint" "x" {
  vpc_id       = aws_vpc.x.id
  service_name = "com.amazonaws.eu-central-1.s3"
}
resource "aws_vpc_security_group_ingress_rule" "x" {
  security_group_id = aws_security_group.x.id
  cidr_ipv4         = "10.0.0.0/8"
  ip_protocol       = "tcp"
  from_port         = 80
  to_port           = 80
}
resource "aws_vpc_security_group_egress_rule" "x" {
  security_group_id = aws_security_group.x.id
  cidr_ipv4         = "10.0.0.0/8"
  ip_protocol       = "tcp"
  from_port         = 80
  to_port           = 80
}
resource "aws_eip" "x" {
  domain = "vpc"
}
resource "aws_nat_gateway" "x" {
  allocation_id = aws_eip.x.id
  subnet_id     = aws_subnet.x[0].id
}
resource "aws_key_pair" "x" {
  key_name   = "x"
  public_key = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQD3F6tyPEFEzV0LX3X8BsXdMsQz1x2cEikKDEY0aIj41qgxMCP/iteneqXSIFZBp5vizPvaoIR3Um9xK7PGoW8giupGn+EPuxIA4cDM4vzOqOkiMPhz5XK0whEjkVzTo4+S0puvDZuwIsdiW9mxhJc7tgBNL0cYlWSYVkz4G/fslNfRPW5mYAM49f4fhtxPb5ok4Q2Lg9dPKVHO/Bgeu5woMc7RY0p1ej6D4CKFE6lymSDJpW0YHX/wqE9+cfEauh7xZcG0q9t2ta6F6fmX0agvpFyZo8aFbXeUBr7osSCJNgvavWbM/06niWrOvYX2xwWdhXmXSrbX8ZbabVohBK41 x"
}
resource "aws_launch_template" "x" {
  name = "xtemplate"
}
resource "aws_ebs_volume" "x" {
  availability_zone = "eu-central-1a"
  size              = 1
}
resource "aws_ebs_snapshot" "x" {
  volume_id = aws_ebs_volume.x.id
}
resource "aws_instance" "x" {
  ami           = "ami-12c6146b"
  instance_type = "t3.micro"
  subnet_id     = aws_subnet.x[0].id
}
resource "aws_customer_gateway" "x" {
  bgp_asn    = 65000
  ip_address = "172.0.0.1"
  type       = "ipsec.1"
}
resource "aws_vpn_gateway" "x" {
  vpc_id = aws_vpc.x.id
}
resource "aws_ec2_transit_gateway" "x" {}
resource "aws_ec2_transit_gateway_route_table" "x" {
  transit_gateway_id = aws_ec2_transit_gateway.x.id
}
resource "aws_ec2_transit_gateway_vpc_attachment" "x" {
  transit_gateway_id = aws_ec2_transit_gateway.x.id
  vpc_id             = aws_vpc.x.id
  subnet_ids         = [aws_subnet.x[0].id]
}
resource "aws_ec2_managed_prefix_list" "x" {
  name           = "x"
  address_family = "IPv4"
  max_entries    = 1
}
resource "aws_flow_log" "x" {
  vpc_id               = aws_vpc.x.id
  traffic_type         = "ALL"
  log_destination_type = "s3"
  log_destination      = aws_s3_bucket.x.arn
}
resource "aws_efs_file_system" "x" {}
resource "aws_efs_access_point" "x" {
  file_system_id = aws_efs_file_system.x.id
}
resource "aws_eks_cluster" "x" {
  name     = "x"
  role_arn = aws_iam_role.x.arn
  vpc_config {
    subnet_ids = aws_subnet.x[*].id
  }
}
resource "aws_eks_node_group" "x" {
  cluster_name    = aws_eks_cluster.x.name
  node_group_name = "x"
  node_role_arn   = aws_iam_role.x.arn
  subnet_ids      = aws_subnet.x[*].id
  scaling_config {
    desired_size = 1
    max_size     = 1
    min_size     = 1
  }
}
resource "aws_lb" "x" {
  name               = "x"
  internal           = true
  load_balancer_type = "network"
  subnets            = aws_subnet.x[*].id
}
resource "aws_lb_target_group" "x" {
  name     = "x"
  port     = 80
  protocol = "TCP"
  vpc_id   = aws_vpc.x.id
}
resource "aws_lb_listener" "x" {
  load_balancer_arn = aws_lb.x.arn
  port              = 80
  protocol          = "TCP"
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.x.arn
  }
}
resource "aws_db_subnet_group" "x" {
  name       = "x"
  subnet_ids = aws_subnet.x[*].id
}
resource "aws_db_parameter_group" "x" {
  name   = "x"
  family = "postgres15"
}
resource "aws_db_option_group" "x" {
  name                 = "x"
  engine_name          = "mysql"
  major_engine_version = "8.0"
}
resource "aws_db_instance" "x" {
  identifier          = "x"
  allocated_storage   = 10
  engine              = "postgres"
  instance_class      = "db.t3.micro"
  username            = "x"
  password            = "xxxxxxxxxx"
  skip_final_snapshot = true
}
resource "aws_rds_cluster" "x" {
  cluster_identifier  = "x"
  engine              = "aurora-postgresql"
  master_username     = "x"
  master_password     = "xxxxxxxxxx"
  skip_final_snapshot = true
}
resource "aws_rds_cluster_instance" "x" {
  identifier         = "xi"
  cluster_identifier = aws_rds_cluster.x.id
  engine             = aws_rds_cluster.x.engine
  instance_class     = "db.r5.large"
}
resource "aws_rds_cluster_parameter_group" "x" {
  name   = "x"
  family = "aurora-postgresql15"
}
resource "aws_rds_global_cluster" "x" {
  global_cluster_identifier = "x"
  engine                    = "aurora-postgresql"
}
resource "aws_redshift_subnet_group" "x" {
  name       = "x"
  subnet_ids = aws_subnet.x[*].id
}
resource "aws_redshift_parameter_group" "x" {
  name   = "x"
  family = "redshift-1.0"
}
resource "aws_elasticache_subnet_group" "x" {
  name       = "x"
  subnet_ids = aws_subnet.x[*].id
}
resource "aws_elasticache_user" "x" {
  user_id       = "x"
  user_name     = "x"
  access_string = "on ~* +@all"
  engine        = "REDIS"
  passwords     = ["xxxxxxxxxxxxxxxxxx"]
}
resource "aws_glue_catalog_database" "x" {
  name = "x"
}
resource "aws_glue_catalog_table" "x" {
  name          = "x"
  database_name = aws_glue_catalog_database.x.name
}
resource "aws_glue_job" "x" {
  name     = "x"
  role_arn = aws_iam_role.x.arn
  command {
    script_location = "s3://x/x.py"
  }
}
resource "aws_glue_crawler" "x" {
  name          = "x"
  role          = aws_iam_role.x.arn
  database_name = aws_glue_catalog_database.x.name
  s3_target {
    path = "s3://x"
  }
}
resource "aws_glue_registry" "x" {
  registry_name = "x"
}
resource "aws_glue_connection" "x" {
  name                  = "x"
  connection_properties = { JDBC_CONNECTION_URL = "jdbc:mysql://x/x", USERNAME = "x", PASSWORD = "x" }
}
resource "aws_glue_trigger" "x" {
  name = "x"
  type = "ON_DEMAND"
  actions {
    job_name = aws_glue_job.x.name
  }
}
resource "aws_athena_workgroup" "x" {
  name = "x"
}
resource "aws_athena_data_catalog" "x" {
  name        = "x"
  description = "x"
  type        = "LAMBDA"
  parameters  = { function = "arn:aws:lambda:eu-central-1:123456789012:function:x" }
}
resource "aws_codebuild_project" "x" {
  name         = "x"
  service_role = aws_iam_role.x.arn
  artifacts {
    type = "NO_ARTIFACTS"
  }
  environment {
    compute_type = "BUILD_GENERAL1_SMALL"
    image        = "x"
    type         = "LINUX_CONTAINER"
  }
  source {
    type     = "S3"
    location = "x/x.zip"
  }
}
resource "aws_codedeploy_app" "x" {
  name = "x"
}
resource "aws_codedeploy_deployment_group" "x" {
  app_name              = aws_codedeploy_app.x.name
  deployment_group_name = "x"
  service_role_arn      = aws_iam_role.x.arn
}
resource "aws_codepipeline" "x" {
  name     = "x"
  role_arn = aws_iam_role.x.arn
  artifact_store {
    location = aws_s3_bucket.x.bucket
    type     = "S3"
  }
  stage {
    name = "Source"
    action {
      name             = "Source"
      category         = "Source"
      owner            = "AWS"
      provider         = "S3"
      version          = "1"
      output_artifacts = ["x"]
      configuration    = { S3Bucket = "x", S3ObjectKey = "x" }
    }
  }
  stage {
    name = "Build"
    action {
      name            = "Build"
      category        = "Build"
      owner           = "AWS"
      provider        = "CodeBuild"
      version         = "1"
      input_artifacts = ["x"]
      configuration   = { ProjectName = "x" }
    }
  }
}
resource "aws_cognito_user_pool" "x" {
  name = "x"
}
resource "aws_cognito_user_pool_client" "x" {
  name         = "x"
  user_pool_id = aws_cognito_user_pool.x.id
}
resource "aws_cognito_identity_pool" "x" {
  identity_pool_name = "x"
}
resource "aws_api_gateway_rest_api" "x" {
  name = "x"
}
resource "aws_api_gateway_api_key" "x" {
  name = "x"
}
resource "aws_api_gateway_resource" "x" {
  rest_api_id = aws_api_gateway_rest_api.x.id
  parent_id   = aws_api_gateway_rest_api.x.root_resource_id
  path_part   = "x"
}
resource "aws_api_gateway_method" "x" {
  rest_api_id   = aws_api_gateway_rest_api.x.id
  resource_id   = aws_api_gateway_resource.x.id
  http_method   = "GET"
  authorization = "NONE"
}
resource "aws_api_gateway_integration" "x" {
  rest_api_id = aws_api_gateway_rest_api.x.id
  resource_id = aws_api_gateway_resource.x.id
  http_method = aws_api_gateway_method.x.http_method
  type        = "MOCK"
}
resource "aws_api_gateway_deployment" "x" {
  rest_api_id = aws_api_gateway_rest_api.x.id
  depends_on  = [aws_api_gateway_integration.x]
}
resource "aws_api_gateway_stage" "x" {
  rest_api_id   = aws_api_gateway_rest_api.x.id
  deployment_id = aws_api_gateway_deployment.x.id
  stage_name    = "live"
}
resource "aws_api_gateway_usage_plan" "x" {
  name = "x"
}
resource "aws_api_gateway_vpc_link" "x" {
  name        = "x"
  target_arns = [aws_lb.x.arn]
}
resource "aws_apigatewayv2_api" "x" {
  name          = "x"
  protocol_type = "HTTP"
}
resource "aws_apigatewayv2_stage" "x" {
  api_id = aws_apigatewayv2_api.x.id
  name   = "live"
}
resource "aws_apigatewayv2_vpc_link" "x" {
  name               = "x"
  security_group_ids = []
  subnet_ids         = aws_subnet.x[*].id
}
resource "aws_apigatewayv2_domain_name" "x" {
  domain_name = "api.example.com"
  domain_name_configuration {
    certificate_arn = aws_acm_certificate.x.arn
    endpoint_type   = "REGIONAL"
    security_policy = "TLS_1_2"
  }
}
resource "aws_acm_certificate" "x" {
  domain_name       = "example.com"
  validation_method = "DNS"
}
resource "aws_route53_zone" "x" {
  name = "example.com"
}
resource "aws_route53_health_check" "x" {
  fqdn              = "example.com"
  port              = 80
  type              = "HTTP"
  failure_threshold = 3
  request_interval  = 30
}
resource "aws_route53_delegation_set" "x" {}
resource "aws_cloudfront_origin_access_identity" "x" {}
resource "aws_cloudfront_origin_access_control" "x" {
  name                              = "x"
  origin_access_control_origin_type = "s3"
  signing_behavior                  = "always"
  signing_protocol                  = "sigv4"
}
resource "aws_cloudtrail" "x" {
  name           = "xtrail"
  s3_bucket_name = aws_s3_bucket.x.id
}
resource "aws_cloudformation_stack_set" "x" {
  name          = "x"
  template_body = jsonencode({ Resources = { Q = { Type = "AWS::SQS::Queue" } } })
}
resource "aws_backup_vault" "x" {
  name = "xvault"
}
resource "aws_backup_plan" "x" {
  name = "x"
  rule {
    rule_name         = "x"
    target_vault_name = aws_backup_vault.x.name
    schedule          = "cron(0 12 * * ? *)"
  }
}
resource "aws_batch_job_definition" "x" {
  name                 = "x"
  type                 = "container"
  container_properties = jsonencode({ image = "x", vcpus = 1, memory = 128, command = ["true"] })
}
resource "aws_batch_scheduling_policy" "x" {
  name = "x"
}
resource "aws_budgets_budget" "x" {
  name         = "x"
  budget_type  = "COST"
  limit_amount = "1"
  limit_unit   = "USD"
  time_unit    = "MONTHLY"
}
resource "aws_appconfig_application" "x" {
  name = "x"
}
resource "aws_appmesh_mesh" "x" {
  name = "x"
}
resource "aws_appsync_graphql_api" "x" {
  name                = "x"
  authentication_type = "API_KEY"
}
resource "aws_codeartifact_domain" "x" {
  domain = "xdomain"
}
resource "aws_datasync_location_s3" "x" {
  s3_bucket_arn = aws_s3_bucket.x.arn
  subdirectory  = "/x"
  s3_config {
    bucket_access_role_arn = aws_iam_role.x.arn
  }
}
resource "aws_elastic_beanstalk_application" "x" {
  name = "x"
}
resource "aws_guardduty_detector" "x" {}
resource "aws_iot_thing" "x" {
  name = "x"
}
resource "aws_iot_thing_type" "x" {
  name = "x"
}
resource "aws_iot_thing_group" "x" {
  name = "x"
}
resource "aws_iot_policy" "x" {
  name   = "x"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "iot:*", Resource = "*" }] })
}
resource "aws_iot_role_alias" "x" {
  alias    = "x"
  role_arn = aws_iam_role.x.arn
}
resource "aws_iot_certificate" "x" {
  active = true
}
resource "aws_iot_topic_rule" "x" {
  name        = "x"
  enabled     = true
  sql         = "SELECT * FROM 'x'"
  sql_version = "2016-03-23"
}
resource "aws_ivs_channel" "x" {
  name = "x"
}
resource "aws_memorydb_acl" "x" {
  name = "x"
}
resource "aws_mq_configuration" "x" {
  name           = "x"
  engine_type    = "ActiveMQ"
  engine_version = "5.15.0"
  data           = "<broker xmlns=\"http://activemq.apache.org/schema/core\"></broker>"
}
resource "aws_opensearch_domain" "x" {
  domain_name = "xdomain"
}
resource "aws_organizations_organization" "x" {}
resource "aws_organizations_policy" "x" {
  name       = "x"
  content    = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "*", Resource = "*" }] })
  depends_on = [aws_organizations_organization.x]
}
resource "aws_pinpoint_app" "x" {
  name = "x"
}
resource "aws_ram_resource_share" "x" {
  name = "x"
}
resource "aws_resourcegroups_group" "x" {
  name = "x"
  resource_query {
    query = jsonencode({ ResourceTypeFilters = ["AWS::EC2::Instance"], TagFilters = [{ Key = "x", Values = ["x"] }] })
  }
}
resource "aws_sagemaker_notebook_instance" "x" {
  name          = "X-Upper"
  role_arn      = aws_iam_role.x.arn
  instance_type = "ml.t2.medium"
}
resource "aws_sagemaker_pipeline" "x" {
  pipeline_name         = "x"
  pipeline_display_name = "x"
  role_arn              = aws_iam_role.x.arn
  pipeline_definition   = jsonencode({ Version = "2020-12-01", Steps = [{ Name = "x", Type = "Fail", Arguments = { ErrorMessage = "x" } }] })
}
resource "aws_service_discovery_http_namespace" "x" {
  name = "x"
}
resource "aws_service_discovery_service" "x" {
  name         = "x"
  namespace_id = aws_service_discovery_http_namespace.x.id
}
resource "aws_ses_email_identity" "x" {
  email = "x@example.com"
}
resource "aws_ses_domain_identity" "x" {
  domain = "example.com"
}
resource "aws_ses_configuration_set" "x" {
  name = "x"
}
resource "aws_ses_template" "x" {
  name    = "x"
  subject = "x"
  text    = "x"
}
resource "aws_sesv2_dedicated_ip_pool" "x" {
  pool_name = "x"
}
resource "aws_signer_signing_profile" "x" {
  name        = "x"
  platform_id = "AWSLambda-SHA384-ECDSA"
}
resource "aws_swf_domain" "x" {
  name                                        = "x"
  workflow_execution_retention_period_in_days = 1
}
resource "aws_synthetics_canary" "x" {
  name                 = "x"
  artifact_s3_location = "s3://shapes-x/"
  execution_role_arn   = aws_iam_role.x.arn
  handler              = "x.handler"
  runtime_version      = "syn-nodejs-puppeteer-9.1"
  s3_bucket            = "shapes-x"
  s3_key               = "x.zip"
  schedule {
    expression = "rate(0 minute)"
  }
}
resource "aws_timestreamwrite_database" "x" {
  database_name = "xdb"
}
resource "aws_timestreamwrite_table" "x" {
  database_name = aws_timestreamwrite_database.x.database_name
  table_name    = "xtable"
}
resource "aws_transfer_server" "x" {}
resource "aws_transfer_user" "x" {
  server_id = aws_transfer_server.x.id
  user_name = "xuser"
  role      = aws_iam_role.x.arn
}
resource "aws_wafv2_ip_set" "x" {
  name               = "x"
  scope              = "REGIONAL"
  ip_address_version = "IPV4"
}
resource "aws_xray_sampling_rule" "x" {
  rule_name      = "x"
  priority       = 1
  version        = 1
  reservoir_size = 1
  fixed_rate     = 0.1
  url_path       = "*"
  host           = "*"
  http_method    = "*"
  service_type   = "*"
  service_name   = "*"
  resource_arn   = "*"
}
resource "aws_emr_cluster" "x" {
  name          = "x"
  release_label = "emr-6.0.0"
  service_role  = aws_iam_role.x.arn
  ec2_attributes {
    instance_profile = aws_iam_instance_profile.x.arn
  }
  master_instance_group {
    instance_type = "m4.large"
  }
}
resource "aws_emrserverless_application" "x" {
  name          = "x"
  release_label = "emr-6.6.0"
  type          = "hive"
}
resource "aws_autoscaling_group" "x" {
  name               = "x"
  max_size           = 0
  min_size           = 0
  availability_zones = ["eu-central-1a"]
  launch_template {
    id = aws_launch_template.x.id
  }
}
resource "aws_autoscaling_policy" "x" {
  name                   = "x"
  autoscaling_group_name = aws_autoscaling_group.x.name
  adjustment_type        = "ChangeInCapacity"
  scaling_adjustment     = 1
}
resource "aws_launch_configuration" "x" {
  name          = "x"
  image_id      = "ami-12c6146b"
  instance_type = "t3.micro"
}
resource "aws_acmpca_certificate_authority" "x" {
  certificate_authority_configuration {
    key_algorithm     = "RSA_4096"
    signing_algorithm = "SHA512WITHRSA"
    subject {
      common_name = "example.com"
    }
  }
}
resource "aws_config_configuration_recorder" "x" {
  role_arn = aws_iam_role.x.arn
}
resource "aws_config_configuration_aggregator" "x" {
  name = "x"
  account_aggregation_source {
    account_ids = ["123456789012"]
    all_regions = true
  }
}
resource "aws_neptune_cluster" "x" {
  cluster_identifier  = "xn"
  engine              = "neptune"
  skip_final_snapshot = true
}
resource "aws_schemas_registry" "x" {
  name = "x"
}
resource "aws_msk_configuration" "x" {
  name              = "x"
  server_properties = "auto.create.topics.enable = true"
}
resource "aws_dms_replication_subnet_group" "x" {
  replication_subnet_group_id          = "x"
  replication_subnet_group_description = "x"
  subnet_ids                           = aws_subnet.x[*].id
}
