//! Live values as the screen reads them: one slot a port, gathered off its thread, published as a whole.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::SystemTime;

use ahash::RandomState;
use imbl::Vector;

use crate::app::{WatchedItem, code_name};
use crate::model::{PortRef, Value};
use crate::online::monitor::Update;
use crate::wire::cba::HResult;
use crate::wire::cba::quality::QualityClass;

/// Samples kept of a port, and for how long.
pub const MOST_SAMPLES: usize = 4096;
/// Seconds for which samples are kept.
pub const SAMPLE_SECS: u64 = 600;

/// A live value, ready to be shown.
#[derive(Debug, Clone, PartialEq)]
pub struct LiveValue {
    /// The value; `None` when there never was one.
    pub value: Option<Value>,
    /// The value as people write it, with its unit; empty when there is none.
    pub text: String,
    /// Quality code.
    pub quality: u8,
    /// What kind of quality that is.
    pub group: QualityClass,
    /// Name of the quality code.
    pub quality_name: String,
    /// How the tool's own subscription fares, as HRESULT: 0, or why no newer value comes.
    pub reason: u32,
    /// Name of that in the standard; empty for 0.
    pub reason_name: String,
    /// When it arrived, by this computer's clock.
    pub time: SystemTime,
    /// The [`Values::sequence`] with which it came.
    pub sequence: u64,
}

/// A value at a time, for a plot.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sample {
    /// When it arrived.
    pub time: SystemTime,
    /// The number; 0 and 1 for booleans. `None` when there is none, or it is no number.
    pub value: Option<f64>,
    /// Quality.
    pub group: QualityClass,
}

/// All live values at a moment. Reading it waits for nobody; a newer one takes its place when there is news.
#[derive(Debug, Clone, Default)]
pub struct Values {
    sequence: u64,
    places: Arc<HashMap<PortRef, usize, RandomState>>,
    slots: Vec<Option<Arc<LiveValue>>>,
    histories: HashMap<PortRef, Vector<Sample>>,
}

impl Values {
    /// Goes up with every publication: what has a larger [`LiveValue::sequence`] than one remembered is new since.
    pub fn sequence(&self) -> u64 {
        self.sequence
    }

    /// The value of a port; `None` when it is not watched, or nothing is known of it yet.
    pub fn get(&self, port: &PortRef) -> Option<&LiveValue> {
        self.slots.get(*self.places.get(port)?)?.as_deref()
    }

    /// All ports that something is known of.
    pub fn iter(&self) -> impl Iterator<Item = (&PortRef, &LiveValue)> {
        self.places.iter().filter_map(|(port, place)| Some((port, self.slots.get(*place)?.as_deref()?)))
    }

    /// What a port that is kept was in the last ten minutes, oldest first; cheap to clone.
    pub fn history(&self, port: &PortRef) -> Option<&Vector<Sample>> {
        self.histories.get(port)
    }
}

/// Where values are gathered.
#[derive(Default)]
pub(super) struct Board {
    values: Values,
    items: Vec<Arc<WatchedItem>>,
    is_new: bool,
}

impl Board {
    /// Shows these items from now on. What is known of those that stay is kept.
    pub(super) fn show(&mut self, items: Vec<Arc<WatchedItem>>) {
        let places: HashMap<PortRef, usize, RandomState> =
            items.iter().enumerate().map(|(place, item)| (item.watch.port.clone(), place)).collect();
        let slots = items.iter().map(|item| {
            let before = *self.values.places.get(&item.watch.port)?;
            let same_type = self.items.get(before)?.watch.value_type == item.watch.value_type;
            self.values.slots.get(before)?.clone().filter(|_| same_type)
        });
        self.values.slots = slots.collect();
        self.values.histories.retain(|port, _| places.contains_key(port));
        self.values.places = Arc::new(places);
        self.items = items;
        self.is_new = true;
    }

    /// Keeps the past of these ports, and of no others.
    pub(super) fn keep(&mut self, ports: &[PortRef]) {
        self.values.histories.retain(|port, _| ports.contains(port));
        for port in ports.iter().filter(|port| self.values.places.contains_key(*port)) {
            let first = self.values.get(port).map(|value| sample(value.value.as_ref(), value.group, value.time));
            self.values.histories.entry(port.clone()).or_insert_with(|| first.into_iter().collect());
        }
        self.is_new = true;
    }

