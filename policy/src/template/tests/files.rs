//! Files with mistakes: every one is reported, at the right place, with the way out.

use super::*;

/// A template with more in it.
fn with(more: &str) -> String {
    format!("template \"t\" {{\n  version = \"1.0.0\"\n{more}\n}}\n")
}

#[test]
fn copies_of_an_example_are_the_same() {
    let copies = [
        include_str!("../../../../examples/quickstart/templates/s3-object-reader.nhi.hcl"),
        include_str!("../../../../tests/agreement/governed/templates/s3-object-reader.nhi.hcl"),
    ];
    for copy in copies {
        assert_eq!(copy, READER);
    }
}

#[test]
fn the_examples_are_fine() {
    let library = library(&[READER, WORKLOAD, WRITER, ORGANISATION]);
    let names: Vec<_> = library.templates().map(|it| it.reference().to_string()).collect();
    assert_eq!(
        names,
        ["kubernetes-workload@2.0.1", "lambda-table-writer@1.0.0", "s3-object-reader@1.2.0"]
    );
    let owners: Vec<_> = library
        .owners()
        .values()
        .map(|it| format!("{} {} {}", it.name, it.accountable, it.active))
        .collect();
    assert_eq!(
        owners,
        [
            "legacy-integration jean.sammet@example.com false",
            "payments ada.lovelace@example.com true",
            "platform-iam barbara.liskov@example.com true"
        ]
    );
    let caps = library.baseline().caps(crate::governance::Kind::ApiKey);
    assert_eq!(caps.max_lifetime.unwrap().to_string(), "60d");
}

