//! What a review or an operator decided about an identity until its configuration says the same. The mark is on record and shows as
//! `review_outcome`, so that following it is a change that an apply can settle; what only takes it back is refused.

use jiff::Timestamp;

use super::Common;
use super::facts::{Facts, OwnerFact};
use crate::attribute::Attribute;
use crate::inventory::lifecycle::SUSPEND;
use crate::inventory::record::{Identity as Record, Review, Standing};
use crate::problem::Problem;
use crate::wording;

/// Settles the mark in `common`, or says why the configuration may not take back what was decided.
pub(crate) fn settle(common: &mut Common, facts: &Facts) -> Option<Problem> {
    common.review_outcome = Attribute::Null;
    let record = facts.prospect.existing.as_ref()?;
    let mut marks = record.terms.review.as_ref()?.chain();
    let (at, phrase, help) = marks.find_map(|review| taken_back(review, record, common, facts))?;
    Some(wording::problem("Taken back without a review", &phrase, &help).at(at))
}

/// The attribute that takes it back, what was decided, and the way out.
fn taken_back(
    review: &Review,
    record: &Record,
    common: &Common,
    facts: &Facts,
) -> Option<(&'static str, String, String)> {
    let again = "certify the identity again, with another outcome";
    match review.outcome.as_str() {
        "reassign" => {
            let OwnerFact::Known { id: Some(id), name, .. } = &facts.owner else { return None };
            let phrase = format!(
                "a review gave the identity to `{}`, and this configuration gives it back to `{name}`",
                record.owner
            );
            let help = format!("write `owner = \"{}\"`; or {again}", record.owner);
            (*id == review.before).then_some((Common::owner, phrase, help))
        }
        "right_size" => {
            let now = &record.facts.template;
            let phrase = format!(
                "a review moved the identity to `{now}`, and this configuration moves it back to `{}`",
                review.before
            );
            let help = format!("write `template = \"{now}\"`; or {again}");
            takes_back(&review.before, record, common, facts).then_some((
                Common::template,
                phrase,
                help,
            ))
        }
        outcome => {
            let who = if outcome == SUSPEND { "an operator" } else { "a review" };
            let phrase =
                format!("{who} switched the identity off, and this configuration switches it on");
            let help = "write `state = \"disabled\"` and apply; whoever may switch it on again does so in a later change";
            let switches_on = record.standing == Standing::Disabled
                && common.state.as_str() == Some(Standing::Active.as_str());
            switches_on.then_some((Common::state, phrase, help.to_owned()))
        }
    }
}

/// Whether a configuration goes back behind a move to another template: it says what it said, or what means the same, such as
/// `name@1` for `name@1.2.0`.
fn takes_back(before: &str, record: &Record, common: &Common, facts: &Facts) -> bool {
    let Some(stated) = common.template.as_str().filter(|stated| *stated != record.facts.template)
    else {
        return false;
    };
    let library = facts.catalogue.as_ref().map(|catalogue| &catalogue.library);
    let meant = |reference: &str| library.and_then(|library| library.ceiling(reference));
    let same = match (meant(stated), meant(before)) {
        (Some(stated), Some(before)) => stated.digest == before.digest,
        (Some(_) | None, _) => false,
    };
    stated == before || same
}

/// Says that a review is overdue.
pub(crate) fn overdue(common: &Common, facts: &Facts, now: Timestamp) -> Option<Problem> {
    let record = facts.prospect.existing.as_ref()?;
    let due = record.terms.certified_until.filter(|due| *due <= now)?;
    let works = common.state.as_str() == Some(Standing::Active.as_str());
    let detail = format!(
        "`{}` had to be certified again by {due}. Review it, and record what came of it as an `nhi_certification`. Two weeks \
         after that day its credentials are refused.",
        record.facts.name
    );
    works.then(|| Problem::warning("Review overdue", detail).at(Common::certified_until))
}
