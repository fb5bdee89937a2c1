//! `nhi_template`: publishes a template as an immutable version.
//!
//! Guarantees: what was published under a name and version never changes its content (comments, layout and `status` may
//! change: revoking a version does not make it another one); a version that a living identity is bound to is not withdrawn;
//! a withdrawn version keeps its name, and can only come back as it was.

use policy::template::{Library, Template as Parsed};

use crate::context::Context;
use crate::inventory::InventoryError;
use crate::inventory::record::{Created, Pinned, Published};
use crate::model::model;
use crate::path::Path;
use crate::problem::Problem;
use crate::resource::{Change, Done, Failed, IdentityAttribute, ImportKey, Planned, Resource};
use crate::resources::{claimed, refused, taken_over};
use crate::schema::{computed, required};
use crate::settings::catalogue;

/// `nhi_template`.
#[derive(Debug)]
pub(crate) struct Template;

model! {
    /// The attributes of `nhi_template`.
    pub(crate) struct TemplateModel {
        /// The template in the template language: the text of one `template` block, usually `file("….nhi.hcl")`.
        source: String = required(),
        /// The template's name. Another name is another template.
        name: String = computed(),
        /// Its version. Another version is another template; the one before stays as long as an identity is bound to it.
        version: String = computed(),
        /// Name and version, as identities write it: `s3-object-reader@1.2.0`.
        reference: String = computed(),
        /// `sha256:` and the hash of the content.
        digest: String = computed(),
    }
}

impl Resource for Template {
    const TYPE: &'static str = "nhi_template";
    const DESCRIPTION: &'static str = "Publishes a least-privilege template as an immutable version. Identities name it by \
        reference. Publishing other content under an existing version is refused; destroying withdraws the version, which \
        is refused while a living identity is bound to it.";
    const IDENTITY: &'static [IdentityAttribute] = &[IdentityAttribute {
        name: TemplateModel::reference,
        description: "Name and version: `s3-object-reader@1.2.0`.",
        required_for_import: true,
    }];

    type Model = TemplateModel;
    /// What is published under the name and version, withdrawn or not.
    type Facts = Option<Published>;

    fn validate(config: &TemplateModel) -> Vec<Problem> {
        config.source.as_str().and_then(|source| parse(source).err()).unwrap_or_default()
    }

    async fn facts(
        subject: &TemplateModel,
        context: &Context,
    ) -> Result<Option<Published>, Vec<Problem>> {
        let inventory = &context.configured()?.inventory;
        let parsed = subject.source.as_str().and_then(|source| parse(source).ok());
        match (inventory, parsed) {
            (Some(inventory), Some(template)) => {
                let found = inventory.template(&template.name, &template.version.to_string()).await;
                found.map_err(|error| vec![refusal(&error)])
            }
            _ => Ok(None),
        }
    }

    fn plan(
        change: Change<'_, TemplateModel>,
        published: &Option<Published>,
        context: &Context,
    ) -> Result<Planned<TemplateModel>, Vec<Problem>> {
        let Change { prior, mut proposed, config: _ } = change;
        let Some(source) = proposed.source.as_str() else { return Ok(proposed.into()) };
        let template = parse(source)?;
        if let Some(published) = published
            && published.digest != template.digest
        {
            return Err(vec![refusal(&InventoryError::VersionTaken {
                reference: published.reference(),
                digest: published.digest.clone(),
            })]);
        }
        let reference = template.reference().to_string();
        context.configured()?.planned.note_template(reference, source.to_owned());
        fill(&mut proposed, &template);
        let mut planned = Planned::from(proposed);
        if let Some(prior) = prior {
            let new = &planned.state;
            let changes = [
                (TemplateModel::name, prior.name != new.name),
                (TemplateModel::version, prior.version != new.version),
            ];
            let differing = changes.into_iter().filter(|(_, differs)| *differs);
            planned.replace = differing.map(|(name, _)| Path::from(name)).collect();
            if !planned.replace.is_empty() {
                planned.warnings.push(replacement(prior));
            }
        }
        Ok(planned)
    }

    async fn create(
        mut planned: TemplateModel,
        context: &Context,
    ) -> Result<Done<TemplateModel>, Failed<TemplateModel>> {
        let configured = context.configured()?;
        let (template, text) = pinned(&planned)?;
        let made = configured.inventory()?.publish(context.now(), text).await;
        let made = made.map_err(|error| refusal(&error))?;
        configured.planned.templates_changed();
        fill(&mut planned, &template);
        let warnings = match made {
            Created::New(_) => Vec::new(),
            Created::TakenOver(found) => {
                let reference = found.reference();
                vec![taken_over("template", &reference, &reference)]
            }
        };
        Ok(Done { state: planned, warnings, private: None })
    }

    async fn read(
        state: TemplateModel,
        context: &Context,
    ) -> Result<Option<Done<TemplateModel>>, Vec<Problem>> {
        let inventory = context.configured()?.inventory()?;
        let reference = state.reference.as_str().unwrap_or_default();
        let Some((name, version)) = reference.split_once('@') else { return Ok(None) };
        let found =
            inventory.template(name, version).await.map_err(|error| vec![refusal(&error)])?;
        let Some(published) = found.filter(|found| found.withdrawn_at.is_none()) else {
            return Ok(None);
        };
        let warnings = claimed(inventory.claim_template(reference).await);
        Ok(Some(Done { state: model_of(published), warnings, private: None }))
    }

    async fn update(
        _prior: TemplateModel,
        mut planned: TemplateModel,
        context: &Context,
    ) -> Result<Done<TemplateModel>, Failed<TemplateModel>> {
        let configured = context.configured()?;
        let (template, text) = pinned(&planned)?;
        let done = configured.inventory()?.rewrite(context.now(), text).await;
        done.map_err(|error| refusal(&error))?;
        configured.planned.templates_changed();
        fill(&mut planned, &template);
        Ok(planned.into())
    }

    async fn delete(
        prior: TemplateModel,
        context: &Context,
    ) -> Result<Vec<Problem>, Failed<TemplateModel>> {
        let configured = context.configured()?;
        let (name, version) =
            (prior.name.as_str().unwrap_or_default(), prior.version.as_str().unwrap_or_default());
        let done = configured.inventory()?.withdraw(context.now(), name, version).await;
        done.map_err(|error| refusal(&error))?;
        configured.planned.templates_changed();
        Ok(Vec::new())
    }

    async fn import(key: ImportKey, _context: &Context) -> Result<TemplateModel, Vec<Problem>> {
        let reference = key.text(TemplateModel::reference).unwrap_or_default();
        if !reference.contains('@') {
            let detail = format!(
                "`{reference}` is not name and version. Import `s3-object-reader@1.2.0`, for example."
            );
            return Err(vec![Problem::error("Unsuitable import id", detail)]);
        }
        Ok(TemplateModel { reference: reference.into(), ..TemplateModel::default() })
    }
}

