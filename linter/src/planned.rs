//! What a plan or a state says, whatever form it was saved in.
//!
//! Large plans are mostly about resources that are no identities, so values are kept as the bytes they were saved in and
//! read when somebody asks: [`Instance::values`]. What is unknown is a hole whose origin is the place in the plan,
//! `aws_s3_bucket.ledger.arn`; the configuration may know more.

mod address;
mod archive;
mod compact;
mod configuration;
mod file;
mod foreign;
mod json;
mod marks;
mod msgpack;
mod place;
mod state;
#[cfg(test)]
mod tests;
mod value;

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU32;
use std::ops::Range;

use policy::text::Text;

use crate::model::Action;
use crate::value::Value;

pub(crate) use address::Address;
use configuration::Configuration;
pub(crate) use configuration::{Expression, Program};
pub(crate) use file::{Snapshot, read_plan_file};
pub(crate) use foreign::foreign;
pub(crate) use json::read_json;

/// A plan or a state.
#[derive(Debug, Default)]
pub(crate) struct Planned {
    /// What happens to each instance, in the order of the input: what is planned, or for a state what exists.
    pub(crate) instances: Vec<Instance>,
    /// What existed before the plan: data sources that were read in it, resources that it does not touch.
    pub(crate) prior: Vec<Instance>,
    /// What was changed outside of Terraform: from what was recorded to what is.
    pub(crate) drift: Vec<Instance>,
    /// Actions that run when the plan is applied, now or once it can be planned.
    pub(crate) actions: Vec<Invocation>,
    /// The values of the root module's variables.
    pub(crate) variables: BTreeMap<String, Value>,
    /// Those of them whose values must not be shown, as far as the plan says so.
    pub(crate) secret_variables: BTreeSet<String>,
    /// What of the plan cannot be read, or is missing in it; the rest is there all the same.
    pub(crate) problems: Vec<PlannedError>,
    /// It says neither that something is nor that something will be.
    pub(crate) says_nothing: bool,
    /// The sources that a plan file carries.
    pub(crate) snapshot: Option<Snapshot>,
    /// Where plan JSON says what about the configuration.
    configuration: Option<Configuration>,
    /// The bytes that instances point into.
    bytes: Vec<u8>,
    /// Places of instances, then of prior ones, in the order of their addresses.
    order: Vec<Place>,
}

/// A place in [`Planned::instances`] or [`Planned::prior`].
#[derive(Clone, Copy, Debug)]
enum Place {
    Planned(usize),
    Prior(usize),
}

/// One resource instance of a plan or state, its values still in the form that they were saved in.
#[derive(Clone, Debug)]
pub(crate) struct Instance {
    /// `module.robot[0].aws_iam_user.this`
    pub(crate) address: String,
    /// The address taken apart.
    pub(crate) parts: Address,
    /// What happens to it.
    pub(crate) action: Action,
    saved: Saved,
    /// What few instances have; a plan of many is kept small.
    rare: Option<Box<Rare>>,
}

/// What few instances have.
#[derive(Clone, Debug, Default, PartialEq)]
struct Rare {
    deposed: Option<String>,
    previous: Option<String>,
    imported: Option<Text>,
}

/// An action that a provider runs.
#[derive(Clone, Debug)]
pub(crate) struct Invocation {
    /// `module.robot[0].action.local_command.register`
    pub(crate) address: String,
    /// `local_command`
    pub(crate) kind: String,
    /// The resource instance that it runs for, unless it is called by itself.
    pub(crate) trigger: Option<String>,
    saved: Saved,
}

/// The form that an instance's values were saved in.
#[derive(Clone, Debug)]
enum Saved {
    /// `change` of plan JSON.
    Change(ChangeParts),
    /// `values` and `sensitive_values` of state JSON, `attributes` of a state file.
    Values { values: Option<Part>, sensitive: Option<Part>, paths: Vec<String> },
    /// msgpack of a plan file, with the paths that are sensitive before or after.
    Packed { before: Option<Vec<u8>>, after: Option<Vec<u8>>, sensitive: BTreeSet<String> },
}

