//! `nhi_template`: a template by reference, from the provider's folders or the inventory.

use std::collections::BTreeMap;
use std::sync::Arc;

use policy::governance::Lifetime;
use policy::template::{Reference, Spanned, UnusableTemplate};

use crate::attribute::Attribute;
use crate::context::Context;
use crate::data_source::DataSource;
use crate::model::model;
use crate::problem::{Problem, Severity};
use crate::resource::Done;
use crate::schema::{computed, required};
use crate::settings::catalogue::Catalogue;
use crate::wording;

/// `nhi_template`.
#[derive(Debug)]
pub(crate) struct Template;

model! {
    /// A parameter of a template.
    pub(crate) struct Parameter {
        /// The regular expression that a whole value has to match; null for any text that the platforms take literally.
        pattern: String = computed(),
        /// The value of identities that state none; null where they have to.
        default: String = computed(),
        /// What it means.
        description: String = computed(),
    }
}

model! {
    /// What is looked up, and what is found.
    pub(crate) struct TemplateModel {
        /// `name@1.2.0` for exactly that version, `name@1` for the newest active 1.x.
        reference: String = required(),
        /// The template's name.
        name: String = computed(),
        /// The version that the reference means now.
        version: String = computed(),
        /// `sha256:` and the hash of the content.
        digest: String = computed(),
        /// The text of the file that holds it.
        source: String = computed(),
        /// What it is for.
        description: String = computed(),
        /// The team that publishes it.
        owner: String = computed(),
        /// `active` or `deprecated`. Looking up a revoked template is an error.
        status: String = computed(),
        /// Kinds of identities that may name it; empty for all.
        kinds: Vec<String> = computed(),
        /// Environments that it is for; empty for all.
        environments: Vec<String> = computed(),
        /// Its parameters, by name.
        parameters: BTreeMap<String, Parameter> = computed(),
        /// Facts that it asks for beyond owner, purpose and expiry.
        required_metadata: Vec<String> = computed(),
        /// The longest an identity may last, from its creation.
        max_lifetime: String = computed(),
        /// The longest a credential may last.
        max_session: String = computed(),
        /// The longest time between rotations.
        rotate_every: String = computed(),
        /// How long an identity is disabled before it may be destroyed.
        observation: String = computed(),
        /// The longest time between reviews.
        review_every: String = computed(),
    }
}

impl DataSource for Template {
    const TYPE: &'static str = "nhi_template";
    const DESCRIPTION: &'static str =
        "A published template, by reference: what it allows, asks for and takes as parameters.";

    type Model = TemplateModel;

    fn validate(config: &TemplateModel) -> Vec<Problem> {
        let error = config.reference.as_str().and_then(|text| Reference::parse(text).err());
        let at =
            |error| wording::diagnosed("Unsuitable reference", &error).at(TemplateModel::reference);
        error.map(at).into_iter().collect()
    }

    async fn read(
        config: TemplateModel,
        context: &Context,
    ) -> Result<Done<TemplateModel>, Vec<Problem>> {
        let catalogue = catalogue(context).await?;
        let reference = config.reference.as_str().unwrap_or_default();
        let (found, warnings) = look_up(&catalogue, reference, TemplateModel::reference)?;
        Ok(Done { state: describe(config.reference, found), warnings, private: None })
    }
}

/// All templates that can be named now.
pub(super) async fn catalogue(context: &Context) -> Result<Arc<Catalogue>, Vec<Problem>> {
    let configured = context.configured()?;
    let inventory = configured.inventory()?;
    let Some(catalogues) = &configured.catalogues else { return Err(vec![unknown()]) };
    catalogues.current(inventory, &configured.planned).await
}

