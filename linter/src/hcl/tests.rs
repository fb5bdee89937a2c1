//! The reader of configuration: constructs one by one, and what a broken item costs.

mod properties;
mod stress;

use super::json::parse_json_body;
use super::*;
use crate::source::Sources;

fn read(text: &str) -> (Body, Vec<SyntaxError>) {
    let file = Sources::default().add("main.tf", text);
    parse_body(text, file)
}

fn read_json(text: &str) -> (Body, Vec<SyntaxError>) {
    let file = Sources::default().add("main.tf.json", text);
    parse_json_body(text, file)
}

/// `kind a b` of each block, then each error.
fn show((body, errors): (Body, Vec<SyntaxError>)) -> String {
    let blocks =
        body.blocks.iter().map(|block| format!("{} {}", block.kind, block.labels.join(" ")));
    let errors = errors.iter().map(|error| format!("! {} at {}", error.message, error.span.start));
    blocks.chain(errors).collect::<Vec<_>>().join("\n")
}

fn literal(expression: &str) -> String {
    let (body, errors) = read(&format!("x = {expression}\n"));
    assert!(errors.is_empty(), "{expression:?}: {errors:?}");
    let Some(value) = body.value("x") else { return String::new() };
    value.as_literal().map_or_else(|| format!("{:?}", value.kind), str::to_owned)
}

#[test]
fn an_empty_heredoc_hides_nothing() {
    let text = "locals {\n  a = <<EOT\nEOT\n}\nresource \"aws_iam_user\" \"hidden\" {\n  name = \"x\"\n}\nlocals {\n  b = <<EOT\nx\nEOT\n}\n";
    assert_eq!(show(read(text)), "locals \nresource aws_iam_user hidden\nlocals ");
}

#[test]
fn a_heredoc_ends_only_at_a_line_of_its_own() {
    let text =
        "locals {\n  a = <<EOT\nx\nEOT # c\nEOT}\n EOT x\n  EOT  \n}\nresource \"t\" \"n\" {\n}\n";
    let (body, errors) = read(text);
    assert!(errors.is_empty(), "{errors:?}");
    assert_eq!(body.blocks.len(), 2);
    let heredoc = body.blocks[0].body.value("a").and_then(Expr::as_literal);
    assert_eq!(heredoc, Some("x\nEOT # c\nEOT}\n EOT x\n"));
}

#[test]
fn what_go_refuses_in_numbers_and_ends_of_heredocs_is_refused() {
    let refused = |text: &str| read(text).1.len();
    assert_eq!(refused("a = 1e99999999999\n"), 1);
    assert_eq!(refused("a = 1e400\nb = 1e-400\n"), 0);
    assert_eq!(refused("a = <<EOT\nx\n \rEOT\n"), 1);
    assert_eq!(refused("a = <<EOT\r\nx\r\n EOT \r\n"), 0);
}

#[test]
fn a_heredoc_that_the_file_ends_is_an_error() {
    assert_eq!(
        show(read("locals {\n a = <<EOT\nEOT")),
        "! the heredoc is not closed by a line `EOT` at 14"
    );
    let text = "locals {\n a = <<-EOé\n";
    let (_, errors) = read(text);
    assert_eq!(text.get(errors[0].span.start..errors[0].span.end), Some("<<-EOé"));
}

