//! What there is besides identities, for `terraform query`: owners, templates, bindings, exceptions
//! and certifications.

use crate::attribute::Attribute;
use crate::context::Context;
use crate::inventory::bindings::Binding as BindingRecord;
use crate::inventory::certifications::Certification as CertificationRecord;
use crate::inventory::exceptions::Exception as ExceptionRecord;
use crate::inventory::record::{Owner as OwnerRecord, Published};
use crate::inventory::{Inventory, InventoryError};
use crate::list::List;
use crate::model::model;
use crate::problem::Problem;
use crate::resources::binding::{self, Binding, BindingModel};
use crate::resources::certification::{self, Certification, CertificationModel};
use crate::resources::exception::{self, Exception, ExceptionModel};
use crate::resources::owner::{self, Owner, OwnerModel};
use crate::resources::refused;
use crate::resources::template::{self, Template, TemplateModel};
use crate::schema::optional;

/// Whether a filter lets a text through.
fn lets(filter: &Attribute<String>, text: &str) -> bool {
    filter.as_str().is_none_or(|wanted| wanted == text)
}

fn unreadable(error: InventoryError) -> Vec<Problem> {
    vec![refused("Inventory not readable", &error)]
}

fn inventory(context: &Context) -> Result<&Inventory, Vec<Problem>> {
    context.configured()?.inventory()
}

model! {
    /// Which owners are listed.
    pub(crate) struct OwnerFilter {
        /// What their names begin with.
        name_prefix: String = optional(),
        /// Whether they are active.
        active: bool = optional(),
    }
}

/// The list of owners.
pub(crate) struct Owners;

impl List for Owners {
    type Resource = Owner;
    const DESCRIPTION: &'static str = "The owners that answer for identities, by name.";

    type Model = OwnerFilter;
    type Item = OwnerRecord;

    async fn find(
        config: OwnerFilter,
        _: Option<usize>,
        context: &Context,
    ) -> Result<Vec<OwnerRecord>, Vec<Problem>> {
        let mut owners = inventory(context)?.owners().await.map_err(unreadable)?;
        let prefix = config.name_prefix.as_str().unwrap_or_default();
        let active = config.active.known();
        owners.retain(|owner| {
            owner.facts.name.starts_with(prefix)
                && active.is_none_or(|active| owner.facts.active == *active)
        });
        Ok(owners)
    }

    fn identity(owner: &OwnerRecord) -> Vec<(&'static str, String)> {
        vec![(OwnerModel::id, owner.id.clone())]
    }

    fn display_name(owner: &OwnerRecord) -> String {
        owner.facts.name.clone()
    }

    fn state(owner: OwnerRecord, _: &Context) -> Result<OwnerModel, Vec<Problem>> {
        Ok(owner::model_of(owner, &OwnerModel::default()))
    }
}

model! {
    /// Which templates are listed.
    pub(crate) struct TemplateFilter {
        /// Their name: every version of one template.
        name: String = optional(),
    }
}

/// The list of published template versions.
pub(crate) struct Templates;

impl List for Templates {
    type Resource = Template;
    const DESCRIPTION: &'static str =
        "The published template versions that were not withdrawn, by name and version.";

    type Model = TemplateFilter;
    type Item = Published;

    async fn find(
        config: TemplateFilter,
        _: Option<usize>,
        context: &Context,
    ) -> Result<Vec<Published>, Vec<Problem>> {
        let mut templates = inventory(context)?.published().await.map_err(unreadable)?;
        templates.retain(|template| lets(&config.name, &template.name));
        Ok(templates)
    }

    fn identity(template: &Published) -> Vec<(&'static str, String)> {
        vec![(TemplateModel::reference, template.reference())]
    }

    fn display_name(template: &Published) -> String {
        template.reference()
    }

    fn state(template: Published, _: &Context) -> Result<TemplateModel, Vec<Problem>> {
        Ok(template::model_of(template))
    }
}

model! {
    /// Which bindings are listed.
    pub(crate) struct BindingFilter {
        /// The `id` of the identity.
        identity: String = optional(),
        /// The platform that the principal lives on.
        platform: String = optional(),
    }
}

/// The list of bindings.
pub(crate) struct Bindings;

impl List for Bindings {
    type Resource = Binding;
    const DESCRIPTION: &'static str =
        "The principals that identities are bound to, by platform and principal.";

    type Model = BindingFilter;
    type Item = BindingRecord;

