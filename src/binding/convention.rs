//! What the protocol leaves open about names and values, and how this project has settled it. None of it is known to be what a
//! particular device does. Bytes and strings of the wire itself are in `wire::cba::convention`.
//!
//! | Question | Choice |
//! |---|---|
//! | provider and consumer text of a device that shares its IP address | `<ip>[<resolver port>]!<LDev>`; where the resolver listens on port 135, or on the port that the project has set for all devices, the part in brackets is left out |
//! | array of arrays | one array with the sizes of both, outer sizes first |
//! | array of structures | a structure with one member for each element |
//! | structure in a VARIANT (ReadItems, WriteItems, substitute) | VT_ARRAY\|VT_VARIANT, one element for each member; VT_RECORD needs a type library, which the protocol does not carry |
//! | array in a VARIANT | SAFEARRAY with one bound for each size, lower bound 0; on receipt any bounds with the right number of elements |
//! | VARIANT of another type than the item | refused (CBA_E_TYPEMISMATCH), also where the number would fit |

/// Encloses the resolver port of a device that shares its address.
pub(super) const PORT_BRACKETS: (char, char) = ('[', ']');
