//! Whole modules, evaluated: one text of configuration, and what its values are.

mod semantics;
mod soundness;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use crate::hcl::tests::Noise;
use crate::input::{Memory, Options, read};
use crate::model::Model;
use crate::value::Value;

fn model(files: &[(&str, &str)]) -> Model {
    let files: BTreeMap<_, _> = files
        .iter()
        .map(|(path, text)| (Path::new("demo").join(path), text.as_bytes().to_vec()))
        .collect();
    let mut stdin = || Ok(Vec::new());
    read(&["demo".into()], &mut stdin, &Options::default(), &Memory(files)).remove(0)
}

/// The value of `expression` as an argument, beside some locals and variables.
fn evaluate(expression: &str) -> String {
    let text = format!(
        "variable \"known\" {{\n  default = \"v\"\n}}\nvariable \"open\" {{\n  type = string\n}}\nvariable \"any\" {{}}\n\
         locals {{\n  list = [\"a\", \"b\"]\n  map = {{ x = 1, y = {{ z = true }} }}\n}}\n\
         resource \"aws_s3_bucket\" \"b\" {{\n  bucket = \"demo\"\n}}\n\
         resource \"aws_s3_bucket\" \"n\" {{\n  count = 2\n  bucket = \"n${{count.index}}\"\n}}\n\
         resource \"aws_dynamodb_table\" \"t\" {{\n  name = var.open\n}}\n\
         data \"aws_caller_identity\" \"me\" {{}}\n\
         resource \"x_y\" \"z\" {{\n  v = {expression}\n}}\n"
    );
    let model = model(&[
        ("main.tf", &text),
        ("file.txt", "from file"),
        ("t.tftpl", "%{ for i in items ~}\n<${i}>\n%{ endfor ~}\n"),
    ]);
    assert!(model.problems.is_empty(), "{expression}: {:?}", model.problems);
    let resource = model.resources.iter().find(|resource| resource.kind == "x_y").unwrap();
    show(resource.after.get("v"))
}

fn show(value: &Value) -> String {
    match value {
        Value::String(text) => format!("{:?}", text.to_string()),
        Value::Unknown(hole) => {
            let (origin, _) = hole.origin.split_once('#').unwrap_or((&hole.origin, ""));
            format!("<{origin}>")
        }
        Value::List(items) => {
            format!("[{}]", items.iter().map(show).collect::<Vec<_>>().join(", "))
        }
        Value::Object(fields) => {
            let fields: Vec<String> =
                fields.iter().map(|(key, value)| format!("{key}={}", show(value))).collect();
            format!("{{{}}}", fields.join(", "))
        }
        Value::Number(number) => number.to_string(),
        Value::Bool(truth) => truth.to_string(),
        Value::Null => "null".to_owned(),
    }
}

#[track_caller]
fn check(rows: &[(&str, &str)]) {
    // Digests and numbers that tell unknowns apart are not what a row is about.
    let digest = regex::Regex::new("#[0-9a-f]+").unwrap();
    for (expression, expected) in rows {
        let value = evaluate(expression);
        assert_eq!(digest.replace_all(&value, ""), *expected, "{expression}");
    }
}

#[test]
fn forms_evaluate_as_in_terraform() {
    check(&[
        ("\"${\"*\"}\"", "\"*\""),
        ("\"a-${var.known}-${1.0}-${true}\"", "\"a-v-1-true\""),
        ("1 + 2 * 3 - 4 / 2", "5"),
        ("10 % 4 == 2 && !(1 > 2)", "true"),
        ("local.map.y[\"z\"] ? \"yes\" : \"no\"", "\"yes\""),
        ("[for i, v in local.list : \"${i}${v}\" if v != \"a\"]", "[\"1b\"]"),
        ("{ for v in local.list : v => upper(v) }", "{a=\"A\", b=\"B\"}"),
        ("{ for v in [\"a\", \"a\"] : v => 1... }", "{a=[1, 1]}"),
        ("aws_s3_bucket.n[*].bucket", "[\"n0\", \"n1\"]"),
        ("aws_s3_bucket.n.*.bucket", "[\"n0\", \"n1\"]"),
        ("aws_s3_bucket.n.1.bucket", "\"n1\""),
        ("[for b in aws_s3_bucket.n : b.id]", "[\"n0\", \"n1\"]"),
        ("{ a = 1, a = 2 }", "{a=2}"),
        ("{ (var.known) = 1, \"${var.known}x\" = 2 }", "{v=1, vx=2}"),
        (
            "\"%{ for v in local.list }${v};%{ endfor }%{ if false }x%{ else }y%{ endif }\"",
            "\"a;b;y\"",
        ),
        ("<<-EOT\n    a\n      ${var.known}\n    EOT", "\"a\\n  v\\n\""),
        ("null", "null"),
        ("path.module", "\".\""),
    ]);
}

