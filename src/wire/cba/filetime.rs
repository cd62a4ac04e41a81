//! The two time formats of CBA: FILETIME (ReadItems, WriteItemsQCD) and the OLE date (ICBATime).

use crate::wire::WireError;
use crate::wire::cba::codec::Member;
use crate::wire::ndr::{NdrReader, NdrWriter};

/// 100 ns steps from 1601-01-01 to 1970-01-01.
const UNIX_EPOCH_STEPS: i128 = 116_444_736_000_000_000;
/// Days from 1899-12-30 to 1970-01-01.
const UNIX_EPOCH_DAYS: f64 = 25_569.0;

/// FILETIME: 100 ns steps since 1601-01-01 UTC; 0 means "no time".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct FileTime(pub u64);

impl FileTime {
    /// From nanoseconds since 1970-01-01 UTC; times outside the range are clamped.
    pub fn from_unix_nanos(nanos: i128) -> Self {
        let steps = nanos.div_euclid(100).saturating_add(UNIX_EPOCH_STEPS).max(0);
        Self(u64::try_from(steps).unwrap_or(u64::MAX))
    }

    /// Nanoseconds since 1970-01-01 UTC.
    pub fn to_unix_nanos(self) -> i128 {
        (i128::from(self.0) - UNIX_EPOCH_STEPS) * 100
    }
}

/// OLE date of a number of seconds since 1970-01-01 UTC.
pub fn ole_date_from_unix_seconds(seconds: f64) -> f64 {
    seconds / 86_400.0 + UNIX_EPOCH_DAYS
}

/// Seconds since 1970-01-01 UTC of an OLE date (days since 1899-12-30). Before that day the fraction
/// counts forward from the whole day, as OLE has it.
pub fn unix_seconds_from_ole_date(date: f64) -> f64 {
    let days = if date < 0.0 { date.trunc() + date.fract().abs() } else { date };
    (days - UNIX_EPOCH_DAYS) * 86_400.0
}

/// Two u32, low part first in either byte order, aligned to 4.
impl Member<FileTime> for FileTime {
    const SIZE: usize = 8;
    type Pending = FileTime;

    fn read_fixed(r: &mut NdrReader<'_>, what: &'static str) -> Result<FileTime, WireError> {
        let low = r.u32(what)?;
        let high = r.u32(what)?;
        Ok(FileTime(u64::from(high) << 32 | u64::from(low)))
    }

    fn read_deferred(pending: FileTime, _: &mut NdrReader<'_>, _: &'static str) -> Result<FileTime, WireError> {
        Ok(pending)
    }

    fn write_fixed(value: &FileTime, w: &mut NdrWriter) {
        let [a, b, c, d, high @ ..] = value.0.to_le_bytes();
        w.u32(u32::from_le_bytes([a, b, c, d]));
        w.u32(u32::from_le_bytes(high));
    }

    fn write_deferred(_: &FileTime, _: &mut NdrWriter) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filetime_of_known_moments() {
        assert_eq!(FileTime::from_unix_nanos(0).0, 116_444_736_000_000_000);
        // 2014-11-15 06:13:25.8178781 UTC, the time stamp of the example capture.
        let stamp = FileTime(130_604_392_058_178_781);
        assert_eq!(stamp.to_unix_nanos(), 1_415_965_605_817_878_100);
        assert_eq!(FileTime::from_unix_nanos(stamp.to_unix_nanos()), stamp);
        assert_eq!(FileTime::from_unix_nanos(i128::MIN), FileTime(0));
    }

    #[test]
    fn ole_date_of_known_moments() {
        assert_eq!(ole_date_from_unix_seconds(0.0), 25_569.0);
        // 2023-03-15 06:00.
        assert_eq!(unix_seconds_from_ole_date(45_000.25), 1_678_860_000.0);
        // 1899-12-29 06:00.
        assert_eq!(unix_seconds_from_ole_date(-1.25), (-1.0 + 0.25 - 25_569.0) * 86_400.0);
    }
}
