//! `nhi_binding`: which principal on which platform an identity is, who uses it there, and what takes it away at the end.
//!
//! Guarantees: the identity lives; one principal belongs to one identity, and a second binding of it is refused and told which;
//! another identity, platform or principal is the same binding rebound, in place and on record; removing leaves a tombstone.
//!
//! A binding grants nothing: the platform's own resource does. Removing it while the identity is active is therefore possible,
//! and says that nobody will know any more whose the principal is.

use std::collections::BTreeSet;

use crate::attribute::Attribute;
use crate::context::Context;
use crate::inventory::InventoryError;
use crate::inventory::bindings::{Binding as Record, BindingFacts, BindingProspect};
use crate::inventory::record::{Created, Identity, Standing};
use crate::model::model;
use crate::problem::Problem;
use crate::resource::{Change, Done, Failed, IdentityAttribute, Planned, Resource};
use crate::resources::{claimed, refused, taken_over, whole_seconds};
use crate::schema::{computed, optional, required};
use crate::wording;

/// `nhi_binding`.
#[derive(Debug)]
pub(crate) struct Binding;

model! {
    /// The attributes of `nhi_binding`.
    pub(crate) struct BindingModel {
        /// The `id` of the identity.
        identity: String = required(),
        /// The platform that the principal lives on, such as `aws`, `gcp`, `azure`, `kubernetes`, `vault`, `github` or
        /// `postgresql`: lowercase letters, digits and hyphens.
        platform: String = required().check(platform),
        /// What the platform calls the principal: an ARN, an e-mail address, a distinguished name, a role. One principal, never a
        /// pattern.
        principal: String = required().check(principal),
        /// Who uses the principal: names of workloads, pipelines, hosts.
        consumers: BTreeSet<String> = optional(),
        /// What takes the principal away when the identity ends: the address of the resource that makes it
        /// (`aws_iam_role.export`), or the URL of a runbook.
        retired_by: String = optional().check(not_empty),
        /// Identifier of the binding in the inventory; never used again.
        id: String = computed().stable(),
    }
}

