//! PROFINET CBA: what travels behind ORPCTHIS and ORPCTHAT, one file per DCOM interface.
//!
//! Each interface file lists its methods (`methods!`: opnum, name, request, response) and the argument
//! structures in wire order (`arguments!`, `structures!`), so the file reads like an interface
//! definition. A method is a type implementing [`Method`]; a request is read with the file's `Call`, an
//! answer is a [`Reply`]: the `[out]` arguments followed by the HRESULT that ends every response.
//!
//! Nothing here knows objects, IPIDs or ORPC framing (that is `wire::dcom`), and nothing decides
//! anything: an unknown enumeration value is kept, an item string is only a string.
//!
//! Where to start: [`acco_mgt`] and [`acco_server`] are the heart; [`data_buffer`] holds values in
//! transit; [`codes`], [`qos`], [`quality`] and [`enums`] are the vocabulary. Interface pointers are
//! carried as OBJREF bytes, `None` for NULL.

#[macro_use]
mod codec;
pub mod acco_callback;
pub mod acco_mgt;
pub mod acco_server;
pub mod acco_server_srt;
pub mod acco_sync;
pub mod browse;
pub mod codes;
pub mod convention;
pub mod data_buffer;
pub mod dispatch;
pub mod enums;
pub mod filetime;
pub mod group_error;
pub mod interfaces;
pub mod ldev;
pub mod pdev;
pub mod persist;
pub mod qos;
pub mod quality;
pub mod rtauto;
pub mod shared;
pub mod state;
pub mod time;
pub mod type_desc;

pub use codec::{Arguments, Method, Reply};
pub use codes::HResult;
pub use data_buffer::DataBuffer;
pub use enums::{Activation, GroupErrorState, LDevState, Persistence};
pub use filetime::FileTime;
pub use interfaces::Interface;
pub use qos::{Qos, QosType};
pub use quality::Quality;
pub use type_desc::TypeDesc;
