//! The `owner` and `baseline` blocks.

use std::collections::BTreeMap;

use hcl_edit::structure::Block;

use super::{Reader, Shape};
use crate::governance::{Caps, Kind, owner};
use crate::template::error::TemplateErrorKind;
use crate::template::library::OwnerEntry;
use crate::template::model::Spanned;

const OWNER: Shape = Shape {
    inside: "an `owner` block",
    attributes: &["accountable", "steward", "active"],
    single: &[],
    many: &[],
};
const BASELINE: Shape =
    Shape { inside: "a `baseline` block", attributes: &[], single: &[], many: &["kind"] };
const KIND: Shape = Shape {
    inside: "a `kind` block",
    attributes: &["max_lifetime", "max_session", "review_every"],
    single: &[],
    many: &[],
};

impl Reader<'_> {
    pub(super) fn owner(&mut self, block: &Block) -> Option<OwnerEntry> {
        let body = &block.body;
        let before = self.errors.len();
        self.check_shape(body, &OWNER);
        let name = self.label(block);
        if !body.has_attribute("accountable") {
            let help = "name the person who answers for it: `accountable = \"ada@example.com\"`";
            self.missing(block, "accountable", OWNER.inside, help);
        }
        let accountable = self.person(block, "accountable");
        let steward = self.person(block, "steward");
        let active =
            if body.has_attribute("active") { self.boolean(body, "active") } else { Some(true) };
        let entry = OwnerEntry {
            name: name?.value,
            accountable: accountable?,
            steward,
            active: active?,
            place: self.place(self.head(block)),
        };
        (self.errors.len() == before).then_some(entry)
    }

    fn person(&mut self, block: &Block, name: &str) -> Option<String> {
        let Spanned { value, span } = self.literal(&block.body, name)?;
        if owner::check_person(&value, None).is_some() {
            let kind =
                TemplateErrorKind::Value { text: value, expected: "a person's e-mail address" };
            let help = "a shared mailbox, a pipeline or a bot cannot be asked: name one person";
            self.error(span, kind, Some(help.to_owned()));
            return None;
        }
        Some(value)
    }

    pub(super) fn baseline(&mut self, block: &Block) -> BTreeMap<Kind, Caps> {
        self.no_label(block);
        self.check_shape(&block.body, &BASELINE);
        let known = Kind::ALL.map(|kind| (kind.name(), kind));
        let mut caps = BTreeMap::new();
        for block in block.body.get_blocks("kind") {
            self.check_shape(&block.body, &KIND);
            let Some(name) = self.label(block) else { continue };
            let Some(kind) = self.word(&name, "a kind of identity", &known) else { continue };
            let mut lifetime = |name| self.lifetime(&block.body, name).map(|it| it.value);
            let cap = Caps {
                max_lifetime: lifetime("max_lifetime"),
                max_session: lifetime("max_session"),
                review_every: lifetime("review_every"),
            };
            if caps.insert(kind, cap).is_some() {
                let name = format!("kind \"{kind}\"");
                let error = TemplateErrorKind::Repeated { name, inside: BASELINE.inside };
                self.error(
                    self.head(block),
                    error,
                    Some("put everything into one block".to_owned()),
                );
            }
        }
        caps
    }
}
