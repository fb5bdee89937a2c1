//! The reader of configuration against `hcl-edit` alone on the same bytes: a generated corpus and one text for each
//! construct. `hcl-edit` reads nothing else with it and checks nothing; it is what a library would cost.

use std::hint::black_box;

use divan::Bencher;
use divan::counter::BytesCount;

fn main() {
    divan::main();
}

const SIZE: usize = 1 << 20;

/// One construct, again and again, in blocks of their own.
const CONSTRUCTS: [(&str, &str); 7] = [
    ("blocks", "resource \"aws_iam_role\" \"NAME\" {\n  inner {\n    x = 1\n  }\n}\n"),
    (
        "arguments",
        "resource \"aws_iam_role\" \"NAME\" {\n  name                 = \"export-NAME\"\n  path                 = \"/service/\"\n  max_session_duration = 3600\n  force_detach         = true\n}\n",
    ),
    (
        "expressions",
        "locals {\n  NAME = var.a ? [for k, v in merge(var.b, { c = 1 }) : \"${k}-${v}\" if v != null && k > 1 + 2 * 3] : tolist(data.x.y[0].z[*].w)\n}\n",
    ),
    (
        "policy",
        "resource \"aws_iam_policy\" \"NAME\" {\n  policy = jsonencode({\n    Version = \"2012-10-17\"\n    Statement = [{\n      Effect   = \"Allow\"\n      Action   = [\"s3:GetObject\", \"s3:ListBucket\"]\n      Resource = \"arn:aws:s3:::${var.bucket}/*\"\n    }]\n  })\n}\n",
    ),
    (
        "heredoc",
        "resource \"aws_iam_policy\" \"NAME\" {\n  policy = <<-EOT\n    {\n      \"Version\": \"2012-10-17\",\n      \"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"s3:GetObject\", \"Resource\": \"${aws_s3_bucket.b.arn}/*\"}]\n    }\n  EOT\n}\n",
    ),
    (
        "strings",
        "locals {\n  NAME = \"The quick brown fox jumps over the lazy dog, again and again, until the line is long\"\n}\n",
    ),
    (
        "comments",
        "# Why this is here, in a sentence of some length, as people write them\n/* and\n   more */\nlocals {\n  NAME = 1 // so\n}\n",
    ),
];

/// The construct until the text is long enough.
fn text(construct: &str, size: usize) -> String {
    (0..=size / construct.len())
        .map(|number| construct.replace("NAME", &format!("n{number}")))
        .collect()
}

/// Everything, mixed.
fn corpus() -> String {
    let whole: String = CONSTRUCTS.iter().map(|(_, text)| *text).collect();
    let whole = whole.replace("NAME", "nNAME");
    let parts = 5 * SIZE / whole.len();
    (0..=parts)
        .map(|number| {
            CONSTRUCTS
                .iter()
                .enumerate()
                .map(|(kind, (_, text))| text.replace("NAME", &format!("n{number}_{kind}")))
                .collect::<String>()
        })
        .collect()
}

fn ours(bencher: Bencher<'_, '_>, text: &str) {
    bencher.counter(BytesCount::of_str(text)).bench(|| {
        let (blocks, problems) = linter::count_blocks(black_box(text), false);
        assert!(blocks > 0 && problems == 0);
    });
}

fn hcl_edit(bencher: Bencher<'_, '_>, text: &str) {
    bencher.counter(BytesCount::of_str(text)).bench(|| {
        let body = black_box(text).parse::<hcl_edit::structure::Body>();
        assert!(body.is_ok_and(|body| !body.is_empty()));
    });
}

fn names() -> impl Iterator<Item = &'static str> {
    CONSTRUCTS.iter().map(|(name, _)| *name)
}

fn construct(name: &str) -> String {
    CONSTRUCTS
        .iter()
        .filter(|(known, _)| *known == name)
        .map(|(_, construct)| text(construct, SIZE))
        .collect()
}

#[divan::bench(sample_count = 10, sample_size = 1)]
fn corpus_ours(bencher: Bencher<'_, '_>) {
    ours(bencher, &corpus());
}

#[divan::bench(sample_count = 10, sample_size = 1)]
fn corpus_hcl_edit(bencher: Bencher<'_, '_>) {
    hcl_edit(bencher, &corpus());
}

#[divan::bench(sample_count = 10, sample_size = 1, args = names())]
fn construct_ours(bencher: Bencher<'_, '_>, name: &str) {
    ours(bencher, &construct(name));
}

#[divan::bench(sample_count = 10, sample_size = 1, args = names())]
fn construct_hcl_edit(bencher: Bencher<'_, '_>, name: &str) {
    hcl_edit(bencher, &construct(name));
}