/// The template that the reference of an attribute means. One that is deprecated can be looked up, with a warning.
pub(super) fn look_up<'a>(
    catalogue: &'a Catalogue,
    reference: &str,
    at: &'static str,
) -> Result<(&'a policy::template::Template, Vec<Problem>), Vec<Problem>> {
    let library = &catalogue.library;
    let error = match library.find(reference) {
        Ok(template) => return Ok((template, Vec::new())),
        Err(error) => error,
    };
    let deprecated = match &error {
        UnusableTemplate::Deprecated { reference, .. } => {
            library.templates().find(|template| template.reference() == *reference)
        }
        UnusableTemplate::Malformed { .. }
        | UnusableTemplate::Unknown { .. }
        | UnusableTemplate::NoSuchVersion { .. }
        | UnusableTemplate::Revoked { .. }
        | UnusableTemplate::Broken { .. } => None,
    };
    let problem = wording::diagnosed("Unusable template", &error).at(at);
    match deprecated {
        Some(template) => Ok((template, vec![Problem { severity: Severity::Warning, ..problem }])),
        None => Err([problem].into_iter().chain(catalogue.problems.iter().cloned()).collect()),
    }
}

fn unknown() -> Problem {
    Problem::error(
        "Templates not known yet",
        "The provider's `templates` depend on something that does not exist yet. Apply that first, with `-target`.",
    )
}

fn describe(reference: Attribute<String>, template: &policy::template::Template) -> TemplateModel {
    let length = |length: &Option<Spanned<Lifetime>>| {
        Attribute::from(length.as_ref().map(|length| length.value.to_string()))
    };
    let parameters = template.parameters.values().map(|parameter| {
        let pattern = parameter.pattern.as_ref().map(|pattern| pattern.as_str().to_owned());
        let described = Parameter {
            pattern: pattern.into(),
            default: parameter.default.clone().into(),
            description: parameter.description.clone().into(),
        };
        (parameter.name.clone(), described)
    });
    let names = |names: Vec<&str>| {
        Attribute::Known(names.into_iter().map(str::to_owned).collect::<Vec<_>>())
    };
    let require = &template.require;
    TemplateModel {
        reference,
        name: template.name.as_str().into(),
        version: template.version.to_string().into(),
        digest: template.digest.as_str().into(),
        source: template.place.file.inner().as_str().into(),
        description: template.description.clone().into(),
        owner: template.owner.clone().into(),
        status: template.status.name().into(),
        kinds: names(template.applies_to.kinds.iter().map(|kind| kind.name()).collect()),
        environments: template.applies_to.environments.clone().into(),
        parameters: Attribute::Known(parameters.collect()),
        required_metadata: names(require.metadata.iter().map(|fact| fact.name()).collect()),
        max_lifetime: length(&require.max_lifetime),
        max_session: length(&require.max_session),
        rotate_every: length(&require.rotate_every),
        observation: length(&require.observation),
        review_every: length(&require.review_every),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resources::testing::{Bench, READER, shown};

    async fn read(bench: &Bench, reference: &str) -> Result<TemplateModel, String> {
        let config = TemplateModel { reference: reference.into(), ..TemplateModel::default() };
        let done = Template::read(config, &bench.context()).await;
        done.map(|done| done.state).map_err(|problems| shown(&problems))
    }

    #[tokio::test]
    async fn the_newest_of_a_series() {
        let later = READER.replace("1.2.0", "1.10.0");
        let bench = Bench::with(&format!("{READER}\n{later}"));
        let found = read(&bench, "s3-object-reader@1").await.unwrap();
        assert_eq!(found.version.as_str(), Some("1.10.0"));
        assert_eq!(found.max_lifetime.as_str(), Some("365d"));
        let parameters = found.parameters.known().unwrap();
        assert_eq!(parameters["bucket"].pattern.as_str(), Some("[a-z0-9][a-z0-9.-]{2,62}"));
        assert_eq!(parameters["prefix"].default.as_str(), Some(""));
    }

    #[tokio::test]
    async fn what_cannot_be_used() {
        let bench = Bench::with(&READER.replace("\"active\"", "\"revoked\""));
        insta::assert_snapshot!(read(&bench, "s3-object-reader@1").await.unwrap_err(), @r"
        error at reference: Unusable template
          Template `s3-object-reader@1.2.0` is revoked. There is no active template in its place; ask the team that publishes it.
        ");
        insta::assert_snapshot!(read(&bench, "s3-object-writer@1").await.unwrap_err(), @r"
        error at reference: Unusable template
          There is no template `s3-object-writer`. Did you mean `s3-object-reader`?
        ");
    }
}
