//! Every managed policy of AWS held against every other, in both worlds: 2,540,836 questions.
//!
//! `cargo run --profile profiling -p policy --example matrix -- [--check FILE] [--write FILE] [--every N]`
//!
//! The answers are a matrix; its hash and its counts are pinned in `tests/oracles/matrix.txt`. `--check` fails where they
//! differ, and where a law is broken whatever is pinned: each policy is inside itself, nothing is undecided, inside of
//! inside is inside, and what is inside in the open world is inside in the catalogue's. `--every` takes a sample.

#![expect(clippy::print_stdout, reason = "figures are for people")]

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use policy::aws::{Document, contains};
use policy::catalogue::aws_managed_policies;
use policy::text::Text;
use policy::verdict::Verdict;
use sha2::{Digest as _, Sha256};

/// How many rows are computed at once.
const THREADS: usize = 2;

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let (mut check, mut write, mut every) = (None, None, 1);
    while let Some(argument) = arguments.next() {
        let value = arguments.next().ok_or("each option takes a value")?;
        match argument.as_str() {
            "--check" => check = Some(value),
            "--write" => write = Some(value),
            "--every" => every = value.parse()?,
            other => return Err(format!("`{other}` is not an option").into()),
        }
    }
    let names: Vec<(String, String)> = aws_managed_policies().step_by(every).collect();
    let start = Instant::now();
    let documents: Vec<Document> = names
        .iter()
        .map(|(_, json)| Document::parse(&Text::from(json.as_str())))
        .collect::<Result<_, _>>()?;
    println!("read {} policies in {:?}", documents.len(), start.elapsed());
    let start = Instant::now();
    let rows = all_pairs(&documents)?;
    println!("decided {} pairs in {:?}", rows.len() * rows.len(), start.elapsed());
    times(&rows, &names);
    let broken = laws(&rows, &names);
    let summary = summary(&rows);
    print!("{summary}");
    if let Some(peak) = peak() {
        println!("peak memory {peak}");
    }
    if let Some(file) = write {
        std::fs::write(file, &summary)?;
    }
    if !broken.is_empty() {
        return Err(format!("{} laws are broken:\n{}", broken.len(), broken.join("\n")).into());
    }
    if let Some(file) = check
        && std::fs::read_to_string(&file)? != summary
    {
        return Err(format!("the verdicts are not those of {file}").into());
    }
    Ok(())
}

/// The answers about one outer policy: every inner one in order.
struct Row {
    open: Vec<u8>,
    catalogue: Vec<u8>,
    times: Vec<Duration>,
    reasons: Vec<String>,
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

fn all_pairs(documents: &[Document]) -> Result<Vec<Row>, Failure> {
    let share = |first: usize| {
        documents.iter().skip(first).step_by(THREADS).map(|outer| row(outer, documents)).collect()
    };
    let mut shares: Vec<std::vec::IntoIter<Row>> = std::thread::scope(|scope| {
        let running: Vec<_> =
            (0..THREADS).map(|first| scope.spawn(move || -> Vec<Row> { share(first) })).collect();
        running.into_iter().map(|one| one.join().map(Vec::into_iter)).collect::<Result<_, _>>()
    })
    .map_err(|_| "a thread panicked")?;
    Ok((0..documents.len())
        .filter_map(|index| shares.get_mut(index % THREADS).and_then(Iterator::next))
        .collect())
}

fn row(outer: &Document, documents: &[Document]) -> Row {
    let mut row =
        Row { open: Vec::new(), catalogue: Vec::new(), times: Vec::new(), reasons: Vec::new() };
    for inner in documents {
        let start = Instant::now();
        let decision = contains(&[outer], &[inner]);
        row.times.push(start.elapsed());
        row.open.push(letter(&decision.open));
        row.catalogue.push(letter(&decision.catalogue));
        for verdict in [&decision.open, &decision.catalogue] {
            if let Verdict::Undecided(why) = verdict {
                row.reasons.push(why.reason.clone());
            }
        }
    }
    row
}

/// What is pinned: counts, and a hash over the letters, one outer policy after the other.
fn summary(rows: &[Row]) -> String {
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
fn laws(rows: &[Row], names: &[(String, String)]) -> Vec<String> {
    let name = |index: usize| names.get(index).map_or("?", |(arn, _)| arn.as_str());
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
        broken.extend(row.reasons.iter().map(|why| format!("undecided in {}: {why}", name(outer))));
    }
    for (world, of) in
        [("open", (|row| &row.open) as fn(&Row) -> &Vec<u8>), ("catalogue", |row| &row.catalogue)]
    {
        let inside: Vec<Vec<bool>> =
            rows.iter().map(|row| of(row).iter().map(|own| *own == INSIDE).collect()).collect();
        for (outer, row) in inside.iter().enumerate() {
            for (middle, _) in row.iter().enumerate().filter(|(_, own)| **own) {
                let inner = inside.get(middle).into_iter().flatten().zip(row);
                for (inner, _) in inner.enumerate().filter(|(_, (below, own))| **below && !**own) {
                    broken.push(format!(
                        "{world}: {} is inside {}, that inside {}, the first not in the last",
                        name(inner),
                        name(middle),
                        name(outer)
                    ));
                }
            }
        }
    }
    broken
}

fn times(rows: &[Row], names: &[(String, String)]) {
    let mut all: Vec<(Duration, usize, usize)> = rows
        .iter()
        .enumerate()
        .flat_map(|(outer, row)| {
            row.times.iter().enumerate().map(move |(inner, time)| (*time, inner, outer))
        })
        .collect();
    all.sort_unstable();
    let name = |index: usize| names.get(index).map_or("?", |(arn, _)| arn.as_str());
    let points =
        [("p50", 50_000), ("p99", 99_000), ("p99.9", 99_900), ("p99.99", 99_990), ("max", 100_000)];
    for (what, share) in points {
        let at = (all.len() * share / 100_000).min(all.len().saturating_sub(1));
        if let Some((time, inner, outer)) = all.get(at) {
            println!("{what} {time:?} ({} in {})", name(*inner), name(*outer));
        }
    }
}

/// The most memory that the process has had, as Linux tells it.
fn peak() -> Option<String> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().to_owned())
}
