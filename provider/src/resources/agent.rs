//! `nhi_agent`: an AI agent, the person who wants it, and the tools that it may call.
//!
//! Guarantees: those of every identity, see [`identity`](super::identity); a person stands behind it besides its owner; its tools
//! are named one by one; a session is no longer than its template and its kind allow; whoever or whatever it stands for changes
//! only together with its credential.

use std::collections::BTreeSet;

use policy::governance::{Caps, Kind, Lifetime, owner};
use policy::template::Template;

use super::identity::{Common, Governed, Kinded, spiffe, validate};
use crate::attribute::Attribute;
use crate::inventory::record::{Details, Identity as Record};
use crate::model::model;
use crate::problem::Problem;
use crate::schema::{computed, optional, required};
use crate::settings::Configured;
use crate::wording;

/// `nhi_agent`.
pub(crate) type Agent = Kinded<AgentModel>;

model! {
    /// The attributes of `nhi_agent`.
    pub(crate) struct AgentModel {
        ..common: Common,
        /// E-mail address of the person who wants the agent and answers for what it does, besides its owner. Another sponsor
        /// means another credential.
        sponsor: String = required(),
        /// The tools that it may call, one by one (`github.create_issue`); at least one, and no `*`. Other tools mean another
        /// credential.
        tools: BTreeSet<String> = required().check(tool),
        /// The longest session (`15m`): no credential of it lives longer. At most what the template and the kind allow, which is
        /// what it is when it is left out.
        max_session: String = optional().check(validate::duration),
        /// For whom it may act: e-mail addresses of persons, or names of groups. Left out, it acts for itself only. A change means
        /// another credential.
        on_behalf_of: BTreeSet<String> = optional().check(principal),
        /// Its SPIFFE ID, `spiffe://<trust domain>/agent/<name>`; null where the provider's `issuer` has no `trust_domain`.
        spiffe_id: String = computed(),
    }
}

impl Governed for AgentModel {
    const TYPE: &'static str = "nhi_agent";
    const DESCRIPTION: &'static str = "An AI agent. Besides the owner of every identity a person sponsors it; it names each tool \
        that it may call and for whom it may act; and it gets short-lived credentials only (`nhi_token`, `nhi_x509_svid`). \
        `state = \"disabled\"` is its kill switch: from then on nothing is issued to it. An active agent is not destroyed.";
    const KIND: Kind = Kind::Agent;

    fn common(&self) -> &Common {
        &self.common
    }

    fn common_mut(&mut self) -> &mut Common {
        &mut self.common
    }

    fn check(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        if let Some(sponsor) = self.sponsor.as_str()
            && let Some(problem) = owner::check_person(sponsor, self.common.name.as_str())
        {
            let detail = if problem == owner::OwnerProblem::Missing {
                "The sponsor is missing.".to_owned()
            } else {
                format!("`{sponsor}` {problem}.")
            };
            let detail =
                format!("{detail} Give the e-mail address of one person who can be asked.");
            problems.push(Problem::error("Unfit sponsor", detail).at(Self::sponsor));
        }
        if self.tools.known().is_some_and(BTreeSet::is_empty) {
            let detail = "An agent without tools can do nothing: name at least one.";
            problems.push(Problem::error("No tools", detail).at(Self::tools));
        }
        problems
    }

    fn decide(&mut self, configured: &Configured) -> Result<(), Vec<Problem>> {
        self.spiffe_id = spiffe::id(configured, spiffe::by_name(self), Common::name)?;
        Ok(())
    }

    fn fits(&self, template: Option<&Template>, caps: Caps) -> Vec<Problem> {
        let Some(asked) = self.max_session.as_str().and_then(|text| Lifetime::parse(text).ok())
        else {
            return Vec::new();
        };
        let of_template = template.and_then(|template| {
            let most = template.require.max_session.as_ref()?.value;
            Some((most, format!("of template `{}`", template.reference())))
        });
        let of_kind = caps.max_session.map(|most| (most, "for agents".to_owned()));
        let lowest = of_template.into_iter().chain(of_kind).min_by_key(|(most, _)| *most);
        let Some((most, whose)) = lowest.filter(|(most, _)| asked > *most) else {
            return Vec::new();
        };
        let phrase = format!("`{asked}` is longer than the {most} {whose}");
        let help = format!("choose `{most}` or less");
        vec![wording::problem("Session too long", &phrase, &help).at(Self::max_session)]
    }

    fn spiffe_id(&self) -> Attribute<String> {
        self.spiffe_id.clone()
    }

