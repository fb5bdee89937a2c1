//! One assignment of values to parameters against the whole identity.

mod boundary;
mod ceiling;
mod documents;
mod grants;

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeSet;

use super::matching::Partial;
use super::{Gap, Part, Subject};
use crate::aws::StatementRef;
use crate::governance::Field;
use crate::template::expression::Interpolated;
use crate::template::model::{Platform, Template};
use crate::text::{Shape, Text};
use crate::verdict::{Change, Why};

use documents::Documents;
use grants::Grants;

/// How the parts of an identity stand to a template whose parameters have values.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) parts: Vec<PartAnswer>,
}

/// How one part stands.
#[derive(Clone, Debug)]
pub(super) enum PartAnswer {
    Inside,
    Outside(Gap),
    Undecided(Doubt),
}

/// Why a part is not decided.
#[derive(Clone, Debug)]
pub(super) struct Doubt {
    /// None: which values the parameters have.
    pub(super) at: Option<(Platform, Part)>,
    pub(super) why: Why,
    pub(super) statement: Option<StatementRef>,
    pub(super) grant: Option<usize>,
}

impl Doubt {
    pub(super) fn new(at: Option<(Platform, Part)>, why: Why) -> Self {
        Self { at, why, statement: None, grant: None }
    }
}

impl Answer {
    pub(super) fn undecided(why: Why) -> Self {
        Self { parts: vec![PartAnswer::Undecided(Doubt::new(None, why))] }
    }

    pub(super) fn is_inside(&self) -> bool {
        self.parts.iter().all(|part| matches!(part, PartAnswer::Inside))
    }

    /// One part that is certainly outside is enough.
    pub(super) fn is_outside(&self) -> bool {
        self.parts.iter().any(|part| matches!(part, PartAnswer::Outside(_)))
    }

    pub(super) fn gaps(&self) -> Vec<&Gap> {
        let gaps = self.parts.iter().filter_map(|part| match part {
            PartAnswer::Outside(gap) => Some(gap),
            PartAnswer::Inside | PartAnswer::Undecided(_) => None,
        });
        gaps.collect()
    }

    /// Whether a part could not be decided because one of these parameters has no value.
    pub(super) fn depends_on(&self, free: &BTreeSet<String>) -> bool {
        self.parts.iter().any(|part| match part {
            PartAnswer::Undecided(doubt) => doubt
                .why
                .unknown
                .iter()
                .any(|it| it.strip_prefix("param.").is_some_and(|name| free.contains(name))),
            PartAnswer::Inside | PartAnswer::Outside(_) => false,
        })
    }
}

/// The two sides.
#[derive(Debug)]
pub(super) struct Judge<'a> {
    template: &'a Template,
    subject: &'a Subject<'a>,
    sides: Vec<Side<'a>>,
}

/// One part of the identity and of the template.
#[derive(Debug)]
struct Side<'a> {
    platform: Platform,
    part: Part,
    what: What<'a>,
    /// The parameters that its answer depends on.
    uses: BTreeSet<&'a str>,
    /// The stated values of these, and a hole for each of the others.
    open: Partial,
    /// The gap, if there is one whatever the values of the parameters are that are not stated. Found out once an assignment is
    /// outside.
    settled: OnceCell<Option<PartAnswer>>,
    /// The answers so far, each with the values of the parameters that the part uses.
    known: RefCell<Vec<(Vec<Option<Text>>, PartAnswer)>>,
}

