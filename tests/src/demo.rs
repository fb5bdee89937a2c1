//! `cargo demo`: the main job from nothing, on the embedded defaults, with the real terraform.
//!
//! A platform team's template is published, an application team's apply brings two governed identities into being, the
//! state is searched for secrets, the plan is linted clean, and a plan that grants one action too many is rejected.

use std::fmt;
use std::fs;
use std::io::{self, IsTerminal as _, Write as _};
use std::process::ExitCode;

use tests::{Project, Run, Workbench, root};

/// Words that would be in a state that holds a credential.
const SECRET_MARKS: [&str; 4] = ["PRIVATE KEY", "\"secret\"", "\"token\"", "\"password\""];

fn main() -> ExitCode {
    let out = io::stdout();
    let mut out = Narrator { colour: out.is_terminal(), out };
    match demo(&mut out) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Where standard error is closed there is nobody left to tell.
            let _ = writeln!(io::stderr(), "\ndemo: {error}");
            ExitCode::FAILURE
        }
    }
}

fn demo(out: &mut Narrator) -> io::Result<()> {
    out.step("Building terraform-provider-nhi and nhi-lint (a few minutes the first time)")?;
    let bench = Workbench::new()?;
    let project = bench.project("quickstart", &root().join("examples/quickstart"))?;

    out.step("An application team applies examples/quickstart")?;
    out.show(&fs::read_to_string(project.folder.join("main.tf"))?)?;
    must(out, &project, &["init", "-input=false", "-no-color"], false)?;
    must(out, &project, &["plan", "-input=false", "-no-color", "-out=tfplan"], false)?;
    must(out, &project, &["apply", "-input=false", "-no-color", "tfplan"], true)?;

    out.step("A second plan finds nothing to do")?;
    must(out, &project, &["plan", "-input=false", "-no-color", "-detailed-exitcode"], false)?;
    out.say("terraform plan: no changes")?;

    out.step("The state holds no secret")?;
    let state = fs::read_to_string(project.folder.join("terraform.tfstate"))?;
    if let Some(mark) = SECRET_MARKS.iter().find(|mark| state.contains(**mark)) {
        return Err(io::Error::other(format!("`{mark}` is in the state")));
    }
    out.say(&format!("searched {} bytes of state for {}", state.len(), SECRET_MARKS.join(", ")))?;

    out.step("nhi-lint finds the plan clean")?;
    let run =
        project.lint(&["check", "tfplan", "--templates", "templates", "--format", "pretty"])?;
    out.show(&run.text())?;
    expect(&run, 0, "the quickstart's plan should be clean")?;

    out.step("nhi-lint rejects a plan that grants one action too many")?;
    out.say("tests/plans/new-bucket-role: its template allows reading, its policy also says s3:PutObject,")?;
    out.say("and Terraform shows that policy as `(known after apply)`, because the bucket does not exist yet")?;
    let templates = root().join("examples/templates/s3-object-reader.nhi.hcl");
    let arguments =
        ["check", "tests/plans/new-bucket-role/tfplan", "--format=pretty", "--templates"];
    let arguments: Vec<_> = arguments.iter().map(Into::into).chain([templates.into()]).collect();
    let run = bench.lint::<std::ffi::OsString>(root(), &arguments)?;
    out.show(&run.text())?;
    expect(&run, 1, "the plan should be rejected")?;
    if !run.stdout.contains("s3:PutObject") {
        return Err(io::Error::other("the rejection does not name s3:PutObject"));
    }

    out.step("Done: one identity through the front door, one stopped at it")
}

/// Runs terraform and fails loudly when it does.
fn must(
    out: &mut Narrator,
    project: &Project<'_>,
    arguments: &[&str],
    show: bool,
) -> io::Result<()> {
    out.say(&format!("$ terraform {}", arguments.join(" ")))?;
    let run = project.terraform(arguments)?;
    if show {
        out.show(&run.stdout)?;
    }
    expect(&run, 0, "terraform failed")
}

fn expect(run: &Run, code: i32, what: &str) -> io::Result<()> {
    if run.code == Some(code) {
        return Ok(());
    }
    Err(io::Error::other(format!("{what}; exit code {:?}\n{}", run.code, run.text())))
}

/// Says what happens, in colour on a terminal.
struct Narrator {
    out: io::Stdout,
    colour: bool,
}

impl Narrator {
    fn step(&mut self, title: &str) -> io::Result<()> {
        let (on, off) = if self.colour { ("\u{1b}[1;36m", "\u{1b}[0m") } else { ("", "") };
        self.line(format_args!("\n{on}== {title}{off}"))
    }

    fn say(&mut self, text: &str) -> io::Result<()> {
        self.line(format_args!("   {text}"))
    }

    fn show(&mut self, text: &str) -> io::Result<()> {
        text.trim_end().lines().try_for_each(|line| self.line(format_args!("   | {line}")))
    }

    fn line(&mut self, text: fmt::Arguments<'_>) -> io::Result<()> {
        writeln!(self.out, "{text}")?;
        self.out.flush()
    }
}
