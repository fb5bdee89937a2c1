//! `nhi_owner`: who answers for identities, and for how many.

use std::collections::BTreeMap;

use super::known::{count, time, unreadable};
use crate::attribute::Attribute;
use crate::context::Context;
use crate::data_source::DataSource;
use crate::inventory::search::Filter;
use crate::model::model;
use crate::problem::Problem;
use crate::resource::Done;
use crate::schema::{computed, optional_computed};

/// `nhi_owner`.
#[derive(Debug)]
pub(crate) struct Owner;

model! {
    /// What is looked up, and what is found.
    pub(crate) struct OwnerModel {
        /// The name of the team.
        name: String = optional_computed(),
        /// The owner's id, in place of `name`.
        id: String = optional_computed(),
        /// The person who is accountable, by e-mail address.
        accountable: String = computed(),
        /// The technical steward, by e-mail address.
        steward: String = computed(),
        /// Further contacts.
        contacts: Vec<String> = computed(),
        /// Whether the owner can own. The identities of one that is not active are quarantined.
        active: bool = computed(),
        /// When it was registered.
        created_at: String = computed(),
        /// How many living identities it answers for.
        identities: i64 = computed(),
        /// How many of each kind.
        by_kind: BTreeMap<String, i64> = computed(),
        /// How many in each status.
        by_status: BTreeMap<String, i64> = computed(),
        /// How many should have been certified again by now.
        overdue_certifications: i64 = computed(),
        /// The end of the identity that ends first, of those that have not ended.
        next_expiry: String = computed(),
        /// When the first certification ends that has not ended.
        next_review: String = computed(),
    }
}

impl DataSource for Owner {
    const TYPE: &'static str = "nhi_owner";
    const DESCRIPTION: &'static str = "An owner by name or id: the people, and what they answer for. Removed owners are not found.";

    type Model = OwnerModel;

    fn validate(config: &OwnerModel) -> Vec<Problem> {
        let OwnerModel { name, id, .. } = config;
        if name.is_unknown() || id.is_unknown() || name.is_known() != id.is_known() {
            return Vec::new();
        }
        vec![Problem::error("Not one owner", "State either `name` or `id`.")]
    }

    async fn read(config: OwnerModel, context: &Context) -> Result<Done<OwnerModel>, Vec<Problem>> {
        let inventory = context.configured()?.inventory()?;
        let (key, at) = match (config.id.as_str(), config.name.as_str()) {
            (Some(id), _) => (id, OwnerModel::id),
            (None, name) => (name.unwrap_or_default(), OwnerModel::name),
        };
        let found = inventory.owner(key).await.map_err(unreadable)?;
        // A name is no id, and the other way round, whatever they look like.
        let found = found.filter(|owner| match at {
            OwnerModel::id => owner.id == key,
            _ => owner.facts.name == key,
        });
        let Some(owner) = found else {
            let detail = format!(
                "There is no owner `{key}` in the inventory. Is it the inventory that you mean? Register it as an `nhi_owner`."
            );
            return Err(vec![Problem::error("Unknown owner", detail).at(at)]);
        };
        let filter = Filter { owner: Some(owner.id.clone()), ..Filter::default() };
        let survey = inventory.survey(filter).await.map_err(unreadable)?;
        let now = context.now();
        let (mut by_kind, mut by_status) = (BTreeMap::new(), BTreeMap::new());
        for identity in &survey.identities {
            *by_kind.entry(identity.facts.kind.name().to_owned()).or_insert(0) += 1;
            *by_status.entry(identity.state_at(now).name().to_owned()).or_insert(0) += 1;
        }
        let reviews = || survey.identities.iter().filter_map(|it| it.terms.certified_until);
        let ends = survey.identities.iter().map(|it| it.terms.expires_at);
        Ok(OwnerModel {
            accountable: owner.facts.accountable.into(),
            steward: owner.facts.steward.into(),
            contacts: owner.facts.contacts.into(),
            active: owner.facts.active.into(),
            created_at: owner.created_at.to_string().into(),
            identities: count(survey.identities.len()),
            by_kind: Attribute::Known(by_kind),
            by_status: Attribute::Known(by_status),
            overdue_certifications: count(reviews().filter(|until| *until <= now).count()),
            next_expiry: time(ends.filter(|end| *end > now).min()),
            next_review: time(reviews().filter(|until| *until > now).min()),
            name: owner.facts.name.into(),
            id: owner.id.into(),
        }
        .into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data_sources::testing::{estate, read, try_read};
    use crate::model::Model as _;
    use crate::resources::testing::shown;
    use crate::wire::json::to_json;

    const NOW: &str = "2026-11-22T12:00:00Z";

    #[tokio::test]
    async fn people_and_what_they_answer_for() {
        let estate = estate().await;
        let context = estate.run(NOW, "c0ffee2");
        let by_name = OwnerModel { name: "ledger".into(), ..OwnerModel::default() };
        let found = read::<Owner>(&context, by_name).await;
        let by_id = OwnerModel { id: found.id.clone(), ..OwnerModel::default() };
        assert_eq!(read::<Owner>(&context, by_id).await, found);
        let shown = OwnerModel { id: "own-1".into(), ..found };
        insta::assert_snapshot!(format!("{:#}", to_json(&shown.to_value())), @r##"
        {
          "accountable": "ada@example.com",
          "active": true,
          "by_kind": {
            "agent": 1,
            "api_key": 1,
            "service_account": 1
          },
          "by_status": {
            "active": 2,
            "expired": 1
          },
          "contacts": [
            "#payments"
          ],
          "created_at": "2026-10-01T09:00:00Z",
          "id": "own-1",
          "identities": 3,
          "name": "ledger",
          "next_expiry": "2026-11-25T12:00:00Z",
          "next_review": "2026-12-30T09:00:00Z",
          "overdue_certifications": 1,
          "steward": "grace@example.com"
        }
        "##);
    }

    #[tokio::test]
    async fn what_cannot_be_asked() {
        let estate = estate().await;
        let context = estate.run(NOW, "c0ffee2");
        let unknown = OwnerModel { id: "ledger".into(), ..OwnerModel::default() };
        let refused = try_read::<Owner>(&context, unknown).await.unwrap_err();
        insta::assert_snapshot!(shown(&refused), @r"
        error at id: Unknown owner
          There is no owner `ledger` in the inventory. Is it the inventory that you mean? Register it as an `nhi_owner`.
        ");
        insta::assert_snapshot!(shown(&Owner::validate(&OwnerModel::default())), @r"
        error: Not one owner
          State either `name` or `id`.
        ");
    }
}
