//! Bytes only: one file per PDU family.
