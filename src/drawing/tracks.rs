//! Segments of other wires in the neighbourhood of a path, sorted so that what a run meets is found without looking at the rest.

use emath::Pos2;

use super::search::LANE;

/// Costs in units of length.
const CROSSING: f32 = 28.0;
pub(super) const OVERLAP: f32 = 1000.0;
const CLOSE_TO_OWN: f32 = 80.0;
/// What a shared stretch gains of its length.
pub(super) const SHARED: f32 = 0.6;

/// Width of the strips by which tracks are found.
const STRIP: f32 = 8.0;
/// Strips at most; what lies beyond is in the last.
const MOST_STRIPS: usize = 4_000;

/// A segment of another wire.
#[derive(Debug, Clone, Copy)]
pub(super) struct Track {
    /// The coordinate it stays at.
    pub(super) at: f32,
    pub(super) low: f32,
    pub(super) high: f32,
    /// Comes from the same output.
    pub(super) own: bool,
}

/// Segments in one direction, by the coordinate they stay at; stretches of one's own output that several wires share are there once.
#[derive(Debug, Default)]
pub(super) struct Tracks {
    all: Vec<Track>,
    /// Those of the same output once more.
    own: Vec<Track>,
    /// The first coordinate there is, and for each [`STRIP`] from there the number of the first track in it or behind it.
    first: f32,
    strips: Vec<u32>,
    /// From where to where each of `all` runs, beside each other to be compared several at a time; one's own run nowhere.
    lows: Vec<f32>,
    highs: Vec<f32>,
}

impl Tracks {
    /// Sorts what was found in any order; the result does not depend on that order.
    pub(super) fn of(found: Vec<Track>) -> Self {
        let (mut own, mut all): (Vec<Track>, Vec<Track>) = found.into_iter().partition(|track| track.own);
        own.sort_unstable_by(Track::compare);
        own.dedup_by(|next, kept| {
            let joins = next.at == kept.at && next.low <= kept.high;
            if joins {
                kept.high = kept.high.max(next.high);
            }
            joins
        });
        all.extend_from_slice(&own);
        all.sort_unstable_by(Track::compare);
        let first = all.first().map_or(0.0, |track| track.at);
        let mut strips = Vec::new();
        for (number, track) in (0_u32..).zip(&all) {
            let strip = strip(track.at - first);
            if strips.len() <= strip {
                strips.resize(strip + 1, number);
            }
        }
        let lows = all.iter().map(|track| if track.own { f32::INFINITY } else { track.low }).collect();
        let highs = all.iter().map(|track| track.high).collect();
        Self { all, own, first, strips, lows, highs }
    }

    /// Those that stay between two coordinates, which do not count themselves.
    pub(super) fn between(&self, low: f32, high: f32) -> &[Track] {
        self.all.get(self.numbers_between(low, high)).unwrap_or_default()
    }

    /// How many of other outputs a run crosses that goes from one coordinate to another and stays at `at`.
    fn n_crossed(&self, at: f32, low: f32, high: f32) -> u16 {
        let numbers = self.numbers_between(low, high);
        let lows = self.lows.get(numbers.clone()).unwrap_or_default();
        let highs = self.highs.get(numbers).unwrap_or_default();
        lows.iter().zip(highs).map(|(low, high)| u16::from(*low < at) & u16::from(at < *high)).sum()
    }

    fn numbers_between(&self, low: f32, high: f32) -> std::ops::Range<usize> {
        let Some(begin) = self.strips.get(strip(low - self.first)) else { return 0..0 };
        let begin = *begin as usize;
        let rest = self.all.get(begin..).unwrap_or_default();
        let begin = begin + rest.iter().position(|track| track.at > low).unwrap_or(rest.len());
        let sure = self.strips.get(strip(high - self.first)).map_or(self.all.len(), |far| *far as usize).max(begin);
        let rest = self.all.get(sure..).unwrap_or_default();
        begin..sure + rest.iter().position(|track| track.at >= high).unwrap_or(rest.len())
    }