#[test]
fn what_is_unknown_keeps_its_shape() {
    check(&[
        ("\"${aws_s3_bucket.b.arn}/*\"", "\"arn:aws:s3:::demo/*\""),
        ("aws_dynamodb_table.t.arn", "\"arn:aws:dynamodb:<region>:<account>:table/<var.open>\""),
        ("aws_dynamodb_table.t.hash_key", "<aws_dynamodb_table.t.hash_key>"),
        (
            "jsonencode({ r = var.any, s = \"${var.open}<\", n = [null, 1] })",
            "\"{\\\"n\\\":[null,1],\\\"r\\\":<var.any>,\\\"s\\\":\\\"<var.open>\\\\u003c\\\"}\"",
        ),
        ("var.any ? 1 : 2", "<var.any ? … : …>"),
        ("var.any ? 1 : 1", "1"),
        ("var.any.x[0]", "<var.any.x[0]>"),
        ("nope.missing.arn", "<nope.missing.arn>"),
        ("timestamp()", "\"<timestamp()>\""),
        ("made_up(var.any)", "<made_up(var.any)>"),
        ("file(\"missing.json\")", "<file(\"missing.json\")>"),
        ("file(\"../outside\")", "<file(\"../outside\")>"),
        ("merge({ a = 1 }, var.any)", "<merge(var.any)>"),
        ("length([var.any, 2])", "2"),
        ("contains([var.any, \"x\"], \"x\")", "true"),
        ("contains([var.any], \"x\")", "<contains(var.any)>"),
        (
            "split(\":\", \"a:b:${data.aws_caller_identity.me.account_id}\")",
            "[\"a\", \"b\", \"<account>\"]",
        ),
        ("split(\"a\", data.aws_caller_identity.me.account_id)", "<split(account)>"),
    ]);
}

#[test]
fn functions_compute() {
    check(&[
        ("format(\"%s-%03d %q %v%%\", \"a\", 7, \"q\", [1])", "\"a-007 \\\"q\\\" [1]%\""),
        ("formatlist(\"%s/*\", local.list)", "[\"a/*\", \"b/*\"]"),
        ("join(\",\", concat(local.list, [\"c\"]))", "\"a,b,c\""),
        ("merge({ a = 1, b = 1 }, { b = 2 }, null)", "{a=1, b=2}"),
        ("flatten([[1], [[2, 3]], []])", "[1, 2, 3]"),
        ("distinct([\"b\", \"a\", \"b\"])", "[\"b\", \"a\"]"),
        ("keys(local.map)", "[\"x\", \"y\"]"),
        ("lookup(local.map, \"q\", \"d\")", "\"d\""),
        ("element(local.list, 3)", "\"b\""),
        ("try(local.map.q.r, local.map.x)", "1"),
        ("can(local.map.q)", "false"),
        ("coalesce(null, \"\", \"x\")", "\"x\""),
        ("compact([\"\", \"a\", null])", "[\"a\"]"),
        ("zipmap(local.list, [1, 2])", "{a=1, b=2}"),
        ("toset([\"b\", \"a\", \"b\"])", "[\"a\", \"b\"]"),
        ("replace(\"https://x/y\", \"https://\", \"\")", "\"x/y\""),
        ("replace(\"a1b2\", \"/([0-9])/\", \"<$1>\")", "\"a<1>b<2>\""),
        ("regex(\"^(?P<a>[a-z]+)-(?P<b>.*)$\", \"x-y\")", "{a=\"x\", b=\"y\"}"),
        ("trimsuffix(\"${var.open}.json\", \".json\")", "\"<var.open>\""),
        ("startswith(aws_s3_bucket.b.arn, \"arn:\")", "true"),
        ("lower(\"${var.open}ABC\")", "\"<lower(var.open)>abc\""),
        ("jsondecode(\"{\\\"a\\\":[1,null]}\").a[0]", "1"),
        ("base64decode(base64encode(\"hé\"))", "\"hé\""),
        ("sha256(\"\")", "\"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\""),
        ("range(1, 4)", "[1, 2, 3]"),
        ("setproduct([\"a\"], [1, 2])", "[[\"a\", 1], [\"a\", 2]]"),
        ("file(\"${path.module}/file.txt\")", "\"from file\""),
        ("templatefile(\"t.tftpl\", { items = local.list })", "\"<a>\\n<b>\\n\""),
        ("one([5])", "5"),
        ("title(\"hello wörld\")", "\"Hello Wörld\""),
        ("substr(\"hello\", 1, 3)", "\"ell\""),
        ("tostring(1.50)", "\"1.5\""),
        ("max(1, 2.5)", "2.5"),
        ("slice(local.list, 0, 1)", "[\"a\"]"),
    ]);
}

