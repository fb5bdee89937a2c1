//! Gives back the bytes of a plan that nobody will ask for: most of it says the same thing again (`planned_values`), or
//! what was before.

use std::ops::Range;

use super::configuration::Configuration;
use super::{ChangeRanges, Planned, Saved};

impl Planned {
    /// Keeps only what instances and configuration point at, in the order in which it stood.
    pub(super) fn compact(&mut self) {
        let instances = self.instances.iter_mut().chain(&mut self.prior).chain(&mut self.drift);
        let saved = instances.map(|instance| &mut instance.saved);
        let saved = saved.chain(self.actions.iter_mut().map(|action| &mut action.saved));
        let mut ranges: Vec<&mut Range<usize>> = Vec::new();
        saved.for_each(|saved| saved.ranges(&mut ranges));
        ranges.extend(self.configuration.iter_mut().flat_map(Configuration::ranges));
        ranges.sort_by_key(|range| range.start);
        let mut end = 0;
        for range in ranges {
            let length = range.len();
            // INVARIANT: JSON values that are kept do not overlap, so nothing that is still to come is overwritten.
            if end > range.start || range.end > self.bytes.len() {
                return;
            }
            self.bytes.copy_within(range.clone(), end);
            *range = end..end + length;
            end += length;
        }
        self.bytes.truncate(end);
        self.bytes.shrink_to_fit();
    }
}

impl Saved {
    fn ranges<'a>(&'a mut self, out: &mut Vec<&'a mut Range<usize>>) {
        match self {
            Self::Change(ChangeRanges { before, after, unknown, sensitive: [first, second] }) => {
                out.extend([before, after, unknown, first, second].into_iter().flatten());
            }
            Self::Values { values, sensitive, .. } => {
                out.push(values);
                out.extend(sensitive);
            }
            Self::Packed { .. } => {}
        }
    }
}
