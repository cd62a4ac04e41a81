//! What a piece of work costs: memory held at most, bytes allocated altogether, and time of the processor.
//!
//! Every thread is counted for itself, so tests may run side by side. Work that is measured must therefore stay on
//! the thread it began on.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::time::Duration;

thread_local! {
    static HELD: Cell<i64> = const { Cell::new(0) };
    static PEAK: Cell<i64> = const { Cell::new(0) };
    static TOTAL: Cell<u64> = const { Cell::new(0) };
}

/// The system's allocator, counted.
struct Counted;

#[global_allocator]
static ALLOCATOR: Counted = Counted;

fn count(taken: usize, given: usize) {
    // A thread that is ending has no counters any more.
    let _ = HELD.try_with(|held| {
        held.set(held.get() + taken as i64 - given as i64);
        let _ = PEAK.try_with(|peak| peak.set(peak.get().max(held.get())));
    });
    let _ = TOTAL.try_with(|total| total.set(total.get() + taken as u64));
}

// SAFETY: every call goes to the system's allocator as it came; the counters are plain numbers.
unsafe impl GlobalAlloc for Counted {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size(), 0);
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout.size(), 0);
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        count(0, layout.size());
        unsafe { System.dealloc(block, layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // Counted as if old and new stood side by side for a moment, as they do where a block has to move.
        count(size, 0);
        count(0, layout.size());
        unsafe { System.realloc(block, layout, size) }
    }
}

/// What work cost.
#[derive(Debug, Clone, Copy)]
pub struct Cost {
    /// Most bytes held at once, beyond those held before.
    pub peak: u64,
    /// Bytes of all allocations together.
    pub total: u64,
    /// Time of the processor, not of the wall; where the system tells it.
    pub busy: Duration,
}

/// Does `work` and says what it cost. Its result counts to what is held.
pub fn measure<T>(work: impl FnOnce() -> T) -> (T, Cost) {
    let held = HELD.get();
    PEAK.set(held);
    let (total, busy) = (TOTAL.get(), busy());
    let result = work();
    let peak = u64::try_from(PEAK.get() - held).unwrap_or(0);
    let busy = self::busy().saturating_sub(busy);
    (result, Cost { peak, total: TOTAL.get() - total, busy })
}

/// Processor time of this thread.
fn busy() -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    Duration::from_nanos(text.split(' ').next().and_then(|nanos| nanos.parse().ok()).unwrap_or(0))
}

#[test]
fn what_is_held_is_counted() {
    let (_, cost) = measure(|| {
        drop(vec![0_u8; 1 << 20]);
        drop(vec![0_u8; 3 << 20]);
        vec![0_u8; 1 << 20]
    });
    assert!((3 << 20..4 << 20).contains(&cost.peak), "{cost:?}");
    assert!((5 << 20..6 << 20).contains(&cost.total), "{cost:?}");
}
