//! Every managed policy of AWS held against every other, in both worlds: 2,540,836 questions.
//!
//! `cargo run --profile profiling -p policy --example matrix -- [--check FILE] [--write FILE] [--every N]`
//!
//! The answers are a matrix; its hash and its counts are pinned in `tests/oracles/matrix.txt`. `--check` fails where they
//! differ, and every run fails where a law is broken: each policy is inside itself, inside of inside is inside, and what is
//! inside in the open world is inside in the catalogue's. What is undecided is told. `--every` takes a sample.

#![expect(clippy::print_stdout, reason = "figures are for people")]

use std::time::{Duration, Instant};

use policy::aws::Document;
use policy::catalogue::actions;

mod verdicts;

use verdicts::{Row, all_pairs, laws, managed, summary};

/// Broken laws that are told; a mistake in the engine breaks thousands.
const TOLD: usize = 40;

fn main() -> Result<(), Box<dyn std::error::Error>> {
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
    let start = Instant::now();
    let policies = managed(every)?;
    println!("read {} policies in {:?}", policies.len(), start.elapsed());
    let start = Instant::now();
    let rows = all_pairs(&policies).ok_or("a thread panicked")?;
    println!("decided {} pairs in {:?}", rows.len() * rows.len(), start.elapsed());
    times(&rows, &policies);
    let summary = summary(&rows);
    print!("{summary}");
    if let Some(peak) = peak() {
        println!("peak memory {peak}");
    }
    if let Some(file) = write {
        std::fs::write(file, &summary)?;
    }
    undecided(&rows, &policies);
    let broken = laws(&rows, &policies);
    for law in broken.iter().step_by(broken.len().div_ceil(TOLD).max(1)) {
        println!("{law}");
    }
    if !broken.is_empty() {
        return Err(format!("{} laws are broken", broken.len()).into());
    }
    if let Some(file) = check
        && std::fs::read_to_string(&file)? != summary
    {
        return Err(format!("the verdicts are not those of {file}").into());
    }
    Ok(())
}

/// Tells what is undecided, but for the services that the catalogue lacks.
fn undecided(rows: &[Row], policies: &[(String, Document)]) {
    let name = |index: usize| policies.get(index).map_or("?", |(arn, _)| arn.as_str());
    for (outer, row) in rows.iter().enumerate() {
        for (inner, world, why) in &row.reasons {
            if *world == "open" || !of_unknown_service(why) {
                println!("{world}, undecided: {} in {}: {why}", name(*inner), name(outer));
            }
        }
    }
}

/// Whether the action that a reason speaks of is of a service that the catalogue lacks: what such a service has today is not
/// known. AWS's own policies name some that are gone.
fn of_unknown_service(why: &str) -> bool {
    let action = why.split('`').nth(1).and_then(|action| action.split_once(':'));
    action.is_some_and(|(service, _)| actions::service(service).is_none())
}

fn times(rows: &[Row], policies: &[(String, Document)]) {
    let mut all: Vec<(Duration, usize, usize)> = rows
        .iter()
        .enumerate()
        .flat_map(|(outer, row)| {
            row.times.iter().enumerate().map(move |(inner, time)| (*time, inner, outer))
        })
        .collect();
    all.sort_unstable();
    let name = |index: usize| policies.get(index).map_or("?", |(arn, _)| arn.as_str());
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