#[test]
fn repeated_json_keys_are_blocks() {
    let text = r#"{
      "//": "a comment",
      "resource": {"aws_iam_user": {"a": {"name": "a"}}},
      "resource": {"aws_iam_user": {"b": {}}, "aws_iam_user": {"c": [{}, {}]}},
      "resource": [{"aws_iam_role": [{"d": {"//": 1, "name": "${var.x}"}}]}],
      "locals": [{"x": 1}, {"y": 2}]
    }"#;
    assert_eq!(
        show(read_json(text)),
        "resource aws_iam_user a\nresource aws_iam_user b\nresource aws_iam_user c\nresource aws_iam_user c\n\
         resource aws_iam_role d\nlocals \nlocals "
    );
    assert_eq!(
        show(read_json(r#"{"resource":{"a":{"b":{"x":1,"x":2}}}}"#)),
        "! `x` is set twice at 29"
    );
    assert_eq!(show(read_json("\u{feff}{}")), "! expected a value at 0");
}

#[test]
fn braces_in_strings_comments_and_templates_count_for_nothing() {
    let text = r#"
# } {
// "
/* " { */
locals { # { "
  a = "}{ \" # ${"}" /* } */} $${ %%{"
  b = "${[for x in [1] : "{${x}"][0]}"
  c = { "}" = "{" }
}
resource "a" "b" { x = 1 }
resource a c {}
"#;
    assert_eq!(show(read(text)), "locals \nresource a b\nresource a c");
}

#[test]
fn a_broken_item_costs_no_other() {
    let text = "resource \"a\" \"one\" {\n  x = \n}\nresource \"a\" \"two\" {}\nresource \"a\" \"three\" {\n  y = \"\nresource \"a\" \"four\" {\n}\n";
    assert_eq!(
        show(read(text)),
        "resource a two\nresource a four\n! expected an expression at 27\n\
         ! a quoted string cannot go over several lines at 82"
    );
    assert_eq!(show(read("a {}}\nb {}\n")), "a \nb \n! expected the end of the line at 4");
}

#[test]
fn a_byte_order_mark_is_accepted() {
    assert_eq!(show(read("\u{feff}locals {}\r\nmodule \"x\" {}\r\n")), "locals \nmodule x");
}

#[test]
fn strings_are_read_as_terraform_reads_them() {
    assert_eq!(literal(r#""a\n\t\"\\\u00e9\U0001F600""#), "a\n\t\"\\é😀");
    assert_eq!(literal(r#""$${a} %%{b} $ % $a $$""#), "${a} %{b} $ % $a $$");
    assert_eq!(literal("<<-EOT\n    a\n\n      b\n   \n    EOT"), "a\n\n  b\n   \n");
    assert_eq!(literal("<<EOT\r\n a\\n\r\nEOT"), " a\\n\r\n");
    assert_eq!(literal("<<-EOT\nEOT"), "");
}

#[test]
fn expressions_read() {
    for text in [
        "1 + 2 * 3 == 7 && !false || x.y[0].z[*].w.*.v.0",
        "{a = 1, a = 2, (b) = 3, \"c\" : 4\n d = 5}",
        "{for k, v in x :\n k\n => v...\n if v != null &&\n true}",
        "[for v in x : v if v > 1\n]",
        "x ? y : z ? 1 : 2",
        "provider::aws::arn_parse(x...)",
        "f(\n1,\n2,\n)",
        "x[\"a\"].b[y.z]",
        "-1.5e3 % 2",
        "\"%{ if a ~} b %{ else }c%{ endif }%{ for k, v in m ~}${k}%{ endfor }\"",
        "(a\n? b\n: c)",
        "{ \"for\" = 1, if = 2 }",
        "{ a = b ? c : d // e\n }",
    ] {
        let (_, errors) = read(&format!("x = {text}\ny = 1\n"));
        assert!(errors.is_empty(), "{text}: {errors:?}");
    }
    for text in [
        "1 +\n 2",
        "{a = 1 b = 2}",
        "[1 2]",
        "\"${x\"",
        "f(",
        "x.",
        "\"%{ if x }\"",
        "a ? b",
        "10.1.1.1/32",
    ] {
        assert!(!read(&format!("x = {text}\n")).1.is_empty(), "{text}");
    }
}

#[test]
fn spans_are_exact() {
    let text = "resource \"a\" \"b\" {\n  policy = jsonencode({ x = \"y\" })\n}\n";
    let (body, _) = read(text);
    let block = &body.blocks[0];
    let part = |span: Span| text.get(span.start..span.end).unwrap();
    assert_eq!(part(block.header), "resource \"a\" \"b\"");
    assert_eq!(part(block.span), text.trim_end());
    assert_eq!(part(block.body.attributes[0].value.span), "jsonencode({ x = \"y\" })");
}

#[test]
fn too_deep_is_an_error_and_no_crash() {
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
            let text = format!("x = {}1{}\n", open.repeat(20_000), close.repeat(20_000));
            assert!(!read(&text).1.is_empty(), "{open}");
        }
        assert!(!read(&format!("x = {}1\n", "1+".repeat(20_000))).1.is_empty());
        assert!(!read(&"a {\n".repeat(20_000)).1.is_empty());
        let pieces = "%{ if true }".repeat(20_000);
        assert!(!read(&format!("x = \"{pieces}\"\n")).1.is_empty());
        assert!(!read_json(&"[".repeat(100_000)).1.is_empty());
    };
    std::thread::Builder::new().stack_size(512 << 20).spawn(run).unwrap().join().unwrap();
}

/// A generator of noise with a seed, so that a failure can be run again.
pub(crate) struct Noise(pub(crate) u64);

impl Noise {
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % bound.max(1) as u64).unwrap_or(0)
    }

    /// The text with a few characters removed, doubled or replaced by ones that matter to the grammar.
    pub(crate) fn spoil(&mut self, text: &str, alphabet: &[&str]) -> String {
        let mut chars: Vec<String> = text.chars().map(String::from).collect();
        for _ in 0..=self.below(4) {
            let at = self.below(chars.len());
            match self.below(3) {
                0 if !chars.is_empty() => drop(chars.remove(at)),
                1 if !chars.is_empty() => chars.insert(at, chars[at].clone()),
                _ => chars.insert(at, alphabet[self.below(alphabet.len())].to_owned()),
            }
        }
        chars.concat()
    }
}

const SEEDS: [&str; 3] = [
    "resource \"a\" \"b\" {\n  x = \"${var.y}-%{ if a }b%{ endif }\" # c\n  z = [for k, v in m : { (k) = v } if v > 1]\n  dynamic \"w\" {\n    content { a = 1 }\n  }\n}\n",
    "locals {\n  a = <<-EOT\n    x ${1 + 2}\n  EOT\n  b = <<EOT\nEOT\n  c = a.b[0].c[*].d ? f(1, x...) : null\n}\nmodule \"m\" { source = \"./m\" }\n",
    "{\"resource\":{\"a\":{\"b\":{\"x\":\"${var.y}\",\"z\":[1,null,true]}}}}",
];

#[test]
fn spoiled_text_never_panics_or_hangs() {
    let alphabet = [
        "\"", "{", "}", "[", "]", "(", ")", "${", "%{", "<<EOT\n", "EOT\n", "\n", "\\", "#", "/*",
        "*/", "~", ".", "=", "é", ",", "?", ":",
    ];
    let mut noise = Noise(0x9e37_79b9_7f4a_7c15);
    for round in 0..6_000 {
        let text = noise.spoil(SEEDS[round % SEEDS.len()], &alphabet);
        let _ = read(&text);
        let _ = read_json(&text);
    }
}

#[test]
fn where_hcl_edit_reads_a_text_without_heredocs_it_finds_the_same_blocks() {
    let alphabet =
        ["\"", "{", "}", "[", "]", "(", ")", "${", "\n", "#", "//", ".", "=", ",", "x", "1", " "];
    let mut noise = Noise(0x1234_5678_9abc_def1);
    let mut compared = 0;
    for round in 0..4_000 {
        let text = noise.spoil(SEEDS[round % 2], &alphabet);
        if text.contains("<<") {
            continue;
        }
        let (body, errors) = read(&text);
        let Ok(oracle) = text.parse::<hcl_edit::structure::Body>() else { continue };
        if !errors.is_empty() {
            continue;
        }
        compared += 1;
        let ours: Vec<&str> = body.blocks.iter().map(|block| block.kind.as_str()).collect();
        let theirs: Vec<&str> = oracle.blocks().map(|block| block.ident.as_str()).collect();
        assert_eq!(ours, theirs, "{text}");
    }
    assert!(compared > 200, "{compared}");
}
