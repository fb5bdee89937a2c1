//! Which assignments of values to parameters are tried, and what follows from the answers.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::candidates::{Assignment, Space};
use super::judge::{Answer, Doubt, Judge, PartAnswer};
use super::matching::Partial;
use super::miss::{Miss, Question};
use super::{Binding, Fit, Gap, Outside, Part, Subject, Undecided};
use crate::template::library::list;
use crate::template::model::{Pattern, Platform, Template};
use crate::text::{Shape, Text};
use crate::verdict::Why;

/// More assignments than these are not tried.
const MOST_TRIES: usize = 24;

/// The answer for the only assignment that fits, or for the nearest.
pub(super) fn nearest(
    template: &Template,
    given: &BTreeMap<String, String>,
    subject: &Subject<'_>,
    explained: bool,
) -> Fit {
    let used: BTreeSet<&str> =
        subject.platforms().flat_map(|platform| template.used_by(platform)).collect();
    let values = used.iter().filter_map(|name| Some((*name, given.get(*name)?)));
    let mut stated: Partial =
        values.map(|(name, value)| (name.to_owned(), Text::from(value.as_str()))).collect();
    for (name, value) in subject.unknown.into_iter().flatten() {
        if used.contains(name.as_str()) {
            stated.entry(name.clone()).or_insert_with(|| value.clone());
        }
    }
    let judge = Judge::new(template, subject, &stated);
    if stated.len() == used.len() {
        let mut fit = only(judge.answer(&stated), stated.clone());
        if let Fit::Outside(outside) = &mut fit
            && explained
        {
            judge.explain(&mut outside.gaps, &stated, &outside.binding.free);
        }
        return fit;
    }
    let search = Search::new(template, subject, used, judge);
    let Verdict { mut fit, judged, .. } = search.rounds(&stated);
    if explained {
        search.explain(&mut fit, &stated, &judged);
    }
    fit
}

/// The answer for the only assignment that there is.
fn only(answer: Answer, values: Partial) -> Fit {
    let binding = Binding { values, free: BTreeSet::new() };
    if answer.is_inside() {
        Fit::Inside(binding)
    } else if answer.is_outside() {
        Fit::Outside(Outside { gaps: answer.into_gaps(), binding, nearest: None })
    } else {
        answer.undecided_fit(binding)
    }
}

struct Search<'a> {
    used: BTreeSet<&'a str>,
    defaults: BTreeMap<&'a str, Text>,
    template: &'a Template,
    subject: &'a Subject<'a>,
    space: Space<'a>,
    judge: Judge<'a>,
}

struct Tried {
    binding: Binding,
    explained: usize,
    /// How many parameters have their default value.
    defaults: usize,
    answer: Answer,
    /// The values that the answer is about.
    judged: Partial,
}

struct Round {
    tried: Vec<Tried>,
    /// Of the assignments that were not tried, how many strings the best explains.
    untried: Option<usize>,
    /// How many strings there are to explain.
    strings: usize,
    /// Whether there may be assignments that are not even known.
    cut_short: bool,
    /// Whether no assignment can fit, known or not.
    hopeless: bool,
}

/// What a round says.
struct Verdict {
    fit: Fit,
    /// How many strings the assignment explains that it speaks of.
    explained: usize,
    /// The values for which it was judged.
    judged: Partial,
}

impl Verdict {
    /// Whether other assignments could still fit.
    fn is_open(&self) -> bool {
        match &self.fit {
            Fit::Outside(_) => true,
            // None: it fits in more than one way, or too many are possible.
            Fit::Undecided(undecided) => undecided.part.is_some(),
            Fit::Inside(_) | Fit::Unbindable(_) | Fit::Inapplicable(_) => false,
        }
    }
}

impl<'a> Search<'a> {
    fn new(
        template: &'a Template,
        subject: &'a Subject<'a>,
        used: BTreeSet<&'a str>,
        judge: Judge<'a>,
    ) -> Self {
        let defaults = template.parameters.values().filter_map(|parameter| {
            let name = parameter.name.as_str();
            let default = parameter.default.as_deref()?;
            used.contains(name).then(|| (name, Text::from(default)))
        });
        let defaults = defaults.collect();
        Self { used, defaults, template, subject, space: Space::new(template, subject), judge }
    }

