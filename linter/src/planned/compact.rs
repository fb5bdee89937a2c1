//! Gives back the bytes of a plan that nobody will ask for: most of it says the same thing again (`planned_values`), or
//! what was before.

use super::{Part, Planned};

impl Planned {
    /// Keeps only what instances and configuration point at, in the order in which it stood.
    pub(super) fn compact(&mut self) {
        let instances = self.instances.iter_mut().chain(&mut self.prior).chain(&mut self.drift);
        let saved = instances.map(|instance| &mut instance.saved);
        let saved = saved.chain(self.actions.iter_mut().map(|action| &mut action.saved));
        let mut parts: Vec<&mut Part> = Vec::new();
        saved.for_each(|saved| saved.parts(&mut |part| parts.push(part)));
        if let Some(configuration) = &mut self.configuration {
            configuration.parts(&mut parts);
        }
        parts.sort_unstable_by_key(|part| part.start);
        let mut end = 0;
        for part in parts {
            let range = part.range();
            let length = range.len();
            // INVARIANT: JSON values that are kept do not overlap, so nothing that is still to come is overwritten.
            if end > range.start || range.end > self.bytes.len() {
                return;
            }
            self.bytes.copy_within(range, end);
            part.start = end;
            end += length;
        }
        self.bytes.truncate(end);
        self.bytes.shrink_to_fit();
    }
}
