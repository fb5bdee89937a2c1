//! AWS through its Cloud Control API: the types of `CloudFormation` as the `awscc` provider has them, with documents under
//! other names than those of the `aws` provider.

use policy::text::{Shape, Text};

use crate::value::Value;

use super::{Builder, Content, Grant, aws};

const ROLE: &[&str] = &["awscc_iam_role", "aws_iam_role"];
const USER: &[&str] = &["awscc_iam_user", "aws_iam_user"];

/// The argument that says who may become a role. As the `aws` provider's, its beginning tells it.
const TRUST: &str = "assume_role_policy_document";

/// Fills in the permissions and trust of roles and users.
pub(super) fn extract(builder: &mut Builder<'_>) {
    for kind in ["awscc_iam_role", "awscc_iam_user"] {
        for index in builder.links.of_kind(kind) {
            itself(builder, index);
        }
    }
    let written = [
        ("awscc_iam_role_policy", "role_name", ROLE),
        ("awscc_iam_user_policy", "user_name", USER),
        ("awscc_iam_managed_policy", "roles", ROLE),
        ("awscc_iam_managed_policy", "users", USER),
    ];
    for (kind, argument, kinds) in written {
        for index in builder.links.of_kind(kind) {
            let value = builder.links.value(index, "policy_document");
            let path = "policy_document".to_owned();
            let grant = document(builder, index, "policy_document", path, value);
            aws::give(builder, index, argument, kinds, grant.into_iter().collect());
        }
    }
}

fn itself(builder: &mut Builder<'_>, index: usize) {
    let value = |name: &str| builder.links.value(index, name);
    let trust = document(builder, index, TRUST, TRUST.to_owned(), value(TRUST));
    let mut grants = Vec::new();
    for (number, block) in value("policies").elements().iter().enumerate() {
        let path = format!("policies[{number}].policy_document");
        grants.extend(document(builder, index, "policies", path, block.get("policy_document")));
    }
    for (number, arn) in value("managed_policy_arns").elements().iter().enumerate() {
        let path = format!("managed_policy_arns[{number}]");
        let content = Content::Arn(text(builder, index, &path, arn));
        grants.push(Grant { resource: index, path, content });
    }
    let path = "permissions_boundary";
    let boundary = Some(value(path)).filter(|value| !value.is_null()).map(|value| Grant {
        resource: index,
        path: path.to_owned(),
        content: Content::Arn(text(builder, index, path, value)),
    });
    let found = builder.of_resource(index);
    if let Some(identity) = found.and_then(|found| builder.graph.identities.get_mut(found)) {
        identity.trusts.extend(trust);
        identity.grants.extend(grants);
        identity.boundary = boundary;
    }
}

fn document(
    builder: &Builder<'_>,
    index: usize,
    argument: &str,
    path: String,
    value: &Value,
) -> Option<Grant> {
    if value.is_null() {
        return None;
    }
    let text = text(builder, index, &path, value);
    aws::grant(builder, index, argument, path, &Value::String(text))
}

/// The text of a value; what is none may say anything.
fn text(builder: &Builder<'_>, index: usize, path: &str, value: &Value) -> Text {
    value.text().unwrap_or_else(|| {
        let address = builder.links.resource(index).map_or("", |it| it.address.as_str());
        Text::hole(format!("{address}.{path}"), Shape::Any)
    })
}
