//! Likely resources for an action in a gap.

use crate::aws::contains::Gap;
use crate::aws::pattern::ResourcePattern;
use crate::aws::plausible::{
    Ask, PLACES, Place, filled, known, merged, places, resources as typical, resources_of, types,
};
use crate::catalogue::actions::{self, Action, ResourceType};
use crate::text::{Hole, Part, Text};

/// A resource, and the pattern that it comes from.
type Guess<'g> = (Option<&'g ResourcePattern>, Option<Text>);

/// Whether a request can speak of it: an ARN of six fields, or the `*` of actions that know no resource.
pub(in crate::aws::witness) fn is_resource(resource: &str) -> bool {
    resource == "*" || (resource.starts_with("arn:") && resource.matches(':').count() >= 5)
}

/// Resources in the gap, likely ones first. They are made one by one: mostly the first will do.
///
/// For an action that the policy writes out, on one pattern that is not `*`, the pattern itself says what the resource
/// looks like. Otherwise those come first that are legal for the action.
pub(in crate::aws::witness) fn resources<'a, 'g>(
    gap: &'a Gap<'g>,
    action: &'a str,
) -> Box<dyn Iterator<Item = Guess<'g>> + 'a> {
    let Some(listed) = gap.statement.statement.resources.as_ref() else {
        return Box::new(std::iter::once((None, None)));
    };
    let spot = |(index, word): &'a (usize, Option<String>)| Spot {
        own: listed.patterns.get(*index).filter(|_| !listed.negated),
        word: word.as_deref(),
    };
    let spots: Vec<Spot<'a, 'g>> = gap.resources.iter().map(spot).collect();
    let plain = matches!(spots.as_slice(), [only] if only.narrow().is_some());
    let filled = spots.clone().into_iter().flat_map(Spot::filled);
    let raw = spots.clone().into_iter().flat_map(move |spot| spot.raw(action));
    if plain && super::literal(gap).is_some() {
        Box::new(filled.chain(legal(spots, action)).chain(raw))
    } else {
        Box::new(legal(spots, action).chain(filled).chain(raw))
    }
}

/// Whether the action can be used on any of the gap's resources, as far as the patterns tell.
pub(super) fn is_legal(gap: &Gap<'_>, action: Action) -> bool {
    let Some(listed) = gap.statement.statement.resources.as_ref().filter(|it| !it.negated) else {
        return true;
    };
    let types = types(action);
    gap.resources.iter().any(|(index, _)| {
        let own = listed.patterns.get(*index);
        let spot = Spot { own, word: None };
        spot.narrow().is_none() || spot.merged(From::Pattern, PLACES.first(), &types).is_some()
    })
}

/// Resources of the types that the action works on.
fn legal<'a, 'g: 'a>(
    spots: Vec<Spot<'a, 'g>>,
    action: &'a str,
) -> impl Iterator<Item = Guess<'g>> + 'a {
    let types = std::iter::once_with(move || known(action).map(types)).flatten();
    types.flat_map(move |types| {
        let spots = spots.clone();
        let any = types.is_empty();
        let whole = spots.clone().into_iter().filter(move |spot| any && spot.narrow().is_none());
        let whole = whole.map(|spot| (spot.own, Some(Text::from("*"))));
        let tries = TRIES.iter().flat_map(move |(from, place, all)| {
            let types = types.clone();
            spots.clone().into_iter().flat_map(move |spot| {
                let place = spot.places().nth(*place);
                let some = if *all { types.len() } else { types.len().min(1) };
                let singles = types.chunks(if *all { 1 } else { types.len().max(1) });
                let texts: Vec<Text> = singles
                    .take(some)
                    .filter_map(|types| spot.merged(*from, place.as_ref(), types))
                    .collect();
                texts.into_iter().map(move |text| (spot.own, Some(text)))
            })
        });
        whole.chain(tries)
    })
}

/// What a legal resource is made of.
#[derive(Clone, Copy)]
enum From {
    /// The pattern of the inner statement.
    Pattern,
    /// The same, with as little as possible in the place of wildcards.
    Short,
    /// The resource that the search for gaps has found.
    Word,
    /// That with something behind it.
    Longer,
}

/// Ways to legal resources: what they are made of, which of the places that fit, and whether for each type or only for
/// the first that fits.
const TRIES: &[(From, usize, bool)] = &[
    (From::Pattern, 0, false),
    (From::Word, 0, false),
    (From::Longer, 0, false),
    (From::Pattern, 1, false),
    (From::Pattern, 2, false),
    (From::Short, 0, false),
    (From::Pattern, 0, true),
];

/// Resources of one pattern in which the gap shows.
#[derive(Clone, Copy)]
struct Spot<'a, 'g> {
    /// None where the statement excludes resources.
    own: Option<&'g ResourcePattern>,
    /// One that the search for gaps has found; a string, not always an ARN.
    word: Option<&'a str>,
}

