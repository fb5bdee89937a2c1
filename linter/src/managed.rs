//! Policy documents, read once however many identities have them: those that AWS makes and an ARN names come from the
//! catalogue, and a trust policy is often the same for every role.

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
    documents: RefCell<BTreeMap<Text, Result<Rc<Policy>, String>>>,
}

/// More documents than this are not kept: what occurs often occurs early.
const MAX_DOCUMENTS: usize = 256;

impl Managed {
    /// The policy that a text is.
    pub(crate) fn document(&self, text: &Text) -> Result<Rc<Policy>, String> {
        if let Some(known) = self.documents.borrow().get(text) {
            return known.clone();
        }
        let policy = Policy::parse_template(text).map(Rc::new).map_err(|error| error.to_string());
        let mut documents = self.documents.borrow_mut();
        if documents.len() < MAX_DOCUMENTS {
            documents.insert(text.clone(), policy.clone());
        }
        policy
    }

    /// The policy behind an ARN, if its content is known.
    pub(crate) fn published(&self, arn: &Text) -> Option<Rc<Policy>> {
        let published = arn.as_str().and_then(catalogue::aws_managed_policy).is_some();
        published.then(|| self.policy(arn).ok()).flatten()
    }

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