    /// First with the defaults where nothing is stated, then with whatever the identity suggests.
    fn rounds(&self, stated: &Partial) -> Verdict {
        let mut with_defaults = stated.clone();
        for (name, default) in &self.defaults {
            with_defaults.entry((*name).to_owned()).or_insert_with(|| default.clone());
        }
        let first = self.round(&with_defaults).outcome();
        if !first.is_open() || with_defaults.len() == stated.len() {
            return first;
        }
        if self.judge.fewest_gaps() > 0 && first.explained == self.space.strings() {
            // None fits, and none is nearer.
            return first;
        }
        let second = self.round(stated).outcome();
        // Outside is said only if no assignment of either round could fit. Of two that do not, the nearer is spoken of; the defaults
        // are what the author of the template expects, so they win where both are as near.
        match (&first.fit, &second.fit) {
            (Fit::Undecided(_), Fit::Outside(_)) => first,
            (Fit::Outside(_), Fit::Outside(_)) if second.explained <= first.explained => first,
            _ => second,
        }
    }

    /// Says which parameter is missed most narrowly, and what to change.
    fn explain(&self, fit: &mut Fit, stated: &Partial, judged: &Partial) {
        let miss = |values: &Partial, at: &dyn Fn(Platform, Part) -> bool| -> Option<Miss> {
            let names = self.judge.uses(at);
            let (space, subject) = (&self.space, self.subject);
            Question { space, subject, stated, values, names }.answer()
        };
        match fit {
            Fit::Outside(outside) => {
                self.judge.explain(&mut outside.gaps, judged, &outside.binding.free);
                let gaps = &outside.gaps;
                outside.nearest = miss(&outside.binding.values, &|platform, part| {
                    gaps.iter().any(|gap| (gap.platform, gap.part) == (platform, part))
                });
            }
            Fit::Undecided(undecided) => {
                let Some((platform, part)) = undecided.platform.zip(undecided.part) else { return };
                undecided.nearest =
                    miss(&undecided.binding.values, &|its, own| (its, own) == (platform, part));
            }
            Fit::Inside(_) | Fit::Unbindable(_) | Fit::Inapplicable(_) => {}
        }
    }

    /// Tries the assignments that agree with what is known.
    fn round(&self, known: &Partial) -> Round {
        let (mut assignments, cut_short) = self.space.assignments(known, &self.defaults);
        // Stable: of two that explain as much and keep as many defaults, the first that was found.
        assignments.sort_by_key(|it| (Reverse(it.explained), Reverse(self.kept(&it.values))));
        let untried = assignments.get(MOST_TRIES).map(|it| it.explained);
        let mut tried: Vec<Tried> = Vec::new();
        for assignment in assignments.into_iter().take(MOST_TRIES) {
            let one = self.attempt(assignment, known);
            let gaps = one.answer.gaps().len();
            tried.push(one);
            // Of those to come none has fewer gaps, or explains more.
            if gaps > 0 && gaps == self.judge.fewest_gaps() {
                break;
            }
        }
        let hopeless = self.judge.fewest_gaps() > 0;
        Round { tried, untried, strings: self.space.resources(), cut_short, hopeless }
    }

    fn kept(&self, values: &Partial) -> usize {
        self.defaults.iter().filter(|(name, default)| values.get(**name) == Some(default)).count()
    }

    fn attempt(&self, assignment: Assignment, known: &Partial) -> Tried {
        let Assignment { values, explained } = assignment;
        let unset = self.used.iter().filter(|name| !values.contains_key(**name));
        let free: BTreeSet<String> = unset.map(|name| (*name).to_owned()).collect();
        let mut open = values.clone();
        for name in &free {
            open.insert(name.clone(), Text::hole(format!("param.{name}"), Shape::Any));
        }
        let mut answer = self.judge.answer(&open);
        if !free.is_empty() && !answer.is_inside() && !answer.is_outside() {
            // Nothing in the identity looks like a value of these, so none of them makes it fit, and any shows why not.
            let mut sample = values.clone();
            for name in &free {
                sample.insert(name.clone(), self.sample(name));
            }
            let with_sample = self.judge.answer(&sample);
            if with_sample.is_outside() {
                (answer, open) = (with_sample, sample);
            } else if answer.depends_on(&free) {
                let names = list(free.iter().map(String::as_str));
                let reason =
                    format!("nothing in the identity shows the value of {names}; state it");
                answer = Answer::undecided(Why::construct(reason));
            }
        }
        if answer.is_inside() {
            answer = self.unchecked(&values, known).unwrap_or(answer);
        }
        let defaults = self.kept(&values);
        let binding = Binding { values, free };
        Tried { binding, explained, defaults, answer, judged: open }
    }

