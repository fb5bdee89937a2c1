//! The verdicts over every ordered pair of some policies, what is pinned of them, and the laws that they obey.
//!
//! Used by the example, which takes all managed policies, and by a test, which takes a sample of them.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use policy::aws::{Document, contains};
use policy::catalogue::aws_managed_policies;
use policy::text::Text;
use policy::verdict::Verdict;
use sha2::{Digest as _, Sha256};

/// How many rows are computed at once.
const THREADS: usize = 2;

/// Every so-many-th managed policy of AWS: its ARN, and what it says.
pub(crate) fn managed(every: usize) -> Result<Vec<(String, Document)>, String> {
    let read = |(arn, json): (String, String)| match Document::parse(&Text::from(json)) {
        Ok(document) => Ok((arn, document)),
        Err(error) => Err(format!("{arn}: {error}")),
    };
    aws_managed_policies().step_by(every).map(read).collect()
}

/// The answers about one outer policy: every inner one in order.
pub(crate) struct Row {
    open: Vec<u8>,
    catalogue: Vec<u8>,
    /// How long each answer took.
    pub(crate) times: Vec<Duration>,
    /// What is undecided: the inner policy, the world, and why.
    pub(crate) reasons: Vec<(usize, &'static str, String)>,
}

const INSIDE: u8 = b'i';

/// The letter of a verdict in the matrix.
fn letter(verdict: &Verdict) -> u8 {
    match verdict {
        Verdict::Inside => INSIDE,
        Verdict::Outside(_) => b'o',
        Verdict::Undecided(_) => b'u',
    }
}

/// The rows in the order of the policies. None if a thread has panicked.
pub(crate) fn all_pairs(policies: &[(String, Document)]) -> Option<Vec<Row>> {
    let share = |first: usize| {
        policies
            .iter()
            .skip(first)
            .step_by(THREADS)
            .map(|(_, outer)| row(outer, policies))
            .collect()
    };
    let mut shares: Vec<std::vec::IntoIter<Row>> = std::thread::scope(|scope| {
        let running: Vec<_> =
            (0..THREADS).map(|first| scope.spawn(move || -> Vec<Row> { share(first) })).collect();
        running.into_iter().map(|one| one.join().ok().map(Vec::into_iter)).collect::<Option<_>>()
    })?;
    let next = |index: usize| shares.get_mut(index % THREADS)?.next();
    (0..policies.len()).map(next).collect()
}

fn row(outer: &Document, policies: &[(String, Document)]) -> Row {
    let mut row =
        Row { open: Vec::new(), catalogue: Vec::new(), times: Vec::new(), reasons: Vec::new() };
    for (index, (_, inner)) in policies.iter().enumerate() {
        let start = Instant::now();
        let decision = contains(&[outer], &[inner]);
        row.times.push(start.elapsed());
        row.open.push(letter(&decision.open));
        row.catalogue.push(letter(&decision.catalogue));
        for (world, verdict) in [("open", &decision.open), ("catalogue", &decision.catalogue)] {
            if let Verdict::Undecided(why) = verdict {
                row.reasons.push((index, world, why.reason.clone()));
            }
        }
    }
    row
}

/// What is pinned: counts, and a hash over the letters, one outer policy after the other.
pub(crate) fn summary(rows: &[Row]) -> String {
    let mut out = format!("policies {}\n", rows.len());
    for (world, of) in
        [("open", (|row| &row.open) as fn(&Row) -> &Vec<u8>), ("catalogue", |row| &row.catalogue)]
    {
        let count = |letter| rows.iter().flat_map(of).filter(|own| **own == letter).count();
        let mut hash = Sha256::new();
        for row in rows {
            hash.update(of(row));
        }
        let hash: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        let counts = [(INSIDE, "inside"), (b'o', "outside"), (b'u', "undecided")];
        for (letter, name) in counts {
            let _ = writeln!(out, "{world} {name} {}", count(letter));
        }
        let _ = writeln!(out, "{world} sha256 {hash}");
    }
    out
}

/// What must hold whatever the answers are.
pub(crate) fn laws(rows: &[Row], policies: &[(String, Document)]) -> Vec<String> {
    let name = |index: usize| policies.get(index).map_or("?", |(arn, _)| arn.as_str());
    let mut broken = Vec::new();
    for (outer, row) in rows.iter().enumerate() {
        let worlds = row.open.iter().zip(&row.catalogue).enumerate();
        for (inner, (open, catalogue)) in worlds {
            let (inside, both) = (*open == INSIDE, *catalogue == INSIDE);
            if inner == outer && !inside {
                broken.push(format!("{} is not inside itself", name(inner)));
            }
            if inside && !both {
                broken.push(format!(
                    "{} in {}: inside in the open world only",
                    name(inner),
                    name(outer)
                ));
            }
        }
    }
    // Over the actions of today there is no such law: a name that a policy writes out and the catalogue lacks counts where it is
    // written, and a wildcard elsewhere does not take it in.
    let inside: Vec<Vec<bool>> =
        rows.iter().map(|row| row.open.iter().map(|own| *own == INSIDE).collect()).collect();
    for (outer, row) in inside.iter().enumerate() {
        for (middle, _) in row.iter().enumerate().filter(|(_, own)| **own) {
            let inner = inside.get(middle).into_iter().flatten().zip(row);
            for (inner, _) in inner.enumerate().filter(|(_, (below, own))| **below && !**own) {
                broken.push(format!(
                    "{} is inside {}, that inside {}, the first not in the last",
                    name(inner),
                    name(middle),
                    name(outer)
                ));
            }
        }
    }
    broken
}
