//! What programs are given that is no command of a shell: other names, encoded scripts, code of other languages, requests
//! to the interfaces of platforms, statements of databases.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use policy::text::Text;

use super::super::Platform;
use super::shell::Command;
use super::table;

/// Programs that say their words, or look for them, and run none of them.
const SAY: &[&str] = &[
    "echo",
    "printf",
    "print",
    "puts",
    "say",
    "console.log",
    "write-output",
    "write-host",
    "grep",
    "egrep",
    "logger",
    "sed",
    "awk",
    "git",
    "man",
    "which",
    "type",
    "true",
    "false",
    ":",
    "test",
    "[",
    "[[",
    "for",
    "cat",
    "tee",
    "jq",
    "rm",
    "cp",
    "mv",
    "mkdir",
];

/// Programs that run code of another language.
const LANGUAGES: &[&str] =
    &["python", "perl", "ruby", "node", "php", "deno", "bun", "lua", "osascript"];

/// Programs that send requests.
const CLIENTS: &[&str] = &[
    "curl",
    "wget",
    "http",
    "https",
    "xh",
    "invoke-restmethod",
    "invoke-webrequest",
    "irm",
    "iwr",
];

/// Clients of databases.
const DATABASES: &[&str] = &["psql", "mysql", "mariadb", "sqlcmd", "sqlplus", "snowsql", "usql"];

/// What requests and libraries that make identities have in them.
const INTERFACES: &[(&str, Platform)] = &[
    ("iam.amazonaws.com", Platform::Aws),
    ("'iam'", Platform::Aws),
    ("\"iam\"", Platform::Aws),
    ("client-iam", Platform::Aws),
    ("iamclient", Platform::Aws),
    ("iam.googleapis.com", Platform::Google),
    (":setiampolicy", Platform::Google),
    ("graph.microsoft.com", Platform::Azure),
    ("graph.windows.net", Platform::Azure),
    ("microsoft.authorization/role", Platform::Azure),
    ("microsoft.managedidentity", Platform::Azure),
    ("/serviceaccounts", Platform::Kubernetes),
    ("rbac.authorization.k8s.io", Platform::Kubernetes),
    ("/v1/auth/", Platform::Vault),
    ("/v1/sys/polic", Platform::Vault),
    ("/v1/identity/", Platform::Vault),
];

/// What a request that changes something has in it.
const WRITES: &[&str] = &[
    "post",
    "put",
    "patch",
    "create",
    "attach",
    "add_",
    "update",
    "insert",
    "upload",
    "setiampolicy",
    "-d",
    "--data",
    "--json",
    "--form",
];

/// Puts what an alias stands for in its place, and remembers new ones.
pub(super) fn rename(command: &mut Command, aliases: &mut BTreeMap<String, Vec<Text>>) {
    let Some((first, rest)) = command.words.split_first() else { return };
    let Some(name) = first.as_str() else { return };
    if name == "alias" {
        for (name, value) in rest.iter().filter_map(|word| word.as_str()?.split_once('=')) {
            let words = value.split_whitespace().map(Text::literal).collect();
            aliases.insert(name.to_owned(), words);
        }
    } else if let Some(words) = aliases.get(name) {
        command.words = words.iter().chain(rest).cloned().collect();
    } else if let Some(inside) = name.strip_prefix('{').and_then(|it| it.strip_suffix('}')) {
        // `{aws,iam,create-user}` is three words.
        let words = inside.split(',').map(Text::literal);
        command.words = words.chain(rest.iter().cloned()).collect();
    }
}

/// Words of which some are lists, `iam,create-user`, as one word each.
pub(super) fn listed(words: &[Text]) -> Vec<Text> {
    let option =
        |word: &&Text| !word.as_str().is_some_and(|it| it.eq_ignore_ascii_case("-argumentlist"));
    let each = |word: &Text| match word.as_str() {
        Some(known) if !known.contains(['=', ' ']) => known.split(',').map(Text::literal).collect(),
        Some(_) | None => vec![word.clone()],
    };
    words.iter().filter(option).flat_map(each).collect()
}

/// Whether an option asks for decoding.
pub(super) fn decodes(option: &Text) -> bool {
    matches!(option.as_str(), Some("-d" | "-D" | "-di" | "--decode"))
}