    /// A value that is not known yet cannot be held against its pattern.
    fn unchecked(&self, values: &Partial, known: &Partial) -> Option<Answer> {
        values.iter().filter(|(name, _)| !known.contains_key(*name)).find_map(|(name, value)| {
            let hole = value.holes().next()?;
            let literal = hole.shape == Shape::Word;
            let pattern = self.template.parameters.get(name)?.pattern.as_ref();
            if pattern.is_none() && literal {
                return None;
            }
            let origin = &hole.origin;
            let reason = match pattern {
                Some(pattern) => format!(
                    "the value of `{origin}` is not known before apply, and parameter `{name}` must match `{}`",
                    pattern.as_str()
                ),
                None => format!(
                    "the value of `{origin}` is not known before apply, and parameter `{name}` must hold no wildcard"
                ),
            };
            Some(Answer::undecided(Why { reason, unknown: vec![origin.to_string()] }))
        })
    }

    fn sample(&self, name: &str) -> Text {
        let Some(parameter) = self.template.parameters.get(name) else { return Text::new() };
        let made_up = parameter.pattern.as_ref().and_then(Pattern::sample);
        let candidates =
            ["example", "111122223333", "us-east-1", made_up.as_deref().unwrap_or_default()];
        let fitting =
            candidates.into_iter().find(|it| self.template.check_value(parameter, it).is_ok());
        match fitting {
            Some(value) => Text::from(value),
            None => Text::hole(format!("param.{name}"), Shape::Word),
        }
    }
}

impl Round {
    fn outcome(self) -> Verdict {
        let best = self.tried.iter().map(|it| it.explained).max().unwrap_or_default();
        let verdict = |fit, explained| Verdict { fit, explained, judged: Partial::new() };
        let fitting = self.tried.iter().filter(|it| it.answer.is_inside());
        let most = fitting.clone().map(|it| it.defaults).max();
        let inside: Vec<&Tried> = fitting.filter(|it| Some(it.defaults) == most).collect();
        if inside.len() > 1 {
            return verdict(ambiguous(&inside), best);
        }
        if let [one] = inside.as_slice() {
            // What was not tried and explains less does not fit.
            let rival = self.untried.is_some_and(|explained| explained >= one.explained);
            if rival || self.cut_short {
                return verdict(too_many(), best);
            }
            return verdict(Fit::Inside(one.binding.clone()), one.explained);
        }
        let undecided = self.tried.iter().find(|it| !it.answer.is_outside() && !self.hopeless);
        if let Some(Tried { answer, binding, explained, .. }) = undecided {
            return verdict(answer.undecided_fit(binding.clone()), *explained);
        }
        let more =
            self.cut_short || self.untried.is_some_and(|explained| explained >= self.strings);
        if more && !self.hopeless {
            return verdict(too_many(), best);
        }
        let rank = |it: &Tried| (it.answer.gaps().len(), Reverse(it.explained));
        match self.tried.into_iter().filter(|it| it.answer.is_outside()).min_by_key(rank) {
            Some(Tried { answer, binding, explained, judged, .. }) => {
                let gaps = answer.into_gaps();
                let fit = Fit::Outside(Outside { gaps, binding, nearest: None });
                Verdict { fit, explained, judged }
            }
            None => verdict(too_many(), best),
        }
    }
}

fn ambiguous(inside: &[&Tried]) -> Fit {
    let mut names = BTreeSet::new();
    for pair in inside.windows(2) {
        let [one, other] = pair else { continue };
        for (name, value) in &one.binding.values {
            if other.binding.values.get(name) != Some(value) {
                names.insert(name.as_str());
            }
        }
    }
    let names = list(names.into_iter());
    let reason =
        format!("ambiguous: it fits with more than one value of {names}; state which is meant");
    open_parameters(reason)
}

fn too_many() -> Fit {
    let reason = "there are too many ways to read the parameters out of the policies; state them";
    open_parameters(reason)
}

/// Which values the parameters have could not be told.
fn open_parameters(reason: impl Into<String>) -> Fit {
    Answer::undecided(Why::construct(reason)).undecided_fit(Binding::default())
}

impl Answer {
    fn undecided_fit(&self, binding: Binding) -> Fit {
        let undecided = self.parts.iter().find_map(|part| match part {
            PartAnswer::Undecided(doubt) => Some(doubt.clone()),
            PartAnswer::Inside | PartAnswer::Outside(_) => None,
        });
        let doubt = undecided.unwrap_or_else(|| Doubt::new(None, Why::construct("not decided")));
        let Doubt { at, why, statement, grant } = doubt;
        let (platform, part) = at.unzip();
        Fit::Undecided(Undecided { platform, part, why, statement, grant, binding, nearest: None })
    }

    fn into_gaps(self) -> Vec<Gap> {
        self.parts
            .into_iter()
            .filter_map(|part| match part {
                PartAnswer::Outside(gap) => Some(gap),
                PartAnswer::Inside | PartAnswer::Undecided(_) => None,
            })
            .collect()
    }
}
