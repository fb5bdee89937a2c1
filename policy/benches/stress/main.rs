//! What the families of hard questions cost, and where the engine gives up.
//!
//! `cargo bench -p policy --bench stress`. Answers are checked: a wrong one stops the benchmark.

#![expect(clippy::expect_used, reason = "a benchmark that cannot read its input should stop")]
#![expect(clippy::print_stdout, reason = "figures are for people")]

use std::time::Instant;

use policy::aws::{Document, contains};
use policy::text::Text;
use policy::verdict::Verdict;

mod families;

fn main() {
    println!("{:32} {:>6} {:>9} {:>12} {:>12}", "family", "size", "answer", "read", "decided");
    for hard in families::families() {
        let start = Instant::now();
        let read = |json: &str| Document::parse(&Text::from(json)).expect("a policy document");
        let (inner, outer) = (read(&hard.inner), read(&hard.outer));
        let reading = start.elapsed();
        let start = Instant::now();
        let answer = contains(&[&outer], &[&inner]).open;
        let took = start.elapsed();
        let right = match &answer {
            Verdict::Inside => hard.inside,
            Verdict::Outside(_) => !hard.inside,
            Verdict::Undecided(_) => true,
        };
        assert!(right, "{} of {}: {answer:?}", hard.name, hard.size);
        println!(
            "{:32} {:>6} {:>9} {reading:>12.1?} {took:>12.1?}",
            hard.name,
            hard.size,
            answer.name()
        );
    }
}
