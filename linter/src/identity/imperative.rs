//! Programs that run beside the resources: provisioners and external data sources that make identities with the command
//! line of a platform, where no plan shows them and no governance record can lead to them.

mod code;
mod shell;
mod table;
#[cfg(test)]
mod tests;
mod words;

use std::collections::BTreeMap;

use policy::governance::Kind;
use policy::text::{Shape, Text};
use policy::verdict::Why;

use crate::model::{Mode, Resource};
use crate::value::Value;

use super::text::{Made, Part, manifests};
use super::{Builder, Governance, Identity, Origin, Platform};
use shell::{Command, Dialect};
use table::{Found, Row};
use words::{applies, is_cluster, joined, output, program, shown, started};

/// The type of what stands for a command. No provider's type looks like it.
const COMMAND: &str = "(command)";

/// Commands inside commands end here, whatever a script says.
const DEEPEST: usize = 8;

/// A command that makes something, as messages show it.
pub(crate) struct Imperative<'a> {
    /// `aws iam create-user`
    pub(crate) command: &'a str,
    /// `a user`
    pub(crate) makes: &'a str,
    /// What makes the same where a plan shows it.
    pub(crate) instead: &'a str,
}

/// The command that a resource of the model stands for, if it is one.
pub(crate) fn command(resource: &Resource) -> Option<Imperative<'_>> {
    if resource.kind != COMMAND {
        return None;
    }
    let said = |name: &str| resource.after.get(name).as_str().unwrap_or_default();
    Some(Imperative { command: said("command"), makes: said("makes"), instead: said("instead") })
}

/// Adds what commands make as identities of which nothing is known but that.
pub(super) fn extract(builder: &mut Builder<'_>) {
    for index in builder.links.of_kind(COMMAND) {
        let governance: Governance = builder.governance(index);
        builder.add(Identity {
            resource: index,
            origin: Origin::Here,
            platform: Platform::Other,
            kind: Kind::ServiceAccount,
            name: None,
            grants: Vec::new(),
            trusts: Vec::new(),
            boundary: None,
            ceiling: None,
            governance,
        });
    }
}

/// Whether a resource runs programs.
pub(super) fn runs(resource: &Resource) -> bool {
    !resource.provisioners.is_empty()
        || resource.mode == Mode::Data && resource.kind == "external"
        || resource.kind.starts_with("shell_")
}

/// What a script makes that some text holds.
pub(super) fn written(script: &Value, path: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    if let Some(script) = script.text() {
        let mut reader = Reader { path, parts: &mut parts };
        reader.script(&script, &BTreeMap::new(), Dialect::Posix, DEEPEST);
        reader.script(&script, &BTreeMap::new(), Dialect::Power, DEEPEST);
    }
    // The same in the words of both shells is one.
    parts.dedup_by(|one, other| one.label == other.label);
    parts
}

