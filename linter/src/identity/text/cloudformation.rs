//! `CloudFormation`: what a stack's template makes of IAM, by hand or through the serverless transform.
//!
//! Intrinsic functions are evaluated as far as the template and the stack's parameters say; the rest is unknown.

mod intrinsic;

use std::collections::BTreeMap;

use policy::text::{Hole, Shape, Text};
use policy::verdict::Why;

use crate::evaluate::functions;
use crate::model::Resource;
use crate::value::Value;

use super::{Made, Part, Platform, documents, map_of_pairs, not_known};
use intrinsic::Stack;

/// The transforms that a template may go through and still say what it makes.
const TRANSFORMS: &[&str] = &["AWS::Serverless-2016-10-31", "AWS::LanguageExtensions"];

/// Names, and what they are called elsewhere.
type Pairs = &'static [(&'static str, &'static str)];

/// Types that have the same properties as the provider's, under other names.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_IAM.html>
const SIMPLE: &[(&str, &str, Pairs)] = &[
    ("AWS::IAM::AccessKey", "aws_iam_access_key", &[("UserName", "user")]),
    (
        "AWS::IAM::UserToGroupAddition",
        "aws_iam_group_membership",
        &[("GroupName", "group"), ("Users", "users")],
    ),
    (
        "AWS::IAM::OIDCProvider",
        "aws_iam_openid_connect_provider",
        &[("Url", "url"), ("ClientIdList", "client_id_list")],
    ),
    (
        "AWS::IAM::SAMLProvider",
        "aws_iam_saml_provider",
        &[("Name", "name"), ("SamlMetadataDocument", "saml_metadata_document")],
    ),
    (
        "AWS::IAM::ServerCertificate",
        "aws_iam_server_certificate",
        &[("ServerCertificateName", "name")],
    ),
    (
        "AWS::Lambda::Permission",
        "aws_lambda_permission",
        &[("Principal", "principal"), ("Action", "action"), ("FunctionName", "function_name")],
    ),
    (
        "AWS::IAM::ServiceLinkedRole",
        "aws_iam_service_linked_role",
        &[("AWSServiceName", "aws_service_name"), ("Description", "description")],
    ),
    (
        "AWS::EKS::PodIdentityAssociation",
        "aws_eks_pod_identity_association",
        &[("RoleArn", "role_arn"), ("ServiceAccount", "service_account")],
    ),
    (
        "AWS::RolesAnywhere::TrustAnchor",
        "aws_rolesanywhere_trust_anchor",
        &[("Name", "name"), ("Source", "source")],
    ),
    (
        "AWS::RolesAnywhere::Profile",
        "aws_rolesanywhere_profile",
        &[
            ("Name", "name"),
            ("RoleArns", "role_arns"),
            ("ManagedPolicyArns", "managed_policy_arns"),
        ],
    ),
    ("AWS::SSO::PermissionSet", "aws_ssoadmin_permission_set", &[("Name", "name")]),
    ("AWS::ApiGateway::ApiKey", "aws_api_gateway_api_key", &[("Name", "name")]),
    ("AWS::AppSync::ApiKey", "aws_appsync_api_key", &[("ApiId", "api_id"), ("Expires", "expires")]),
    ("AWS::Transfer::User", "aws_transfer_user", &[("UserName", "user_name"), ("Role", "role")]),
    (
        "AWS::Cognito::UserPoolClient",
        "aws_cognito_user_pool_client",
        &[("ClientName", "name"), ("GenerateSecret", "generate_secret")],
    ),
    (
        "AWS::EKS::AccessEntry",
        "aws_eks_access_entry",
        &[("PrincipalArn", "principal_arn"), ("ClusterName", "cluster_name")],
    ),
];

/// What the role of a function may do whatever else it may.
const BASIC: &str = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";

