//! Broken files are read without a panic, and every span of every message lies inside the text.

use super::*;
use proptest::prelude::*;

fn check(text: &str) {
    let (library, errors) = Library::parse(&[("x.nhi.hcl", text)]);
    for error in &errors {
        let text = error.file.inner();
        let end = error.span.offset() + error.span.len();
        assert!(text.get(error.span.offset()..end).is_some(), "{error}");
    }
    for template in library.templates() {
        assert!(template.digest.starts_with("sha256:"));
        let _ = template.bind(&BTreeMap::new());
    }
}

#[test]
fn a_parser_that_stops_within_a_character() {
    check("ຌ{À");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn cut_and_pasted(from in 0_usize..3000, len in 0_usize..200, to in 0_usize..3000) {
        let text: Vec<char> = READER.chars().collect();
        let piece: Vec<char> = text.iter().skip(from).take(len).copied().collect();
        let mut out: Vec<char> = text.iter().take(to).copied().collect();
        out.extend(piece);
        out.extend(text.iter().skip(to));
        check(&out.into_iter().collect::<String>());
    }

    #[test]
    fn lost_and_replaced(at in 0_usize..3000, lost in 0_usize..40, with in "[{}\\[\\]\"$%\\\\\n=a,.*é<-]{0,6}") {
        let text: Vec<char> = READER.chars().collect();
        let mut out: String = text.iter().take(at).collect();
        out.push_str(&with);
        out.extend(text.iter().skip(at + lost));
        check(&out);
    }

    #[test]
    fn any_text(text in "\\PC{0,200}") {
        check(&text);
    }
}
