//! A resource that does what its `mode` says, right or wrong, with a data source, an ephemeral resource and a function
//! beside it.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use tokio::sync::Notify;

use crate::action::{self, Action, Progress};
use crate::attribute::Attribute;
use crate::context::Context;
use crate::data_source::{self, DataSource};
use crate::ephemeral::{self, Ephemeral, Opened, Renewed};
use crate::function::{self, Function, FunctionProblem, Parameter};
use crate::list::{self, List};
use crate::model::{Model as _, model};
use crate::path::Path;
use crate::problem::Problem;
use crate::resource::{
    self, Change, Done, Failed, IdentityAttribute, ImportKey, Moved, Planned, Resource,
};
use crate::schema::{computed, optional, optional_computed, required};
use crate::server::tables::{Entries, Tables};
use crate::settings::Settings;

/// A create that waits has started.
pub(super) static STARTED: Notify = Notify::const_new();
/// Another one, for the other test that runs at the same time.
pub(super) static STARTED_SLOWLY: Notify = Notify::const_new();
/// Lets it go on.
pub(super) static RELEASE: Notify = Notify::const_new();
/// It went on to its end.
pub(super) static FINISHED: AtomicBool = AtomicBool::new(false);

fn allowed(note: &str) -> Result<(), String> {
    if note == "forbidden" { Err("choose another note".to_owned()) } else { Ok(()) }
}

model! {
    /// A toy.
    pub(super) struct Toy {
        /// Name of the toy.
        name: String = required().replaces(),
        /// What it does.
        mode: String = required(),
        /// A note.
        note: String = optional().check(allowed),
        /// A secret.
        secret: String = optional().write_only(),
        /// How long the secret was.
        secret_length: i64 = computed(),
        /// Identifier.
        id: String = computed().stable(),
    }
}

pub(super) fn tables() -> Tables {
    Tables::new(
        Settings::schema(0, "A provider of toys."),
        Entries {
            resources: vec![resource::adapter::Entry::of::<Toys>()],
            data_sources: vec![data_source::adapter::Entry::of::<ToySize>()],
            ephemerals: vec![ephemeral::adapter::Entry::of::<Lease>()],
            lists: vec![list::adapter::Entry::of::<ToyBox>()],
            actions: vec![action::adapter::Entry::of::<Wind>()],
            functions: vec![function::adapter::Entry::of::<JoinTexts>()],
        },
    )
}

struct Toys;

fn made(mut toy: Toy) -> Toy {
    toy.id = toy.name.clone().map(|name| format!("toy-{name}"));
    let length = toy.secret.as_str().map(str::len).and_then(|length| i64::try_from(length).ok());
    toy.secret_length = length.into();
    toy
}

fn failure(state: Option<Toy>, summary: &str, detail: &str) -> Failed<Toy> {
    Failed { problems: vec![Problem::error(summary, detail)], state }
}

impl Resource for Toys {
    const TYPE: &'static str = "nhi_toy";
    const DESCRIPTION: &'static str = "A toy.";
    const VERSION: i64 = 1;
    const IDENTITY: &'static [IdentityAttribute] =
        &[IdentityAttribute { name: "id", description: "Identifier.", required_for_import: true }];

    type Model = Toy;
    type Facts = ();

    fn validate(config: &Toy) -> Vec<Problem> {
        let noted = config.note.is_known();
        let warning = Problem::warning("Warned", "the resource looks at notes as well");
        if noted && config.note.as_str() == Some("forbidden") {
            vec![warning.at(Toy::note)]
        } else {
            Vec::new()
        }
    }

    fn plan(change: Change<'_, Toy>, (): &(), _: &Context) -> Result<Planned<Toy>, Vec<Problem>> {
        let mut planned = Planned::from(change.proposed);
        match change.config.mode.as_str() {
            Some("plans another name") => planned.state.name = "x".into(),
            Some("replaces nowhere") => planned.replace.push(Path::from("nowhere")),
            _ => {}
        }
        Ok(planned)
    }

