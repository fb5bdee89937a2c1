//! `nhi_owner`: a team with an accountable person and a technical steward, registered once and named by every identity that
//! it answers for.
//!
//! Guarantees: names are unique among owners; both persons can be asked (no mailbox, bot or pipeline); an owner that still
//! answers for a living identity is not removed; removing leaves a tombstone, and its id is never used again.

use policy::governance::owner::{self, OwnerProblem};

use crate::attribute::Attribute;
use crate::context::Context;
use crate::inventory::InventoryError;
use crate::inventory::record::{Created, Owner as Record, OwnerFacts};
use crate::model::model;
use crate::problem::Problem;
use crate::resource::{Change, Done, Failed, IdentityAttribute, Planned, Resource};
use crate::resources::{claimed, refused, taken_over};
use crate::schema::{computed, optional, required};
use crate::settings::planned::PlannedOwner;
use crate::wording;

/// `nhi_owner`.
#[derive(Debug)]
pub(crate) struct Owner;

model! {
    /// The attributes of `nhi_owner`.
    pub(crate) struct OwnerModel {
        /// The team's name, unique among owners. Identities name it in `owner`.
        name: String = required(),
        /// E-mail address of the person who answers for the team's identities.
        accountable: String = required(),
        /// E-mail address of the person who knows how they work.
        steward: String = required(),
        /// Chat rooms, address lists and pagers through which the team is reached, in the order in which to try them.
        contacts: Vec<String> = optional(),
        /// Whether the team still exists. Identities of an owner that is not active are quarantined.
        active: bool = optional().default(true),
        /// Identifier of the owner in the inventory; never used again.
        id: String = computed().stable(),
    }
}

/// What planning an owner has to know: whether another has the name, and what depends on it.
#[derive(Debug, Default)]
pub(crate) struct Namesake {
    namesake: Option<Record>,
    /// How many identities it quarantines where it is retired.
    in_use: i64,
}

