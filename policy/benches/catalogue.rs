//! What the first look-up costs, which has to read the data, and what the later ones cost.
//!
//! The first one of a kind happens once in a process, so it is measured in processes of its own: the program starts
//! itself again with the name of a question and prints the nanoseconds that the answer took.

use std::process::Command;
use std::time::Instant;

use divan::{Bencher, black_box};
use policy::catalogue::{actions, aws_managed_policies, aws_managed_policy};

/// A name, and whether there was an answer.
type Question = (&'static str, fn() -> bool);

/// The questions that are asked first.
const FIRST: &[Question] = &[
    ("the first action", || actions::exists("s3:GetObject")),
    ("its resource types", || {
        actions::find("s3:GetObject").is_some_and(|it| it.resource_types().count() > 0)
    }),
    ("the type of a condition key", || actions::key_type("s3:prefix").is_some()),
    ("every action", || actions::services().map(|it| it.len()).sum::<usize>() > 0),
    ("a small managed policy", || {
        aws_managed_policy("arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess").is_some()
    }),
    ("the largest managed policy", || {
        aws_managed_policy("arn:aws:iam::aws:policy/ReadOnlyAccess").is_some()
    }),
    ("every managed policy", || aws_managed_policies().count() > 0),
];

/// Runs of each.
const RUNS: usize = 21;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, flag, name] = arguments.as_slice()
        && flag == "--first"
    {
        let question = FIRST.iter().find(|(own, _)| own == name);
        let start = Instant::now();
        let answer = question.is_some_and(|(_, ask)| black_box(ask()));
        #[expect(
            clippy::print_stdout,
            reason = "the figure is read by the process that started this one"
        )]
        {
            println!("{} {answer}", start.elapsed().as_nanos());
        }
        return;
    }
    for (name, _) in FIRST {
        first(name);
    }
    divan::main();
}

fn first(name: &str) {
    let mut times: Vec<u128> = (0..RUNS).filter_map(|_| once(name)).collect();
    times.sort_unstable();
    if let (Some(median), Some(worst)) = (times.get(times.len() / 2), times.last()) {
        #[expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
        {
            println!("first use, {name}: median {} us, worst {} us", median / 1000, worst / 1000);
        }
    }
}

fn once(name: &str) -> Option<u128> {
    let program = std::env::current_exe().ok()?;
    let output = Command::new(program).args(["--first", name]).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let (time, answer) = text.trim().split_once(' ')?;
    (answer == "true").then(|| time.parse().ok())?
}

#[divan::bench(args = ["s3:GetObject", "ec2:RunInstances", "foo:Bar"])]
fn exists(bencher: Bencher<'_, '_>, action: &str) {
    bencher.bench(|| actions::exists(black_box(action)));
}

#[divan::bench]
fn resource_types(bencher: Bencher<'_, '_>) {
    bencher
        .bench(|| actions::find(black_box("s3:GetObject")).map(|it| it.resource_types().count()));
}

#[divan::bench(args = ["s3:prefix", "aws:SourceIp"])]
fn key_type(bencher: Bencher<'_, '_>, key: &str) {
    bencher.bench(|| actions::key_type(black_box(key)));
}

#[divan::bench(args = ["AmazonS3ReadOnlyAccess", "ReadOnlyAccess"])]
fn managed_policy(bencher: Bencher<'_, '_>, name: &str) {
    let arn = format!("arn:aws:iam::aws:policy/{name}");
    bencher.bench(|| aws_managed_policy(black_box(&arn)));
}
