//! What is compared, and the line of JSON that it gives.

use crate::side::Side;
use crate::timer::{Effort, alone, quartiles, turns};

/// One operation on one layout: this crate's side, and the peers that have the operation.
pub struct Row {
    pub group: &'static str,
    pub what: String,
    pub layout: String,
    ours: Side,
    /// Each with the ratio that is allowed at most.
    peers: Vec<(Side, Option<f64>)>,
    /// Nanoseconds that this crate's side may take at most.
    at_most: Option<f64>,
}

impl Row {
    pub fn new(group: &'static str, what: &str, layout: &str, ours: Side) -> Self {
        Self {
            group,
            what: what.into(),
            layout: layout.into(),
            ours,
            peers: Vec::new(),
            at_most: None,
        }
    }

    #[must_use]
    pub fn against(mut self, peer: Side) -> Self {
        self.peers.push((peer, None));
        self
    }

    #[must_use]
    pub fn at_most(mut self, bar: f64, peer: Side) -> Self {
        self.peers.push((peer, Some(bar)));
        self
    }

    #[must_use]
    pub const fn nanoseconds(mut self, bar: f64) -> Self {
        self.at_most = Some(bar);
        self
    }

    /// This crate's side alone.
    pub fn into_ours(self) -> Side {
        self.ours
    }

    /// Measures, and prints a line of JSON a peer.
    pub fn measure(mut self, effort: Effort) {
        let line = Line {
            group: self.group,
            what: &self.what,
            layout: &self.layout,
        };
        if let Some(bar) = self.at_most {
            let nanoseconds = alone(&mut self.ours, effort)
                .into_iter()
                .map(|seconds| seconds * 1e9);
            line.figure(quartiles(nanoseconds), "ns", Some(bar), effort.rounds);
        }
        for (mut peer, bar) in self.peers {
            let effort = bar.map_or_else(|| effort.brief(), |_| effort);
            line.ratio(&peer.name.clone(), bar, &turns(&mut self.ours, &mut peer, effort));
        }
    }
}

/// What a line is about.
pub struct Line<'a> {
    pub group: &'a str,
    pub what: &'a str,
    pub layout: &'a str,
}

impl Line<'_> {
    /// A ratio, from the seconds of both sides in turn.
    pub fn ratio(&self, against: &str, bar: Option<f64>, pairs: &[(f64, f64)]) {
        let least = |side: fn(&(f64, f64)) -> f64| pairs.iter().map(side).fold(f64::INFINITY, f64::min);
        let [low, value, high] = quartiles(pairs.iter().map(|(one, other)| one / other));
        let [_, ours, _] = quartiles(pairs.iter().map(|pair| pair.0));
        let [_, theirs, _] = quartiles(pairs.iter().map(|pair| pair.1));
        let best = least(|pair| pair.0) / least(|pair| pair.1);
        self.print(&format!(
            "\"against\": {against:?}, \"bar\": {}, \"unit\": \"\", \"value\": {value:e}, \"low\": {low:e}, \"high\": {high:e}, \
             \"best\": {best:e}, \"ours\": {ours:e}, \"theirs\": {theirs:e}, \"rounds\": {}",
            json(bar),
            pairs.len()
        ));
    }

    /// A figure in some unit: lower quartile, median, upper quartile.
    pub fn figure(&self, [low, value, high]: [f64; 3], unit: &str, bar: Option<f64>, rounds: usize) {
        self.print(&format!(
            "\"against\": \"\", \"bar\": {}, \"unit\": {unit:?}, \"value\": {value:e}, \"low\": {low:e}, \"high\": {high:e}, \
             \"rounds\": {rounds}",
            json(bar)
        ));
    }

    fn print(&self, rest: &str) {
        let Self { group, what, layout } = self;
        println!("{{\"group\": {group:?}, \"what\": {what:?}, \"layout\": {layout:?}, {rest}}}");
    }
}

fn json(number: Option<f64>) -> String {
    number.map_or_else(|| "null".into(), |number| number.to_string())
}
