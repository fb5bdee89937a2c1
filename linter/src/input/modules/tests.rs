//! Folders of files as modules: overrides, both programs, mistakes and their places.

use std::path::PathBuf;

use crate::input::{Disk, Files, Memory, Options, read};
use crate::model::Model;
use crate::value::Value;

fn read_with(options: &Options, files: &dyn Files, folder: PathBuf) -> Model {
    let mut stdin = || Err(std::io::Error::other("not asked for"));
    read(&[folder], &mut stdin, options, files).remove(0)
}

/// Reads the folder `d` of these files.
fn folder(files: &[(&str, &str)]) -> Model {
    let files = files.iter().map(|(path, text)| ((*path).into(), text.as_bytes().to_vec()));
    read_with(&Options::default(), &Memory(files.collect()), "d".into())
}

fn say(value: &Value) -> String {
    match value {
        Value::List(items) => format!("[{}]", items.iter().map(say).collect::<Vec<_>>().join(" ")),
        Value::Object(fields) => {
            let fields = fields.iter().map(|(name, value)| format!("{name}={}", say(value)));
            format!("{{{}}}", fields.collect::<Vec<_>>().join(" "))
        }
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.to_string(),
        other @ (Value::Null | Value::Bool(_) | Value::Unknown(_)) => format!("{other:?}"),
    }
}

/// Each resource with its arguments, then each problem with its place.
fn show(model: &Model) -> String {
    let resources = model
        .resources
        .iter()
        .map(|resource| format!("{} {}", resource.address, say(&resource.after)));
    let problems = model.problems.iter().map(|problem| {
        let place = problem.span.map(|span| {
            let at = model.sources.position(span.file, span.start);
            format!(" at {}:{}:{}", model.sources.name(span.file), at.line, at.column)
        });
        format!("! {}{}", problem.message, place.unwrap_or_default())
    });
    resources.chain(problems).collect::<Vec<_>>().join("\n")
}

#[test]
fn overrides_replace_what_they_name_in_the_order_of_their_files() {
    let base = r#"
resource "t" "r" {
  a = "base"
  b = "base"
  c = "base"
  nested { x = "base" }
  dynamic "other" {
    for_each = ["base"]
    content { x = other.value }
  }
}
provider "p" {}
"#;
    let model = folder(&[
        ("d/main.tf", base),
        ("d/a_override.tf", "resource \"t\" \"r\" {\n  a = \"first\"\n  b = \"first\"\n}\n"),
        (
            "d/b_override.tf.json",
            r#"{"resource":{"t":{"r":{"b":"second","nested":{"x":"json"},"other":[]}}}}"#,
        ),
        ("d/override.tf", "provider \"q\" {}\nresource \"t\" \"r\" {\n  c = local.l\n}\n"),
        ("d/locals.tf", "locals {\n  l = \"base\"\n  k = \"k\"\n}\n"),
        ("d/z_override.tf", "locals {\n  l = \"${local.k}-over\"\n}\n"),
    ]);
    insta::assert_snapshot!(show(&model), @"t.r {a=first b=second c=k-over nested={x=json} other=[]}");
}

