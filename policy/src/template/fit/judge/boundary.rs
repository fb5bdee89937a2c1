//! The permissions boundary: a glob that its ARN must match.

use super::super::matching::Partial;
use super::super::place::Place;
use super::super::{Gap, Part};
use super::{Doubt, PartAnswer};
use crate::governance::Field;
use crate::template::model::{Platform, Template};
use crate::text::Text;
use crate::verdict::Why;

/// Without one in the template none is asked for.
pub(super) fn answer(template: &Template, own: &Field<Text>, values: &Partial) -> PartAnswer {
    let Some(boundary) = template.aws.as_ref().and_then(|aws| aws.boundary.as_ref()) else {
        return PartAnswer::Inside;
    };
    let Some(wanted) = boundary.value.fill_text(values) else {
        return undecided(Why::construct("a parameter has no value"));
    };
    let gap = |reason: String| {
        PartAnswer::Outside(Gap {
            platform: Platform::Aws,
            part: Part::Boundary,
            counterexample: None,
            statement: None,
            grant: None,
            template_span: Some(boundary.span),
            reason,
            change: None,
        })
    };
    match own {
        Field::Absent => gap(format!(
            "no permissions boundary is set, and one that matches `{wanted}` is asked for"
        )),
        Field::Unknown(origin) => {
            let reason = format!(
                "the permissions boundary comes from `{origin}`, which is not known before apply"
            );
            undecided(Why { reason, unknown: vec![origin.clone()] })
        }
        Field::Value(arn) if Place::Resource.takes_in(&wanted, arn) => PartAnswer::Inside,
        Field::Value(arn) if arn.has_holes() || wanted.has_holes() => {
            let unknown: Vec<String> =
                arn.holes().chain(wanted.holes()).map(|hole| hole.origin.to_string()).collect();
            let reason = format!(
                "whether the permissions boundary `{arn}` matches `{wanted}` is not known before apply"
            );
            undecided(Why { reason, unknown })
        }
        Field::Value(arn) => {
            gap(format!("the permissions boundary `{arn}` does not match `{wanted}`"))
        }
    }
}

fn undecided(why: Why) -> PartAnswer {
    PartAnswer::Undecided(Doubt::new(Some((Platform::Aws, Part::Boundary)), why))
}