impl Resource for Binding {
    const TYPE: &'static str = "nhi_binding";
    const DESCRIPTION: &'static str = "Ties a governed identity to the principal that it is on a platform, and says who \
        uses it there and what takes it away at the end. One principal belongs to one identity. A binding grants nothing: the \
        platform's own resources do.";
    const IDENTITY: &'static [IdentityAttribute] = &[IdentityAttribute {
        name: BindingModel::id,
        description: "Identifier of the binding in the inventory.",
        required_for_import: true,
    }];

    type Model = BindingModel;
    type Facts = BindingProspect;

    async fn facts(
        subject: &BindingModel,
        context: &Context,
    ) -> Result<BindingProspect, Vec<Problem>> {
        let Some(inventory) = &context.configured()?.inventory else {
            return Ok(BindingProspect::default());
        };
        let principal = subject.platform.as_str().zip(subject.principal.as_str());
        let (own, identity) = (subject.id.as_str(), subject.identity.as_str());
        let found = inventory.binding_prospect(own, identity, principal).await;
        found.map_err(|error| vec![refused("Inventory not readable", &error)])
    }

    fn plan(
        change: Change<'_, BindingModel>,
        facts: &BindingProspect,
        context: &Context,
    ) -> Result<Planned<BindingModel>, Vec<Problem>> {
        let Change { prior, proposed, config: _ } = change;
        let mut problems = Vec::new();
        // A binding that stays as it is may outlive its identity.
        let same = prior.is_some_and(|prior| prior.identity == proposed.identity);
        if let Some(id) = proposed.identity.as_str()
            && !same
            && context.configured()?.inventory.is_some()
        {
            problems.extend(unfit_identity(id, facts.identity.as_ref()));
        }
        problems.extend(facts.bound.as_ref().map(refusal));
        if !problems.is_empty() {
            return Err(problems);
        }
        let warnings = facts.leftover.iter();
        let warnings =
            warnings.map(|left| taken_over("binding", &left.facts.principal, &left.id)).collect();
        Ok(Planned { warnings, ..proposed.into() })
    }

    fn plan_destroy(_: &BindingModel, facts: &BindingProspect, _: &Context) -> Vec<Problem> {
        let active = facts.identity.as_ref().filter(|it| it.standing == Standing::Active);
        let warning = active.map(|identity| {
            let detail = format!(
                "The {} `{}` stays active. If the principal stays as well, nobody can tell any more whose it is.",
                identity.facts.kind, identity.facts.name
            );
            Problem::warning("Binding of an active identity", detail)
        });
        warning.into_iter().collect()
    }

    async fn create(
        planned: BindingModel,
        context: &Context,
    ) -> Result<Done<BindingModel>, Failed<BindingModel>> {
        let inventory = context.configured()?.inventory()?;
        let made = inventory.bind(whole_seconds(context.now()), facts_of(&planned)).await;
        let made = made.map_err(|error| refusal(&error))?;
        let warnings = match &made {
            Created::New(_) => Vec::new(),
            Created::TakenOver(left) => {
                vec![taken_over("binding", &left.facts.principal, &left.id)]
            }
        };
        Ok(Done { state: model_of(made.into_record(), &planned), warnings, private: None })
    }

    async fn read(
        state: BindingModel,
        context: &Context,
    ) -> Result<Option<Done<BindingModel>>, Vec<Problem>> {
        let inventory = context.configured()?.inventory()?;
        let Some(key) = state.id.as_str() else { return Ok(None) };
        let found = inventory.binding(key).await;
        let found = found.map_err(|error| vec![refused("Inventory not readable", &error)])?;
        let Some(binding) = found else { return Ok(None) };
        let warnings = claimed(inventory.claim_binding(&binding.id).await);
        Ok(Some(Done { state: model_of(binding, &state), warnings, private: None }))
    }

    async fn update(
        prior: BindingModel,
        planned: BindingModel,
        context: &Context,
    ) -> Result<Done<BindingModel>, Failed<BindingModel>> {
        let inventory = context.configured()?.inventory()?;
        let id = prior.id.as_str().unwrap_or_default();
        let missing = || InventoryError::NotFound { what: "binding", key: id.to_owned() };
        let found = inventory.binding(id).await.map_err(|error| refusal(&error))?;
        let current = found.ok_or_else(|| refusal(&missing()))?;
        if current.facts != facts_of(&prior) {
            let name = current.facts.principal;
            return Err(refusal(&InventoryError::Changed { what: "binding of", name }).into());
        }
        let key = (current.id.as_str(), current.version);
        let now = whole_seconds(context.now());
        let made = inventory.rebind(now, key, facts_of(&planned)).await;
        Ok(model_of(made.map_err(|error| refusal(&error))?, &planned).into())
    }

    async fn delete(
        prior: BindingModel,
        context: &Context,
    ) -> Result<Vec<Problem>, Failed<BindingModel>> {
        let inventory = context.configured()?.inventory()?;
        let id = prior.id.as_str().unwrap_or_default();
        let now = whole_seconds(context.now());
        inventory.unbind(now, id).await.map_err(|error| refusal(&error))?;
        Ok(Vec::new())
    }
}

/// Why no principal can be bound to the identity of that id.
fn unfit_identity(id: &str, found: Option<&Identity>) -> Option<Problem> {
    let phrase = match found {
        None => format!("there is no identity `{id}` in the inventory"),
        Some(it) if it.standing == Standing::Decommissioned => {
            format!("the {} `{}` ({id}) is decommissioned", it.facts.kind, it.facts.name)
        }
        Some(_) => return None,
    };
    let help = "name the `id` of a living identity, such as `nhi_service_account.export.id`";
    Some(wording::problem("Unsuitable identity", &phrase, help).at(BindingModel::identity))
}

/// A word for a platform. Which platforms there are is not for us to say.
fn platform(text: &str) -> Result<(), String> {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let edges = text.starts_with(|c: char| c.is_ascii_lowercase()) && !text.ends_with('-');
    if (2..=32).contains(&text.len()) && edges && text.chars().all(fits) {
        return Ok(());
    }
    Err(format!(
        "`{text}` is not the name of a platform. Use 2 to 32 lowercase letters, digits and hyphens, such as `aws`, \
         `kubernetes` or `postgresql`."
    ))
}

/// One principal.
fn principal(text: &str) -> Result<(), String> {
    let wrong = if text.is_empty() {
        "It is empty."
    } else if text.trim() != text {
        "It begins or ends with white space."
    } else if text.chars().any(char::is_control) {
        "It holds a control character."
    } else if text.contains('*') {
        "It is a pattern: bind each principal by itself."
    } else if text.len() > 2048 {
        "It is longer than any platform's principal."
    } else {
        return Ok(());
    };
    Err(format!("`{}` is not a principal. {wrong}", text.escape_debug()))
}