    /// Takes an update of a port in. One of a port that is not shown any more is passed over.
    pub(super) fn take(&mut self, port: &PortRef, update: &Update) -> Option<&Arc<WatchedItem>> {
        let place = *self.values.places.get(port)?;
        let (item, slot) = (self.items.get(place)?, self.values.slots.get_mut(place)?);
        // A subscription that only begins knows less than the one before it did, or nothing yet.
        if update.value.is_none() && update.reason.is_success() {
            return None;
        }
        let mut text = item.text(update.value.as_ref());
        if !text.is_empty() && !item.unit.is_empty() {
            text.push(' ');
            text.push_str(&item.unit);
        }
        let fine = update.reason == HResult::S_OK;
        let value = LiveValue {
            value: update.value.clone(),
            text,
            quality: update.quality.0,
            group: update.quality.class(),
            quality_name: update.quality.to_string(),
            reason: update.reason.0,
            reason_name: if fine { String::new() } else { code_name(update.reason) },
            time: update.time,
            sequence: self.values.sequence + 1,
        };
        if let Some(history) = self.values.histories.get_mut(port) {
            remember(history, sample(value.value.as_ref(), value.group, value.time));
        }
        *slot = Some(Arc::new(value));
        self.is_new = true;
        Some(item)
    }

    pub(super) fn item(&self, port: &PortRef) -> Option<&Arc<WatchedItem>> {
        self.items.get(*self.values.places.get(port)?)
    }

    pub(super) fn values(&self) -> &Values {
        &self.values
    }

    /// The values as they are now, when they are not what was published last.
    pub(super) fn publish(&mut self) -> Option<Arc<Values>> {
        if !std::mem::take(&mut self.is_new) {
            return None;
        }
        self.values.sequence += 1;
        Some(Arc::new(self.values.clone()))
    }

    pub(super) fn has_news(&self) -> bool {
        self.is_new
    }
}

fn sample(value: Option<&Value>, group: QualityClass, time: SystemTime) -> Sample {
    let number = value.and_then(|value| match value {
        Value::Bool(value) => Some(f64::from(u8::from(*value))),
        Value::Int(value) => Some(*value as f64),
        Value::Real(value) | Value::Date(value) => Some(*value),
        Value::Text(_) | Value::Array(_) | Value::Struct(_) => None,
    });
    Sample { time, value: number.filter(|number| number.is_finite()), group }
}

