//! Hard questions get a right answer or none, and soon.

use std::time::{Duration, Instant};

use policy::aws::{Document, contains};
use policy::text::Text;
use policy::verdict::Verdict;

use super::families::families;

/// Far above what any of them takes without optimisation on a slow machine; the engine counts its work, this counts time.
const LIMIT: Duration = Duration::from_mins(1);

#[test]
fn hard_questions() {
    let mut wrong = Vec::new();
    for hard in families() {
        let read = |json: &str| Document::parse(&Text::from(json)).unwrap();
        let (inner, outer) = (read(&hard.inner), read(&hard.outer));
        let start = Instant::now();
        let answer = contains(&[&outer], &[&inner]).open;
        let took = start.elapsed();
        let right = match &answer {
            Verdict::Inside => hard.inside,
            Verdict::Outside(_) => !hard.inside,
            Verdict::Undecided(_) => true,
        };
        if !right || took > LIMIT {
            wrong.push(format!("{} of {}: {answer:?} after {took:?}", hard.name, hard.size));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