    /// Those of the same output.
    pub(super) fn own(&self) -> &[Track] {
        &self.own
    }

    pub(super) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }
}

/// Number of the strip that lies this far from the first; before it, that one.
fn strip(away: f32) -> usize {
    // What is negative becomes 0.
    ((away / STRIP) as usize).min(MOST_STRIPS)
}

impl Track {
    fn compare(&self, other: &Self) -> std::cmp::Ordering {
        self.at.total_cmp(&other.at).then(self.low.total_cmp(&other.low)).then(self.high.total_cmp(&other.high))
    }
}

/// Level and upright tracks together.
#[derive(Debug, Default)]
pub(super) struct Neighbours {
    pub(super) level: Tracks,
    pub(super) upright: Tracks,
}

impl Neighbours {
    pub(super) fn is_empty(&self) -> bool {
        self.level.is_empty() && self.upright.is_empty()
    }

    /// Whether there is something to share a way with.
    pub(super) fn has_own(&self) -> bool {
        !self.level.own.is_empty() || !self.upright.own.is_empty()
    }

    /// Least cost that a path of this length can have.
    pub(super) fn least_cost(&self, length: f32) -> f32 {
        if self.has_own() { length * (1.0 - SHARED) } else { length }
    }

    /// Whether a path lies on the wire of another output, or closer beside it than a lane.
    pub(super) fn lie_under(&self, path: &[Pos2]) -> bool {
        path.windows(2).any(|pair| {
            let &[from, to] = pair else { return false };
            let (flat, at, low, high) = line(from, to);
            let along = if flat { &self.level } else { &self.upright };
            let beside = along.between(at - LANE, at + LANE);
            beside.iter().any(|track| !track.own && high.min(track.high) - low.max(track.low) > -LANE / 2.0)
        })
    }

    /// Length, crossings and overlaps, less what is shared; somewhere above `limit` when it is not below that.
    pub(super) fn cost(&self, path: &[Pos2], limit: f32) -> f32 {
        let length = path_length(path);
        // Not more than the whole of it can be shared.
        let given_up = if self.has_own() { limit + SHARED * length } else { limit };
        let mut sum = length;
        let segments =
            || path.windows(2).filter_map(|pair| if let &[from, to] = pair { Some(line(from, to)) } else { None });
        // Overlaps first: they are found fast, and decide most, above all that of the run in the middle.
        for (flat, at, low, high) in segments().skip(1).chain(segments().take(1)) {
            let along = if flat { &self.level } else { &self.upright };
            for track in along.between(at - LANE, at + LANE) {
                let overlap = high.min(track.high) - low.max(track.low);
                if overlap <= if track.own { 0.0 } else { -LANE / 2.0 } {
                    continue;
                }
                sum += match track.own {
                    true if track.at == at => -SHARED * overlap,
                    true => CLOSE_TO_OWN,
                    false => OVERLAP + overlap,
                };
            }
            if sum >= given_up {
                return sum;
            }
        }
        for (flat, at, low, high) in segments() {
            let across = if flat { &self.upright } else { &self.level };
            sum += f32::from(across.n_crossed(at, low, high)) * CROSSING;
            if sum >= limit {
                return sum;
            }
        }
        sum
    }
}

/// Whether a segment is level, the coordinate it stays at, and from where to where it runs.
fn line(from: Pos2, to: Pos2) -> (bool, f32, f32, f32) {
    if from.y == to.y {
        (true, from.y, from.x.min(to.x), from.x.max(to.x))
    } else {
        (false, from.x, from.y.min(to.y), from.y.max(to.y))
    }
}

/// Length of a path whose segments are level or upright.
pub(super) fn path_length(path: &[Pos2]) -> f32 {
    path.windows(2)
        .map(|pair| if let [from, to] = pair { (*to - *from).abs().x + (*to - *from).abs().y } else { 0.0 })
        .sum()
}