/// Adds a sample; the oldest go when they are too many or too old.
fn remember(history: &mut Vector<Sample>, sample: Sample) {
    let oldest = sample.time.checked_sub(std::time::Duration::from_secs(SAMPLE_SECS));
    history.push_back(sample);
    // The last one before the time that is shown says what the value was at its beginning.
    while history.len() > MOST_SAMPLES
        || history.get(1).zip(oldest).is_some_and(|(second, oldest)| second.time <= oldest)
    {
        history.pop_front();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::app::watched_items;
    use crate::model::fixture;
    use crate::wire::cba::Quality;

    fn items(text: &str) -> Vec<Arc<WatchedItem>> {
        let plan = fixture::plan(&format!(
            "component P 1.0 {{ out rate R4 unit l/min; out runs BOOL; out text BSTR }}\n{text}"
        ));
        watched_items(&plan, &[]).unwrap().into_iter().map(Arc::new).collect()
    }

    fn update(value: Option<Value>, quality: Quality, reason: HResult, at_secs: u64) -> Update {
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(at_secs);
        Update { index: 0, value, quality, reason, time, n_skipped: 0 }
    }

    fn good(value: Value, at_secs: u64) -> Update {
        update(Some(value), Quality::GOOD, HResult::S_OK, at_secs)
    }

    #[test]
    fn a_value_is_ready_to_be_shown_and_says_when_it_changed() {
        let items = items("A: P @10.0.0.1");
        let rate = items[0].watch.port.clone();
        let mut board = Board::default();
        board.show(items.clone());
        board.take(&rate, &update(None, Quality::BAD_OUT_OF_SERVICE, HResult::CBA_S_ESTABLISHING, 0));
        let first = board.publish().unwrap();
        assert!(first.get(&rate).is_none() && board.publish().is_none());
        board.take(&rate, &good(Value::Real(1.5), 1));
        let second = board.publish().unwrap();
        let value = second.get(&rate).unwrap();
        assert_eq!(
            (value.text.as_str(), value.group, value.reason_name.as_str()),
            ("1.5 l/min", QualityClass::Good, "")
        );
        assert!(value.sequence > first.sequence() && value.sequence <= second.sequence());
        let lost = update(Some(Value::Real(1.5)), Quality::UNCERTAIN_LAST_USABLE, HResult::CBA_E_NONACCESSIBLE, 2);
        board.take(&rate, &lost);
        let third = board.publish().unwrap();
        let value = third.get(&rate).unwrap();
        assert_eq!((value.group, value.quality), (QualityClass::Uncertain, 0x44));
        assert_eq!((value.reason_name.as_str(), value.reason), ("CBA_E_NONACCESSIBLE", HResult::CBA_E_NONACCESSIBLE.0));
        assert_eq!(second.get(&rate).unwrap().group, QualityClass::Good, "what was published stays as it is");
    }

    #[test]
    fn what_stays_keeps_its_value_and_what_goes_is_forgotten() {
        let both = items("A: P @10.0.0.1\nB: P @10.0.0.2");
        let (of_a, of_b) = (both[0].watch.port.clone(), both[3].watch.port.clone());
        let mut board = Board::default();
        board.show(both.clone());
        board.take(&of_a, &good(Value::Real(1.0), 1));
        board.take(&of_b, &good(Value::Real(2.0), 1));
        board.keep(&[of_a.clone(), of_b.clone()]);
        board.show(both[3..].to_vec());
        let values = board.publish().unwrap();
        assert!(values.get(&of_a).is_none() && values.history(&of_a).is_none());
        assert_eq!(values.get(&of_b).unwrap().value, Some(Value::Real(2.0)));
        assert_eq!(values.history(&of_b).unwrap().len(), 1);
        assert!(board.take(&of_a, &good(Value::Real(3.0), 2)).is_none());
        // A new subscription that knows nothing yet hides nothing.
        board.take(&of_b, &update(None, Quality::BAD_OUT_OF_SERVICE, HResult::CBA_S_ESTABLISHING, 3));
        assert_eq!(board.values().get(&of_b).unwrap().value, Some(Value::Real(2.0)));
    }

    #[test]
    fn the_past_is_kept_within_its_bounds() {
        let items = items("A: P @10.0.0.1");
        let (rate, runs, text) = (&items[0].watch.port, &items[1].watch.port, &items[2].watch.port);
        let mut board = Board::default();
        board.show(items.clone());
        board.take(rate, &good(Value::Real(0.0), 0));
        board.keep(&[rate.clone(), runs.clone(), text.clone()]);
        for second in 0..SAMPLE_SECS + 100 {
            board.take(rate, &good(Value::Real(second as f64), second));
        }
        let history = board.values().history(rate).unwrap();
        let (first, last) = (history.front().unwrap(), history.back().unwrap());
        assert_eq!((first.value, last.value), (Some(99.0), Some(699.0)));
        for number in 0..2 * MOST_SAMPLES {
            board.take(runs, &good(Value::Bool(number % 2 == 1), 1));
        }
        let history = board.values().history(runs).unwrap();
        assert_eq!((history.len(), history[0].value, history[1].value), (MOST_SAMPLES, Some(0.0), Some(1.0)));
        board.take(text, &good(Value::Text("7".into()), 1));
        assert_eq!(board.values().history(text).unwrap().back().unwrap().value, None);
        board.keep(std::slice::from_ref(runs));
        assert!(board.values().history(rate).is_none() && board.values().history(runs).is_some());
    }

    #[test]
    fn ten_thousand_values_a_second_are_published_thirty_times() {
        let text: String = (0..1000).map(|n| format!("A{n}: P @10.0.{}.{}\n", n / 200, n % 200 + 1)).collect();
        let items = items(&text);
        let mut board = Board::default();
        board.show(items.clone());
        let ports: Vec<PortRef> = items.iter().map(|item| item.watch.port.clone()).step_by(3).collect();
        let mut n_published = 0;
        for number in 0..10_000_usize {
            board.take(&ports[number % ports.len()], &good(Value::Real(number as f64), 1));
            if number % 333 == 0 {
                n_published += usize::from(board.publish().is_some());
            }
        }
        assert_eq!(n_published, 31);
        assert!(board.has_news());
        let values = board.publish().unwrap();
        assert_eq!(values.iter().count(), 1000);
        assert_eq!(values.get(&ports[999]).unwrap().value, Some(Value::Real(9999.0)));
    }
}
