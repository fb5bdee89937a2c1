//! `nhi_policy`: what a template allows with certain parameters, on every platform, as attributes for other providers' resources
//! and as documents for the clouds' own tools. Identities render the same; this is for who has no identity.

pub(super) mod documents;

use std::collections::{BTreeMap, BTreeSet};

use policy::template::{ParameterError, Reference};

use super::template::{catalogue, look_up};
use crate::attribute::Attribute;
use crate::ceiling::{Ceiling, Rendering};
use crate::context::Context;
use crate::data_source::DataSource;
use crate::model::model;
use crate::path::Path;
use crate::problem::Problem;
use crate::resource::Done;
use crate::schema::{computed, optional, required};
use crate::wording;

/// `nhi_policy`.
#[derive(Debug)]
pub(crate) struct Policy;

model! {
    /// What is rendered, and what comes of it.
    pub(crate) struct PolicyModel {
        ..ceiling: Ceiling,
        /// The template: `name@1.2.0` for exactly that version, `name@1` for the newest active 1.x.
        template: String = required(),
        /// The values of its parameters. A platform whose parameters are not all stated is null.
        parameters: BTreeMap<String, String> = optional(),
        /// The version that `template` means now: `name@1.2.0`.
        reference: String = computed(),
        /// `sha256:` and the hash of the template's content.
        digest: String = computed(),
        /// The same as files for the platforms' own tools, by file name: `aws-permissions.json`, `aws-trust.json`, `gcp-role.yaml`
        /// (for `gcloud iam roles create --file`), `azure-role.json` (for `az role definition create`), `kubernetes-role.yaml` (for
        /// `kubectl apply -f`), `vault-policy.hcl` (for `vault policy write`) and `github-permissions.yaml` (for a workflow). Those that the
        /// template says nothing about are left out.
        documents: BTreeMap<String, String> = computed(),
    }
}

impl DataSource for Policy {
    const TYPE: &'static str = "nhi_policy";
    const DESCRIPTION: &'static str = "A template with its parameters filled in, rendered for each platform that it covers: what an \
        identity inside the template may be given at most.";

    type Model = PolicyModel;

    fn validate(config: &PolicyModel) -> Vec<Problem> {
        let error = config.template.as_str().and_then(|text| Reference::parse(text).err());
        let at =
            |error| wording::diagnosed("Unsuitable reference", &error).at(PolicyModel::template);
        error.map(at).into_iter().collect()
    }

    async fn read(
        config: PolicyModel,
        context: &Context,
    ) -> Result<Done<PolicyModel>, Vec<Problem>> {
        let catalogue = catalogue(context).await?;
        let reference = config.template.as_str().unwrap_or_default();
        let (template, warnings) = look_up(&catalogue, reference, PolicyModel::template)?;
        let given = config.parameters.known().cloned().unwrap_or_default();
        let bound = template
            .bind(&given)
            .map_err(|errors| errors.iter().map(unfit).collect::<Vec<Problem>>())?;
        let unknown = BTreeSet::new();
        let ceiling = Rendering { template, bound: Some(&bound), unknown: &unknown }.ceiling();
        let state = PolicyModel {
            reference: template.reference().to_string().into(),
            digest: template.digest.as_str().into(),
            documents: Attribute::Known(documents::of(template, &ceiling)),
            ceiling,
            ..config
        };
        Ok(Done { state, warnings, private: None })
    }
}

fn unfit(error: &ParameterError) -> Problem {
    let at = Path::from(PolicyModel::parameters);
    // There is nothing of the name of a missing one to point at.
    let missing = matches!(error, ParameterError::Missing { .. });
    let at = if missing { at } else { at.key(error.name()) };
    wording::diagnosed("Unsuitable parameter", error).at(at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resources::testing::{Bench, READER, shown};

    async fn read(bench: &Bench, parameters: &[(&str, &str)]) -> Result<PolicyModel, String> {
        let parameters = parameters.iter().map(|(name, value)| ((*name).into(), (*value).into()));
        let config = PolicyModel {
            template: "s3-object-reader@1".into(),
            parameters: Attribute::Known(parameters.collect()),
            ..PolicyModel::default()
        };
        let done = Policy::read(config, &bench.context()).await;
        done.map(|done| done.state).map_err(|problems| shown(&problems))
    }

    #[tokio::test]
    async fn platforms_whose_parameters_are_stated() {
        let bench = Bench::with(READER);
        let found = read(&bench, &[("bucket", "payments-ledger")]).await.unwrap();
        assert_eq!(found.reference.as_str(), Some("s3-object-reader@1.2.0"));
        assert!(found.ceiling.aws.is_known() && found.ceiling.gcp.is_known());
        assert!(found.ceiling.vault.is_null() && found.ceiling.kubernetes.is_null());
        let documents = found.documents.known().unwrap();
        let names: Vec<&str> = documents.keys().map(String::as_str).collect();
        assert_eq!(names, ["aws-permissions.json", "aws-trust.json", "gcp-role.yaml"]);
    }

    #[tokio::test]
    async fn what_is_refused() {
        let bench = Bench::with(READER);
        insta::assert_snapshot!(read(&bench, &[]).await.unwrap_err(), @r"
        error at parameters: Unsuitable parameter
          Parameter `bucket` of template `s3-object-reader@1.2.0` has no value. State `bucket`, a value that matches `[a-z0-9][a-z0-9.-]{2,62}`.
        ");
        insta::assert_snapshot!(read(&bench, &[("bucket", "A*"), ("bukket", "x")]).await.unwrap_err(), @r#"
        error at parameters["bucket"]: Unsuitable parameter
          `A*` does not match the pattern of parameter `bucket`. The whole value has to match `[a-z0-9][a-z0-9.-]{2,62}`.
        error at parameters["bukket"]: Unsuitable parameter
          Template `s3-object-reader@1.2.0` has no parameter `bukket`. Did you mean `bucket`?
        "#);
        let config = PolicyModel { template: "s3-object-reader".into(), ..PolicyModel::default() };
        insta::assert_snapshot!(shown(&Policy::validate(&config)), @r"
        error at template: Unsuitable reference
          `s3-object-reader` does not say which version. Write `s3-object-reader@` and a version, such as `s3-object-reader@1` for the newest 1.x or `s3-object-reader@1.2.0` for exactly that one.
        ");
    }
}
