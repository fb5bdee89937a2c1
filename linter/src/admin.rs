//! Which permissions are those of an administrator, whatever the platform.

use policy::aws::{self, Breadth, Document};
use policy::kubernetes::Rule;
use policy::text::Text;
use policy::verdict::{Counterexample, Verdict};
use policy::{azure, gcp};

use crate::identity::Content;
use crate::managed::Managed;

/// An administrator's permission.
pub(crate) struct Admin {
    /// A lowercase phrase.
    pub(crate) message: String,
    /// A request that shows it.
    pub(crate) counterexample: Option<Counterexample>,
}

/// Roles that are an administrator's by their name.
const ROLES: &[&str] = &[
    "roles/owner",
    "roles/editor",
    "roles/resourcemanager.organizationAdmin",
    "roles/iam.organizationRoleAdmin",
    "Owner",
    "Contributor",
    "User Access Administrator",
    "Role Based Access Control Administrator",
    "Global Administrator",
    "Privileged Role Administrator",
    "Privileged Authentication Administrator",
    "Application Administrator",
];

/// Ids of the same roles, where Azure and Entra name them so.
const ROLE_IDS: &[(&str, &str)] = &[
    ("8e3af657-a8ff-443c-a75c-2fe8c4bcb635", "Owner"),
    ("b24988ac-6180-42a0-ab88-20f7382dd24c", "Contributor"),
    ("18d7d88d-d35e-4fb5-a5c3-7773c20a72d9", "User Access Administrator"),
    ("f58310d9-a9f6-439a-9e8d-f62e7b41a168", "Role Based Access Control Administrator"),
    ("62e90394-69f5-4237-9190-012177145e10", "Global Administrator"),
    ("e8611ab8-c189-46e8-94e1-60213ab1f814", "Privileged Role Administrator"),
    ("7be44c8a-adaf-4e2a-84d6-ab2649e08a13", "Privileged Authentication Administrator"),
    ("9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3", "Application Administrator"),
];

/// What makes a grant an administrator's, if anything does.
pub(crate) fn find(content: &Content, managed: &Managed) -> Option<Admin> {
    match content {
        // What is certain beside an unknown value is enough here, however the text was put together.
        Content::Document(text) if text.has_holes() => {
            document(&Document::parse(text).ok()?, "the policy")
        }
        Content::Document(text) => document(&managed.document(text).ok()?.document, "the policy"),
        Content::Arn(arn) => {
            let name = arn.as_str()?.rsplit('/').next()?;
            document(&managed.policy(arn).ok()?.document, &format!("`{name}`"))
        }
        Content::Google(grant) => match &grant.what {
            gcp::Assigned::Role(role) => self::role(role, grant.resource.as_ref()),
            gcp::Assigned::Permissions(_) => None,
        },
        Content::Azure(grant) => match &grant.what {
            azure::Assigned::Role(role) => self::role(role, Some(&grant.scope)),
            azure::Assigned::Definition(definition) => own_role(definition, &grant.scope),
        },
        Content::Directory { role, scope } => self::role(role, Some(scope)),
        Content::Vault { name, .. } => (name.as_str()? == "root").then(|| Admin {
            message: "the policy `root` allows everything".to_owned(),
            counterexample: None,
        }),
        Content::Rules { rules, namespace } => {
            rules.iter().find(|rule| is_everything(rule)).map(|_| kubernetes(namespace.as_ref()))
        }
        Content::KubernetesRole { role, namespace } => {
            (role.as_str()? == "cluster-admin").then(|| kubernetes(namespace.as_ref()))
        }
        Content::GitHub(_) | Content::Unread(_) | Content::Rendered { .. } => None,
    }
}

fn document(document: &Document, name: &str) -> Option<Admin> {
    let breadth = if document.grants_everything().is_some() {
        Breadth::Everything
    } else {
        let broad = document
            .broad_grants()
            .into_iter()
            .find(|grant| grant.breadth == Breadth::EverythingExcept && !grant.conditional);
        broad?.breadth
    };
    let message = if breadth == Breadth::Everything {
        format!("{name} allows every action on every resource")
    } else {
        format!("{name} allows every action but a few on every resource")
    };
    let counterexample = match aws::contains(&[], &[document]).open {
        Verdict::Outside(example) => Some(example),
        Verdict::Inside | Verdict::Undecided(_) => None,
    };
    Some(Admin { message, counterexample })
}

fn role(role: &Text, scope: Option<&Text>) -> Option<Admin> {
    let said = role.as_str()?;
    let by_id = ROLE_IDS
        .iter()
        .find(|(id, _)| said.to_ascii_lowercase().ends_with(id))
        .map(|(_, name)| *name);
    let name = by_id.or_else(|| ROLES.iter().copied().find(|name| *name == said))?;
    let scope = scope.map(ToString::to_string).unwrap_or_default();
    let place = if scope.is_empty() { String::new() } else { format!(" of `{scope}`") };
    Some(Admin {
        message: format!("`{name}` is an administrator's role{place}"),
        counterexample: Some(Counterexample {
            action: name.to_owned(),
            resource: (!scope.is_empty()).then_some(scope),
            ..Counterexample::default()
        }),
    })
}

/// A role that is written out: every operation of the control plane, and nothing of it taken away again.
fn own_role(definition: &azure::Definition, scope: &Text) -> Option<Admin> {
    let all = |block: &azure::Block| {
        let star = |texts: &[Text]| texts.iter().any(|text| text.as_str() == Some("*"));
        star(&block.actions) && block.not_actions.is_empty() && block.condition.is_none()
    };
    definition.blocks.iter().any(all).then(|| Admin {
        message: format!("the role allows every operation at `{scope}`"),
        counterexample: Some(Counterexample {
            action: "*".to_owned(),
            resource: Some(scope.to_string()),
            ..Counterexample::default()
        }),
    })
}

fn is_everything(rule: &Rule) -> bool {
    let all = |texts: &[Text]| texts.iter().any(|text| text.as_str() == Some("*"));
    all(&rule.api_groups)
        && all(&rule.resources)
        && all(&rule.verbs)
        && rule.resource_names.is_empty()
}

fn kubernetes(namespace: Option<&Text>) -> Admin {
    let place = match namespace {
        Some(namespace) => format!("in namespace `{namespace}`"),
        None => "in the whole cluster".to_owned(),
    };
    Admin {
        message: format!("the role allows every verb on every resource {place}"),
        counterexample: Some(Counterexample {
            action: "*".to_owned(),
            resource: Some("*".to_owned()),
            ..Counterexample::default()
        }),
    }
}
