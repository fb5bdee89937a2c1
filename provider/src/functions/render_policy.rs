//! `render_policy`: a template's ceiling on one platform, for who has the text of a template and no identity.

use std::collections::{BTreeMap, BTreeSet};

use policy::template::Platform;

use super::texts;
use crate::attribute::Attribute;
use crate::ceiling::Rendering;
use crate::function::{Function, FunctionProblem, Parameter, plain_type};
use crate::model::Field;
use crate::value::Value;

/// `provider::nhi::render_policy`.
#[derive(Debug)]
pub(crate) struct RenderPolicy;

impl Function for RenderPolicy {
    const NAME: &'static str = "render_policy";
    const SUMMARY: &'static str = "The ceiling of a template on one platform";
    const DESCRIPTION: &'static str = "Fills the parameters of a template in and returns what it allows on one platform, as the \
        object that identities have in the attribute of that name: for `aws` an object of `permissions`, `trust` and `boundary`, for \
        `vault` one of `policy`, and so on. A platform that the template says nothing about is refused, and so are parameters that \
        it does not have, that do not match their patterns or that a platform would not take literally. With the data \
        source `nhi_policy` a template is named by reference instead.";
    const PARAMETERS: &'static [Parameter] = &[
        Parameter {
            name: "template",
            description: "The text of a template: `file(\"templates/reader.nhi.hcl\")`.",
        },
        Parameter {
            name: "parameters",
            description: "The values of its parameters. Those with a default may be left out.",
        },
        Parameter {
            name: "platform",
            description: "`aws`, `gcp`, `azure`, `kubernetes`, `vault` or `github`.",
        },
    ];

    type Arguments = (String, BTreeMap<String, Attribute<String>>, String);
    type Output = Value;

    fn call(
        (source, parameters, platform): Self::Arguments,
    ) -> Result<Self::Output, FunctionProblem> {
        let template = texts::template(0, &source)?;
        let platform = texts::platform(2, &platform)?;
        let given = parameters
            .into_iter()
            .filter_map(|(name, value)| Some((name, value.into_known()?)))
            .collect();
        let bound = template.bind(&given).map_err(|errors| texts::unbound(1, &errors))?;
        if !template.covers(platform) {
            let text = format!(
                "Template `{}` has no `{}` block: it allows nothing there.",
                template.reference(),
                platform.name()
            );
            return Err(FunctionProblem::at(2, text));
        }
        let missing = bound.missing(platform);
        if !missing.is_empty() {
            return Err(texts::unbound(1, &missing));
        }
        let unknown = BTreeSet::new();
        let ceiling =
            Rendering { template: &template, bound: Some(&bound), unknown: &unknown }.ceiling();
        Ok(match platform {
            Platform::Aws => typed(&ceiling.aws),
            Platform::Gcp => typed(&ceiling.gcp),
            Platform::Azure => typed(&ceiling.azure),
            Platform::Kubernetes => typed(&ceiling.kubernetes),
            Platform::Vault => typed(&ceiling.vault),
            Platform::GitHub => typed(&ceiling.github),
        })
    }
}