/// `aws_cloudformation_stack` and `aws_cloudformation_stack_set`.
pub(super) fn stack(resource: &Resource) -> Vec<Part> {
    let said = |name: &str| resource.after.get(name);
    let mut parts = Vec::new();
    if let Some(url) = said("template_url").text().filter(|_| said("template_body").is_null()) {
        let unknown = url.holes().map(|hole| hole.origin.to_string()).collect();
        let reason = format!("the template at `{url}` is no part of the plan");
        parts.push(unread("template_url", Why { reason, unknown }));
    }
    let body = said("template_body");
    if body.is_null() {
        return parts;
    }
    let text = match body {
        Value::String(text) => text,
        Value::Null
        | Value::Bool(_)
        | Value::Number(_)
        | Value::List(_)
        | Value::Object(_)
        | Value::Unknown(_) => {
            parts.push(unread("template_body", not_known("template_body", body)));
            return parts;
        }
    };
    match documents(text).as_deref() {
        Some([template]) => {
            read(template, "template_body", &resource.address, said("parameters"), &mut parts);
            if let Some(hole) = text.raw_hole() {
                let why = not_known("template_body", &Value::Unknown(hole.clone()));
                parts.push(unread("template_body", why));
            }
        }
        Some(_) | None if text.has_holes() => {
            parts.push(unread("template_body", not_known("template_body", body)));
        }
        Some(_) | None => {
            let why = Why::construct("`template_body` is no template that can be read");
            parts.push(unread("template_body", why));
        }
    }
    parts
}

/// `aws_serverlessapplicationrepository_cloudformation_stack`: its template is in the repository.
pub(super) fn published(resource: &Resource) -> Vec<Part> {
    // Without the capability it makes nothing of IAM.
    let makes = resource.after.get("capabilities").elements().iter();
    let mut makes = makes.filter(|it| it.as_str().is_none_or(|it| it.contains("IAM")));
    let why = Why::construct("what the application of the repository makes is no part of the plan");
    makes.next().map(|_| unread("application_id", why)).into_iter().collect()
}

/// `aws_cloudcontrolapi_resource`: one resource of `CloudFormation`.
pub(super) fn one(resource: &Resource) -> Vec<Part> {
    let said = |name: &str| resource.after.get(name);
    let mut parts = Vec::new();
    let state = said("desired_state");
    let known = state.text().and_then(|text| documents(&text)).and_then(|mut it| it.pop());
    let properties = known.unwrap_or_else(|| state.clone());
    let one =
        [("Type".to_owned(), said("type_name").clone()), ("Properties".to_owned(), properties)];
    let resources = [(resource.name.clone(), Value::Object(one.into()))];
    let template = [("Resources".to_owned(), Value::Object(resources.into()))];
    read(
        &Value::Object(template.into()),
        "desired_state",
        &resource.address,
        &Value::Null,
        &mut parts,
    );
    parts
}

fn unread(path: &str, why: Why) -> Part {
    Part::new(None, path, Made::Unread(Platform::Aws, why))
}

fn read(template: &Value, path: &str, address: &str, given: &Value, parts: &mut Vec<Part>) {
    let odd = template
        .get("Transform")
        .elements()
        .iter()
        .find(|name| name.as_str().is_none_or(|name| !TRANSFORMS.contains(&name)));
    if let Some(odd) = odd {
        let name = odd.text().unwrap_or_default();
        let reason =
            format!("the template goes through the macro `{name}`, which may add anything");
        parts.push(unread(path, Why::construct(reason)));
    }
    if !template.get(INCLUDE).is_null() {
        parts.push(included(path, "the template"));
    }
    let Value::Object(resources) = template.get("Resources") else {
        let why = if let Value::Unknown(_) = template {
            not_known(path, template)
        } else {
            Why::construct(format!("`{path}` is no template that can be read"))
        };
        return parts.push(unread(path, why));
    };
    let stack = Stack::new(template, given, address);
    for (id, resource) in resources {
        if id.starts_with("Fn::") {
            let reason = format!("what `{id}` of the template makes is not evaluated");
            parts.push(unread(path, Why::construct(reason)));
            continue;
        }
        let kind = resource.get("Type");
        let Some(name) = kind.as_str() else {
            parts.push(unread(path, not_known(path, kind)));
            continue;
        };
        let properties = resource.get("Properties");
        let open = |value: &Value| match value {
            Value::Object(fields) => {
                fields.keys().any(|name| name.starts_with("Fn::") || name.starts_with('!'))
            }
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::List(_)
            | Value::Unknown(_) => false,
        };
        if open(resource) || open(properties) && is_read(name) {
            parts.push(included(path, &format!("`{id}` of the template")));
        }
        if !resource.get("Connectors").is_null() || name == "AWS::Serverless::Connector" {
            let reason = format!("what the connectors of `{id}` permit is not evaluated");
            parts.push(unread(path, Why::construct(reason)));
        }
        let mut reader = Reader { stack: &stack, id, path, parts };
        reader.resource(name, properties);
    }
}

