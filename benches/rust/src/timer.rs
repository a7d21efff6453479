//! Two sides in turn, A B A B. Criterion and divan time one side after the other, and on a machine with
//! neighbours the minutes between the two weigh more than the difference sought; so ratios have this timer,
//! absolute figures criterion.

use std::time::Instant;

use crate::side::Side;

/// How long to measure, in seconds: a side runs for `turn` before it is the other's, `rounds` times or until
/// `limit`, but `least` times in any case.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    pub turn: f64,
    pub rounds: usize,
    pub limit: f64,
    pub least: usize,
}

pub const QUICK: Effort = Effort {
    turn: 0.001,
    rounds: 31,
    limit: 0.6,
    least: 9,
};

pub const FULL: Effort = Effort {
    turn: 0.01,
    rounds: 101,
    limit: 5.0,
    least: 15,
};

impl Effort {
    /// For a row without a bar.
    #[must_use]
    pub fn brief(self) -> Self {
        Self {
            rounds: self.rounds / 3,
            limit: self.limit / 3.0,
            least: self.least / 2,
            ..self
        }
    }
}

/// A side, and how many operations fill a turn.
pub struct Timed<'s> {
    side: &'s mut Side,
    count: usize,
}

impl<'s> Timed<'s> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a number of operations"
    )]
    pub fn new(side: &'s mut Side, effort: Effort) -> Self {
        let mut count = 1;
        // The first run builds what is built when it is first needed.
        side.turn(1);
        loop {
            let spent = side.turn(count).as_secs_f64();
            if spent >= effort.turn {
                return Self { side, count };
            }
            let wanted = count as f64 * effort.turn / spent.max(1e-9);
            count = (2 * count).max(wanted.min(64.0 * count as f64) as usize);
        }
    }

    /// The seconds of one operation, in the mean of a turn.
    #[expect(clippy::cast_precision_loss, reason = "a number of operations")]
    pub fn seconds(&mut self) -> f64 {
        self.side.turn(self.count).as_secs_f64() / self.count as f64
    }
}

/// Seconds of both sides, in turn.
pub fn turns(one: &mut Side, other: &mut Side, effort: Effort) -> Vec<(f64, f64)> {
    let (mut one, mut other) = (Timed::new(one, effort), Timed::new(other, effort));
    let (mut pairs, start) = (Vec::new(), Instant::now());
    while pairs.len() < effort.rounds
        && (pairs.len() < effort.least || start.elapsed().as_secs_f64() < effort.limit)
    {
        pairs.push((one.seconds(), other.seconds()));
    }
    pairs
}

/// Seconds of one side, turn by turn.
pub fn alone(side: &mut Side, effort: Effort) -> Vec<f64> {
    let mut side = Timed::new(side, effort);
    (0..effort.rounds).map(|_| side.seconds()).collect()
}

/// Lower quartile, median, upper quartile.
///
/// # Panics
/// Where there is no value.
pub fn quartiles(values: impl IntoIterator<Item = f64>) -> [f64; 3] {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    [1, 2, 3].map(|part| values[(values.len() - 1) * part / 4])
}