impl Resource for Owner {
    const TYPE: &'static str = "nhi_owner";
    const DESCRIPTION: &'static str = "A team that answers for machine identities: with one accountable person and one \
        technical steward. Registered once; identities name it. Destroying an owner is refused while it answers for a \
        living identity.";
    const IDENTITY: &'static [IdentityAttribute] = &[IdentityAttribute {
        name: OwnerModel::id,
        description: "Identifier of the owner in the inventory.",
        required_for_import: true,
    }];

    type Model = OwnerModel;
    type Facts = Namesake;

    fn validate(config: &OwnerModel) -> Vec<Problem> {
        let mut problems = Vec::new();
        if let Some(name) = config.name.as_str() {
            problems.extend(
                owner::check(name, None).map(|problem| unfit(OwnerModel::name, name, problem)),
            );
            if name.trim() != name {
                let detail = format!("`{name}` begins or ends with white space.");
                problems.push(Problem::error("Unfit owner", detail).at(OwnerModel::name));
            }
        }
        for (attribute, person) in
            [(OwnerModel::accountable, &config.accountable), (OwnerModel::steward, &config.steward)]
        {
            if let Some(person) = person.as_str() {
                let found = owner::check_person(person, None);
                problems.extend(found.map(|problem| unfit(attribute, person, problem)));
            }
        }
        problems
    }

    async fn facts(subject: &OwnerModel, context: &Context) -> Result<Namesake, Vec<Problem>> {
        let configured = context.configured()?;
        let Some(inventory) = &configured.inventory else { return Ok(Namesake::default()) };
        let failed = |error: InventoryError| vec![refusal(&error)];
        let mut known = Namesake::default();
        if let Some(name) = subject.name.as_str() {
            known.namesake = inventory.owner(name).await.map_err(failed)?;
        }
        if let (Some(id), Some(false)) = (subject.id.as_str(), subject.active.known()) {
            known.in_use = inventory.in_use_of(id).await.map_err(failed)?;
        }
        Ok(known)
    }

    fn plan(
        change: Change<'_, OwnerModel>,
        namesake: &Namesake,
        context: &Context,
    ) -> Result<Planned<OwnerModel>, Vec<Problem>> {
        let Change { prior, proposed, config: _ } = change;
        let own = prior.and_then(|prior| prior.id.as_str());
        if let Some(other) = &namesake.namesake
            && prior.is_some()
            && own != Some(other.id.as_str())
        {
            let detail = format!(
                "The owner `{}` exists already. Names are unique: choose another.",
                other.facts.name
            );
            return Err(vec![Problem::error("Name in use", detail).at(OwnerModel::name)]);
        }
        if let Some(name) = proposed.name.as_str() {
            context.configured()?.planned.note_owner(PlannedOwner {
                id: own.map(str::to_owned),
                name: name.to_owned(),
                active: proposed.active.known().copied(),
            });
        }
        let retires = prior.is_some_and(|prior| prior.active.known() == Some(&true));
        let warnings = if retires && namesake.in_use > 0 {
            let detail = format!(
                "While the owner is inactive, {} of its identities are quarantined: they stay as they are and get no credentials. \
                 Give them another owner, or disable them.",
                namesake.in_use
            );
            vec![Problem::warning("Identities quarantined", detail).at(OwnerModel::active)]
        } else {
            Vec::new()
        };
        Ok(Planned { warnings, ..proposed.into() })
    }

    async fn create(
        planned: OwnerModel,
        context: &Context,
    ) -> Result<Done<OwnerModel>, Failed<OwnerModel>> {
        let inventory = context.configured()?.inventory()?;
        let made = inventory.create_owner(context.now(), facts_of(&planned)).await;
        let made = made.map_err(|error| refusal(&error))?;
        let warnings = match &made {
            Created::New(_) => Vec::new(),
            Created::TakenOver(owner) => vec![taken_over("owner", &owner.facts.name, &owner.id)],
        };
        Ok(Done { state: model_of(made.into_record(), &planned), warnings, private: None })
    }

    async fn read(
        state: OwnerModel,
        context: &Context,
    ) -> Result<Option<Done<OwnerModel>>, Vec<Problem>> {
        let inventory = context.configured()?.inventory()?;
        let Some(key) = state.id.as_str() else { return Ok(None) };
        let found = inventory.owner(key).await.map_err(|error| vec![refusal(&error)])?;
        let Some(owner) = found else { return Ok(None) };
        let warnings = claimed(inventory.claim_owner(&owner.id).await);
        Ok(Some(Done { state: model_of(owner, &state), warnings, private: None }))
    }

    async fn update(
        prior: OwnerModel,
        planned: OwnerModel,
        context: &Context,
    ) -> Result<Done<OwnerModel>, Failed<OwnerModel>> {
        let inventory = context.configured()?.inventory()?;
        let id = prior.id.as_str().unwrap_or_default();
        let missing = || InventoryError::NotFound { what: "owner", key: id.to_owned() };
        let found = inventory.owner(id).await.map_err(|error| refusal(&error))?;
        let current = found.ok_or_else(|| refusal(&missing()))?;
        if current.facts != facts_of(&prior) {
            let name = current.facts.name;
            return Err(refusal(&InventoryError::Changed { what: "owner", name }).into());
        }
        let key = (current.id.as_str(), current.version);
        let made = inventory.update_owner(context.now(), key, facts_of(&planned)).await;
        Ok(model_of(made.map_err(|error| refusal(&error))?, &planned).into())
    }

    async fn delete(
        prior: OwnerModel,
        context: &Context,
    ) -> Result<Vec<Problem>, Failed<OwnerModel>> {
        let inventory = context.configured()?.inventory()?;
        let id = prior.id.as_str().unwrap_or_default();
        inventory.remove_owner(context.now(), id).await.map_err(|error| refusal(&error))?;
        Ok(Vec::new())
    }
}

fn unfit(attribute: &'static str, text: &str, problem: OwnerProblem) -> Problem {
    let (summary, help) = match attribute {
        OwnerModel::name => {
            ("Unfit owner", "name the team, not a thing that runs or a word that stands for nobody")
        }
        _ => ("Unfit person", "give the e-mail address of one person who can be asked"),
    };
    wording::problem(summary, &format!("`{text}` {problem}"), help).at(attribute)
}

fn refusal(error: &InventoryError) -> Problem {
    let problem = refused("Owner refused", error);
    let names = matches!(error, InventoryError::NameInUse { .. });
    if names { problem.at(OwnerModel::name) } else { problem }
}

fn facts_of(model: &OwnerModel) -> OwnerFacts {
    let text = |attribute: &Attribute<String>| attribute.as_str().unwrap_or_default().to_owned();
    OwnerFacts {
        name: text(&model.name),
        accountable: text(&model.accountable),
        steward: text(&model.steward),
        contacts: model.contacts.known().cloned().unwrap_or_default(),
        active: model.active.known().copied().unwrap_or(true),
    }
}