fn not_empty(text: &str) -> Result<(), String> {
    if text.trim().is_empty() {
        return Err("An empty text says nothing: state it, or leave it out.".to_owned());
    }
    Ok(())
}

fn refusal(error: &InventoryError) -> Problem {
    let problem = refused("Binding refused", error);
    if matches!(error, InventoryError::PrincipalBound { .. }) {
        problem.at(BindingModel::principal)
    } else if matches!(error, InventoryError::NotFound { what: "identity", .. }) {
        problem.at(BindingModel::identity)
    } else {
        problem
    }
}

fn facts_of(model: &BindingModel) -> BindingFacts {
    let text = |attribute: &Attribute<String>| attribute.as_str().unwrap_or_default().to_owned();
    BindingFacts {
        identity_id: text(&model.identity),
        platform: text(&model.platform),
        principal: text(&model.principal),
        consumers: model.consumers.known().cloned().unwrap_or_default(),
        retired_by: model.retired_by.as_str().map(str::to_owned),
    }
}

/// The record in the spelling of `like`: an empty set may have been written or left out.
pub(super) fn model_of(binding: Record, like: &BindingModel) -> BindingModel {
    let BindingFacts { identity_id, platform, principal, consumers, retired_by } = binding.facts;
    let left_out = !like.consumers.is_known() && consumers.is_empty();
    let consumers = if left_out { Attribute::Null } else { Attribute::Known(consumers) };
    BindingModel {
        identity: identity_id.into(),
        platform: platform.into(),
        principal: principal.into(),
        consumers,
        retired_by: retired_by.into(),
        id: binding.id.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resources::testing::{self, Bench, identity, shown};

    fn role(identity: &str) -> BindingModel {
        BindingModel {
            identity: identity.into(),
            platform: "aws".into(),
            principal: "arn:aws:iam::123456789012:role/invoice-export".into(),
            consumers: BTreeSet::from(["ledger-batch".to_owned()]).into(),
            retired_by: "aws_iam_role.export".into(),
            id: Attribute::Null,
        }
    }

    async fn plan(bench: &Bench, prior: Option<&BindingModel>, proposed: &BindingModel) -> String {
        testing::plan::<Binding>(&bench.context(), prior, proposed).await
    }

    #[tokio::test]
    async fn a_binding_lives_and_leaves_a_tombstone() {
        let bench = Bench::with(testing::READER);
        let export = identity(&bench, "invoice-export").await;
        let made = bench.create::<Binding>(role(&export)).await;
        assert_eq!(bench.read::<Binding>(&made).await, Some(made.clone()));
        assert_eq!(plan(&bench, Some(&made), &role(&export)).await, "no change");
        let other = BindingModel { retired_by: Attribute::Null, ..role(&export) };
        let changed = bench.apply::<Binding>(Some(&made), &other).await.unwrap();
        assert_eq!(changed.id, made.id);
        // What was planned before somebody else's change is refused.
        let stale = Binding::update(made, role(&export), &bench.context()).await.unwrap_err();
        insta::assert_snapshot!(shown(&stale.problems), @r"
        error: Binding refused
          The binding of `arn:aws:iam::123456789012:role/invoice-export` was changed by somebody else in the meantime. Run `terraform plan` again and look at what changed.
        ");
        Binding::delete(changed.clone(), &bench.context()).await.unwrap();
        assert_eq!(bench.read::<Binding>(&changed).await, None);
        let inventory = bench.inventory();
        assert_eq!(inventory.bindings_of(&export).await.unwrap(), []);
        let id = changed.id.as_str().unwrap();
        let events = inventory.events(Some(&format!("binding:{id}"))).await.unwrap();
        let actions: Vec<_> = events.iter().map(|event| event.action.as_str()).collect();
        assert_eq!(actions, ["binding.create", "binding.update", "binding.remove"]);
        assert!(inventory.verify().await.unwrap().is_intact());
    }

    #[tokio::test]
    async fn a_principal_belongs_to_one_identity() {
        let bench = Bench::with(testing::READER);
        let (export, viewer) = (identity(&bench, "export").await, identity(&bench, "viewer").await);
        let first = bench.create::<Binding>(role(&export)).await;
        let again = plan(&bench, None, &role(&viewer)).await;
        let again = again.replace(&export, "nhi-1").replace(first.id.as_str().unwrap(), "bnd-1");
        insta::assert_snapshot!(again, @r"
        error at principal: Binding refused
          `arn:aws:iam::123456789012:role/invoice-export` on `aws` is bound to the service_account `export` (nhi-1) by `bnd-1`. One principal belongs to one identity, so that it can be told who uses it: give this identity a principal of its own, or, if that binding is the one meant, import it: `terraform import <address> bnd-1`.
        ");
        // At apply as well, and for the same identity.
        let twice = Binding::create(role(&export), &bench.context()).await.unwrap_err();
        assert!(shown(&twice.problems).contains("is bound to"), "{}", shown(&twice.problems));
        // Moving the principal is a change of its binding, and stays on record.
        let moved = bench.apply::<Binding>(Some(&first), &role(&viewer)).await.unwrap();
        assert_eq!(moved.id, first.id);
        let inventory = bench.inventory();
        assert_eq!(inventory.bindings_of(&export).await.unwrap(), []);
        assert_eq!(inventory.bindings_of(&viewer).await.unwrap().len(), 1);
    }

    #[tokio::test]
    async fn only_a_living_identity_is_bound() {
        let bench = Bench::with(testing::READER);
        insta::assert_snapshot!(plan(&bench, None, &role("nhi-none")).await, @r"
        error at identity: Unsuitable identity
          There is no identity `nhi-none` in the inventory. Name the `id` of a living identity, such as `nhi_service_account.export.id`.
        ");
        let unknown = BindingModel { identity: Attribute::Unknown, ..role("") };
        insta::assert_snapshot!(plan(&bench, None, &unknown).await, @r#"{"consumers":["ledger-batch"],"id":"(known after apply)","identity":"(known after apply)","platform":"aws","principal":"arn:aws:iam::123456789012:role/invoice-export","retired_by":"aws_iam_role.export"}"#);
        let late = Binding::create(role("nhi-none"), &bench.context()).await.unwrap_err();
        insta::assert_snapshot!(shown(&late.problems), @r"
        error at identity: Binding refused
          There is no identity `nhi-none` in the inventory. Check the spelling, or register the identity first.
        ");
    }

    #[tokio::test]
    async fn removing_the_binding_of_an_active_identity_is_told() {
        let bench = Bench::with(testing::READER);
        let made = bench.create::<Binding>(role(&identity(&bench, "export").await)).await;
        let facts = Binding::facts(&made, &bench.context()).await.unwrap();
        insta::assert_snapshot!(shown(&Binding::plan_destroy(&made, &facts, &bench.context())), @r"
        warning: Binding of an active identity
          The service_account `export` stays active. If the principal stays as well, nobody can tell any more whose it is.
        ");
    }

    #[tokio::test]
    async fn a_leftover_is_taken_over_with_a_warning() {
        let bench = Bench::with(testing::READER);
        let export = identity(&bench, "export").await;
        bench.create::<Binding>(role(&export)).await;
        let next = bench.next_run();
        let planned = plan(&next, None, &role(&export)).await;
        assert!(planned.contains("warning: Taken over"), "{planned}");
        let done = Binding::create(role(&export), &next.context()).await.unwrap();
        let told = shown(&done.warnings);
        assert!(told.starts_with("warning: Taken over"), "{told}");
        assert_eq!(bench.inventory().bindings_of(&export).await.unwrap().len(), 1);
    }

    #[tokio::test]
    async fn import_finds_a_binding_by_its_principal() {
        let bench = Bench::with(testing::READER);
        let made = bench.create::<Binding>(role(&identity(&bench, "export").await)).await;
        let key = "aws:arn:aws:iam::123456789012:role/invoice-export";
        let bare = BindingModel { id: key.into(), ..BindingModel::default() };
        assert_eq!(bench.read::<Binding>(&bare).await, Some(made));
    }

    #[tokio::test]
    async fn what_is_no_platform_or_principal() {
        let bench = Bench::new();
        let wrong = BindingModel {
            platform: "AWS".into(),
            principal: "arn:aws:iam::*:role/x".into(),
            retired_by: " ".into(),
            ..role("nhi-1")
        };
        insta::assert_snapshot!(plan(&bench, None, &wrong).await, @r"
        error at platform: Unsuitable value
          `AWS` is not the name of a platform. Use 2 to 32 lowercase letters, digits and hyphens, such as `aws`, `kubernetes` or `postgresql`.
        error at principal: Unsuitable value
          `arn:aws:iam::*:role/x` is not a principal. It is a pattern: bind each principal by itself.
        error at retired_by: Unsuitable value
          An empty text says nothing: state it, or leave it out.
        ");
    }
}