    async fn find(
        config: BindingFilter,
        _: Option<usize>,
        context: &Context,
    ) -> Result<Vec<BindingRecord>, Vec<Problem>> {
        let mut bindings = inventory(context)?.bindings().await.map_err(unreadable)?;
        bindings.retain(|binding| {
            lets(&config.identity, &binding.facts.identity_id)
                && lets(&config.platform, &binding.facts.platform)
        });
        Ok(bindings)
    }

    fn identity(binding: &BindingRecord) -> Vec<(&'static str, String)> {
        vec![(BindingModel::id, binding.id.clone())]
    }

    fn display_name(binding: &BindingRecord) -> String {
        format!("{}:{}", binding.facts.platform, binding.facts.principal)
    }

    fn state(binding: BindingRecord, _: &Context) -> Result<BindingModel, Vec<Problem>> {
        Ok(binding::model_of(binding, &BindingModel::default()))
    }
}

model! {
    /// Which exceptions are listed.
    pub(crate) struct ExceptionFilter {
        /// What is excepted: the `id` of an identity, or the address of a resource.
        subject: String = optional(),
        /// The rule that it is excepted from.
        rule: String = optional(),
        /// `true` for those that have expired, `false` for those in force.
        expired: bool = optional(),
    }
}

/// The list of exceptions.
pub(crate) struct Exceptions;

impl List for Exceptions {
    type Resource = Exception;
    const DESCRIPTION: &'static str =
        "The exceptions from rules, those that have expired too, by subject and rule.";

    type Model = ExceptionFilter;
    type Item = ExceptionRecord;

    async fn find(
        config: ExceptionFilter,
        _: Option<usize>,
        context: &Context,
    ) -> Result<Vec<ExceptionRecord>, Vec<Problem>> {
        let mut exceptions = inventory(context)?.exceptions().await.map_err(unreadable)?;
        let now = context.now();
        let expired = config.expired.known();
        exceptions.retain(|exception| {
            lets(&config.subject, &exception.facts.subject)
                && lets(&config.rule, &exception.facts.rule)
                && expired.is_none_or(|expired| (exception.expires_at <= now) == *expired)
        });
        Ok(exceptions)
    }

    fn identity(exception: &ExceptionRecord) -> Vec<(&'static str, String)> {
        vec![(ExceptionModel::id, exception.id.clone())]
    }

    fn display_name(exception: &ExceptionRecord) -> String {
        format!("{} from {}", exception.facts.subject, exception.facts.rule)
    }

    fn state(
        exception: ExceptionRecord,
        context: &Context,
    ) -> Result<ExceptionModel, Vec<Problem>> {
        Ok(exception::model_of(exception, context.now()))
    }
}

model! {
    /// Which certifications are listed.
    pub(crate) struct CertificationFilter {
        /// The `id` of the identity.
        identity: String = optional(),
        /// What was decided.
        outcome: String = optional().one_of(&["approve", "right_size", "rotate", "reassign", "disable", "decommission"]),
        /// `true` for those that do not hold any more, `false` for those that do.
        expired: bool = optional(),
    }
}

/// The list of certifications.
pub(crate) struct Certifications;

impl List for Certifications {
    type Resource = Certification;
    const DESCRIPTION: &'static str =
        "The reviews of identities, each with its last decision, by identity and time.";

    type Model = CertificationFilter;
    type Item = (CertificationRecord, Option<String>);

    async fn find(
        config: CertificationFilter,
        _: Option<usize>,
        context: &Context,
    ) -> Result<Vec<Self::Item>, Vec<Problem>> {
        let mut found = inventory(context)?.certifications().await.map_err(unreadable)?;
        let now = context.now();
        let expired = config.expired.known();
        found.retain(|(certification, _)| {
            lets(&config.identity, &certification.decision.identity_id)
                && lets(&config.outcome, certification.decision.outcome.name())
                && expired.is_none_or(|expired| (certification.certified_until <= now) == *expired)
        });
        Ok(found)
    }

    fn identity((certification, _): &Self::Item) -> Vec<(&'static str, String)> {
        vec![(CertificationModel::id, certification.id.clone())]
    }

    fn display_name((certification, _): &Self::Item) -> String {
        let decision = &certification.decision;
        format!("{} of {}", decision.outcome.name(), decision.identity_id)
    }

    fn state(
        (certification, owner): Self::Item,
        _: &Context,
    ) -> Result<CertificationModel, Vec<Problem>> {
        Ok(certification::model_of(certification, owner.into()))
    }
}