impl<'a, 'g> Spot<'a, 'g> {
    /// The pattern, unless it is `*`.
    fn narrow(self) -> Option<&'g ResourcePattern> {
        self.own.filter(|pattern| pattern.text.as_str() != Some("*"))
    }

    /// Places that fit the pattern.
    fn places(self) -> impl Iterator<Item = Place> {
        let start = self.own.and_then(|pattern| pattern.text.parts().first());
        places(match start {
            Some(Part::Literal(known)) => known,
            Some(Part::Hole(_)) | None => "",
        })
    }

    /// The pattern with something likely in the place of each wildcard.
    fn filled(self) -> impl Iterator<Item = Guess<'g>> {
        self.narrow().into_iter().flat_map(move |pattern| {
            self.places().map(move |place| (Some(pattern), Some(fill(&pattern.text, place))))
        })
    }

    /// A legal resource of the first type that fits.
    fn merged(self, from: From, place: Option<&Place>, types: &[ResourceType]) -> Option<Text> {
        let (ask, holes) = self.asked(from)?;
        let full = !matches!(from, From::Short);
        let place = *place?;
        let found = types.iter().find_map(|kind| merged(&ask, kind.arn(), place, full));
        with_holes(&found?, &holes)
    }

    /// What is left if nothing better lies in the gap.
    fn raw(self, action: &'a str) -> impl Iterator<Item = Guess<'g>> + use<'a, 'g> {
        let any = self.narrow().is_none();
        let likely = any.then(|| likely(action)).into_iter().flatten();
        let word = self.word.filter(|word| is_resource(word)).into_iter();
        let word = word.flat_map(|word| {
            let longer = word.ends_with('/').then(|| format!("{word}x"));
            longer.into_iter().chain([word.to_owned()])
        });
        likely.chain(word).map(move |text| (self.own, Some(Text::from(text))))
    }

    /// What a resource has to look like, and the holes of the pattern in order.
    fn asked(self, from: From) -> Option<(Vec<Ask<'a>>, Vec<Hole>)>
    where
        'g: 'a,
    {
        let word = || self.word.filter(|word| word.starts_with("arn:"));
        let (mut ask, mut holes) = (Vec::new(), Vec::new());
        match from {
            From::Pattern | From::Short => match self.own {
                Some(pattern) => {
                    for part in pattern.text.parts() {
                        match part {
                            Part::Literal(known) => {
                                let variables = pattern.variables != Some(false);
                                tokens(known, variables, &mut ask);
                            }
                            Part::Hole(hole) => {
                                ask.push(Ask::Whole("\0"));
                                holes.push(hole.clone());
                            }
                        }
                    }
                }
                None => ask.push(Ask::Many),
            },
            From::Word => ask.extend(word()?.chars().map(Ask::Char)),
            From::Longer => {
                ask.extend(word()?.chars().map(Ask::Char));
                ask.push(Ask::Many);
            }
        }
        Some((ask, holes))
    }
}

/// The places of a known part of a pattern.
fn tokens<'p>(known: &'p str, variables: bool, out: &mut Vec<Ask<'p>>) {
    let mut rest = known;
    while let Some(letter) = rest.chars().next() {
        let variable = rest.strip_prefix("${").filter(|_| variables);
        if let Some(end) = variable.and_then(|inside| inside.find('}'))
            && let Some((whole, after)) = rest.split_at_checked(end + 3)
        {
            out.push(Ask::Whole(whole));
            rest = after;
            continue;
        }
        out.push(match letter {
            '*' => Ask::Many,
            '?' => Ask::One,
            other => Ask::Char(other),
        });
        rest = rest.get(letter.len_utf8()..).unwrap_or_default();
    }
}

/// Resources for an action that may be used on anything.
pub(in crate::aws::witness) fn likely(action: &str) -> Vec<String> {
    let prefix = action.split(':').next().unwrap_or_default();
    let mut out = match known(action) {
        Some(action) => typical(action),
        None => actions::service(prefix).map(resources_of).unwrap_or_default(),
    };
    if out.is_empty() {
        let service = prefix.to_ascii_lowercase();
        for (partition, region, account) in places("") {
            out.push(format!("arn:{partition}:{service}:{region}:{account}:example/x"));
        }
    }
    out.push("*".to_owned());
    out
}

/// Wildcards replaced; holes and variables stay for later.
fn fill(text: &Text, place: Place) -> Text {
    // Holes are set aside as characters that no known part has, so that the fields of an ARN can be told apart.
    let holes: Vec<Hole> = text.holes().cloned().collect();
    let known = text.parts().iter().map(|part| match part {
        Part::Literal(known) => known.as_str(),
        Part::Hole(_) => "\0",
    });
    let known: String = known.collect();
    with_holes(&filled(&known, place), &holes).unwrap_or_else(|| text.clone())
}

/// The holes in the places that were set aside for them.
fn with_holes(whole: &str, holes: &[Hole]) -> Option<Text> {
    (whole.matches('\0').count() == holes.len()).then_some(())?;
    let mut holes = holes.iter();
    let mut out = Text::new();
    for (index, piece) in whole.split('\0').enumerate() {
        if index > 0
            && let Some(hole) = holes.next()
        {
            out.push(&Text::from(hole.clone()));
        }
        out.push_str(piece);
    }
    Some(out)
}
