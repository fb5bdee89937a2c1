//! What one resource of a template makes, in the provider's types.

use std::collections::BTreeMap;

use policy::text::{Hole, Shape, Text};
use policy::verdict::Why;

use crate::evaluate::functions;
use crate::value::Value;

use super::intrinsic::Stack;
use super::{Made, Part, documents, map_of_pairs, read, types, unread};

/// What the role of a function may do whatever else it may.
const BASIC: &str = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";

/// Reads one resource of a template.
pub(super) struct Reader<'a> {
    pub(super) stack: &'a Stack<'a>,
    pub(super) id: &'a str,
    pub(super) path: &'a str,
    pub(super) parts: &'a mut Vec<Part>,
}

/// Arguments of a resource of the provider.
type Arguments = BTreeMap<String, Value>;

impl Reader<'_> {
    pub(super) fn resource(&mut self, kind: &str, properties: &Value) {
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
                if let Some((made, names)) = types::simple(kind) {
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
