//! The table of paths: facts from pathfinding.cloud (Datadog, Apache-2.0, 2025-12-17) and, where said, from elsewhere.

use std::fmt;

/// A way to more privileges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Path {
    /// What pathfinding.cloud calls it: `ec2-001`; empty if it has no name there that is known here.
    pub id: &'static str,
    /// What whoever is on it does, as the rest of a sentence: `passes a role to a new EC2 instance`.
    pub title: &'static str,
    /// The actions, all of which are needed.
    pub steps: &'static [&'static str],
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.title)?;
        if self.id.is_empty() { Ok(()) } else { write!(f, " ({})", self.id) }
    }
}

const fn path(id: &'static str, title: &'static str, steps: &'static [&'static str]) -> Path {
    Path { id, title, steps }
}

const PASS: &str = "iam:PassRole";

/// All known paths; those of one step first, so that a request is told by the shortest one that it opens.
pub const PATHS: &[Path] = &[
    path("iam-001", "rewrites a policy that is attached to it", &["iam:CreatePolicyVersion"]),
    // Rhino Security Labs.
    path(
        "",
        "brings back an older version of a policy that is attached to it",
        &["iam:SetDefaultPolicyVersion"],
    ),
    path("iam-002", "makes access keys for another user", &["iam:CreateAccessKey"]),
    path("iam-004", "makes a password for another user", &["iam:CreateLoginProfile"]),
    path("iam-005", "writes a policy into its own role", &["iam:PutRolePolicy"]),
    path("iam-006", "changes the password of another user", &["iam:UpdateLoginProfile"]),
    path("iam-007", "writes a policy into its own user", &["iam:PutUserPolicy"]),
    path("iam-008", "attaches a policy to its own user", &["iam:AttachUserPolicy"]),
    path("iam-009", "attaches a policy to its own role", &["iam:AttachRolePolicy"]),
    path("iam-010", "attaches a policy to a group that it is in", &["iam:AttachGroupPolicy"]),
    path("iam-011", "writes a policy into a group that it is in", &["iam:PutGroupPolicy"]),
    path("iam-012", "lets itself assume another role", &["iam:UpdateAssumeRolePolicy"]),
    path("iam-013", "joins another group", &["iam:AddUserToGroup"]),
    path("sts-001", "assumes another role", &["sts:AssumeRole"]),
    path(
        "apprunner-002",
        "runs code as the role of an App Runner service",
        &["apprunner:UpdateService"],
    ),
    path(
        "cloudformation-002",
        "changes a stack as the role of the stack",
        &["cloudformation:UpdateStack"],
    ),
    path(
        "codebuild-002",
        "runs code as the role of a CodeBuild project",
        &["codebuild:StartBuild"],
    ),
    path(
        "codebuild-003",
        "runs code as the role of a CodeBuild project",
        &["codebuild:StartBuildBatch"],
    ),
    path("", "runs code as the role of a Lambda function", &["lambda:UpdateFunctionCode"]),
    path("", "runs code as the role of a Glue endpoint", &["glue:UpdateDevEndpoint"]),
    path("", "opens a session on an instance and takes its role", &["ssm:StartSession"]),
    path("", "runs commands on an instance and takes its role", &["ssm:SendCommand"]),
    path(
        "",
        "logs in to an instance and takes its role",
        &["ec2-instance-connect:SendSSHPublicKey"],
    ),
    path(
        "",
        "opens a notebook and takes its role",
        &["sagemaker:CreatePresignedNotebookInstanceUrl"],
    ),
    path(
        "iam-003",
        "replaces an access key of another user",
        &["iam:DeleteAccessKey", "iam:CreateAccessKey"],
    ),
    path(
        "iam-014",
        "attaches a policy to a role and assumes it",
        &["iam:AttachRolePolicy", "sts:AssumeRole"],
    ),
    path(
        "iam-015",
        "attaches a policy to a user and makes keys for it",
        &["iam:AttachUserPolicy", "iam:CreateAccessKey"],
    ),
    path(
        "iam-016",
        "rewrites a policy of a role and assumes it",
        &["iam:CreatePolicyVersion", "sts:AssumeRole"],
    ),
    path(
        "iam-017",
        "writes a policy into a role and assumes it",
        &["iam:PutRolePolicy", "sts:AssumeRole"],
    ),
    path(
        "iam-018",
        "writes a policy into a user and makes keys for it",
        &["iam:PutUserPolicy", "iam:CreateAccessKey"],
    ),
    path(
        "iam-019",
        "attaches a policy to a role and lets itself assume it",
        &["iam:AttachRolePolicy", "iam:UpdateAssumeRolePolicy"],
    ),
    path(
        "iam-020",
        "rewrites a policy of a role and lets itself assume it",
        &["iam:CreatePolicyVersion", "iam:UpdateAssumeRolePolicy"],
    ),
    path(
        "iam-021",
        "writes a policy into a role and lets itself assume it",
        &["iam:PutRolePolicy", "iam:UpdateAssumeRolePolicy"],
    ),
    path("ec2-001", "passes a role to a new EC2 instance", &[PASS, "ec2:RunInstances"]),
    path("", "passes a role to a spot instance", &[PASS, "ec2:RequestSpotInstances"]),
    path(
        "",
        "passes a role to a new Lambda function and runs it",
        &[PASS, "lambda:CreateFunction", "lambda:InvokeFunction"],
    ),
    path(
        "",
        "passes a role to a new Lambda function that events run",
        &[PASS, "lambda:CreateFunction", "lambda:CreateEventSourceMapping"],
    ),
    path(
        "",
        "passes a role to a new Lambda function that others may run",
        &[PASS, "lambda:CreateFunction", "lambda:AddPermission"],
    ),
    path(
        "cloudformation-001",
        "passes a role to a new stack",
        &[PASS, "cloudformation:CreateStack"],
    ),
    path(
        "cloudformation-003",
        "passes a role to a new stack set",
        &[PASS, "cloudformation:CreateStackSet", "cloudformation:CreateStackInstances"],
    ),
    path(
        "cloudformation-004",
        "passes a role to a stack set",
        &[PASS, "cloudformation:UpdateStackSet"],
    ),
    path(
        "cloudformation-005",
        "changes a stack as the role of the stack",
        &["cloudformation:CreateChangeSet", "cloudformation:ExecuteChangeSet"],
    ),
    path(
        "codebuild-001",
        "passes a role to a new CodeBuild project",
        &[PASS, "codebuild:CreateProject", "codebuild:StartBuild"],
    ),
    path(
        "codebuild-004",
        "passes a role to a new CodeBuild project",
        &[PASS, "codebuild:CreateProject", "codebuild:StartBuildBatch"],
    ),
    path("", "passes a role to a new Glue endpoint", &[PASS, "glue:CreateDevEndpoint"]),
    path(
        "",
        "passes a role to a new Glue job and runs it",
        &[PASS, "glue:CreateJob", "glue:StartJobRun"],
    ),
    path(
        "",
        "passes a role to a new Glue job that a trigger runs",
        &[PASS, "glue:CreateJob", "glue:CreateTrigger"],
    ),
    path(
        "",
        "passes a role to a Glue job and runs it",
        &[PASS, "glue:UpdateJob", "glue:StartJobRun"],
    ),
    path(
        "",
        "passes a role to a Glue job that a trigger runs",
        &[PASS, "glue:UpdateJob", "glue:CreateTrigger"],
    ),
    path(
        "datapipeline-001",
        "passes a role to a new data pipeline",
        &[
            PASS,
            "datapipeline:CreatePipeline",
            "datapipeline:PutPipelineDefinition",
            "datapipeline:ActivatePipeline",
        ],
    ),
    path(
        "",
        "passes a role to a new ECS task",
        &[PASS, "ecs:RegisterTaskDefinition", "ecs:RunTask"],
    ),
    path(
        "",
        "passes a role to a new ECS task on an instance",
        &[PASS, "ecs:RegisterTaskDefinition", "ecs:StartTask"],
    ),
    path(
        "",
        "passes a role to the tasks of a new ECS service",
        &[PASS, "ecs:RegisterTaskDefinition", "ecs:CreateService"],
    ),
    path(
        "apprunner-001",
        "passes a role to a new App Runner service",
        &[PASS, "apprunner:CreateService"],
    ),
    path("", "passes a role to a new notebook", &[PASS, "sagemaker:CreateNotebookInstance"]),
    path("", "passes a role to a new training job", &[PASS, "sagemaker:CreateTrainingJob"]),
    path("", "passes a role to a new processing job", &[PASS, "sagemaker:CreateProcessingJob"]),
    path(
        "bedrock-001",
        "passes a role to a new code interpreter",
        &[
            PASS,
            "bedrock-agentcore:CreateCodeInterpreter",
            "bedrock-agentcore:StartCodeInterpreterSession",
            "bedrock-agentcore:InvokeCodeInterpreter",
        ],
    ),
    path(
        "bedrock-002",
        "runs code as the role of a code interpreter",
        &[
            "bedrock-agentcore:StartCodeInterpreterSession",
            "bedrock-agentcore:InvokeCodeInterpreter",
        ],
    ),
    path(
        "ec2-002",
        "changes what an instance runs at its start and takes its role",
        &["ec2:ModifyInstanceAttribute", "ec2:StopInstances", "ec2:StartInstances"],
    ),
    path(
        "",
        "changes what new instances of a launch template run",
        &["ec2:CreateLaunchTemplateVersion", "ec2:ModifyLaunchTemplate"],
    ),
    path(
        "ecs-006",
        "opens a session in an ECS task and takes its role",
        &["ecs:ExecuteCommand", "ecs:DescribeTasks"],
    ),
    path(
        "",
        "changes what a notebook runs at its start and takes its role",
        &[
            "sagemaker:CreateNotebookInstanceLifecycleConfig",
            "sagemaker:StopNotebookInstance",
            "sagemaker:UpdateNotebookInstance",
            "sagemaker:StartNotebookInstance",
        ],
    ),
];