    fn details(&self) -> Option<Details> {
        let all = |set: &Attribute<BTreeSet<String>>| {
            set.known().into_iter().flatten().cloned().collect::<Vec<_>>()
        };
        Some(Details::Agent {
            sponsor: self.sponsor.as_str().unwrap_or_default().to_owned(),
            tools: all(&self.tools),
            max_session: self.max_session.as_str().map(str::to_owned),
            on_behalf_of: all(&self.on_behalf_of),
        })
    }

    /// What it stands for is in the tokens that it holds, so the old ones must not outlive a change of it.
    fn asks_for_new(prior: &Self, proposed: &Self) -> Attribute<bool> {
        let of = |model: &Self| {
            // Nobody, written or left out, is nobody.
            let behalf = model.on_behalf_of.clone().or(Attribute::Known(BTreeSet::new()));
            (model.sponsor.clone(), model.tools.clone(), behalf)
        };
        let ((sponsor, tools, behalf), (was_sponsor, was_tools, was_behalf)) =
            (of(proposed), of(prior));
        let changes = [
            sponsor.is_known() && sponsor != was_sponsor,
            tools.is_known() && tools != was_tools,
            behalf.is_known() && behalf != was_behalf,
        ];
        if changes.contains(&true) {
            Attribute::Known(true)
        } else if sponsor.is_unknown() || tools.is_unknown() || behalf.is_unknown() {
            Attribute::Unknown
        } else {
            Attribute::Known(false)
        }
    }

    fn recall(&mut self, record: &Record) {
        self.spiffe_id = record.terms.spiffe_id.clone().into();
        let Some(Details::Agent { sponsor, tools, max_session, on_behalf_of }) =
            &record.facts.details
        else {
            return;
        };
        self.sponsor = sponsor.as_str().into();
        self.tools = Attribute::Known(tools.iter().cloned().collect());
        self.max_session = max_session.clone().into();
        if !(on_behalf_of.is_empty() && self.on_behalf_of.is_null()) {
            self.on_behalf_of = Attribute::Known(on_behalf_of.iter().cloned().collect());
        }
    }
}

/// The name of one tool, fit for the `scope` of a token (RFC 6749, 3.3).
fn tool(text: &str) -> Result<(), String> {
    let odd = text.chars().find(|c| !c.is_ascii_graphic() || matches!(c, '"' | '\\' | '*'));
    match odd {
        _ if text.is_empty() => Err("A tool without a name is none.".to_owned()),
        Some('*') => Err(format!(
            "`{text}` stands for any number of tools. Name each tool that the agent may call; what it does not need it does \
             not get."
        )),
        Some(odd) => Err(format!(
            "The name of the tool `{text}` holds `{odd}`: it has printable ASCII letters without spaces, quotes and \
             backslashes, as a scope of a token has."
        )),
        None => Ok(()),
    }
}