/// Terraform destroys before it creates, unless it is told otherwise.
fn replacement(prior: &TemplateModel) -> Problem {
    let reference = prior.reference.as_str().unwrap_or_default();
    let detail = format!(
        "`{reference}` is withdrawn, which is refused while an identity is bound to it. With \
         `lifecycle {{ create_before_destroy = true }}` the new version is published first and the identities of this \
         configuration move to it. To keep both versions, publish the new one as a resource of its own."
    );
    Problem::warning("A published version is replaced", detail).at(TemplateModel::source)
}

/// The one template of a text.
fn parse(source: &str) -> Result<Parsed, Vec<Problem>> {
    let (library, errors) = Library::parse(&[(TemplateModel::source, source)]);
    if !errors.is_empty() {
        let at = |error| catalogue::problem(error).at(TemplateModel::source);
        return Err(errors.iter().map(at).collect());
    }
    let mut templates = library.templates();
    match (templates.next(), templates.next()) {
        (Some(template), None) => Ok(template.clone()),
        (None, _) => Err(vec![one("The text holds no `template` block.")]),
        (Some(_), Some(_)) => {
            Err(vec![one("The text holds several `template` blocks: publish each on its own.")])
        }
    }
}

fn one(detail: &str) -> Problem {
    Problem::error("Not one template", detail).at(TemplateModel::source)
}

fn pinned(model: &TemplateModel) -> Result<(Parsed, Pinned), Vec<Problem>> {
    let source = model.source.as_str().unwrap_or_default().to_owned();
    let template = parse(&source)?;
    let (name, version) = (template.name.clone(), template.version.to_string());
    let pinned = Pinned { name, version, digest: template.digest.clone(), source };
    Ok((template, pinned))
}

