//! Texts that are made to take long, or to go deep. What is asserted is counted work, not time.

use super::super::work;
use super::{read, read_json};

/// Bytes looked at, for each byte of the text, at most.
const SHARE: usize = 40;

fn lines(count: usize, line: impl Fn(usize) -> String) -> String {
    (0..count).map(line).collect()
}

/// What each text is made of, and how it is repeated.
fn texts(size: usize) -> Vec<(&'static str, String)> {
    let fill = |piece: &str| piece.repeat(size / piece.len());
    vec![
        ("lists", format!("x = {}", fill("["))),
        ("templates", format!("x = {}", fill("\"${"))),
        ("objects", format!("x = {}", fill("{a="))),
        ("calls", format!("x = {}", fill("f("))),
        ("parentheses", format!("x = {}1{}", fill("("), fill(")"))),
        ("not", format!("x = {}", fill("!"))),
        ("conditions", format!("x = {}", fill("a ? "))),
        ("sum", format!("x = 1{}", fill(" + 1"))),
        ("steps", format!("x = a{}", fill(".b"))),
        ("splats", format!("x = a{}", fill("[*]"))),
        ("old splats", format!("x = a{}", fill(".*"))),
        ("directives", format!("x = \"{}\"", fill("%{if a}"))),
        ("interpolations", format!("x = \"{}\"", fill("${a}"))),
        ("dollars", format!("x = \"{}\"", fill("$"))),
        ("string", format!("x = \"{}\"", fill("a"))),
        ("quotes", fill("x = \"\n")),
        ("digits", format!("x = {}", fill("1"))),
        ("dots", format!("x = 1{}", fill("."))),
        ("spaces", format!("x = a{}", fill(" "))),
        ("newlines", fill("\n")),
        ("carriage returns", fill("\r")),
        ("byte order marks", fill("\u{feff}")),
        ("name", format!("{} = 1", fill("é"))),
        ("comments", fill("# x\n")),
        ("comments never closed", fill("/* ")),
        ("comments in blocks never closed", fill("resource \"a\" \"b\" {\n /*\n")),
        ("blocks never closed", fill("resource \"a\" \"b\" {\n")),
        ("blocks never closed and nothing known", fill("a {\n")),
        ("interpolations never closed", fill("resource \"a\" \"b\" {\n x = \"${\n")),
        ("heredocs never closed", fill("resource \"a\" \"b\" {\n x = <<EOT\n")),
        ("heredocs", format!("x = [\n{}]\n", fill("<<EOT\nEOT\n,"))),
        ("indented heredoc", format!("x = <<-EOT\n{}EOT\n", fill("  a${b}\n"))),
        ("broken items", fill("= x\n")),
        ("attributes", format!("a {{\n{}}}\n", lines(size / 12, |n| format!("a{n} = {n}\n")))),
        ("top attributes", lines(size / 12, |n| format!("a{n} = {n}\n"))),
        ("one attribute again and again", fill("a = 1\n")),
        ("nested blocks", format!("{}{}", fill("a {\n"), fill("}\n"))),
    ]
}

#[test]
fn no_text_takes_more_than_its_share_of_work() {
    let run = || {
        for size in [10_000, 80_000] {
            for (name, text) in texts(size) {
                work::take();
                read(&text);
                let done = work::take();
                assert!(done <= SHARE * text.len(), "{name}: {done} for {} bytes", text.len());
            }
        }
    };
    std::thread::Builder::new().stack_size(512 << 20).spawn(run).unwrap().join().unwrap();
}

#[test]
fn no_json_goes_too_deep() {
    let run = || {
        let size = 200_000;
        for text in [
            "[".repeat(size),
            "{\"a\":".repeat(size),
            format!("\"{}", "\\".repeat(size)),
            format!(r#"{{"resource":{{"a":{{"b":{{"x":"{}"}}}}}}}}"#, "${".repeat(size)),
            format!(
                r#"{{"resource":{{"a":{{"b":{{"x":{}{}}}}}}}}}"#,
                "[".repeat(size),
                "]".repeat(size)
            ),
        ] {
            assert!(!read_json(&text).1.is_empty());
        }
        let deep = 4_000;
        let text = format!("{}{}", "[".repeat(deep), "]".repeat(deep));
        let text = format!(r#"{{"resource":{{"a":{{"b":{{"x":{text}}}}}}}}}"#);
        assert!(read_json(&text).1.is_empty());
    };
    std::thread::Builder::new().stack_size(512 << 20).spawn(run).unwrap().join().unwrap();
}

#[test]
fn what_terraform_takes_is_not_too_deep() {
    let run = || {
        for (open, close) in [
            ("[", "]"),
            ("(", ")"),
            ("{a=", "}"),
            ("\"${", "}\""),
            ("!", ""),
            ("f(", ")"),
            ("a[", "]"),
        ] {
            let text = format!("x = {}1{}\n", open.repeat(2_400), close.repeat(2_400));
            assert!(read(&text).1.is_empty(), "{open}");
        }
        assert!(read(&format!("x = 1{}\n", "+1".repeat(9_000))).1.is_empty());
        assert!(read(&format!("{}{}", "a {\n".repeat(4_900), "}\n".repeat(4_900))).1.is_empty());
    };
    std::thread::Builder::new().stack_size(512 << 20).spawn(run).unwrap().join().unwrap();
}