/// What the programs of a resource make.
pub(super) fn parts(resource: &Resource) -> Vec<Part> {
    let mut parts = Vec::new();
    if resource.mode == Mode::Data && resource.kind == "external" {
        let words = resource.after.get("program").elements().iter().filter_map(Value::text);
        let command = Command { words: words.collect(), ..Command::default() };
        Reader { path: "program", parts: &mut parts }.command(&command, DEEPEST);
    }
    if resource.kind.starts_with("shell_") {
        let blocks = resource.after.get("lifecycle_commands").elements();
        for name in ["create", "update", "read", "delete"] {
            for script in blocks.iter().map(|block| block.get(name)) {
                let path = format!("lifecycle_commands[0].{name}");
                let Some(script) = script.text().filter(|_| !script.is_null()) else { continue };
                let said = variables(resource.after.get("environment"));
                Reader { path: &path, parts: &mut parts }.script(
                    &script,
                    &said,
                    Dialect::Posix,
                    DEEPEST,
                );
            }
        }
    }
    for provisioner in &resource.provisioners {
        let said = |name: &str| provisioner.arguments.get(name);
        match provisioner.kind.as_str() {
            "local-exec" => {
                let path = format!("{}.command", provisioner.path);
                let mut reader = Reader { path: &path, parts: &mut parts };
                let Some(script) = said("command").text() else { continue };
                let interpreter = said("interpreter").elements().iter().filter_map(Value::text);
                let mut words: Vec<Text> = interpreter.collect();
                if words.is_empty() {
                    reader.script(
                        &script,
                        &variables(said("environment")),
                        Dialect::Posix,
                        DEEPEST,
                    );
                } else {
                    words.push(script);
                    reader.command(&Command { words, ..Command::default() }, DEEPEST);
                }
            }
            "remote-exec" => {
                let path = format!("{}.inline", provisioner.path);
                let mut script = Text::new();
                for line in said("inline").elements().iter().filter_map(Value::text) {
                    script.push(&line);
                    script.push_str("\n");
                }
                let mut reader = Reader { path: &path, parts: &mut parts };
                reader.script(&script, &BTreeMap::new(), Dialect::Posix, DEEPEST);
                if !said("script").is_null() || !said("scripts").is_null() {
                    reader.unheard(&[Text::literal("a script over `remote-exec`")]);
                }
            }
            // An action of the provider for this machine.
            "local_command" => {
                let path = format!("{}.command", provisioner.path);
                let arguments = said("arguments").elements().iter().filter_map(Value::text);
                let words = said("command").text().into_iter().chain(arguments).collect();
                let input = said("stdin").text();
                let command = Command { words, input, ..Command::default() };
                Reader { path: &path, parts: &mut parts }.command(&command, DEEPEST);
            }
            _ => {}
        }
    }
    parts
}

/// The variables that a provisioner sets.
fn variables(environment: &Value) -> BTreeMap<String, Text> {
    let Value::Object(fields) = environment else { return BTreeMap::new() };
    let known = fields.iter().filter_map(|(name, value)| Some((name.clone(), value.text()?)));
    known.collect()
}

/// Collects what commands make.
struct Reader<'a> {
    path: &'a str,
    parts: &'a mut Vec<Part>,
}