/// The parts of `change` of plan JSON.
#[derive(Clone, Copy, Debug, Default)]
struct ChangeParts {
    before: Option<Part>,
    after: Option<Part>,
    unknown: Option<Part>,
    sensitive: [Option<Part>; 2],
}

/// A part of the text that a plan was read from.
#[derive(Clone, Copy, Debug)]
struct Part {
    start: usize,
    length: NonZeroU32,
}

impl Part {
    /// Where a slice stands in `text`, which it was borrowed from.
    fn of(text: &str, slice: &str) -> Option<Self> {
        Self::absolute(slice).map(|part| part.within(text))
    }

    /// Where a slice stands in memory: good for nothing until it is said within what.
    fn absolute(slice: &str) -> Option<Self> {
        // One that is too long is cut, and then it cannot be read.
        let length = u32::try_from(slice.len()).unwrap_or(u32::MAX);
        Some(Self { start: slice.as_ptr() as usize, length: NonZeroU32::new(length)? })
    }

    fn within(self, text: &str) -> Self {
        Self { start: self.start.saturating_sub(text.as_ptr() as usize), ..self }
    }

    fn range(self) -> Range<usize> {
        let length = usize::try_from(self.length.get()).unwrap_or(usize::MAX);
        self.start..self.start.saturating_add(length)
    }
}

impl Saved {
    /// Everything in it that stands in the text.
    fn parts<'a>(&'a mut self, out: &mut impl FnMut(&'a mut Part)) {
        match self {
            Self::Change(ChangeParts { before, after, unknown, sensitive: [first, second] }) => {
                [before, after, unknown, first, second].into_iter().flatten().for_each(out);
            }
            Self::Values { values, sensitive, .. } => {
                [values, sensitive].into_iter().flatten().for_each(out);
            }
            Self::Packed { .. } => {}
        }
    }
}

impl Rare {
    /// Kept only where there is anything.
    fn boxed(self) -> Option<Box<Self>> {
        (self != Self::default()).then(|| Box::new(self))
    }
}

impl Instance {
    /// The key of an old object that is to be destroyed, beside the one that replaced it.
    pub(crate) fn deposed(&self) -> Option<&str> {
        self.rare.as_ref()?.deposed.as_deref()
    }

    /// The address that it had before, if that was another one.
    pub(crate) fn previous(&self) -> Option<&str> {
        self.rare.as_ref()?.previous.as_deref()
    }

    /// The id of what is taken over by an `import` block.
    pub(crate) fn imported(&self) -> Option<&Text> {
        self.rare.as_ref()?.imported.as_ref()
    }
}

/// The values of an instance.
#[derive(Clone, Debug, Default)]
pub(crate) struct Values {
    /// Before: an object, or `Null` where nothing was, where nothing changes, or where nobody knows.
    pub(crate) before: Value,
    /// After: an object with a hole for each unknown; `Null` when it goes away.
    pub(crate) after: Value,
    /// Paths of values that must not be shown.
    pub(crate) sensitive: BTreeSet<String>,
}

/// Why a plan or state cannot be read: a phrase, and the way out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PlannedError {
    pub(crate) message: String,
    pub(crate) help: Option<String>,
}

