//! What a script may use: the language, a few functions, and so much of time and memory.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rhai::packages::{Package, StandardPackage};
use rhai::{Dynamic, Engine, EvalAltResult, FLOAT, INT};

/// Operations of the interpreter in one step.
pub(super) const MAX_OPERATIONS: u64 = 100_000;
/// Time of one step. On a busy computer a harmless script may meet it; it then goes on with the next step.
pub(super) const MAX_STEP_TIME: Duration = Duration::from_secs(2);
/// Simple values in all ports together.
pub(super) const MAX_PORT_VALUES: u64 = 16_384;

const MAX_CALL_DEPTH: usize = 16;
const MAX_EXPRESSION_DEPTH: usize = 48;
const MAX_VARIABLES: usize = 128;
const MAX_FUNCTIONS: usize = 128;
/// Elements of one array or entries of one map, what they contain included; on top of what the ports need. The worst a
/// script can do in one step is to copy such an array with every few operations: some 100 MB, given back at once.
const MAX_ELEMENTS: usize = 512;
const MAX_TEXT_BYTES: usize = 4 * 1_024;
/// Operations between two looks at the clock.
const OPERATIONS_PER_LOOK: u64 = 256;

/// What the functions of one script share with its owner.
pub(super) struct Sandbox {
    random: AtomicU64,
    now: AtomicU64,
    deadline: Mutex<Option<Instant>>,
}

impl Sandbox {
    pub(super) fn new(seed: u64) -> Self {
        Self { random: AtomicU64::new(seed), now: AtomicU64::new(0), deadline: Mutex::new(None) }
    }

    /// Sets the clock of the script, and the time by which this call must be over.
    pub(super) fn begin(&self, now: f64) {
        self.now.store(now.to_bits(), Ordering::Relaxed);
        *self.deadline.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now().checked_add(MAX_STEP_TIME);
    }

    fn is_late(&self) -> bool {
        let deadline = *self.deadline.lock().unwrap_or_else(PoisonError::into_inner);
        deadline.is_some_and(|deadline| Instant::now() > deadline)
    }