/// The record in the spelling of `like`: an empty list may have been written or left out.
pub(super) fn model_of(owner: Record, like: &OwnerModel) -> OwnerModel {
    let contacts = match (owner.facts.contacts, &like.contacts) {
        (contacts, Attribute::Null | Attribute::Unknown) if contacts.is_empty() => Attribute::Null,
        (contacts, _) => Attribute::Known(contacts),
    };
    OwnerModel {
        name: owner.facts.name.into(),
        accountable: owner.facts.accountable.into(),
        steward: owner.facts.steward.into(),
        contacts,
        active: owner.facts.active.into(),
        id: owner.id.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resources::testing::{self, Bench, shown};

    fn payments() -> OwnerModel {
        OwnerModel {
            name: "payments".into(),
            accountable: "ada@example.com".into(),
            steward: "grace@example.com".into(),
            active: true.into(),
            ..OwnerModel::default()
        }
    }

    async fn plan(bench: &Bench, prior: Option<&OwnerModel>, proposed: &OwnerModel) -> String {
        testing::plan::<Owner>(&bench.context(), prior, proposed).await
    }

    #[tokio::test]
    async fn a_create_knows_all_but_its_id() {
        insta::assert_snapshot!(plan(&Bench::new(), None, &payments()).await, @r#"{"accountable":"ada@example.com","active":true,"contacts":null,"id":"(known after apply)","name":"payments","steward":"grace@example.com"}"#);
    }

    #[test]
    fn nobody_can_be_asked() {
        let config = OwnerModel {
            name: "release-bot".into(),
            accountable: "payments-team@example.com".into(),
            steward: "grace".into(),
            ..OwnerModel::default()
        };
        insta::assert_snapshot!(shown(&Owner::validate(&config)), @r"
        error at name: Unfit owner
          `release-bot` is a bot. Name the team, not a thing that runs or a word that stands for nobody.
        error at accountable: Unfit person
          `payments-team@example.com` is a shared mailbox. Give the e-mail address of one person who can be asked.
        error at steward: Unfit person
          `grace` is not a person's e-mail address. Give the e-mail address of one person who can be asked.
        ");
    }

    #[tokio::test]
    async fn an_owner_lives_and_is_renamed() {
        let bench = Bench::new();
        let made = bench.create::<Owner>(payments()).await;
        assert_eq!(bench.read::<Owner>(&made).await, Some(made.clone()));
        let renamed = OwnerModel { name: "ledger".into(), ..made.clone() };
        assert_eq!(
            Owner::update(made.clone(), renamed.clone(), &bench.context()).await.unwrap().state,
            renamed
        );
        // What was planned before somebody else's change is refused.
        let stale = Owner::update(made, payments(), &bench.context()).await.unwrap_err();
        insta::assert_snapshot!(shown(&stale.problems), @r"
        error: Owner refused
          The owner `ledger` was changed by somebody else in the meantime. Run `terraform plan` again and look at what changed.
        ");
        Owner::delete(renamed.clone(), &bench.context()).await.unwrap();
        assert_eq!(bench.read::<Owner>(&renamed).await, None);
    }

    #[tokio::test]
    async fn a_name_is_taken_once() {
        let bench = Bench::new();
        bench.create::<Owner>(payments()).await;
        let again = Owner::create(payments(), &bench.context()).await.unwrap_err();
        insta::assert_snapshot!(shown(&again.problems), @r"
        error at name: Owner refused
          The owner `payments` exists already. Another resource of this configuration has the same name; give each its own.
        ");
        let ledger = OwnerModel { name: "ledger".into(), ..payments() };
        let ledger = bench.create::<Owner>(ledger).await;
        let renamed = OwnerModel { name: "payments".into(), ..ledger.clone() };
        insta::assert_snapshot!(plan(&bench, Some(&ledger), &renamed).await, @r"
        error at name: Name in use
          The owner `payments` exists already. Names are unique: choose another.
        ");
    }

    #[tokio::test]
    async fn a_leftover_is_taken_over_with_a_warning() {
        let bench = Bench::new();
        bench.create::<Owner>(payments()).await;
        let done = Owner::create(payments(), &bench.next_run().context()).await.unwrap();
        assert!(
            shown(&done.warnings).starts_with("warning: Taken over"),
            "{}",
            shown(&done.warnings)
        );
    }
}
