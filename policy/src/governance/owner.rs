//! Who answers for an identity, and which names are nobody.
//!
//! An owner is a team (`payments`) or a person (`ada@example.com`). What cannot be asked cannot be an owner: shared mailboxes,
//! pipelines, repositories, bots, other machine identities and the identity itself.

use std::fmt;

/// Why a name cannot be an owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum OwnerProblem {
    /// Nothing was said.
    Missing,
    /// A word that stands for "later": `todo`, `unknown`.
    Placeholder,
    /// A mailbox that many people read or nobody does.
    Mailbox,
    /// A delivery pipeline or the tool that runs it.
    Pipeline,
    /// A repository.
    Repository,
    /// A bot account.
    Bot,
    /// Another machine identity.
    Machine,
    /// The identity owns itself.
    Itself,
    /// A person's e-mail address was needed.
    NotAnAddress,
}

/// Phrases that complete "the owner …".
impl fmt::Display for OwnerProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "is missing",
            Self::Placeholder => "is a placeholder",
            Self::Mailbox => "is a shared mailbox",
            Self::Pipeline => "is a pipeline",
            Self::Repository => "is a repository",
            Self::Bot => "is a bot",
            Self::Machine => "is a machine identity",
            Self::Itself => "is the identity itself",
            Self::NotAnAddress => "is not a person's e-mail address",
        })
    }
}

/// What is wrong with the owner (a team or a person) of the identity of that name.
pub fn check(owner: &str, identity_name: Option<&str>) -> Option<OwnerProblem> {
    let owner = owner.trim().to_lowercase();
    if owner.is_empty() {
        return Some(OwnerProblem::Missing);
    }
    if PLACEHOLDERS.contains(&owner.trim_matches(|edge: char| "<>[]{}()".contains(edge))) {
        return Some(OwnerProblem::Placeholder);
    }
    if identity_name.is_some_and(|name| plain(name) == plain(&owner)) {
        return Some(OwnerProblem::Itself);
    }
    if owner.starts_with("arn:")
        || owner.starts_with("serviceaccount:")
        || owner.starts_with("spiffe:")
    {
        return Some(OwnerProblem::Machine);
    }
    match owner.split_once('@') {
        Some((local, domain)) => check_address(local, domain),
        None => check_name(&owner),
    }
}

/// What is wrong with the accountable person or the steward, who must be one person with an e-mail address.
pub fn check_person(address: &str, identity_name: Option<&str>) -> Option<OwnerProblem> {
    check(address, identity_name)
        .or_else(|| (!is_address(address.trim())).then_some(OwnerProblem::NotAnAddress))
}

/// Says the kinds of address that name a group rather than a person. A whole word of the local part decides, so
/// `sales@` is a mailbox and `rosales@` is a person.
const GROUPS: &[&str] = &[
    "abuse",
    "admin",
    "admins",
    "alert",
    "alerts",
    "all",
    "billing",
    "contact",
    "dev",
    "devops",
    "devs",
    "engineering",
    "everyone",
    "finance",
    "group",
    "help",
    "helpdesk",
    "hostmaster",
    "hr",
    "info",
    "infra",
    "infrastructure",
    "it",
    "legal",
    "list",
    "mail",
    "mailbox",
    "noc",
    "notifications",
    "office",
    "oncall",
    "operations",
    "ops",
    "owner",
    "owners",
    "platform",
    "postmaster",
    "press",
    "root",
    "sales",
    "secops",
    "security",
    "shared",
    "sre",
    "staff",
    "support",
    "sysadmin",
    "team",
    "teams",
    "webmaster",
];

const PIPELINES: &[&str] = &[
    "actions",
    "argocd",
    "atlantis",
    "buildkite",
    "cd",
    "ci",
    "cicd",
    "circleci",
    "codebuild",
    "codepipeline",
    "deploy",
    "deployer",
    "github-actions",
    "gitlab-ci",
    "jenkins",
    "pipeline",
    "pipelines",
    "pulumi",
    "spacelift",
    "teamcity",
    "terraform",
    "tekton",
    "travis",
];

const BOTS: &[&str] = &["bot", "bots", "daemon", "dependabot", "renovate", "robot", "snyk"];

const NO_REPLY: &[&str] = &[
    "noreply",
    "no-reply",
    "no_reply",
    "no.reply",
    "donotreply",
    "do-not-reply",
    "do_not_reply",
    "nobody",
];

const PLACEHOLDERS: &[&str] = &[
    "-",
    "?",
    "n/a",
    "na",
    "none",
    "null",
    "nil",
    "no one",
    "nobody",
    "noone",
    "todo",
    "tbd",
    "tba",
    "fixme",
    "changeme",
    "change-me",
    "xxx",
    "unknown",
    "unowned",
    "orphan",
    "test",
    "example",
    "me",
    "myself",
    "owner",
    "team",
    "user",
    "anyone",
    "someone",
    "somebody",
    "everyone",
    "default",
];