    /// SplitMix64 (Steele, Lea, Flood 2014), as a number from -1 to 1.
    fn noise(&self) -> f64 {
        const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
        let mut bits = self.random.fetch_add(STEP, Ordering::Relaxed).wrapping_add(STEP);
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^= bits >> 31;
        (bits >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
    }
}

/// An interpreter that can do nothing but compute.
pub(super) fn engine(sandbox: &Arc<Sandbox>, port_values: usize) -> Engine {
    static LANGUAGE: LazyLock<StandardPackage> = LazyLock::new(StandardPackage::new);

    let mut engine = Engine::new_raw();
    engine.register_global_module(LANGUAGE.as_shared_module());
    for keyword in ["eval", "import", "export", "print", "debug"] {
        engine.disable_symbol(keyword);
    }
    // These stand in the language's packages; the engine's own functions are found before those.
    for seconds in ["sleep", "timestamp"] {
        let refuse = move || -> Result<(), Box<EvalAltResult>> {
            Err(format!("{seconds} is not available in a behaviour script; use dt and now()").into())
        };
        engine.register_fn(seconds, refuse);
        engine.register_fn(seconds, move |_: INT| refuse());
        engine.register_fn(seconds, move |_: FLOAT| refuse());
    }
    engine
        .set_strict_variables(true)
        .set_max_operations(MAX_OPERATIONS)
        .set_max_call_levels(MAX_CALL_DEPTH)
        .set_max_expr_depths(MAX_EXPRESSION_DEPTH, MAX_EXPRESSION_DEPTH)
        .set_max_variables(MAX_VARIABLES)
        .set_max_functions(MAX_FUNCTIONS)
        .set_max_modules(0)
        .set_max_string_size(MAX_TEXT_BYTES)
        .set_max_array_size(MAX_ELEMENTS.saturating_add(port_values))
        .set_max_map_size(MAX_ELEMENTS.saturating_add(port_values));

    let watch = Arc::clone(sandbox);
    engine.on_progress(move |operations| {
        (operations % OPERATIONS_PER_LOOK == 0 && watch.is_late()).then_some(Dynamic::UNIT)
    });

    let own = Arc::clone(sandbox);
    engine.register_fn("noise", move || own.noise());
    let own = Arc::clone(sandbox);
    engine.register_fn("now", move || f64::from_bits(own.now.load(Ordering::Relaxed)));
    register_numeric(&mut engine);
    engine
}

/// `clamp` and `approach` for floats, integers and mixtures (which are floats).
fn register_numeric(engine: &mut Engine) {
    // Written out with max and min: `f64::clamp` panics when low > high.
    fn clamp(x: FLOAT, low: FLOAT, high: FLOAT) -> FLOAT {
        x.max(low).min(high)
    }
    fn approach(x: FLOAT, target: FLOAT, max_step: FLOAT) -> FLOAT {
        let step = max_step.abs();
        if (target - x).abs() <= step { target } else { x + step.copysign(target - x) }
    }
    macro_rules! mixed {
        ($name:literal, $function:ident, $(($a:ty, $b:ty, $c:ty)),+) => {
            $(engine.register_fn($name, |a: $a, b: $b, c: $c| $function(a as FLOAT, b as FLOAT, c as FLOAT));)+
        };
    }
    mixed!(
        "clamp",
        clamp,
        (FLOAT, FLOAT, FLOAT),
        (FLOAT, FLOAT, INT),
        (FLOAT, INT, FLOAT),
        (FLOAT, INT, INT),
        (INT, FLOAT, FLOAT),
        (INT, FLOAT, INT),
        (INT, INT, FLOAT)
    );
    mixed!(
        "approach",
        approach,
        (FLOAT, FLOAT, FLOAT),
        (FLOAT, FLOAT, INT),
        (FLOAT, INT, FLOAT),
        (FLOAT, INT, INT),
        (INT, FLOAT, FLOAT),
        (INT, FLOAT, INT),
        (INT, INT, FLOAT)
    );
    engine.register_fn("clamp", |x: INT, low: INT, high: INT| x.max(low).min(high));
    engine.register_fn("approach", |x: INT, target: INT, max_step: INT| {
        let step = max_step.saturating_abs();
        if target > x { x.saturating_add(step).min(target) } else { x.saturating_sub(step).max(target) }
    });
}

/// What is too much in the variables that a script keeps, if anything. `entries` is how many its top level should have.
pub(super) fn excess(this: &rhai::Map, entries: usize) -> Option<String> {
    let (mut elements, mut bytes) = (0, 0);
    for (name, value) in this {
        if name == "state" || name == "group_error" {
            measure(value, &mut elements, &mut bytes);
        }
    }
    if elements > MAX_ELEMENTS {
        Some(format!("this.state holds {elements} values; the limit is {MAX_ELEMENTS}"))
    } else if bytes > MAX_TEXT_BYTES {
        Some(format!("this.state holds {bytes} bytes of text; the limit is {MAX_TEXT_BYTES}"))
    } else if this.len() > entries {
        Some("the script added an entry to this; what it keeps belongs in this.state".into())
    } else {
        None
    }
}

/// Recursion is bounded by the interpreter's own size limits.
fn measure(value: &Dynamic, elements: &mut usize, bytes: &mut usize) {
    *elements += 1;
    if let Ok(map) = value.as_map_ref() {
        for (key, value) in map.iter() {
            *bytes += key.len();
            measure(value, elements, bytes);
        }
    } else if let Ok(array) = value.as_array_ref() {
        array.iter().for_each(|value| measure(value, elements, bytes));
    } else if let Ok(blob) = value.as_blob_ref() {
        *bytes += blob.len();
    } else if let Ok(text) = value.as_immutable_string_ref() {
        *bytes += text.len();
    }
}
