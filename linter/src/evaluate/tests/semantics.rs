//! What Terraform 1.11.4 answered to the same expressions.

use super::{check, model, show};
use crate::model::{Action, Model, Resource};

fn resource<'m>(model: &'m Model, address: &str) -> &'m Resource {
    model.resources.iter().find(|resource| resource.address == address).unwrap()
}

#[test]
fn types_have_a_say() {
    check(&[
        ("true ? 1 : \"a\"", "\"1\""),
        ("true ? { a = 1 } : { b = \"x\" }", "{a=\"1\"}"),
        ("true ? [1, 2] : [\"a\"]", "[\"1\", \"2\"]"),
        ("try(true ? [1, 2] : [true, \"a\"], \"refused\")", "\"refused\""),
        ("try(true ? { a = 1 } : false, \"refused\")", "\"refused\""),
        ("true ? 1 : tolist([1])[4]", "1"),
        ("tolist([null, 1, \"a\"])", "[null, \"1\", \"a\"]"),
        ("toset([1, \"a\", true])", "[\"1\", \"a\", \"true\"]"),
        ("toset([10, 9, 1e3, 0.5])", "[0.5, 9, 10, 1e+3]"),
        ("{ for k, v in toset([\"b\", \"a\"]) : k => v }", "{a=\"a\", b=\"b\"}"),
        ("[for v in toset([{ a = 1, b = \"x\" }, { a = 1, b = \"a\" }]) : v.b]", "[\"a\", \"x\"]"),
        ("try(toset([\"a\"])[0], \"refused\")", "\"refused\""),
        (
            "[[1] == tolist([1]), [] == tolist([]), tomap({ a = 1 }) == { a = 1 }]",
            "[false, false, false]",
        ),
        ("[\"1\" == 1, { a = 1 } == { a = 1 }, \"e\u{301}\" == \"é\"]", "[false, true, true]"),
        (
            "[0.1 + 0.2, 0.5 * 3, -7 % 3, 9007199254740993 + 0.5]",
            "[0.3, 1.5, -1, 9007199254740993.5]",
        ),
        ("[\"1\" && true, \"5\" + 1, -\"5\"]", "[true, 6, -5]"),
        ("try(null || true, \"refused\")", "\"refused\""),
        ("try([for x in [] : x if 5], \"refused\")", "\"refused\""),
        ("{ (1.50) = 1, (true) = 2 }", "{1.5=1, true=2}"),
        ("try([\"a\", \"b\"][-1], \"refused\")", "\"refused\""),
        ("range(1, 1, 0)", "[]"),
        ("strcontains(\"\", \"\")", "true"),
        ("tolist([tomap({}), { a = 1 }, { b = \"x\" }])", "[{}, {a=\"1\"}, {b=\"x\"}]"),
        ("lookup(tomap({ a = null, b = 3 }), \"c\", \"4\")", "4"),
        ("[[\"a\"][\"0\"], [{ b = [1, 2] }, { b = [3] }][*].b[0]]", "[\"a\", [1, 3]]"),
    ]);
}

#[test]
fn two_possible_values_keep_what_they_share() {
    check(&[
        ("var.any ? \"arn:a/x\" : \"arn:b/x\"", "\"arn:<var.any ? … : …>/x\""),
        ("var.any ? { a = 1, b = \"p\" } : { a = 1, b = \"q\" }", "{a=1, b=\"<var.any ? … : …>\"}"),
        ("var.any ? [\"a\"] : []", "<var.any ? … : …>"),
        ("true ? 5 : var.any", "<a value of the type of one that is not known>"),
        ("true ? [\"a\"] : var.any", "[\"a\"]"),
    ]);
}

#[test]
fn a_resource_as_a_whole_is_never_known() {
    check(&[
        ("jsonencode(aws_s3_bucket.b)", "\"<aws_s3_bucket.b>\""),
        ("length(aws_s3_bucket.b)", "<length(aws_s3_bucket.b)>"),
        ("lookup(aws_s3_bucket.b, \"region\", \"none\")", "<lookup(aws_s3_bucket.b)>"),
        ("length(aws_s3_bucket.n)", "2"),
        ("length(toset(aws_s3_bucket.n))", "<length(toset(region)>"),
        ("[true][var.any]", "<…[var.any]>"),
    ]);
}

#[test]
fn what_does_not_fit_its_type_is_unknown() {
    let text = r#"
variable "list" {
  type    = list(number)
  default = ["x"]
}
variable "deep" {
  type    = map(object({ name = string, ports = optional(list(number), [80]) }))
  default = { a = { name = 1 }, b = { name = "b", ports = ["1"], surplus = true } }
}
variable "any" {
  type    = list(any)
  default = [1, "a", true]
}
resource "x" "y" {
  list = var.list
  deep = var.deep
  any  = var.any
}
"#;
    let model = model(&[("main.tf", text)]);
    assert_eq!(
        show(&model.resources[0].after),
        "{any=[\"1\", \"a\", \"true\"], deep={a={name=\"1\", ports=[80]}, b={name=\"b\", ports=[1]}}, \
         list=<var.list, whose value is not of its type>}"
    );
}