/// A value that carries its type, as the result differs from platform to platform.
fn typed<T: Field>(attribute: &Attribute<T>) -> Value {
    let value = attribute.known().map_or(Value::Null, Field::encode);
    Value::Dynamic(Box::new((plain_type::<T>(), value)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resources::testing::READER;
    use crate::wire::json::to_json;

    fn call(source: &str, parameters: &[(&str, &str)], platform: &str) -> String {
        let parameters = parameters
            .iter()
            .map(|(name, value)| ((*name).to_owned(), Attribute::from(*value)))
            .collect();
        match RenderPolicy::call((source.to_owned(), parameters, platform.to_owned())) {
            Ok(Value::Dynamic(typed)) => to_json(&typed.1).to_string(),
            Ok(other) => format!("{other:?}"),
            Err(problem) => format!("{}: {}", problem.argument.unwrap(), problem.text),
        }
    }

    #[test]
    fn each_platform() {
        let bucket = [("bucket", "payments-ledger")];
        insta::assert_snapshot!(call(READER, &bucket, "aws"), @r#"{"boundary":"arn:aws:iam::*:policy/nhi-boundary","permissions":"{\"Statement\":[{\"Action\":[\"s3:GetObject\",\"s3:ListBucket\"],\"Effect\":\"Allow\",\"Resource\":[\"arn:aws:s3:::payments-ledger\",\"arn:aws:s3:::payments-ledger/*\"]}],\"Version\":\"2012-10-17\"}","trust":"{\"Statement\":[{\"Action\":\"sts:AssumeRole\",\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"ec2.amazonaws.com\"}}],\"Version\":\"2012-10-17\"}"}"#);
        insta::assert_snapshot!(call(READER, &[("namespace", "billing")], "kubernetes"), @r#"{"namespaces":["billing"],"rules":"[{\"apiGroups\":[\"\"],\"resources\":[\"configmaps\"],\"verbs\":[\"get\"]}]"}"#);
        insta::assert_snapshot!(call(READER, &[("app", "billing")], "vault"), @r#"{"policy":"{\"path\":{\"secret/data/billing/*\":{\"capabilities\":[\"read\"]}}}"}"#);
        insta::assert_snapshot!(call(READER, &[("repo", "example/ledger")], "github"), @r#"{"permissions":{"contents":"read","id-token":"write"},"repositories":["example/ledger"]}"#);
        insta::assert_snapshot!(call(READER, &bucket, "gcp"), @r#"{"permissions":["storage.objects.get"],"resources":["//storage.googleapis.com/projects/_/buckets/payments-ledger"],"roles":["roles/storage.objectViewer"]}"#);
        insta::assert_snapshot!(call(READER, &bucket, "azure"), @r#"{"actions":[],"data_actions":[],"not_actions":[],"not_data_actions":[],"scopes":[]}"#);
    }

    #[test]
    fn what_is_refused() {
        insta::assert_snapshot!(call(READER, &[], "aws"), @"1: Parameter `bucket` of template `s3-object-reader@1.2.0` has no value. State `bucket`, a value that matches `[a-z0-9][a-z0-9.-]{2,62}`.");
        insta::assert_snapshot!(call(READER, &[("bucket", "*")], "aws"), @"1: `*` does not match the pattern of parameter `bucket`. The whole value has to match `[a-z0-9][a-z0-9.-]{2,62}`.");
        insta::assert_snapshot!(call(READER, &[("bukket", "x")], "aws"), @"1: Template `s3-object-reader@1.2.0` has no parameter `bukket`. Did you mean `bucket`?");
        insta::assert_snapshot!(call(READER, &[("bucket", "payments-ledger")], "AWS"), @"2: `AWS` is not a platform. There are `aws`, `gcp`, `azure`, `kubernetes`, `vault`, `github`.");
        insta::assert_snapshot!(call("template \"a\" {\n  version = \"1\"\n  vault {}\n}\n", &[], "aws"), @"0: Line 2, column 13: `1` is not a version: unexpected end of input while parsing major version number. Write three numbers, such as `1.2.0`, without a `v`.");
        let vault = "template \"a\" {\n  version = \"1.0.0\"\n  vault {\n    rule {\n      path = \"secret/data/x\"\n      capabilities = [\"read\"]\n    }\n  }\n}\n";
        insta::assert_snapshot!(call(vault, &[], "aws"), @"2: Template `a@1.0.0` has no `aws` block: it allows nothing there.");
        insta::assert_snapshot!(call("", &[], "aws"), @"0: The text holds no `template` block.");
        insta::assert_snapshot!(call(&format!("{vault}{}", vault.replace("1.0.0", "2.0.0")), &[], "vault"), @"0: The text holds several `template` blocks, and the function is about one.");
    }
}
