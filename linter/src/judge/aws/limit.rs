//! Whether a permissions boundary would hold an identity inside a template whose policies alone are outside.
//!
//! A template's ceiling is about the policies themselves, because a boundary is easily taken off. But who reads that a policy is
//! too wide should know that the boundary makes up for it today.

use policy::aws::{Composition, Document, contains_within};
use policy::template::Template;
use policy::template::fit::Binding;

use crate::identity::{Content, Identity};
use crate::rule::Context;

use super::Policies;

/// A phrase that says so, if the content of the boundary is known and it is so.
pub(super) fn holds(
    identity: &Identity,
    read: &Policies<'_>,
    template: &Template,
    binding: &Binding,
    context: &Context<'_>,
) -> Option<String> {
    let grant = identity.boundary.as_ref()?;
    let Content::Arn(arn) = &grant.content else { return None };
    let boundary = match &identity.ceiling {
        Some(text) => context.managed.document(text).ok()?,
        // One of which nothing is known holds nothing for sure.
        None => context.managed.published(arn)?,
    };
    let known = |(name, value): (&String, &policy::text::Text)| {
        Some((name.clone(), value.as_str()?.to_owned()))
    };
    let values = binding.values.iter().filter_map(known).collect();
    let permissions = template.bind(&values).ok()?.aws()?.permissions?;
    let outer = Document::parse(&policy::text::Text::literal(permissions)).ok()?;
    let inner = Composition {
        policies: read.permissions.iter().map(|(_, policy)| &policy.document).collect(),
        boundary: Some(&boundary.document),
        ..Composition::default()
    };
    contains_within(&[&outer], &inner).open.is_inside().then(|| {
        format!("the boundary `{arn}` takes it away again, but a template is about the policies themselves")
    })
}