/// What takes in a text from elsewhere.
const INCLUDE: &str = "Fn::Transform";

fn included(path: &str, what: &str) -> Part {
    let reason = format!("{what} takes in what is written elsewhere, and no part of the plan");
    unread(path, Why::construct(reason))
}

/// Whether the properties of a type are read.
fn is_read(kind: &str) -> bool {
    kind.starts_with("AWS::IAM::")
        || kind.starts_with("AWS::Serverless::")
        || SIMPLE.iter().any(|(name, ..)| *name == kind)
}

/// Reads one resource of a template.
struct Reader<'a> {
    stack: &'a Stack<'a>,
    id: &'a str,
    path: &'a str,
    parts: &'a mut Vec<Part>,
}

/// Arguments of a resource of the provider.
type Arguments = BTreeMap<String, Value>;

impl Reader<'_> {
    fn resource(&mut self, kind: &str, properties: &Value) {
        match kind {
            "AWS::IAM::Role" => self.role(properties),
            "AWS::IAM::User" => self.user(properties),
            "AWS::IAM::Group" => self.group(properties),
            "AWS::IAM::Policy"
            | "AWS::IAM::RolePolicy"
            | "AWS::IAM::UserPolicy"
            | "AWS::IAM::GroupPolicy" => self.policy(properties),
            "AWS::IAM::ManagedPolicy" => self.managed(properties),
            "AWS::Serverless::Function" => {
                self.serverless(properties, "Function", "lambda.amazonaws.com");
            }
            "AWS::Serverless::StateMachine" => {
                self.serverless(properties, "StateMachine", "states.amazonaws.com");
            }
            "AWS::CloudFormation::Stack" | "AWS::Serverless::Application" => {
                let reason = format!(
                    "what the stack `{}` inside the template makes is no part of the plan",
                    self.id
                );
                self.parts.push(unread(self.path, Why::construct(reason)));
            }
            "AWS::CloudFormation::StackSet" => self.stack_set(properties),
            _ if kind.starts_with("Custom::") || kind == "AWS::CloudFormation::CustomResource" => {
                let name = format!("the custom resource {}", self.id);
                self.parts.push(Part::new(None, self.path, Made::Program(name)));
            }
            _ if kind.ends_with("::MODULE") => {
                let reason = format!("what the module `{kind}` makes is no part of the plan");
                self.parts.push(unread(self.path, Why::construct(reason)));
            }
            _ => {
                let row = SIMPLE.iter().find(|(name, ..)| *name == kind);
                if let Some((_, made, names)) = row {
                    let after = self.arguments(properties, names);
                    self.add(made, "", after);
                }
            }
        }
        if kind == "AWS::EKS::AccessEntry" {
            self.access_policies(properties);
        }
    }

    /// The stacks of a set inside the template: their own template, where it is written there.
    fn stack_set(&mut self, properties: &Value) {
        let body = self.stack.value(properties.get("TemplateBody"));
        let found = body.text().and_then(|text| documents(&text)).unwrap_or_default();
        let ([template], false) = (found.as_slice(), body.has_unknown()) else {
            let reason = format!("what the stacks of `{}` make is no part of the plan", self.id);
            return self.parts.push(unread(self.path, Why::construct(reason)));
        };
        let address = format!("{}/{}", self.stack.address(), self.id);
        // What the set gives to its stacks counts over what the template says by itself.
        let given = if self.stack.value(properties.get("Parameters")).is_null() {
            Value::Null
        } else {
            let origin = format!("the parameters of `{}`", self.id).into();
            Value::Unknown(Hole { origin, shape: Shape::Any })
        };
        let first = self.parts.len();
        read(template, self.path, &address, &given, self.parts);
        for part in self.parts.iter_mut().skip(first) {
            let inner = part.label.take().unwrap_or_default();
            part.label = Some(format!("{}/{inner}", self.id));
            for (_, label, _) in &mut part.links {
                *label = format!("{}/{label}", self.id);
            }
        }
    }

    /// What an access entry may do in its cluster.
    fn access_policies(&mut self, properties: &Value) {
        for policy in self.stack.value(properties.get("AccessPolicies")).elements() {
            let mut after = self.arguments(
                properties,
                &[("PrincipalArn", "principal_arn"), ("ClusterName", "cluster_name")],
            );
            after.insert("policy_arn".to_owned(), policy.get("PolicyArn").clone());
            self.add("aws_eks_access_policy_association", "/AccessPolicies", after);
        }
    }

    fn user(&mut self, properties: &Value) {
        let mut after = self.arguments(
            properties,
            &[
                ("UserName", "name"),
                ("Path", "path"),
                ("PermissionsBoundary", "permissions_boundary"),
            ],
        );
        tags(properties, self.stack, &mut after);
        self.add("aws_iam_user", "", after);
        self.inline(properties, "aws_iam_user_policy", "user");
        let arns = self.arguments(properties, &[("ManagedPolicyArns", "policy_arns")]);
        if !arns.is_empty() {
            let kind = "aws_iam_user_policy_attachments_exclusive";
            self.about(kind, "/ManagedPolicyArns", "user_name", arns);
        }
        let groups = self.arguments(properties, &[("Groups", "groups")]);
        if !groups.is_empty() {
            self.about("aws_iam_user_group_membership", "/Groups", "user", groups);
        }
        if !properties.get("LoginProfile").is_null() {
            self.about("aws_iam_user_login_profile", "/LoginProfile", "user", Arguments::new());
        }
    }

    fn group(&mut self, properties: &Value) {
        let after = self.arguments(properties, &[("GroupName", "name"), ("Path", "path")]);
        self.add("aws_iam_group", "", after);
        self.inline(properties, "aws_iam_group_policy", "group");
        for arn in self.stack.value(properties.get("ManagedPolicyArns")).elements() {
            let after = [("policy_arn".to_owned(), arn.clone())].into();
            let kind = "aws_iam_group_policy_attachment";
            self.about(kind, "/ManagedPolicyArns", "group", after);
        }
    }

    /// Properties under the names that the provider has for them.
    fn arguments(&self, properties: &Value, names: &[(&str, &str)]) -> Arguments {
        let values = names
            .iter()
            .map(|(from, to)| ((*to).to_owned(), self.stack.value(properties.get(from))));
        values.filter(|(_, value)| !value.is_null()).collect()
    }

    fn add(&mut self, kind: &'static str, suffix: &str, after: Arguments) {
        let label = format!("{}{suffix}", self.id);
        let mut part = Part::new(Some(label), self.path, Made::Resource(kind, after));
        part.links = self.stack.links(&part);
        self.parts.push(part);
    }

    /// Adds something that belongs to this very resource, which an argument names.
    fn about(&mut self, kind: &'static str, suffix: &str, argument: &str, mut after: Arguments) {
        after.insert(argument.to_owned(), self.stack.named(self.id, "id"));
        self.add(kind, suffix, after);
    }

    fn role(&mut self, properties: &Value) {
        let mut after = self.arguments(
            properties,
            &[
                ("RoleName", "name"),
                ("Path", "path"),
                ("Description", "description"),
                ("ManagedPolicyArns", "managed_policy_arns"),
                ("PermissionsBoundary", "permissions_boundary"),
            ],
        );
        let trust = self.stack.value(properties.get("AssumeRolePolicyDocument"));
        after.insert("assume_role_policy".to_owned(), document(&trust));
        let policies = self.stack.value(properties.get("Policies"));
        after.insert("inline_policy".to_owned(), inline(&policies));
        tags(properties, self.stack, &mut after);
        self.add("aws_iam_role", "", after);
    }

    fn inline(&mut self, properties: &Value, kind: &'static str, argument: &str) {
        for policy in self.stack.value(properties.get("Policies")).elements() {
            let after = [("policy".to_owned(), document(policy.get("PolicyDocument")))].into();
            self.about(kind, "/Policies", argument, after);
        }
    }

    /// A policy in the roles, users and groups that it names.
    fn policy(&mut self, properties: &Value) {
        let policy = document(&self.stack.value(properties.get("PolicyDocument")));
        let holders = [
            ("Roles", "RoleName", "role", "aws_iam_role_policy"),
            ("Users", "UserName", "user", "aws_iam_user_policy"),
            ("Groups", "GroupName", "group", "aws_iam_group_policy"),
        ];
        for (many, one, argument, kind) in holders {
            for from in [many, one] {
                let named = self.stack.value(properties.get(from));
                if !named.is_null() {
                    let after =
                        [(argument.to_owned(), named), ("policy".to_owned(), policy.clone())];
                    let suffix = format!("/{from}");
                    self.add(kind, &suffix, after.into());
                }
            }
        }
    }

    fn managed(&mut self, properties: &Value) {
        let mut after = self.arguments(
            properties,
            &[("ManagedPolicyName", "name"), ("Path", "path"), ("Description", "description")],
        );
        let policy = self.stack.value(properties.get("PolicyDocument"));
        after.insert("policy".to_owned(), document(&policy));
        self.add("aws_iam_policy", "", after);
        let mut after = self
            .arguments(properties, &[("Roles", "roles"), ("Users", "users"), ("Groups", "groups")]);
        if !after.is_empty() {
            after.insert("policy_arn".to_owned(), self.stack.named(self.id, "arn"));
            self.add("aws_iam_policy_attachment", "/Attachment", after);
        }
    }

    /// The role that the serverless transform makes of a function's policies, unless it names one.
    fn serverless(&mut self, properties: &Value, section: &str, service: &str) {
        let globals = self.stack.global(section);
        // A condition may leave it out, and then the transform makes one.
        let names_one = |from: &Value| {
            let role = from.get("Role");
            let conditional = matches!(role, Value::Object(_))
                && ["Fn::If", "!If"].iter().any(|name| !role.get(name).is_null());
            !conditional && !self.stack.value(role).is_null()
        };
        if names_one(properties) || names_one(globals) {
            return;
        }
        let trust = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"Service":"{service}"}},"Action":"sts:AssumeRole"}}]}}"#
        );
        let mut arns = Vec::new();
        if section == "Function" {
            arns.push(Value::from(BASIC));
        }
        let mut blocks = Vec::new();
        let policies = self.stack.value(properties.get("Policies"));
        for policy in policies.elements() {
            match policy {
                Value::String(text) => arns.push(match text.as_str() {
                    Some(name) if !name.contains(':') => {
                        Value::String(Text::literal(format!("arn:aws:iam::aws:policy/{name}")))
                    }
                    Some(_) | None => policy.clone(),
                }),
                Value::Object(_) if !policy.get("Statement").is_null() => {
                    blocks.push(block(document(policy)));
                }
                Value::Object(fields) => {
                    let name = fields.keys().next().cloned().unwrap_or_default();
                    let origin = format!("the policy template `{name}`");
                    arns.push(Value::String(Text::hole(origin, Shape::Any)));
                }
                Value::Unknown(_) => arns.push(policy.clone()),
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::List(_) => {}
            }
        }
        let mut after = self.arguments(
            properties,
            &[("PermissionsBoundary", "permissions_boundary"), ("Tags", "tags")],
        );
        after.insert("assume_role_policy".to_owned(), Value::from(trust.as_str()));
        after.insert("managed_policy_arns".to_owned(), Value::List(arns));
        after.insert("inline_policy".to_owned(), Value::List(blocks));
        self.add("aws_iam_role", "Role", after);
    }
}

fn tags(properties: &Value, stack: &Stack<'_>, after: &mut Arguments) {
    let tags = stack.value(properties.get("Tags"));
    if !tags.is_null() {
        after.insert("tags".to_owned(), map_of_pairs(&tags));
    }
}

fn block(policy: Value) -> Value {
    Value::Object([("policy".to_owned(), policy)].into())
}

/// The `Policies` of a role as blocks.
fn inline(policies: &Value) -> Value {
    match policies {
        Value::List(items) => {
            Value::List(items.iter().map(|it| block(document(it.get("PolicyDocument")))).collect())
        }
        Value::Unknown(_) => Value::List(vec![block(policies.clone())]),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
            Value::Null
        }
    }
}

/// A policy document as the text that the provider has for it.
fn document(value: &Value) -> Value {
    match value {
        Value::Object(_) | Value::List(_) => Value::String(functions::to_json(value)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Unknown(_) => {
            value.clone()
        }
    }
}