    fn plan_destroy(prior: &Toy, (): &(), _: &Context) -> Vec<Problem> {
        if prior.mode.as_str() == Some("keeps") {
            vec![Problem::error("Still in use", "disable it first").at(Toy::mode)]
        } else {
            vec![Problem::warning("Going", "it is destroyed")]
        }
    }

    async fn create(planned: Toy, context: &Context) -> Result<Done<Toy>, Failed<Toy>> {
        let mut state = made(planned);
        match state.mode.as_str().unwrap_or_default() {
            "leaves unknown" => state.id = Attribute::Unknown,
            "makes another name" => state.name = "x".into(),
            "fails half way" => {
                state.secret_length = Attribute::Unknown;
                return Err(failure(Some(state), "Broken", "half way"));
            }
            "fails early" => return Err(failure(None, "Broken", "early")),
            "panics" => panic!("hunter2"),
            "waits for stop" => {
                STARTED.notify_one();
                context.stop().wanted().await;
                return Err(failure(Some(state), "Stopped", "what exists is in the state"));
            }
            "waits for release" => {
                STARTED_SLOWLY.notify_one();
                RELEASE.notified().await;
                FINISHED.store(true, Ordering::SeqCst);
            }
            _ => {}
        }
        Ok(Done { private: Some(b"made".to_vec()), ..Done::from(state) })
    }

    async fn read(state: Toy, _: &Context) -> Result<Option<Done<Toy>>, Vec<Problem>> {
        if state.mode.as_str() == Some("vanishes") {
            return Ok(None);
        }
        let imported = state.name.is_null();
        let name = state.id.as_str().and_then(|id| id.strip_prefix("toy-")).map(str::to_owned);
        let read = if imported { Toy { name: name.into(), ..state } } else { state };
        Ok(Some(read.into()))
    }

    async fn update(_: Toy, planned: Toy, context: &Context) -> Result<Done<Toy>, Failed<Toy>> {
        Self::create(planned, context).await
    }

    async fn delete(prior: Toy, _: &Context) -> Result<Vec<Problem>, Failed<Toy>> {
        match prior.mode.as_str() {
            Some("does not go") => Err(failure(None, "Broken", "it stays")),
            _ => Ok(Vec::new()),
        }
    }

    async fn import(key: ImportKey, _: &Context) -> Result<Toy, Vec<Problem>> {
        let id = key.text(Toy::id).unwrap_or_default();
        if !id.starts_with("toy-") {
            let detail = format!("`{id}` does not begin with `toy-`");
            return Err(vec![Problem::error("Unknown id", detail).at(Toy::id)]);
        }
        Ok(Toy { id: id.into(), ..Toy::default() })
    }

    fn moved(source: &Moved<'_>) -> Option<Result<Done<Toy>, Vec<Problem>>> {
        if !source.is_ours() || source.type_name != "nhi_doll" {
            return None;
        }
        let name = source.state["name"].as_str().map(str::to_owned);
        if name.is_none() {
            return Some(Err(vec![Problem::error("Nameless", "a doll has a name")]));
        }
        let state = Toy {
            id: name.clone().map(|name| format!("toy-{name}")).into(),
            name: name.into(),
            ..Toy::default()
        };
        Some(Ok(Done { private: Some(b"doll".to_vec()), ..Done::from(state) }))
    }

    fn is_moved(private: &[u8]) -> bool {
        private == b"doll"
    }

    fn upgrade(_: i64, mut state: serde_json::Value) -> Result<serde_json::Value, Vec<Problem>> {
        state["name"] = state["title"].take();
        Ok(state)
    }
}

model! {
    /// The size of a toy.
    pub(super) struct Size {
        /// Name of the toy.
        name: String = required(),
        /// Its size.
        size: i64 = computed(),
    }
}

struct ToySize;