fn check_address(local: &str, domain: &str) -> Option<OwnerProblem> {
    if !is_address_of(local, domain) {
        return Some(OwnerProblem::NotAnAddress);
    }
    if domain.ends_with("gserviceaccount.com") || domain.ends_with(".amazonaws.com") {
        return Some(OwnerProblem::Machine);
    }
    if domain == "users.noreply.github.com" || NO_REPLY.iter().any(|word| local.starts_with(word)) {
        return Some(OwnerProblem::Mailbox);
    }
    let words: Vec<&str> = local.split(['.', '-', '_', '+']).collect();
    let has = |list: &[&str]| list.contains(&local) || words.iter().any(|word| list.contains(word));
    if local.ends_with("[bot]") || has(BOTS) {
        Some(OwnerProblem::Bot)
    } else if has(PIPELINES) {
        Some(OwnerProblem::Pipeline)
    } else if has(GROUPS) {
        Some(OwnerProblem::Mailbox)
    } else {
        None
    }
}

/// A team may be called `ci-platform` or `security`; only a name that *is* a pipeline or *ends* as one is refused.
fn check_name(owner: &str) -> Option<OwnerProblem> {
    let last = owner.rsplit(['.', '-', '_', ' ']).next().unwrap_or(owner);
    if owner.contains("://") || owner.contains('/') || owner.rsplit('.').next() == Some("git") {
        Some(OwnerProblem::Repository)
    } else if owner.ends_with("[bot]") || BOTS.contains(&last) {
        Some(OwnerProblem::Bot)
    } else if NO_REPLY.contains(&owner) {
        Some(OwnerProblem::Mailbox)
    } else if PIPELINES.contains(&owner)
        || ["pipeline", "pipelines", "ci", "cd", "cicd"].contains(&last)
    {
        Some(OwnerProblem::Pipeline)
    } else {
        None
    }
}

fn is_address(text: &str) -> bool {
    text.split_once('@').is_some_and(|(local, domain)| is_address_of(local, domain))
}

fn is_address_of(local: &str, domain: &str) -> bool {
    let labels: Vec<&str> = domain.split('.').collect();
    !local.is_empty()
        && local
            .chars()
            .all(|c| !c.is_whitespace() && !c.is_control() && !"<>()[]\\,;:\"@".contains(c))
        && labels.len() >= 2
        && labels.iter().all(|label| {
            !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-')
        })
}

/// Letters and digits only, so that `billing_api` and `billing-api` are the same name.
fn plain(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn owners() {
        use OwnerProblem as P;
        for (owner, expected) in [
            ("payments", None),
            ("platform-iam", None),
            ("ci-platform", None),
            ("Payments Team", None),
            ("ada@example.com", None),
            ("maria.rosales@example.co.uk", None),
            ("ada+nhi@example.com", None),
            ("", Some(P::Missing)),
            ("  ", Some(P::Missing)),
            ("TODO", Some(P::Placeholder)),
            ("<team>", Some(P::Placeholder)),
            ("n/a", Some(P::Placeholder)),
            ("billing-export", Some(P::Itself)),
            ("Billing_Export", Some(P::Itself)),
            ("no-reply@example.com", Some(P::Mailbox)),
            ("noreply+x@example.com", Some(P::Mailbox)),
            ("123+ada@users.noreply.github.com", Some(P::Mailbox)),
            ("payments-team@example.com", Some(P::Mailbox)),
            ("support@example.com", Some(P::Mailbox)),
            ("github-actions", Some(P::Pipeline)),
            ("release-pipeline", Some(P::Pipeline)),
            ("jenkins@example.com", Some(P::Pipeline)),
            ("dependabot[bot]", Some(P::Bot)),
            ("release-bot", Some(P::Bot)),
            ("deploy.bot@example.com", Some(P::Bot)),
            ("acme/infrastructure", Some(P::Repository)),
            ("https://github.com/acme/infra", Some(P::Repository)),
            ("arn:aws:iam::1:role/x", Some(P::Machine)),
            ("x@p.iam.gserviceaccount.com", Some(P::Machine)),
            ("ada@localhost", Some(P::NotAnAddress)),
        ] {
            assert_eq!(check(owner, Some("billing-export")), expected, "{owner}");
        }
    }

    #[test]
    fn accountable_is_one_person() {
        assert_eq!(check_person("ada@example.com", None), None);
        assert_eq!(check_person("payments", None), Some(OwnerProblem::NotAnAddress));
        assert_eq!(check_person("payments-team@example.com", None), Some(OwnerProblem::Mailbox));
        assert_eq!(check_person("a b@example.com", None), Some(OwnerProblem::NotAnAddress));
    }
}
