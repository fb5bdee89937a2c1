//! The time of the request, which has two names: `aws:CurrentTime` and, in whole seconds or finer, `aws:EpochTime`.

use super::Mode;
use super::check::Model;
use super::entry::{Kind, Test, Tri};
use super::scalar::{SECOND, Unit};

/// A time with which these entries hold or fail as they should.
pub(super) fn instant(wants: &[(&Test, bool)], mode: Mode) -> Option<Model> {
    let mut constants = Vec::new();
    for (test, _) in wants {
        let Kind::Scalar(_, _, values) = &test.kind else { continue };
        for value in values.iter().flatten() {
            constants.push(*value);
            if test.epoch {
                let start = value.div_euclid(SECOND) * SECOND;
                constants.extend([start, start + SECOND]);
            }
        }
    }
    let serves = |time: i128, epoch: i128| {
        wants.iter().all(|(test, holds)| {
            let value = if test.epoch { epoch } else { time };
            answer(test, value).serves(*holds, mode)
        })
    };
    let mut times = Unit::Date.representatives(constants);
    if mode == Mode::Certain {
        // A request that nobody doubts comes at a whole second.
        times.sort_by_key(|time| time.rem_euclid(SECOND) != 0);
    }
    for time in times {
        let start = time.div_euclid(SECOND) * SECOND;
        // Whether the number of seconds has a fraction is not documented.
        let serving = match mode {
            Mode::Possible => serves(time, time) || serves(time, start),
            Mode::Certain => serves(time, time) && serves(time, start),
        };
        if serving && let Some(written) = Unit::Date.write(time) {
            return Some(Model::Time(written, (start / SECOND).to_string()));
        }
    }
    None
}

fn answer(test: &Test, value: i128) -> Tri {
    let hit = match &test.kind {
        Kind::Scalar(_, order, constants) => Tri::any(constants.iter().map(|constant| {
            constant.map_or(Tri::Maybe, |constant| order.holds(value.cmp(&constant)).into())
        })),
        Kind::Presence(answer) => return *answer,
        Kind::Resolves => return Tri::Yes,
        Kind::Free | Kind::Text(..) | Kind::Address(_) | Kind::Bool(_) | Kind::Binary(_) => {
            return Tri::Maybe;
        }
    };
    test.signed(hit)
}