/// What is published, as a model.
pub(super) fn model_of(published: Published) -> TemplateModel {
    TemplateModel {
        reference: published.reference().into(),
        source: published.source.into(),
        name: published.name.into(),
        version: published.version.into(),
        digest: published.digest.into(),
    }
}

fn fill(model: &mut TemplateModel, template: &Parsed) {
    model.name = template.name.as_str().into();
    model.version = template.version.to_string().into();
    model.reference = template.reference().to_string().into();
    model.digest = template.digest.as_str().into();
}

fn refusal(error: &InventoryError) -> Problem {
    if matches!(error, InventoryError::VersionTaken { .. }) {
        return refused("Published versions never change", error).at(TemplateModel::source);
    }
    let names = matches!(error, InventoryError::NameInUse { .. });
    let problem = refused("Template refused", error);
    if names { problem.at(TemplateModel::source) } else { problem }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resources::testing::{self, Bench, READER, shown};

    fn model(source: &str) -> TemplateModel {
        TemplateModel { source: source.into(), ..TemplateModel::default() }
    }

    async fn plan(bench: &Bench, prior: Option<&TemplateModel>, source: &str) -> String {
        let proposed =
            TemplateModel { source: source.into(), ..prior.cloned().unwrap_or_default() };
        let plan = testing::plan::<Template>(&bench.context(), prior, &proposed).await;
        plan.replace(&serde_json::json!(source).to_string(), "(source)")
    }

    #[tokio::test]
    async fn a_plan_knows_everything() {
        insta::assert_snapshot!(plan(&Bench::new(), None, READER).await.replace(&digest(), "(digest)"), @r#"{"digest":"(digest)","name":"s3-object-reader","reference":"s3-object-reader@1.2.0","source":(source),"version":"1.2.0"}"#);
    }

    fn digest() -> String {
        parse(READER).unwrap().digest
    }

    #[tokio::test]
    async fn other_content_needs_another_version() {
        let bench = Bench::new();
        let made = bench.create::<Template>(model(READER)).await;
        let wider = READER.replace("s3:ListBucket", "s3:PutObject");
        insta::assert_snapshot!(plan(&bench, Some(&made), &wider).await, @r"
        error at source: Published versions never change
          `s3-object-reader@1.2.0` is published with another content. A published version never changes: raise `version` in the template.
        ");
        let later = plan(&bench, Some(&made), &wider.replace("1.2.0", "1.3.0")).await;
        let (_, later) = later.split_once('\n').unwrap();
        insta::assert_snapshot!(later, @r"
        replaces version
        warning at source: A published version is replaced
          `s3-object-reader@1.2.0` is withdrawn, which is refused while an identity is bound to it. With `lifecycle { create_before_destroy = true }` the new version is published first and the identities of this configuration move to it. To keep both versions, publish the new one as a resource of its own.
        ");
    }

    #[tokio::test]
    async fn comments_and_status_may_change() {
        let bench = Bench::new();
        let made = bench.create::<Template>(model(READER)).await;
        let revoked = model(&format!("# gone\n{}", READER.replace("\"active\"", "\"revoked\"")));
        let planned = TemplateModel { source: revoked.source, ..made.clone() };
        let state = Template::update(made, planned.clone(), &bench.context()).await.unwrap().state;
        assert_eq!(state, planned);
        assert_eq!(bench.read::<Template>(&planned).await, Some(planned));
    }

    #[test]
    fn mistakes_are_told_with_their_line() {
        let text = READER.replace("  version     = \"1.2.0\"\n", "");
        insta::assert_snapshot!(shown(&Template::validate(&model(&text))), @r"");
        insta::assert_snapshot!(shown(&Template::validate(&model("# nothing"))), @r"
        error at source: Not one template
          The text holds no `template` block.
        ");
    }

    #[tokio::test]
    async fn import_goes_by_reference() {
        let bench = Bench::new();
        let made = bench.create::<Template>(model(READER)).await;
        let key = ImportKey::Id("s3-object-reader@1.2.0".to_owned());
        let stub = Template::import(key, &bench.context()).await.unwrap();
        assert_eq!(bench.read::<Template>(&stub).await, Some(made));
        let wrong = Template::import(ImportKey::Id("reader".to_owned()), &bench.context())
            .await
            .unwrap_err();
        insta::assert_snapshot!(shown(&wrong), @r"
        error: Unsuitable import id
          `reader` is not name and version. Import `s3-object-reader@1.2.0`, for example.
        ");
    }
}