#[test]
fn what_is_sensitive_stays_so_on_every_way() {
    let text = r#"
variable "password" {
  default   = "hunter2"
  sensitive = true
}
module "m" {
  source = "./m"
  given  = "x-${var.password}"
}
resource "a" "source" {
  secret = var.password
  free   = "free"
}
resource "a" "user" {
  direct = upper(var.password)
  nested = { list = ["free", var.password], free = "free" }
  output = module.m.out
  whole  = jsonencode({ p = sensitive("s3cret") })
  other  = a.source.secret
  plain  = a.source.free
  shown  = nonsensitive(var.password)
  chosen = var.password == "x" ? "a" : "b"
  block {
    inner = var.password
  }
}
"#;
    let inner =
        "variable \"given\" {}\noutput \"out\" {\n  value = var.given\n  sensitive = true\n}\n";
    let model = model(&[("main.tf", text), ("m/main.tf", inner)]);
    let sensitive: Vec<&str> =
        resource(&model, "a.user").sensitive.iter().map(String::as_str).collect();
    assert_eq!(
        sensitive,
        ["block[0].inner", "chosen", "direct", "nested.list[1]", "other", "output", "whole"]
    );
}

#[test]
fn provisioners_are_read_with_self() {
    let text = r#"
resource "aws_iam_user" "u" {
  name = "robot"
  provisioner "local-exec" {
    command = "aws iam create-access-key --user-name ${self.name}"
    when    = destroy
    environment = { ID = self.unique_id }
  }
}
"#;
    let json = r#"{"resource":{"a":{"j":{"name":"x","provisioner":[{"local-exec":{"command":"echo ${self.name}"}},{"file":[{"content":"1"}]}]}}}}"#;
    let model = model(&[("main.tf", text), ("other.tf.json", json)]);
    let user = resource(&model, "aws_iam_user.u");
    let [one] = user.provisioners.as_slice() else { panic!("{:?}", user.provisioners) };
    assert_eq!((one.kind.as_str(), one.path.as_str()), ("local-exec", "provisioner[0]"));
    assert_eq!(
        show(&one.arguments),
        "{command=\"aws iam create-access-key --user-name robot\", environment={ID=<aws_iam_user.u.unique_id>}, when=\"destroy\"}"
    );
    assert!(user.places.contains_key("provisioner[0].command"));
    assert!(
        !user.after.get("provisioner").has_unknown() && user.after.get("provisioner").is_null()
    );
    let rows: Vec<String> = resource(&model, "a.j")
        .provisioners
        .iter()
        .map(|one| format!("{} {} {}", one.path, one.kind, show(&one.arguments)))
        .collect();
    assert_eq!(
        rows,
        ["provisioner[0] local-exec {command=\"echo x\"}", "provisioner[1] file {content=\"1\"}"]
    );
}

#[test]
fn what_moved_what_is_taken_over_and_what_is_let_go() {
    let text = r#"
moved {
  from = a.old
  to   = a.new
}
moved {
  from = module.before
  to   = module.m["k.1"]
}
import {
  to = a.new["x"]
  id = "id-x"
}
import {
  for_each = { y = "id-y" }
  to       = module.m["k.1"].a.in[each.key]
  identity = { name = each.value }
}
removed {
  from = module.m.a.gone
  lifecycle {
    destroy = false
  }
}
resource "a" "new" {
  for_each = toset(["x", "z"])
}
module "m" {
  source   = "./m"
  for_each = toset(["k.1"])
}
resource "a" "off" {
  lifecycle {
    enabled = false
  }
}
"#;
    let inner = "resource \"a\" \"in\" {\n  for_each = toset([\"y\"])\n}\n";
    let model = model(&[("main.tf", text), ("m/main.tf", inner)]);
    let rows: Vec<String> = model
        .resources
        .iter()
        .map(|one| {
            let imported = one.imported.as_ref().map(ToString::to_string).unwrap_or_default();
            let previous = one.previous.clone().unwrap_or_default();
            format!("{} {:?} was {previous:?} is {imported:?}", one.address, one.action)
        })
        .collect();
    assert_eq!(
        rows,
        [
            "module.m.a.gone Forget was \"\" is \"\"",
            "a.new[\"x\"] Create was \"a.old[\\\"x\\\"]\" is \"id-x\"",
            "a.new[\"z\"] Create was \"a.old[\\\"z\\\"]\" is \"\"",
            "module.m[\"k.1\"].a.in[\"y\"] Create was \"module.before.a.in[\\\"y\\\"]\" is \"id-y\"",
        ]
    );
    let gone = resource(&model, "module.m.a.gone");
    assert_eq!(
        (gone.module.as_str(), gone.kind.as_str(), gone.name.as_str()),
        ("module.m", "a", "gone")
    );
    assert_eq!(gone.action, Action::Forget);
}