/// A person or a group.
fn principal(text: &str) -> Result<(), String> {
    if text.trim().is_empty() {
        Err("An empty name is nobody's.".to_owned())
    } else if text.contains('*') {
        Err(format!(
            "`{text}` stands for anybody. Name the persons or groups for whom the agent may act."
        ))
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource::{ImportKey, Resource as _};
    use crate::resources::owner::{Owner, OwnerModel};
    use crate::resources::testing::{self, Bench, shown};

    const TEMPLATE: &str = include_str!("../../../examples/templates/ticket-agent.nhi.hcl");

    fn tools(names: &[&str]) -> Attribute<BTreeSet<String>> {
        Attribute::Known(names.iter().map(|name| (*name).to_owned()).collect())
    }

    fn triage() -> AgentModel {
        let parameters = [("repository".to_owned(), "acme/ledger".into())];
        AgentModel {
            common: Common {
                name: "ticket-triage".into(),
                owner: "payments".into(),
                purpose: "Sorts new tickets of the ledger".into(),
                expiry: "90d".into(),
                template: "ticket-agent@1".into(),
                parameters: Attribute::Known(parameters.into()),
                service: "billing".into(),
                state: "active".into(),
                ..Common::default()
            },
            sponsor: "ada@example.com".into(),
            tools: tools(&["github.add_labels", "github.get_issue"]),
            max_session: "15m".into(),
            ..AgentModel::default()
        }
    }

    async fn bench() -> Bench {
        let bench = Bench::with(TEMPLATE);
        let owner = OwnerModel {
            name: "payments".into(),
            accountable: "ada@example.com".into(),
            steward: "grace@example.com".into(),
            active: true.into(),
            ..OwnerModel::default()
        };
        bench.create::<Owner>(owner).await;
        bench
    }

    #[test]
    fn a_person_stands_behind_an_agent_whose_tools_are_named() {
        let nobody =
            AgentModel { sponsor: "agents-bot@example.com".into(), tools: tools(&[]), ..triage() };
        insta::assert_snapshot!(shown(&Agent::validate(&nobody)), @"
        error at sponsor: Unfit sponsor
          `agents-bot@example.com` is a bot. Give the e-mail address of one person who can be asked.
        error at tools: No tools
          An agent without tools can do nothing: name at least one.
        ");
        let later =
            AgentModel { sponsor: Attribute::Unknown, tools: Attribute::Unknown, ..triage() };
        assert_eq!(Agent::validate(&later), []);
    }

    #[test]
    fn tools_are_named_one_by_one() {
        let all: Vec<String> =
            ["*", "github.*", "", "two words", "github.get_issue", "mcp:jira/search"]
                .into_iter()
                .map(|name| tool(name).err().unwrap_or_else(|| "fits".to_owned()))
                .collect();
        insta::assert_snapshot!(all.join("\n"), @"
        `*` stands for any number of tools. Name each tool that the agent may call; what it does not need it does not get.
        `github.*` stands for any number of tools. Name each tool that the agent may call; what it does not need it does not get.
        A tool without a name is none.
        The name of the tool `two words` holds ` `: it has printable ASCII letters without spaces, quotes and backslashes, as a scope of a token has.
        fits
        fits
        ");
        assert!(principal("*@example.com").is_err());
        assert!(principal("support-desk").is_ok());
    }

    #[tokio::test]
    async fn a_session_is_no_longer_than_template_and_kind_allow() {
        let bench = bench().await;
        let plan = async |asked: &str| {
            let config = AgentModel { max_session: asked.into(), ..triage() };
            testing::plan::<Agent>(&bench.context(), None, &config).await
        };
        insta::assert_snapshot!(plan("45m").await, @"
        error at max_session: Session too long
          `45m` is longer than the 30m of template `ticket-agent@1.0.0`. Choose `30m` or less.
        ");
        bench.write(&TEMPLATE.replace("max_session       = \"30m\"", ""));
        let bench = bench.next_run();
        let config = AgentModel { max_session: "2h".into(), ..triage() };
        insta::assert_snapshot!(testing::plan::<Agent>(&bench.context(), None, &config).await, @"
        error at max_session: Session too long
          `2h` is longer than the 1h for agents. Choose `1h` or less.
        ");
    }

    #[tokio::test]
    async fn it_lives_and_another_scope_means_another_credential() {
        let bench = bench().await;
        let made = bench.create::<Agent>(triage()).await;
        assert_eq!(made.spiffe_id.as_str(), Some("spiffe://example.com/agent/ticket-triage"));
        assert_eq!(bench.read::<Agent>(&made).await, Some(made.clone()));
        assert_eq!(
            testing::plan::<Agent>(&bench.context(), Some(&made), &triage()).await,
            "no change"
        );
        for key in ["ticket-triage", made.common.id.as_str().unwrap()] {
            let stub =
                Agent::import(ImportKey::Id(key.to_owned()), &bench.context()).await.unwrap();
            assert_eq!(bench.read::<Agent>(&stub).await, Some(made.clone()));
        }

        let shorter = AgentModel { max_session: "5m".into(), ..made.clone() };
        let shorter = bench.apply::<Agent>(Some(&made), &shorter).await.unwrap();
        assert_eq!(shorter.common.credential_version.known(), Some(&1));
        let fewer = AgentModel { tools: tools(&["github.get_issue"]), ..shorter.clone() };
        let fewer = bench.apply::<Agent>(Some(&shorter), &fewer).await.unwrap();
        assert_eq!(fewer.common.credential_version.known(), Some(&2));
        let behalf = AgentModel { on_behalf_of: tools(&["support-desk"]), ..fewer.clone() };
        let behalf = bench.apply::<Agent>(Some(&fewer), &behalf).await.unwrap();
        assert_eq!(behalf.common.credential_version.known(), Some(&3));
        let sponsor = AgentModel { sponsor: "grace@example.com".into(), ..behalf.clone() };
        let sponsor = bench.apply::<Agent>(Some(&behalf), &sponsor).await.unwrap();
        assert_eq!(sponsor.common.credential_version.known(), Some(&4));
        assert_eq!(bench.read::<Agent>(&sponsor).await, Some(sponsor));
    }

    #[test]
    fn what_is_not_known_may_ask_for_another_credential() {
        let asks = |proposed: &AgentModel| AgentModel::asks_for_new(&triage(), proposed);
        let nobody = AgentModel { on_behalf_of: tools(&[]), ..triage() };
        assert_eq!(asks(&nobody), Attribute::Known(false));
        let later = AgentModel { tools: Attribute::Unknown, ..triage() };
        assert_eq!(asks(&later), Attribute::Unknown);
        let sure = AgentModel { sponsor: "grace@example.com".into(), ..later };
        assert_eq!(asks(&sure), Attribute::Known(true));
    }
}
