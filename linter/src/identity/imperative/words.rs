//! What the words of a command say: its program, what a wrapper starts, what it hands on.

use policy::text::{Part as TextPart, Text};

use super::shell::Command;
use super::{code, table};

/// Other names of `aws`, and of the images that run it.
const AWS: &[&str] = &["aws2", "aws-cli", "awscli", "awslocal"];

/// The program of a command: `/usr/bin/AWS.exe` is `aws`. None if that is not known.
pub(super) fn program(word: &Text) -> Option<String> {
    let last = match word.parts().last() {
        Some(TextPart::Literal(last)) => last.as_str(),
        Some(TextPart::Hole(_)) => return None,
        None => "",
    };
    // Which file a pattern means is not known.
    if last.contains(['*', '?']) {
        return None;
    }
    // Of `${var.bin}/aws` the telling part is known, of `${var.prefix}aws` it is not.
    if word.has_holes() && !last.contains(['/', '\\']) {
        return None;
    }
    let name = last.rsplit(['/', '\\']).next().unwrap_or(last).to_ascii_lowercase();
    let name = name.strip_suffix(".exe").or(name.strip_suffix(".cmd")).unwrap_or(&name);
    // Of an image the name counts, not the version.
    let name = name.split([':', '@']).next().filter(|it| !it.is_empty()).unwrap_or(name);
    Some(if AWS.contains(&name) { "aws".to_owned() } else { name.to_owned() })
}

/// The command that a wrapper such as `sudo -u x env A=b` starts.
pub(super) fn started(words: &[Text]) -> &[Text] {
    let is_known = |word: &Text| {
        program(word).is_some_and(|name| {
            table::is_program(&name)
                || ["bash", "sh", "zsh", "sudo", "env", "pwsh", "powershell", "eval", "xargs"]
                    .contains(&name.as_str())
        })
    };
    let plain = |word: &Text| {
        let first = match word.parts().first() {
            Some(TextPart::Literal(first)) => first.as_str(),
            Some(TextPart::Hole(_)) | None => "",
        };
        !first.starts_with('-')
            && !first.contains('=')
            && !first.starts_with(|first: char| first.is_ascii_digit())
    };
    let at = words.iter().position(is_known).or_else(|| words.iter().position(plain));
    at.and_then(|at| words.get(at..)).unwrap_or_default()
}

/// What a command says on its output, where that is its arguments or its input.
pub(super) fn output(command: &Command) -> Option<Text> {
    let (first, rest) = command.words.split_first()?;
    match program(first)?.as_str() {
        "echo" | "printf" | "write-output" | "write-host" => {
            let form = |word: &&Text| {
                !matches!(word.as_str(), Some("-n" | "-e" | "-en" | "%s" | "%b" | "%s\\n"))
            };
            let said = joined(rest.iter().filter(form));
            // What escapes make of it is not known here.
            let escaped = said.as_str().is_some_and(|it| it.contains("\\x") || it.contains("\\0"));
            (!escaped).then_some(said)
        }
        "cat" | "tee" if command.input.is_some() => command.input.clone(),
        "base64" | "openssl" if rest.iter().any(code::decodes) => {
            code::decoded(command.input.as_ref()?)
        }
        _ => None,
    }
}

/// Whether a program is the command line of clusters.
pub(super) fn is_cluster(program: &str) -> bool {
    ["kubectl", "oc"].contains(&program)
}

/// Whether a command hands manifests to a cluster.
pub(super) fn applies(command: &Command) -> bool {
    let is = |word: &Text, wanted: &[&str]| word.as_str().is_some_and(|it| wanted.contains(&it));
    let mut words = command.words.iter();
    let program = words.next().and_then(program);
    program.is_some_and(|program| is_cluster(&program))
        && words.clone().any(|word| is(word, &["apply", "create", "replace"]))
        && words.any(|word| {
            let files = ["-f", "-k", "--filename", "--kustomize", "-f-"];
            is(word, &files)
                || word.parts().first().is_some_and(|part| {
                    matches!(part, TextPart::Literal(it)
                        if it.starts_with("--filename=") || it.starts_with("--kustomize="))
                })
        })
}

/// Words with a blank between them.
pub(super) fn joined<'t>(words: impl Iterator<Item = &'t Text>) -> Text {
    let mut out = Text::new();
    for word in words {
        if !out.parts().is_empty() {
            out.push_str(" ");
        }
        out.push(word);
    }
    out
}

/// The program and its subcommands up to the first unknown word or option; more might be a secret.
pub(super) fn shown(program: &str, words: &[Text]) -> String {
    let mut out = program.to_owned();
    for word in words.iter().take(4) {
        let said = word.to_string();
        if said.starts_with('-') {
            break;
        }
        out.push(' ');
        out.push_str(&said);
        if word.has_holes() {
            break;
        }
    }
    out
}
