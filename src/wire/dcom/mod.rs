//! DCOM as it travels in DCE/RPC stubs (MS-DCOM; protocol notes section 3).
//!
//! ```text
//! every method of an object   ORPCTHIS | arguments        ->  ORPCTHAT | results | HRESULT
//! IOXIDResolver (port 135)    arguments                   ->  results | status
//! both activations            ORPCTHIS | ...              ->  ORPCTHAT | ... | status
//! ```
//!
//! Types here are requests and responses of one method each, read and written *behind* ORPCTHIS or
//! ORPCTHAT where the method has them. Reference counts, tables of objects and ping times are
//! `proto::dcom`; this part only knows bytes. HRESULTs stay plain `u32`, as the wire has them.
//!
//! Where to start: [`orpc`], [`objref`] (what an interface pointer is made of), then
//! [`activation`] (how the first pointer is obtained).
pub mod activation;
pub mod dual_string;
pub mod iid;
pub mod objref;
pub mod orpc;
pub mod oxid;
pub mod properties;
pub mod rem_unknown;
pub mod status;

pub use dual_string::{DualStringArray, SecurityBinding, StringBinding};
pub use objref::{ObjRef, StandardObjRef, StdObjRef};
pub use orpc::{ComVersion, OrpcThat, OrpcThis};