#[test]
fn references_are_traced_part_by_part() {
    let text = r#"
locals {
  both = { governed = nhi_service_account.a.name, free = "free" }
  merged = merge(local.both, { more = nhi_owner.o.id })
}
resource "nhi_owner" "o" {}
resource "nhi_service_account" "a" {
  name = "a"
}
module "m" {
  source = "./m"
  policy = nhi_service_account.a.aws.permissions
  plain  = "p"
}
resource "aws_iam_role" "free" {
  name = local.merged.free
}
resource "aws_iam_role" "governed" {
  name = local.merged.governed
  tags = { x = local.merged["more"] }
}
resource "aws_iam_role_policy" "p" {
  role   = aws_iam_role.governed.id
  policy = module.m.out
}
"#;
    let inner = "variable \"policy\" {}\nvariable \"plain\" {}\noutput \"out\" {\n  value = var.policy\n}\n";
    let model = model(&[("main.tf", text), ("m/main.tf", inner)]);
    let show = |address: &str| {
        let resource = model.resources.iter().find(|resource| resource.address == address).unwrap();
        let rows = resource.references.iter().map(|(argument, references)| {
            let all: Vec<String> = references
                .iter()
                .map(|reference| format!("{}+{}", reference.address, reference.attribute))
                .collect();
            format!("{argument}: {}", all.join(" "))
        });
        rows.collect::<Vec<_>>().join("; ")
    };
    assert_eq!(show("aws_iam_role.free"), "");
    assert_eq!(
        show("aws_iam_role.governed"),
        "name: nhi_service_account.a+name; tags: nhi_owner.o+id"
    );
    assert_eq!(
        show("aws_iam_role_policy.p"),
        "policy: nhi_service_account.a+aws.permissions; role: aws_iam_role.governed+id"
    );
    let policy =
        model.resources.iter().find(|resource| resource.kind == "aws_iam_role_policy").unwrap();
    assert_eq!(
        super::expression::origin_of(policy.after.get("policy")),
        "nhi_service_account.a.aws.permissions"
    );
}

#[test]
fn blocks_and_dynamic_blocks_become_lists() {
    let text = r#"
variable "open" {}
resource "a" "b" {
  inline { x = 1 }
  dynamic "inline" {
    for_each = toset(["p", "q"])
    iterator = it
    content {
      x = it.value
      dynamic "deep" {
        for_each = { k = "v" }
        content { y = "${it.key}${deep.key}${deep.value}" }
      }
    }
  }
  dynamic "none" {
    for_each = var.open
    content {}
  }
}
"#;
    let model = model(&[("main.tf", text)]);
    let resource = &model.resources[0];
    assert_eq!(
        show(&resource.after),
        "{inline=[{x=1}, {deep=[{y=\"pkv\"}], x=\"p\"}, {deep=[{y=\"qkv\"}], x=\"q\"}], none=<var.open>}"
    );
    assert!(resource.places.contains_key("inline[2].deep[0].y"));
}

#[test]
fn instances_have_keys() {
    let text = r#"
variable "open" {}
resource "a" "many" {
  for_each = { "x.y" = 1, z = 2 }
  v        = "${each.key}=${each.value}"
}
resource "a" "counted" {
  count = 2
  v     = count.index
}
resource "a" "open" {
  for_each = var.open
  v        = each.key
}
module "m" {
  source   = "./m"
  for_each = toset(["k"])
  name     = each.key
}
resource "a" "none" {
  count = 0
}
resource "a" "user" {
  v = a.many["z"].v
  w = a.open["q"].v
  x = module.m["k"].out
  y = a.none[0].v
}
"#;
    let inner = "variable \"name\" {}\nresource \"a\" \"in\" {\n  v = var.name\n}\noutput \"out\" {\n  value = a.in.v\n}\n";
    let model = model(&[("main.tf", text), ("m/main.tf", inner)]);
    let rows: Vec<String> = model
        .resources
        .iter()
        .map(|resource| format!("{} {}", resource.address, show(&resource.after)))
        .collect();
    assert_eq!(
        rows.join("\n"),
        "a.many[\"x.y\"] {v=\"x.y=1\"}\n\
         a.many[\"z\"] {v=\"z=2\"}\n\
         a.counted[0] {v=0}\n\
         a.counted[1] {v=1}\n\
         a.open[*] {v=\"<each.key of a.open>\"}\n\
         a.user {v=\"z=2\", w=\"<each.key of a.open>\", x=\"k\", y=<a.none[0].v>}\n\
         module.m[\"k\"].a.in {v=\"k\"}"
    );
}

