//! Google Cloud and Azure: roles by name. What is certain is said; whether a role fits a ceiling of permissions is not.

use policy::template::{Platform, Template};
use policy::verdict::{Counterexample, Why};

use crate::finding::Decided;
use crate::identity::{Content, Grant, Identity};

use super::{Answer, Culprit, Doubt, Gap, Part};

/// How an identity stands to a template.
pub(super) fn answer(identity: &Identity, template: &Template) -> Answer {
    let azure = identity.platform == crate::identity::Platform::Azure;
    let (platform, title) =
        if azure { (Platform::Azure, "Azure") } else { (Platform::Gcp, "Google Cloud") };
    let Some((grant, example)) = first(identity) else { return Answer::Inside };
    let culprit = Culprit::of(grant, Part::Permissions);
    if template.covers(platform) {
        let reason = format!("roles of {title} are not compared with templates yet");
        return Answer::Undecided(vec![Doubt { culprit, why: Why::construct(reason) }]);
    }
    let name = template.reference();
    let decided = Decided {
        file: std::sync::Arc::clone(&template.place.file),
        span: template.place.span,
        label: format!(
            "template `{name}` has no `{}` block, so it allows nothing there",
            platform.name()
        ),
    };
    outside(Gap {
        culprit,
        counterexample: Some(example),
        reason: String::new(),
        decided: Some(decided),
    })
}

/// An identity against nothing.
pub(super) fn bare(identity: &Identity) -> Answer {
    match first(identity) {
        Some((grant, example)) => outside(Gap {
            culprit: Culprit::of(grant, Part::Permissions),
            counterexample: Some(example),
            reason: String::new(),
            decided: None,
        }),
        None => Answer::Inside,
    }
}

/// The first role that is granted, as what it allows.
fn first(identity: &Identity) -> Option<(&Grant, Counterexample)> {
    identity.grants.iter().find_map(|grant| {
        let Content::Role { role, scope } = &grant.content else { return None };
        let scope = scope.to_string();
        let example = Counterexample {
            action: role.to_string(),
            resource: (!scope.is_empty()).then_some(scope),
            ..Counterexample::default()
        };
        Some((grant, example))
    })
}

fn outside(gap: Gap) -> Answer {
    Answer::Outside(vec![gap], Vec::new())
}
