//! Policies that are named by ARN and made by AWS: their documents come from the catalogue, each read once a run.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use policy::catalogue;
use policy::template::fit::Policy;
use policy::text::{Shape, Text};

/// The policies that were asked for so far.
#[derive(Debug, Default)]
pub(crate) struct Managed {
    read: RefCell<BTreeMap<Text, Result<Rc<Policy>, String>>>,
}

impl Managed {
    /// The policy behind an ARN. One that is not AWS's own, or newer than the catalogue, is one of which nothing is known.
    pub(crate) fn policy(&self, arn: &Text) -> Result<Rc<Policy>, String> {
        if let Some(known) = self.read.borrow().get(arn) {
            return known.clone();
        }
        let text = match arn.as_str().and_then(catalogue::aws_managed_policy) {
            Some(document) => Text::literal(document),
            None => Text::hole(arn.to_string(), Shape::Any),
        };
        let policy = Policy::parse(&text).map(Rc::new).map_err(|error| error.to_string());
        self.read.borrow_mut().insert(arn.clone(), policy.clone());
        policy
    }
}