impl DataSource for ToySize {
    const TYPE: &'static str = "nhi_toy";
    const DESCRIPTION: &'static str = "The size of a toy.";

    type Model = Size;

    async fn read(config: Size, _: &Context) -> Result<Done<Size>, Vec<Problem>> {
        let size = config.name.as_str().map(|name| i64::try_from(name.len()).unwrap_or_default());
        let name = match config.name.as_str() {
            Some("liar") => "other".into(),
            _ => config.name,
        };
        Ok(Size { name, size: size.into() }.into())
    }
}

struct JoinTexts;

impl Function for JoinTexts {
    const NAME: &'static str = "join_texts";
    const SUMMARY: &'static str = "Joins two texts.";
    const DESCRIPTION: &'static str = "Joins two texts with a hyphen.";
    const PARAMETERS: &'static [Parameter] = &[
        Parameter { name: "first", description: "The first." },
        Parameter { name: "second", description: "The second." },
    ];

    type Arguments = (String, Attribute<String>);
    type Output = String;

    fn call((first, second): Self::Arguments) -> Result<String, FunctionProblem> {
        if first.is_empty() {
            return Err(FunctionProblem::at(0, "empty"));
        }
        Ok(format!("{first}-{}", second.as_str().unwrap_or("nothing")))
    }
}

model! {
    /// A lease of a toy.
    pub(super) struct ToyLease {
        /// Name of the toy.
        toy: String = required(),
        /// Who takes it.
        child: String = optional_computed().default("anybody"),
        /// What opens the box.
        key: String = computed().sensitive(),
    }
}

struct Lease;

/// What private says to the operation that gets it: the name, and whether it comes from opening or from renewing.
fn lease_of(context: &Context) -> (String, String) {
    let private = String::from_utf8_lossy(context.private()).into_owned();
    let (toy, from) = private.split_once('/').unwrap_or((&private, ""));
    (toy.to_owned(), from.to_owned())
}

impl Ephemeral for Lease {
    const TYPE: &'static str = "nhi_toy_lease";
    const DESCRIPTION: &'static str = "A lease of a toy.";

    type Model = ToyLease;

    fn validate(config: &ToyLease) -> Vec<Problem> {
        match config.toy.as_str() {
            Some("nothing") => vec![Problem::error("No toy", "name one").at(ToyLease::toy)],
            _ => Vec::new(),
        }
    }

    async fn open(config: ToyLease, context: &Context) -> Result<Opened<ToyLease>, Vec<Problem>> {
        let toy = config.toy.as_str().unwrap_or_default().to_owned();
        let mut result = ToyLease { key: "hunter2".into(), ..config };
        match toy.as_str() {
            "taken" => return Err(vec![Problem::error("Taken", "wait").at(ToyLease::toy)]),
            "swapped" => result.toy = "other".into(),
            "wrongly keyed" => result.key = Attribute::Unknown,
            _ => {}
        }
        let hour = jiff::SignedDuration::from_hours(1);
        let renew_at = (toy != "short").then(|| context.now() + hour);
        let private = format!("{toy}/opened").into_bytes();
        Ok(Opened { result, renew_at, private, warnings: Vec::new() })
    }

    async fn renew(context: &Context) -> Result<Renewed, Vec<Problem>> {
        match lease_of(context) {
            (toy, _) if toy == "wanted" => Err(vec![Problem::error("Wanted", "by another")]),
            // Renewed once more, and no further.
            (_, from) if from == "renewed" => Ok(Renewed::default()),
            (toy, _) => {
                let renew_at = Some(context.now() + jiff::SignedDuration::from_hours(2));
                Ok(Renewed { renew_at, private: format!("{toy}/renewed").into_bytes() })
            }
        }
    }

    async fn close(context: &Context) -> Vec<Problem> {
        let (toy, from) = lease_of(context);
        vec![Problem::warning("Closed", format!("{toy}, {from}"))]
    }
}