/// `-EncodedCommand`, which may be cut short anywhere.
pub(super) fn is_encoded(option: &Text) -> bool {
    let lower = option.as_str().unwrap_or_default().to_ascii_lowercase();
    lower == "-ec" || lower.starts_with("-e") && "-encodedcommand".starts_with(&lower)
}

/// A text in base64, of UTF-8 or UTF-16.
pub(super) fn decoded(encoded: &Text) -> Option<Text> {
    let encoded: String = encoded.as_str()?.split_whitespace().collect();
    let bytes = BASE64_STANDARD.decode(encoded).ok()?;
    if bytes.contains(&0) {
        let (pairs, _) = bytes.as_chunks::<2>();
        let units: Vec<u16> = pairs.iter().map(|pair| u16::from_le_bytes(*pair)).collect();
        return String::from_utf16(&units).ok().map(Text::literal);
    }
    String::from_utf8(bytes).ok().map(Text::literal)
}

/// Whether a program only says its words.
pub(super) fn only_says(program: &str) -> bool {
    SAY.contains(&program)
}

fn is_language(program: &str) -> bool {
    LANGUAGES.iter().any(|it| {
        program.strip_prefix(it).is_some_and(|version| {
            version.chars().all(|character| character.is_ascii_digit() || character == '.')
        })
    })
}

/// All that a program is given, in lower case.
fn all(rest: &[Text], input: Option<&Text>) -> String {
    let mut all = String::new();
    for text in rest.iter().chain(input) {
        all.push_str(&text.to_string().to_ascii_lowercase());
        all.push(' ');
    }
    all
}

/// The platform whose interface a program asks to make something.
pub(super) fn calls(program: &str, rest: &[Text], input: Option<&Text>) -> Option<Platform> {
    let is_raw = program == "az" && rest.first().and_then(Text::as_str) == Some("rest");
    if !is_raw && !CLIENTS.contains(&program) && !is_language(program) {
        return None;
    }
    let all = all(rest, input);
    let (_, platform) = INTERFACES.iter().find(|(mark, _)| all.contains(mark))?;
    WRITES.iter().any(|mark| all.contains(mark)).then_some(*platform)
}

/// Whether a client of a database is told to make a user, or to grant something.
pub(super) fn is_statement(program: &str, rest: &[Text], input: Option<&Text>) -> bool {
    const MAKES: &[&str] =
        &["create user", "create role", "create login", "alter user", "alter role"];
    if !DATABASES.contains(&program) {
        return false;
    }
    let all = all(rest, input);
    let words: Vec<&str> = all.split_whitespace().collect();
    let all = words.join(" ");
    MAKES.iter().any(|mark| all.contains(mark)) || all.contains("grant ") && all.contains(" to ")
}

/// The script that a word may be; of code, the strings in it one after another.
pub(super) fn script(program: &str, word: &Text) -> Option<Text> {
    let known = word.as_str()?;
    let named = known.split(|it: char| !it.is_ascii_alphanumeric() && it != '-' && it != '_');
    if !known.contains(char::is_whitespace) || !named.into_iter().any(table::is_program) {
        return None;
    }
    if is_language(program) {
        return Some(Text::literal(
            known.replace(['\'', '"', '`', ',', '(', ')', '[', ']', ';'], " "),
        ));
    }
    let value = known.strip_prefix("--").and_then(|it| it.split_once('=')).map(|(_, value)| value);
    Some(Text::literal(value.unwrap_or(known)))
}

/// Whether a command is a program that somebody wrote: a file of the folder, code of another language, or what runs such.
pub(super) fn is_script(arguments: usize, words: &[Text]) -> bool {
    const RUNNERS: &[&str] = &[
        "make",
        "npm",
        "yarn",
        "pnpm",
        "npx",
        "go",
        "just",
        "task",
        "rake",
        "ansible-playbook",
        "ansible",
        "helm",
        "source",
        ".",
        "docker",
        "podman",
    ];
    const ENDINGS: &[&str] = &[".sh", ".bash", ".py", ".rb", ".pl", ".js", ".ps1", ".bat"];
    let Some(first) = words.first().map(ToString::to_string) else { return false };
    let name = first.rsplit('/').next().unwrap_or(&first);
    ENDINGS.iter().any(|ending| name.ends_with(ending))
        || first.starts_with("./")
        || first.starts_with("../")
        || arguments > 0 && (RUNNERS.contains(&name) || is_language(name))
}