#[test]
fn a_type_constraint_fills_in_and_converts() {
    let text = r#"
variable "o" {
  type = object({ a = optional(string, "d"), b = optional(list(string)), c = string })
  default = { c = 5 }
}
variable "s" {
  type = set(string)
  default = ["b", "a", "b"]
}
variable "n" {
  type = string
  nullable = false
  default = 1.0
}
resource "x" "y" {
  o = var.o
  s = var.s
  n = var.n
}
"#;
    let model = model(&[("main.tf", text)]);
    assert_eq!(
        show(&model.resources[0].after),
        "{n=\"1\", o={a=\"d\", b=null, c=\"5\"}, s=[\"a\", \"b\"]}"
    );
}

#[test]
fn circles_and_depths_are_unknown_and_end() {
    let mut text = String::from("locals {\n  a = local.b\n  b = local.a\n  c0 = 1\n");
    for index in 1..5_000 {
        writeln!(text, "  c{index} = local.c{}", index - 1).unwrap();
    }
    text.push_str("}\nresource \"x\" \"y\" {\n  a = local.a\n  c = local.c4999\n}\n");
    let model = model(&[("main.tf", &text)]);
    assert_eq!(show(model.resources[0].after.get("a")), "<local.a>");
    assert_eq!(show(model.resources[0].after.get("c")), "<a value that is nested too deep>");
}

#[test]
fn bombs_fizzle_out() {
    let mut text = String::from("locals {\n  l0 = [1, 1]\n  s0 = \"xx\"\n");
    for index in 1..64 {
        let before = index - 1;
        writeln!(text, "  l{index} = [local.l{before}, local.l{before}]").unwrap();
        writeln!(text, "  s{index} = \"${{local.s{before}}}${{local.s{before}}}\"").unwrap();
    }
    text.push_str("}\nresource \"x\" \"y\" {\n  l = local.l63\n  s = local.s63\n");
    text.push_str("  r = replace(local.s20, \"x\", local.s20)\n}\n");
    let model = model(&[("main.tf", &text)]);
    for argument in ["l", "s", "r"] {
        assert!(model.resources[0].after.get(argument).has_unknown(), "{argument}");
    }
}

#[test]
fn spoiled_expressions_never_panic_or_hang() {
    let seeds = [
        "jsonencode({ a = [for k, v in local.map : { (k) = v } if v != null], b = \"${aws_s3_bucket.n[*].arn[0]}/*\" })",
        "format(\"%05.2f|%-3s|%x\", -1.5e3, substr(\"hé\", -1, 1), 255) == element(split(\":\", aws_s3_bucket.b.arn), -1)",
        "try(slice(range(0, 10, 3), 1, 2), lookup(local.map, \"x\"), chunklist(setproduct(local.list, local.list), 2))",
        "merge({ for s in local.list : s => regexall(\"[a-z]\", s)... }, zipmap(local.list, local.list))[\"a\"].0",
    ];
    let alphabet = [
        "-",
        "1",
        "9999999999",
        "\"",
        "[",
        "]",
        "(",
        ")",
        "{",
        "}",
        "${",
        "null",
        "var.any",
        ".",
        "*",
        ",",
        "e",
        "?",
        ":",
        "...",
    ];
    let mut noise = Noise(0xdead_beef_1234_5678);
    for round in 0..400 {
        let expression = noise.spoil(seeds[round % seeds.len()], &alphabet);
        let text = format!(
            "variable \"any\" {{}}\nlocals {{\n  list = [\"a\", \"b\"]\n  map = {{ x = 1 }}\n}}\nresource \"aws_s3_bucket\" \"b\" {{}}\n\
             resource \"aws_s3_bucket\" \"n\" {{\n  count = 2\n}}\nresource \"x_y\" \"z\" {{\n  v = {expression}\n}}\n"
        );
        model(&[("main.tf", &text)]);
    }
}