impl Reader<'_> {
    fn script(
        &mut self,
        script: &Text,
        variables: &BTreeMap<String, Text>,
        dialect: Dialect,
        depth: usize,
    ) {
        let mut said: Option<Text> = None;
        let mut aliases: BTreeMap<String, Vec<Text>> = BTreeMap::new();
        let commands = shell::commands(script, variables, dialect);
        let mut commands = commands.into_iter().peekable();
        while let Some(mut command) = commands.next() {
            if command.input.is_none() {
                command.input = said.take();
            }
            code::rename(&mut command, &mut aliases);
            said = command.piped.then(|| output(&command)).flatten();
            let dry = |word: &Text| word.as_str().is_some_and(|it| it.starts_with("--dry-run"));
            let off = |word: &Text| word.as_str() == Some("--dry-run=none");
            let applied = command.piped && commands.peek().is_some_and(applies);
            // Elsewhere the words may be a value like any other.
            let has = command.words.first().and_then(program);
            let has = has.is_some_and(|it| is_cluster(&it) || it == "eksctl");
            if has && command.words.iter().any(|word| dry(word) && !off(word)) && !applied {
                continue;
            }
            self.command(&command, depth);
        }
    }

    /// What a command makes, through whatever starts it.
    fn command(&mut self, command: &Command, depth: usize) {
        let Some(depth) = depth.checked_sub(1) else { return };
        let Some((first, rest)) = command.words.split_first() else { return };
        let Some(program) = program(first) else {
            let unknown: Vec<String> = first.holes().map(|hole| hole.origin.to_string()).collect();
            let reason = format!("which program runs in `{}` is not known before apply", self.path);
            self.unread(Platform::Aws, Why { reason, unknown });
            return;
        };
        let inner = |words: &[Text]| Command { words: words.to_vec(), ..command.clone() };
        match program.as_str() {
            "xargs" => {
                // What it reads are more arguments.
                let more = match command.input.as_ref().map(Text::as_str) {
                    Some(Some(known)) => known.split_whitespace().map(Text::literal).collect(),
                    Some(None) | None => vec![Text::hole("what `xargs` reads", Shape::Any)],
                };
                let words: Vec<Text> = started(rest).iter().cloned().chain(more).collect();
                self.command(&inner(&words), depth);
            }
            "sudo" | "env" | "command" | "exec" | "nohup" | "nice" | "timeout" | "time"
            | "doas" | "stdbuf" | "builtin" | "start-process" => {
                self.command(&inner(&code::listed(started(rest))), depth);
            }
            "iex" | "invoke-expression" => {
                self.script(&joined(rest.iter()), &BTreeMap::new(), Dialect::Power, depth);
            }
            "eval" | "ssh" | "watch" => {
                // The first word of `ssh` is where it runs.
                let words = if program == "ssh" { rest.get(1..).unwrap_or_default() } else { rest };
                self.script(&joined(words.iter()), &BTreeMap::new(), Dialect::Posix, depth);
            }
            "bash" | "sh" | "zsh" | "dash" | "ksh" | "mksh" | "ash" | "busybox" | "rbash"
            | "fish" | "nu" | "csh" | "tcsh" => {
                self.shell(rest, command, Dialect::Posix, depth);
            }
            "powershell" | "pwsh" => self.shell(rest, command, Dialect::Power, depth),
            "cmd" => {
                let script = joined(
                    rest.iter()
                        .filter(|word| !word.as_str().is_some_and(|word| word.starts_with('/'))),
                );
                let whole = script.as_str().and_then(|it| it.strip_prefix('"')?.strip_suffix('"'));
                let script = whole.map(Text::literal).unwrap_or(script);
                self.script(&script, &BTreeMap::new(), Dialect::Posix, depth);
            }
            _ => self.program(&program, rest, command, depth),
        }
    }

    /// `bash -c script`, or a script that it reads.
    fn shell(&mut self, rest: &[Text], command: &Command, dialect: Dialect, depth: usize) {
        let is_script = |word: &Text| {
            word.as_str().is_some_and(|word| {
                let lower = word.to_ascii_lowercase();
                ["-command", "-c", "/c"].contains(&lower.as_str())
                    || dialect == Dialect::Posix
                        && word.starts_with('-')
                        && !word.starts_with("--")
                        && word.ends_with('c')
            })
        };
        let said = rest.iter().position(is_script).and_then(|at| rest.get(at + 1..));
        let encoded =
            rest.iter().position(|word| dialect == Dialect::Power && code::is_encoded(word));
        if let Some(at) = encoded {
            let script = rest.get(at + 1).and_then(code::decoded);
            if let Some(script) = script {
                self.script(&script, &BTreeMap::new(), dialect, depth);
            } else {
                let reason = format!("the encoded script in `{}` cannot be read", self.path);
                self.unread(Platform::Aws, Why::construct(reason));
            }
        } else if let Some(said) = said {
            let script = match dialect {
                Dialect::Posix => said.first().cloned().unwrap_or_default(),
                Dialect::Power => joined(said.iter()),
            };
            self.script(&script, &BTreeMap::new(), dialect, depth);
        } else if let Some(input) = &command.input {
            self.script(input, &BTreeMap::new(), dialect, depth);
        } else if let ([.., script], Dialect::Power) = (rest, dialect) {
            self.script(script, &BTreeMap::new(), dialect, depth);
        } else {
            self.unheard(&command.words);
        }
    }

    fn program(&mut self, program: &str, rest: &[Text], command: &Command, depth: usize) {
        if is_cluster(program) && applies(command) {
            return self.manifests(rest, command);
        }
        match table::find(program, rest) {
            Some(Found::Certain(row)) => {
                return self.made(table::shown(program, row, rest), row);
            }
            Some(Found::Possible) => {
                let holes = rest.iter().flat_map(Text::holes);
                let unknown: Vec<String> = holes.map(|hole| hole.origin.to_string()).collect();
                let shown = shown(program, rest);
                let reason = format!("what `{shown}` makes is not known before apply");
                self.unread(table::platform(program), Why { reason, unknown });
                return;
            }
            None => {}
        }
        if code::is_statement(program, rest, command.input.as_ref()) {
            return self.made(program.to_owned(), &table::STATEMENT);
        }
        if code::only_says(program) {
            return;
        }
        self.wrapped(program, rest, command, depth);
    }

    /// A command of which it is known what it makes.
    fn made(&mut self, shown: String, row: &Row) {
        let after = [("command", shown.as_str()), ("makes", row.makes), ("instead", row.instead)];
        let after = after.map(|(name, said)| (name.to_owned(), Value::from(said)));
        let made = Made::Resource(COMMAND, after.into());
        self.parts.push(Part::new(Some(shown), self.path, made));
    }

    /// Wrappers of all sorts: `aws-vault exec admin -- aws …`, `docker run image aws …`, `su -c 'aws …'`, a script in another
    /// language that starts a command.
    fn wrapped(&mut self, program: &str, rest: &[Text], command: &Command, depth: usize) {
        let own = table::is_program(program);
        let begins = |(at, word): (usize, &Text)| {
            let dashes = word.as_str() == Some("--");
            let words = rest.get(at + 1..).unwrap_or_default();
            let known = self::program(word)
                .is_some_and(|it| is_cluster(&it) || table::find(&it, words).is_some());
            // `install aws $more` is no command of `aws`.
            let sure = words.first().is_some_and(|next| next.as_str().is_some());
            let may = !own || is_cluster(program);
            (may && (dashes || known && sure)).then_some(at + usize::from(dashes))
        };
        if let Some(from) = rest.iter().enumerate().find_map(begins) {
            let words = rest.get(from..).unwrap_or_default().to_vec();
            return self.command(&Command { words, ..command.clone() }, depth);
        }
        let mut found = Vec::new();
        for text in rest.iter().chain(&command.input) {
            let Some(script) = code::script(program, text) else { continue };
            let mut reader = Reader { path: self.path, parts: &mut found };
            reader.script(&script, &BTreeMap::new(), Dialect::Posix, depth);
        }
        // Words that only look like commands say nothing.
        found.retain(|part| matches!(part.made, Made::Resource(COMMAND, _)));
        if !found.is_empty() {
            self.parts.append(&mut found);
        } else if let Some(platform) = code::calls(program, rest, command.input.as_ref()) {
            let place = self.path;
            let reason =
                format!("what `{program}` asks of an interface in `{place}` is not evaluated");
            self.unread(platform, Why::construct(reason));
        } else if code::is_script(rest.len(), &command.words) {
            self.unheard(&command.words);
        }
    }

    /// `kubectl apply -f`
    fn manifests(&mut self, rest: &[Text], command: &Command) {
        let shown = shown("kubectl", rest);
        let standard = rest
            .iter()
            .any(|word| matches!(word.as_str(), Some("-" | "-f-" | "--filename=-" | "/dev/stdin")));
        if let Some(input) = command.input.as_ref().filter(|_| standard) {
            manifests(&Value::String(input.clone()), self.path, self.parts);
        } else {
            let reason =
                format!("what `{shown}` makes is written elsewhere, and no part of the plan");
            self.unread(Platform::Kubernetes, Why::construct(reason));
        }
    }

    /// A program of which nothing is said but that it runs.
    fn unheard(&mut self, words: &[Text]) {
        // The rest may be a secret.
        let name = words.first().map(ToString::to_string).unwrap_or_default();
        self.parts.push(Part::new(None, self.path, Made::Program(name)));
    }

    fn unread(&mut self, platform: Platform, why: Why) {
        let made = Made::Unread(platform, why);
        self.parts.push(Part::new(None, self.path, made));
    }
}
