//! Gives back the bytes of a plan that nobody will ask for: most of it says the same thing again (`planned_values`), or
//! what was before.

use std::ops::Range;

use super::configuration::Configuration;
use super::{ChangeRanges, Instance, Planned, Saved};

impl Planned {
    /// Keeps only what instances and configuration point at, in the order in which it stood.
    pub(super) fn compact(&mut self) {
        let instances = self.instances.iter_mut().chain(&mut self.prior);
        let mut ranges: Vec<&mut Range<usize>> = instances.flat_map(Instance::ranges).collect();
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

impl Instance {
    fn ranges(&mut self) -> Vec<&mut Range<usize>> {
        match &mut self.saved {
            Saved::Change(ChangeRanges { after, unknown, sensitive: [first, second] }) => {
                [after, unknown, first, second].into_iter().flatten().collect()
            }
            Saved::Values { values, sensitive, .. } => {
                std::iter::once(values).chain(sensitive).collect()
            }
            Saved::Packed { .. } => Vec::new(),
        }
    }
}