impl PlannedError {
    fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), help: None }
    }

    #[must_use]
    fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl Planned {
    /// Whether it says nothing about its configuration: plan JSON of which a part was taken out, or a state.
    pub(crate) fn has_no_configuration(&self) -> bool {
        self.configuration.is_none()
    }

    /// Reads the values of one of this plan's instances.
    pub(crate) fn values(&self, instance: &Instance) -> Result<Values, PlannedError> {
        self.read(&instance.saved, &instance.address)
    }

    /// Reads what an action is given.
    pub(crate) fn arguments(&self, action: &Invocation) -> Result<Values, PlannedError> {
        self.read(&action.saved, &action.address)
    }

    fn read(&self, saved: &Saved, address: &str) -> Result<Values, PlannedError> {
        let slice = |part: &Option<Part>| part.map(|part| self.slice(part));
        let read = match saved {
            Saved::Change(ranges) => value::change(
                &value::ChangeBytes {
                    before: slice(&ranges.before).transpose()?,
                    after: slice(&ranges.after).transpose()?,
                    unknown: slice(&ranges.unknown).transpose()?,
                    sensitive: ranges
                        .sensitive
                        .iter()
                        .filter_map(slice)
                        .collect::<Result<_, _>>()?,
                },
                address,
            ),
            Saved::Values { values, sensitive, paths } => value::state(
                slice(values).transpose()?.unwrap_or_default(),
                slice(sensitive).transpose()?,
                paths,
            ),
            Saved::Packed { before, after, sensitive } => {
                value::packed([before.as_deref(), after.as_deref()], sensitive, address)
            }
        };
        read.map_err(|error| {
            PlannedError::new(format!("cannot read the values of `{address}`: {error}"))
        })
    }

    /// The planned instance of that address, else the one that existed before. A deposed object is never the answer.
    pub(crate) fn find(&self, address: &str) -> Option<&Instance> {
        let mut same = self.places(address).filter_map(|place| self.at(*place));
        same.find(|instance| instance.deposed().is_none())
    }

    /// Whether the plan says what happens to an object that was there before.
    pub(crate) fn is_planned(&self, prior: &Instance) -> bool {
        let mut same = self.places(&prior.address);
        same.any(|place| match place {
            Place::Planned(_) => {
                self.at(*place).is_some_and(|instance| instance.deposed() == prior.deposed())
            }
            Place::Prior(_) => false,
        })
    }

    /// Where the instances of an address are.
    fn places(&self, address: &str) -> impl Iterator<Item = &Place> {
        let start = self.order.partition_point(|place| self.address(*place) < address);
        let from = self.order.get(start..).unwrap_or_default();
        from.iter().take_while(move |place| self.address(**place) == address)
    }

    /// The expressions of the resource that an instance belongs to; none without configuration.
    pub(crate) fn configured(&self, address: &Address) -> Option<BTreeMap<String, Expression>> {
        let (module, resource) = address.configured();
        self.configuration.as_ref()?.resource(&self.bytes, &module, &resource)
    }

    /// As [`Self::configured`]; none either where no expression refers to anything.
    pub(crate) fn referring(&self, address: &Address) -> Option<BTreeMap<String, Expression>> {
        let (module, resource) = address.configured();
        self.configuration.as_ref()?.referring(&self.bytes, &module, &resource)
    }

    /// The programs that run beside the resource that an instance belongs to, as far as plan JSON tells.
    pub(crate) fn programs(&self, address: &Address) -> Vec<Program> {
        let Some(configuration) = &self.configuration else { return Vec::new() };
        if !configuration.has_programs() {
            return Vec::new();
        }
        let (module, resource) = address.configured();
        configuration.programs(&self.bytes, &module, &resource)
    }

    /// The expressions with which a module (`["a", "b"]` for `module.a.module.b`) is called; none for the root module.
    pub(crate) fn call(&self, module: &[String]) -> Option<BTreeMap<String, Expression>> {
        self.configuration.as_ref()?.call(&self.bytes, module)
    }

    /// Sorts the addresses, once everything is there.
    fn index(mut self) -> Self {
        let planned = (0..self.instances.len()).map(Place::Planned);
        let mut order: Vec<Place> =
            planned.chain((0..self.prior.len()).map(Place::Prior)).collect();
        // Stable: what is planned stays before what was.
        order.sort_by(|left, right| self.address(*left).cmp(self.address(*right)));
        self.order = order;
        self
    }

    fn at(&self, place: Place) -> Option<&Instance> {
        match place {
            Place::Planned(index) => self.instances.get(index),
            Place::Prior(index) => self.prior.get(index),
        }
    }

    fn address(&self, place: Place) -> &str {
        self.at(place).map_or("", |instance| &instance.address)
    }

    fn slice(&self, part: Part) -> Result<&[u8], PlannedError> {
        self.bytes.get(part.range()).ok_or_else(|| {
            PlannedError::new("an instance points outside the file that it came from")
        })
    }
}