/// What is compared.
#[derive(Debug)]
enum What<'a> {
    Documents(Documents<'a>),
    Grants(Grants<'a>),
}

impl<'a> Judge<'a> {
    pub(super) fn new(template: &'a Template, subject: &'a Subject<'a>, stated: &Partial) -> Self {
        let mut sides = Vec::new();
        if let Some(aws) = &subject.aws {
            let ceiling = template.aws.as_ref();
            let outer = ceiling.and_then(|aws| aws.permissions.as_ref());
            let permissions = Documents::new(Part::Permissions, outer, aws.permissions);
            sides.push(Side::new(What::Documents(permissions), stated));
            if let Some(inner) = aws.trust {
                let outer = ceiling.and_then(|aws| aws.trust.as_ref());
                let trust = Documents::new(Part::Trust, outer, &[inner]);
                sides.push(Side::new(What::Documents(trust), stated));
            }
        }
        let grants = Grants::of(template, subject);
        sides.extend(grants.into_iter().map(|grants| Side::new(What::Grants(grants), stated)));
        Self { template, subject, sides }
    }

    pub(super) fn answer(&self, values: &Partial) -> Answer {
        let mut parts: Vec<PartAnswer> =
            self.sides.iter().map(|side| side.answer(values)).collect();
        if let Some(aws) = &self.subject.aws {
            parts.push(boundary::answer(self.template, &aws.boundary, values));
        }
        Answer { parts }
    }

    /// How many gaps every assignment has, as far as it is known. Not zero: none can fit.
    pub(super) fn fewest_gaps(&self) -> usize {
        let outside = |side: &&Side<'_>| matches!(side.settled.get(), Some(Some(_)));
        let sides = self.sides.iter().filter(outside).count();
        let wanted = self.template.aws.as_ref().is_some_and(|aws| aws.boundary.is_some());
        let has_none = |aws: &super::AwsSubject<'_>| matches!(aws.boundary, Field::Absent);
        sides + usize::from(wanted && self.subject.aws.as_ref().is_some_and(has_none))
    }

    /// Says of each gap what would close it, with the values for which it was found. Some of these are made up: what is only inside with one of
    /// them is written as the template writes it.
    pub(super) fn explain(&self, gaps: &mut [Gap], values: &Partial, free: &BTreeSet<String>) {
        for gap in gaps {
            let mut sides = self.sides.iter();
            let side = sides.find(|it| (it.platform, it.part) == (gap.platform, gap.part));
            gap.change = side.and_then(|side| match &side.what {
                What::Documents(documents) => documents.change(gap, values),
                What::Grants(grants) => grants.change(gap, values),
            });
            if let Some(Change::Narrow { to, .. }) = &mut gap.change {
                for to in to.iter_mut() {
                    self.as_written(to, values, free);
                }
            }
        }
    }

    fn as_written(&self, text: &mut String, values: &Partial, free: &BTreeSet<String>) {
        let mut open = values.clone();
        for name in free {
            open.insert(name.clone(), Text::literal(format!("${{param.{name}}}")));
        }
        let mut written = None;
        self.template.visit_strings(|_, string| {
            let made_up = string.parameters().any(|name| free.contains(name));
            if made_up && string.fill_text(values).is_some_and(|it| it.as_str() == Some(text)) {
                written = string.fill_text(&open);
            }
        });
        if let Some(written) = written {
            *text = written.to_string();
        }
    }

    /// The parameters that parts of the identity depend on.
    pub(super) fn uses(&self, at: impl Fn(Platform, Part) -> bool) -> BTreeSet<&'a str> {
        let sides = self.sides.iter().filter(|side| at(side.platform, side.part));
        sides.flat_map(|side| side.uses.iter().copied()).collect()
    }
}

impl<'a> Side<'a> {
    fn new(what: What<'a>, stated: &Partial) -> Self {
        let mut uses = BTreeSet::new();
        let mut see = |string: &'a Interpolated| uses.extend(string.parameters());
        let (platform, part) = match &what {
            What::Documents(documents) => {
                documents.visit_strings(&mut see);
                (Platform::Aws, documents.part)
            }
            What::Grants(grants) => {
                grants.visit_strings(&mut see);
                (grants.platform(), Part::Permissions)
            }
        };
        let open = uses.iter().map(|name| {
            let hole = || Text::hole(format!("param.{name}"), Shape::Any);
            ((*name).to_owned(), stated.get(*name).cloned().unwrap_or_else(hole))
        });
        Self {
            platform,
            part,
            what,
            open: open.collect(),
            uses,
            settled: OnceCell::new(),
            known: RefCell::default(),
        }
    }

    fn answer(&self, values: &Partial) -> PartAnswer {
        if let Some(Some(settled)) = self.settled.get() {
            return settled.clone();
        }
        let own: Vec<Option<Text>> =
            self.uses.iter().map(|name| values.get(*name).cloned()).collect();
        if let Some((_, answer)) = self.known.borrow().iter().find(|(known, _)| *known == own) {
            return answer.clone();
        }
        let answer = match &self.what {
            What::Documents(documents) => documents.judge(values),
            What::Grants(grants) => grants.judge(values),
        };
        if matches!(answer, PartAnswer::Outside(_)) {
            self.settled.get_or_init(|| self.settle(&answer));
        }
        self.known.borrow_mut().push((own, answer.clone()));
        answer
    }

    /// Whether what is outside for some values is so for all: with a hole for each parameter that is not stated, a verdict holds for
    /// whatever the holes become.
    fn settle(&self, answer: &PartAnswer) -> Option<PartAnswer> {
        let PartAnswer::Outside(gap) = answer else { return None };
        if self.open.values().all(|value| !value.has_holes()) {
            return Some(answer.clone());
        }
        let answer = match &self.what {
            What::Documents(documents) => documents.settle(gap, &self.open)?,
            What::Grants(grants) => grants.judge(&self.open),
        };
        matches!(answer, PartAnswer::Outside(_)).then_some(answer)
    }
}