#[test]
fn a_count_that_an_override_brings_in_wins() {
    let model = folder(&[
        (
            "d/main.tf",
            "resource \"t\" \"r\" {\n  for_each = {}\n}\nresource \"t\" \"s\" {\n  count = 1\n}\n",
        ),
        (
            "d/override.tf",
            "resource \"t\" \"r\" {\n  count = 2\n}\nresource \"t\" \"s\" {\n  for_each = {}\n}\n",
        ),
    ]);
    insta::assert_snapshot!(show(&model), @r"
    t.r[0] {}
    t.r[1] {}
    t.s[0] {}
    ");
}

#[test]
fn an_override_of_something_that_is_not_there_is_a_problem() {
    let model = folder(&[
        ("d/main.tf", "provider \"p\" {}\nlocals {\n  a = 1\n}\n"),
        (
            "d/override.tf",
            "resource \"t\" \"hidden\" {}\nlocals {\n  b = 2\n}\nprovider \"p\" {\n  alias = \"x\"\n}\nvariable \"v\" {}\n",
        ),
    ]);
    insta::assert_snapshot!(show(&model), @r"
    t.hidden {}
    ! an override file changes `resource.t.hidden`, which no other file declares at override.tf:1:1
    ! an override file changes `local.b`, which no other file declares at override.tf:3:7
    ! an override file changes `provider.p`, which no other file declares at override.tf:5:1
    ! an override file changes `variable.v`, which no other file declares at override.tf:8:1
    ");
}

#[test]
fn nothing_hides_between_terraform_and_opentofu() {
    let model = folder(&[
        ("d/main.tf", "resource \"t\" \"r\" {\n  a = local.l\n}\nlocals {\n  l = \"wide\"\n}\n"),
        ("d/x_override.tofu", "resource \"t\" \"r\" {\n  a = \"narrow\"\n}\n"),
        ("d/y_override.tofu", "locals {\n  l = \"narrow\"\n}\n"),
        ("d/z.tf", "resource \"t\" \"only_terraform\" {}\nterraform {}\n"),
        ("d/z.tofu", "resource \"t\" \"only_opentofu\" {}\nterraform {\n}\n"),
    ]);
    insta::assert_snapshot!(show(&model), @r"
    t.r {a=narrow}
    t.only_terraform {}
    t.only_opentofu {}
    ! resource `t.r` is one thing to Terraform and another to OpenTofu at main.tf:1:1
    ! `local.l` is one thing to Terraform and another to OpenTofu at main.tf:5:7
    ");
    let twins = "resource \"t\" \"r\" {\n  a = 1\n  b { c = 2 }\n}\n";
    assert!(folder(&[("d/a.tf", twins), ("d/a.tofu", twins)]).problems.is_empty());
    assert!(folder(&[("d/a.tofu", twins), ("d/b.tofu", "locals {}\n")]).problems.is_empty());
}

#[test]
fn blocks_that_nobody_knows_and_arguments_outside_of_blocks_are_problems() {
    let model = folder(&[
        (
            "d/main.tf",
            "resorce \"t\" \"r\" {}\nx = 1\nresource \"t\" {}\nlocals {\n  a = 1\n}\nlocals {\n  a = 2\n}\n",
        ),
        ("d/x.tf.json", r#"{"comment": {}, "//": "a comment", "locals": {"b": 1}}"#),
        ("d/stack.tfcomponent.hcl", "component \"c\" {}\n"),
    ]);
    insta::assert_snapshot!(show(&model), @r"
    ! the argument `x` stands outside of any block at main.tf:2:5
    ! `stack.tfcomponent.hcl` belongs to a stack, and stacks are not read
    ! `resorce` is no kind of block that is known, so what it creates cannot be seen at main.tf:1:1
    ! a `resource` block has two labels, type and name at main.tf:3:1
    ! `a` is declared twice at main.tf:8:7
    ! `comment` is no kind of block that is known, so what it creates cannot be seen at x.tf.json:1:2
    ");
}

#[test]
fn every_broken_item_is_told_with_its_place() {
    let model = folder(&[(
        "d/main.tf",
        "resource \"t\" \"a\" {\n  x = [1 2]\n}\nresource \"t\" \"b\" {}\nresource \"t\" \"c\" {\n  y = \"${\"\n}\n\nresource \"t\" \"d\" {\n  z = <<EOT\nEOT}\n}\nresource \"t\" \"e\" {}\n= 1\n",
    )]);
    insta::assert_snapshot!(show(&model), @r"
    t.b {}
    t.e {}
    ! cannot parse `main.tf`: expected `,` or `]` at main.tf:2:10
    ! cannot parse `main.tf`: a quoted string cannot go over several lines at main.tf:6:11
    ! cannot parse `main.tf`: the heredoc is not closed by a line `EOT` at main.tf:10:7
    ! cannot parse `main.tf`: expected an argument or a block at main.tf:14:1
    ");
}

#[test]
fn the_data_sources_of_checks_are_read() {
    let model = folder(&[
        (
            "d/main.tf",
            "check \"c\" {\n  data \"t\" \"a\" {\n    x = 1\n  }\n  assert {\n    condition = true\n    error_message = \"\"\n  }\n}\n",
        ),
        (
            "d/x.tf.json",
            r#"{"check":{"c2":{"data":{"t":{"b":{"x":"1"}}},"assert":{"condition":true,"error_message":""}}}}"#,
        ),
    ]);
    assert!(model.problems.is_empty(), "{}", show(&model));
    let addresses: Vec<&str> =
        model.resources.iter().map(|resource| resource.address.as_str()).collect();
    assert_eq!(addresses, ["data.t.a", "data.t.b"]);
}

#[test]
fn repeated_blocks_in_json_are_all_there_and_repeated_arguments_a_problem() {
    let model = folder(&[
        (
            "d/x.tf.json",
            r#"{"resource":{"t":{"a":{"b":{"x":"1"},"b":[{"x":"2","c":{"y":"1"},"c":{"y":"2"}}],"//":1,"//":2}}}}"#,
        ),
        ("d/y.tf.json", r#"{"resource":{"t":{"b":{"x":1,"x":2}}},"locals":[{"a":1},{"b":2}]}"#),
    ]);
    insta::assert_snapshot!(show(&model), @r"
    t.a {b=[{x=1} {c=[{y=1} {y=2}] x=2}]}
    ! cannot parse `y.tf.json`: `x` is set twice at y.tf.json:1:30
    ");
}

#[test]
fn a_module_that_is_not_what_was_installed_is_a_problem() {
    let manifest = r#"{"Modules":[
        {"Key":"","Source":"","Dir":"."},
        {"Key":"same","Source":"registry.terraform.io/org/m/aws//sub","Version":"1.2.0","Dir":".terraform/modules/same/sub"},
        {"Key":"git","Source":"git::https://github.com/org/repo.git?ref=v1","Dir":".terraform/modules/git"},
        {"Key":"ssh","Source":"git::ssh://git@github.com/org/repo.git","Dir":".terraform/modules/git"},
        {"Key":"other","Source":"registry.terraform.io/org/m/aws","Version":"1.2.0","Dir":".terraform/modules/same"},
        {"Key":"newer","Source":"registry.terraform.io/org/m/aws","Version":"1.2.0","Dir":".terraform/modules/same"}]}"#;
    let call = |name: &str, rest: &str| format!("module \"{name}\" {{\n  {rest}\n}}\n");
    let main = [
        call("same", "source = \"org/m/aws//sub\"\n  version = \"~> 1.0\""),
        call("git", "source = \"github.com/org/repo?ref=v1\""),
        call("ssh", "source = \"git@github.com:org/repo.git\""),
        call("other", "source = \"evil/m/aws\""),
        call("newer", "source = \"org/m/aws\"\n  version = \"1.3.0\""),
        call("unknown", "source = var.where"),
        "variable \"where\" {}\n".to_owned(),
    ]
    .concat();
    let model = folder(&[
        ("d/main.tf", &main),
        ("d/.terraform/modules/modules.json", manifest),
        ("d/.terraform/modules/same/sub/main.tf", "resource \"t\" \"same\" {}\n"),
        ("d/.terraform/modules/git/main.tf", "resource \"t\" \"git\" {}\n"),
    ]);
    insta::assert_snapshot!(show(&model), @r"
    module.git.t.git {}
    module.same.t.same {}
    module.ssh.t.git {}
    ! module `newer` has changed since `registry.terraform.io/org/m/aws 1.2.0` was installed at main.tf:15:12
    ! module `other` has changed since `registry.terraform.io/org/m/aws 1.2.0` was installed at main.tf:12:12
    ! where module `unknown` comes from is not known, so what it creates cannot be seen at main.tf:19:12
    ");
}

#[test]
fn a_module_beside_the_root_may_read_its_own_files() {
    let temporary = tempfile::TempDir::new().unwrap();
    for (name, text) in [
        (
            "d/main.tf",
            "module \"m\" {\n  source = \"../shared/m\"\n}\nresource \"t\" \"r\" {\n  a = file(\"../secret\")\n}\n",
        ),
        (
            "shared/m/main.tf",
            "resource \"t\" \"m\" {\n  a = file(\"${path.module}/a.txt\")\n  b = file(\"${path.module}/../b.txt\")\n}\n",
        ),
        ("shared/m/a.txt", "in"),
        ("shared/b.txt", "out"),
        ("secret", "out"),
    ] {
        let path = temporary.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let model = read_with(&Options::default(), &Disk, temporary.path().join("d"));
    let text = show(&model);
    assert!(text.contains("a=in") && !text.contains("=out"), "{text}");
}

#[cfg(unix)]
#[test]
fn what_cannot_be_read_is_said() {
    use std::os::unix::ffi::OsStrExt as _;
    use std::os::unix::fs::symlink;

    let temporary = tempfile::TempDir::new().unwrap();
    let root = temporary.path();
    std::fs::write(root.join("real.txt"), "resource \"t\" \"linked\" {}\n").unwrap();
    symlink(root.join("real.txt"), root.join("link.tf")).unwrap();
    symlink(root.join("nowhere"), root.join("dangling.tf")).unwrap();
    std::fs::create_dir(root.join("folder.tf")).unwrap();
    let strange = std::ffi::OsStr::from_bytes(b"\xff.tf");
    std::fs::write(root.join(strange), "resource \"t\" \"strange\" {}\n").unwrap();
    let wide: Vec<u8> = [0xff, 0xfe]
        .into_iter()
        .chain("locals {}".encode_utf16().flat_map(u16::to_le_bytes))
        .collect();
    std::fs::write(root.join("wide.tf"), wide).unwrap();
    std::fs::write(root.join("latin.tf"), b"# \xe9\n").unwrap();
    let model = read_with(&Options::default(), &Disk, root.to_owned());
    insta::assert_snapshot!(show(&model), @r"
    t.linked {}
    ! cannot read `dangling.tf`: there is no such file or folder
    ! `latin.tf` is not UTF-8
    ! `wide.tf` is UTF-16
    ! cannot read `�.tf`: there is no such file or folder
    ");
}