model! {
    /// Which toys are listed.
    pub(super) struct BoxQuery {
        /// Which box: `full`, `endless`, `broken` or `locked`.
        name: String = required(),
    }
}

/// How many toys of the endless box were looked at.
pub(super) static LOOKED_AT: AtomicUsize = AtomicUsize::new(0);

struct ToyBox;

impl List for ToyBox {
    type Resource = Toys;
    const DESCRIPTION: &'static str = "The toys of a box.";

    type Model = BoxQuery;
    type Item = (String, usize);

    fn validate(config: &BoxQuery) -> Vec<Problem> {
        match config.name.as_str() {
            Some("") => vec![Problem::error("No box", "name one").at(BoxQuery::name)],
            _ => Vec::new(),
        }
    }

    async fn find(
        config: BoxQuery,
        _: Option<usize>,
        _: &Context,
    ) -> Result<Vec<Self::Item>, Vec<Problem>> {
        let name = config.name.as_str().unwrap_or_default().to_owned();
        let count = match name.as_str() {
            "locked" => return Err(vec![Problem::error("Locked", "find the key")]),
            "panicking" => panic!("hunter2"),
            "endless" => 100_000,
            _ => 3,
        };
        Ok((0..count).map(|number| (name.clone(), number)).collect())
    }

    fn identity((name, number): &Self::Item) -> Vec<(&'static str, String)> {
        if name == "endless" {
            LOOKED_AT.fetch_add(1, Ordering::SeqCst);
        }
        if name == "broken" && *number == 1 {
            return Vec::new();
        }
        vec![(Toy::id, format!("toy-{number}"))]
    }

    fn display_name((_, number): &Self::Item) -> String {
        format!("Toy {number}")
    }

    fn state((_, number): Self::Item, _: &Context) -> Result<Toy, Vec<Problem>> {
        Ok(made(Toy { name: number.to_string().into(), mode: "".into(), ..Toy::default() }))
    }
}

model! {
    /// What is wound up.
    pub(super) struct Winding {
        /// Name of the toy.
        toy: String = required(),
        /// How often.
        turns: i64 = optional(),
    }
}

struct Wind;

impl Action for Wind {
    const TYPE: &'static str = "nhi_wind";
    const DESCRIPTION: &'static str = "Winds up a toy.";

    type Model = Winding;

    fn validate(config: &Winding) -> Vec<Problem> {
        match config.turns.known() {
            Some(turns) if *turns < 0 => {
                vec![Problem::error("Backwards", "wind forwards").at(Winding::turns)]
            }
            _ => Vec::new(),
        }
    }

    async fn plan(config: Winding, _: &Context) -> Vec<Problem> {
        match config.toy.as_str() {
            Some("lost") => vec![Problem::error("Lost", "find it").at(Winding::toy)],
            _ => Vec::new(),
        }
    }

    async fn invoke(
        config: Winding,
        progress: &Progress,
        _: &Context,
    ) -> Result<Vec<Problem>, Vec<Problem>> {
        for turn in 1..=config.turns.known().copied().unwrap_or(1) {
            progress.tell(format!("turn {turn}")).await;
        }
        match config.toy.as_str().unwrap_or_default() {
            "old" => Err(vec![Problem::error("Broken", "the spring")]),
            "panicking" => panic!("hunter2"),
            "slow" => {
                WINDING.notify_one();
                UNWIND.notified().await;
                WOUND.store(true, Ordering::SeqCst);
                Ok(Vec::new())
            }
            "tight" => Ok(vec![Problem::warning("Tight", "no further")]),
            _ => Ok(Vec::new()),
        }
    }
}

/// A slow winding has started.
pub(super) static WINDING: Notify = Notify::const_new();
/// Lets it go on.
pub(super) static UNWIND: Notify = Notify::const_new();
/// It went on to its end.
pub(super) static WOUND: AtomicBool = AtomicBool::new(false);