#[test]
fn unknown_names() {
    insta::assert_snapshot!(errors(r#"
templete "a" {}
version = "1.0.0"
test "x" {}
template "t" {
  version   = "1.0.0"
  descripton = "x"
  require = {}
  status {}
  aws {
    permission = jsonencode({})
  }
  kuberntes {}
}
"#), @r#"
    [version] unknown attribute `version` in a template file | -
    [templete "a"] unknown block `templete` in a template file | did you mean `template`?
    [test "x"] unknown block `test` in a template file | tests of templates stand in files of their own, `*.nhitest.hcl`
    [descripton] unknown attribute `descripton` in a `template` block | did you mean `description`?
    [require] unknown attribute `require` in a `template` block | `require` is a block: write `require { … }` without `=`
    [status] unknown block `status` in a `template` block | `status` is an attribute: write `status = …`
    [kuberntes] unknown block `kuberntes` in a `template` block | did you mean `kubernetes`?
    [permission] unknown attribute `permission` in an `aws` block | did you mean `permissions`?
    "#);
}

#[test]
fn heads_and_versions() {
    insta::assert_snapshot!(errors(r#"
template "a" {}
template { version = "1.0.0" }
template "A_b" { version = "v1.0.0" }
template "c" {
  version = 1
  status  = "activ"
  replaces = ["d"]
}
"#), @r#"
    [template "a"] a `template` block has no `version` | write `version = "1.0.0"`; a published version never changes
    [template] `template` takes one label, its name | write `template "name" { … }`
    ["A_b"] `A_b` is not a template name | use lowercase letters, digits and hyphens, 50 at most, no hyphen at the ends
    ["v1.0.0"] `v1.0.0` is not a version: unexpected character 'v' while parsing major version number | write three numbers, such as `1.2.0`, without a `v`
    [1] `version` must be a string, not a number | -
    ["activ"] `activ` is not a status | did you mean `active`?
    "#);
}

#[test]
fn requirements() {
    insta::assert_snapshot!(errors(&with(r#"
  applies_to {
    kinds = ["workload", "agent"]
    environments = "prod"
  }
  require {
    metadata     = ["owner"]
    max_lifetime = "1y"
    max_session  = "soon"
    review_every = "${param.x}"
    static_credential = "no"
  }
"#)), @r#"
    ["prod"] `environments` must be a list of strings, not a string | -
    ["workload"] `workload` is not a kind of identity | write one of `service_account`, `workload_identity`, `api_key`, `deployment_token`, `certificate`, `agent`
    ["owner"] `owner` is not a fact that a template can ask for | write one of `service`, `environment`
    ["1y"] `1y` uses a unit without a fixed length | write days instead: `365d` for a year, `30d` for a month
    ["soon"] `soon` is not a duration | write a number and a unit, such as `90d`, `12h` or `1h30m`; units are w, d, h, m and s
    ["${param.x}"] `review_every` takes no parameters | parameters stand in the platform blocks only
    ["no"] `static_credential` must be `true` or `false`, not a string | -
    "#);
}

#[test]
fn parameters() {
    insta::assert_snapshot!(errors(&with(r#"
  parameter "a" { pattern = "[a-" }
  parameter "b" { pattern = "x)|(y" }
  parameter "c" {
    pattern = "[a-z]+"
    default = "C"
  }
  parameter "d" { default = "x*" }
  parameter "unused" {}
  parameter "dns_names" {}
  parameter "Bad" {}
  github {
    repositories = ["${param.a}${param.b}${param.c}${param.d}", "${param.unknown}", "${param.usedd}", "${param.Bad}"]
  }
"#)), @r#"
    ["[a-"] `[a-` is not a regular expression: unclosed character class | a backslash is written twice in a string; the pattern always has to match the whole value
    ["x)|(y"] `x)|(y` is not a regular expression: unopened group | a backslash is written twice in a string; the pattern always has to match the whole value
    ["C"] the default `C` of parameter `c` does not match its pattern `[a-z]+` | a default must be a value that an identity could state itself
    ["Bad"] `Bad` is not a parameter name | use lowercase letters, digits and underscores, a letter first
    [${param.unknown}] parameter `unknown` is not declared | declare it: `parameter "unknown" { pattern = "…" }`
    [${param.usedd}] parameter `usedd` is not declared | declare it: `parameter "usedd" { pattern = "…" }`
    [parameter "d"] the default `x*` of parameter `d` holds `*`, which stands for any text | a default must be a value that an identity could state itself
    [parameter "unused"] parameter `unused` is never used | use it as `${param.unused}` in a platform block, or remove it
    "#);
}

#[test]
fn expressions() {
    insta::assert_snapshot!(errors(&with(r#"
  parameter "x" {}
  gcp {
    roles       = [var.role, "${var.role}", "${param.x.y}", "${param.x}", param.x, "${~ param.x ~}"]
    permissions = concat(["a"], ["b"])
    resources   = ["${aws.username}", null, 1 + 1, true ? "a" : "b", [for x in [] : x], "%{ if true }a%{ endif }"]
  }
"#)), @r#"
    [var.role] a reference has no place in a template | a template has strings with `${param.name}`, lists, objects, numbers, booleans and `jsonencode(…)`
    [${var.role}] `${var.role}` is not a parameter | only `${param.name}` can stand here; declare it with a `parameter "name"` block
    [${param.x.y}] `${param.x.y}` is not a parameter | only `${param.name}` can stand here; declare it with a `parameter "name"` block
    [param.x] a reference has no place in a template | write it inside quotes: `"${param.x}"`
    [${~ param.x ~}] `${~ param.x ~}` is not a parameter | only `${param.name}` can stand here; declare it with a `parameter "name"` block
    [concat(["a"], ["b"])] there is no function `concat` | the only function is `jsonencode`
    [${aws.username}] `${aws.username}` is not a parameter | only `${param.name}` can stand here; declare it with a `parameter "name"` block
    [null] `null` has no place in a template | leave the attribute out instead
    [1 + 1] an operator has no place in a template | a template has strings with `${param.name}`, lists, objects, numbers, booleans and `jsonencode(…)`
    [true ? "a" : "b"] a condition has no place in a template | a template has strings with `${param.name}`, lists, objects, numbers, booleans and `jsonencode(…)`
    [[for x in [] : x]] a `for` has no place in a template | a template has strings with `${param.name}`, lists, objects, numbers, booleans and `jsonencode(…)`
    [%{ if true }a%{ endif }] a `%{…}` directive has no place in a template | write `%%{` for the characters themselves
    "#);
    insta::assert_snapshot!(errors(&with(r#"
  gcp { resources = ["a", "${aws:username}"] }
"#)), @"[:] not readable as HCL: expected `}` | write `$${aws:username}` with two dollar signs for a policy variable of AWS");
}

#[test]
fn policies() {
    insta::assert_snapshot!(errors(&with(r#"
  aws {
    permissions = jsonencode({
      Version = "2008-10-17"
      statement = []
      Statement = [
        { Effect = "allow", Action = "s3", Resource = "*" },
        { Effect = "Allow", Action = ["s3:Get*", "s3*:x", 1], NotAction = "iam:*", Resource = [] },
        { Effect = "Deny", Action = "*", Resource = "*", Principal = "*", Conditions = {} },
        "x",
        { Effect = "Allow", Action = "*", Resource = "*", Condition = { StringEquals = "x" } },
      ]
    })
    trust = jsonencode({ Version = "2012-10-17", Statement = { Effect = "Allow", Principal = "ec2.amazonaws.com", Action = "sts:AssumeRole", Resource = "*" } })
  }
"#)), @r#"
    [statement] a policy has no `statement` | did you mean `Statement`?
    ["2008-10-17"] the policy's `Version` is not `2012-10-17` | write `Version = "2012-10-17"`; the older one has no policy variables
    ["s3"] `s3` is not an action | write service and action, such as `s3:GetObject` or `s3:Get*`
    ["allow"] a statement's `Effect` is `Allow` or `Deny` | -
    [1] an action is a string, not a number | -
    ["s3*:x"] `s3*:x` is not an action | write service and action, such as `s3:GetObject` or `s3:Get*`
    [[]] an empty list where a resource must stand | -
    [{ Effect = "Allow", Action = ["s3:Get*", "s3*:x", 1], NotAction = "iam:*", Resource = [] }] a statement has `Action` or `NotAction`, not both | -
    [Conditions] a statement has no `Conditions` | did you mean `Condition`?
    ["*"] `Principal` has no place in permissions | who may become the identity stands in `trust`
    ["x"] a statement is an object | write `{ Effect = "Allow" … }`
    ["x"] a condition operator holds an object of keys | write `Condition = { StringEquals = { "aws:SourceAccount" = "111122223333" } }`
    ["ec2.amazonaws.com"] a principal is an object that says of which sort it is | write `{ Service = "ec2.amazonaws.com" }`, `{ AWS = "arn:…" }` or `{ Federated = "arn:…" }`
    ["*"] `Resource` has no place in a trust policy | the identity itself is the resource of its trust policy
    "#);
}

#[test]
fn names_take_parameters_in_conditions_only() {
    insta::assert_snapshot!(errors(&with(r#"
  parameter "x" {}
  aws {
    permissions = jsonencode({
      Version = "2012-10-17"
      Statement = [
        { Effect = "Allow", "${param.x}" = "*", Resource = "*" },
        { Effect = "Allow", Action = "*", Resource = "*", Condition = { StringEquals = { a = "a", "a" = "b" } } },
        { Effect = "Allow", Action = "*", Resource = "*", Condition = { "${param.x}" = { "a" = "a", (param.x) = "b" } } },
      ]
    })
  }
"#)), @r#"
    ["a"] `a` stands twice in this object | keep one of the two
    [(param.x)] a computed name has no place in a template | write the name as it is, or in quotes
    "#);
}

#[test]
fn a_policy_is_never_source_text() {
    insta::assert_snapshot!(errors(&with(r#"
  parameter "x" {}
  aws { permissions = "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Resource\":\"${param.x}\"}]}" }
"#)), @r#"["{\"Version\":\"2012-10-17\",\"Statement\":[{\"Resource\":\"${param.x}\"}]}"] `permissions` must be a `jsonencode` call, not a string | write `permissions = jsonencode({ … })`: a parameter fills a string, never a piece of JSON"#);
}

#[test]
fn platforms() {
    insta::assert_snapshot!(errors(&with(r#"
  kubernetes {
    rule { verbs = ["get"] }
  }
  vault {
    rule {
      path         = "secret/*"
      capabilities = ["reed"]
    }
    rule {}
  }
  github { permissions = { contents = "all" } }
  azure "x" {}
  azure {}
"#)), @r#"
    [azure] `azure` stands twice in a `template` block | put everything into one block
    [azure "x"] `azure` takes no label | write `azure { … }`
    [rule] a `rule` block has no `api_groups` | a rule says api_groups (`""` is the core group), resources and verbs
    [rule] a `rule` block has no `resources` | a rule says api_groups (`""` is the core group), resources and verbs
    ["reed"] `reed` is not a capability | did you mean `read`?
    [rule] a `rule` block has no `path` | a rule says a path and what may be done there
    [rule] a `rule` block has no `capabilities` | a rule says a path and what may be done there
    ["all"] `all` is not a level of access | write one of `none`, `read`, `write`, `admin`
    "#);
}

#[test]
fn owners_and_baselines() {
    insta::assert_snapshot!(errors(r#"
owner "payments" { accountable = "payments-team@example.com" }
owner "orders" {}
owner "a" { accountable = "ada@example.com" }
owner "a" { accountable = "eve@example.com" }
baseline {
  kind "api_keys" { max_lifetime = "30d" }
  kind "agent" { max_life = "30d" }
}
baseline {}
"#), @r#"
    ["payments-team@example.com"] `payments-team@example.com` is not a person's e-mail address | a shared mailbox, a pipeline or a bot cannot be asked: name one person
    [owner "orders"] an `owner` block has no `accountable` | name the person who answers for it: `accountable = "ada@example.com"`
    ["api_keys"] `api_keys` is not a kind of identity | did you mean `api_key`?
    [max_life] unknown attribute `max_life` in a `kind` block | -
    [owner "a"] owner `a` is already defined in `x.nhi.hcl` | keep one of the two
    [baseline] the baseline is already defined in `x.nhi.hcl` | put all caps into one `baseline` block
    "#);
}

#[test]
fn duplicates() {
    insta::assert_snapshot!(errors(r#"
template "a" { version = "1.0.0" }
template "a" { version = "1.0.0" }
template "a" { version = "1.1.0" }
template "b" {
  version = "1.0.0"
  version = "1.0.0"
}
"#), @"[v] not readable as HCL: invalid attribute; expected unique attribute key; found redefined attribute | -");
    insta::assert_snapshot!(errors(r#"
template "a" { version = "1.0.0" }
template "a" { version = "1.0.0" }
template "a" { version = "1.1.0" }
"#), @r#"[template "a"] template `a@1.0.0` is already defined in `x.nhi.hcl` | a published version never changes: give the new content a new version"#);
}

#[test]
fn an_empty_heredoc_hides_nothing() {
    // The parser takes everything up to the second `EOT` for text, and with it template `hidden`.
    insta::assert_snapshot!(errors(
        "template \"a\" {\n  version = \"1.0.0\"\n  description = <<EOT\nEOT\n}\ntemplate \"hidden\" {\n  description = <<EOT\nx\nEOT\n}\n"
    ), @"[<<EOT] a heredoc has no place in a template | write a string in quotes, or `jsonencode({ … })` for a policy");
}

#[test]
fn a_string_ends_on_its_line() {
    insta::assert_snapshot!(errors("template \"a\" {\n  version = \"1.0.0\"\n  description = \"x\n  y\"\n}\n"), @r#"
    ["x
      y"] a line break inside quotes has no place in a template | close the string on the line on which it begins; write `\n` for a line break
    "#);
}

#[test]
fn a_template_with_a_mistake_is_not_used() {
    let (library, errors) = Library::parse(&[("x", &with("  aws { permissions = 1 }"))]);
    assert_eq!(errors.len(), 1);
    assert_eq!(library.templates().count(), 0);
    assert_eq!(library.find("t@1").unwrap_err(), UnusableTemplate::Broken { name: "t".to_owned() });
}

#[test]
fn a_byte_order_mark_is_no_part_of_the_text() {
    assert_eq!(errors("\u{feff}template \"a\" { version = \"1.0.0\" }\n"), "");
}

#[test]
fn strings_that_never_match() {
    insta::assert_snapshot!(errors(r#"
template "t" {
  version = "1.0.0"
  parameter "x" {}
  kubernetes {
    namespaces = ["team-*", "${param.x}*", "*"]
    rule {
      api_groups     = [""]
      resources      = ["ConfigMap", "*/scale"]
      resource_names = ["x*"]
      verbs          = ["Get", "*"]
    }
  }
  vault {
    rule {
      path         = "secret/+*"
      capabilities = ["read"]
    }
    rule {
      path         = "secret/+/${param.x}/*"
      capabilities = ["read"]
    }
  }
  azure {
    actions = ["Microsoft.Storage/*/read ", "*"]
    scopes  = ["subscriptions/${param.x}", "/subscriptions/${param.x}"]
  }
  gcp {
    roles       = ["storage.objectViewer", "projects/${param.x}/roles/reader"]
    permissions = ["storage.objects.*"]
    resources   = ["//storage.googleapis.com/projects/_/buckets/${param.x}"]
  }
  github {
    permissions  = { content = "read", id-token = "read", contents = "read", brand-new-thing = "read" }
    repositories = ["acme", "acme/${param.x}", "${param.x}"]
  }
}
"#), @r#"
["team-*"] `team-*` never matches anything: a namespace has no wildcards | write the name, or `*` alone for all of them
["${param.x}*"] `${param.x}*` never matches anything: a namespace has no wildcards | write the name, or `*` alone for all of them
["Get"] `Get` never matches anything: a verb has no capital letters | write it in lower case: `get`
["ConfigMap"] `ConfigMap` never matches anything: a resource has no capital letters | write it in lower case and plural: `configmaps`
["x*"] `x*` never matches anything: the name of an object has no wildcards | leave `resource_names` out for every object
["secret/+*"] `secret/+*` never matches anything: path `secret/+*` has `+*`, which no path can have | a path is exact, ends in `*`, or has `+` as whole segments
["Microsoft.Storage/*/read "] `Microsoft.Storage/*/read ` never matches anything: an operation has no blanks | write an operation such as `Microsoft.Storage/storageAccounts/read`
["subscriptions/${param.x}"] `subscriptions/${param.x}` never matches anything: a scope begins with `/` | write a scope such as `/subscriptions/…/resourceGroups/…`
["storage.objects.*"] `storage.objects.*` never matches anything: permissions of Google Cloud have no wildcards | list each permission, or name a role
["storage.objectViewer"] `storage.objectViewer` never matches anything: a role begins with `roles/`, `projects/` or `organizations/` | write it in full: `roles/storage.objectViewer`
["read"] `content` is not a permission of GitHub | did you mean `contents`?
["read"] `read` never matches anything: scope `id-token` has no level `read`: it has none and write | write a level that the permission has, or leave it out for `none`
["acme"] `acme` never matches anything: a repository has an owner | write `owner/name`, or `owner/*` for all of an owner
"#);
}
