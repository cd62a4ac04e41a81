//! The IDispatch part of every automation interface of CBA, opnums 3 to 6 (protocol notes, section 5.0;
//! MS-OAUT 3.1.4). What a device offers through it is up to the device.

use super::codec::{Array, Codec, Lpwstr, U32, Uuid, VariantPtr};
use super::codes::HResult;
use super::shared::{Count, Object};
use crate::wire::ndr::{NdrReader, NdrWriter};
use crate::wire::variant::bstr;
use crate::wire::{Guid, Variant, WireError};

/// Flag of Invoke: call a method.
pub const INVOKE_METHOD: u32 = 1;
/// Flag of Invoke: read a property.
pub const INVOKE_PROPERTY_GET: u32 = 2;
/// Flag of Invoke: write a property.
pub const INVOKE_PROPERTY_PUT: u32 = 4;
/// Flag of Invoke: write a property by reference.
pub const INVOKE_PROPERTY_PUT_REF: u32 = 8;
/// DISPID of the value in a property put.
pub const DISPID_PROPERTY_PUT: u32 = 0xffff_fffd;

methods! {
    Dispatch {
        /// Number of type libraries: 0 or 1.
        3 GetTypeInfoCount "GetTypeInfoCount" (()) -> Count;
        /// Type library.
        4 GetTypeInfo "GetTypeInfo" (GetTypeInfoRequest) -> Object;
        /// DISPIDs of names.
        5 GetIdsOfNames "GetIDsOfNames" (GetIdsOfNamesRequest) -> GetIdsOfNamesResponse;
        /// Calls a method or reads or writes a property by DISPID.
        6 Invoke "Invoke" (InvokeRequest) -> InvokeResponse;
    }
}

arguments! {
    /// `[in]` of GetTypeInfo.
    GetTypeInfoRequest {
        /// Which library.
        index: u32 => U32,
        /// Language.
        lcid: u32 => U32,
    }

    /// `[in]` of GetIDsOfNames.
    GetIdsOfNamesRequest {
        /// Reserved, zero.
        riid: Guid => Uuid,
        /// Member name, then names of its arguments.
        names: Vec<String> => Array<Lpwstr>,
        /// Number of names.
        count: u32 => U32,
        /// Language.
        lcid: u32 => U32,
    }

    /// `[out]` of GetIDsOfNames.
    GetIdsOfNamesResponse {
        /// DISPIDs, in the order asked for.
        ids: Vec<u32> => Array<U32>,
    }

    /// `[in]` of Invoke.
    InvokeRequest {
        /// Member.
        dispid: u32 => U32,
        /// Reserved, zero.
        riid: Guid => Uuid,
        /// Language.
        lcid: u32 => U32,
        /// What to do with the member.
        flags: u32 => U32,
        /// Arguments.
        params: DispParams => DispParams,
        /// Number of arguments passed by reference.
        ref_count: u32 => U32,
        /// Their positions.
        ref_indices: Vec<u32> => Array<U32>,
        /// Their values.
        ref_args: Vec<Option<Variant>> => Array<VariantPtr>,
    }

    /// `[out]` of Invoke.
    InvokeResponse {
        /// Result of the member.
        result: Option<Variant> => VariantPtr,
        /// What went wrong in the member.
        exception: ExcepInfo => ExcepInfo,
        /// First argument in error.
        arg_error: u32 => U32,
        /// Arguments passed by reference, after the call.
        ref_args: Vec<Option<Variant>> => Array<VariantPtr>,
    }
}

/// DISPPARAMS: arguments of Invoke, last one first.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DispParams {
    /// Values, last one first.
    pub args: Vec<Option<Variant>>,
    /// DISPIDs of named arguments.
    pub named: Vec<u32>,
}

impl Codec<DispParams> for DispParams {
    fn read(r: &mut NdrReader<'_>, what: &'static str) -> Result<DispParams, WireError> {
        let has_args = r.pointer(what)?;
        let has_named = r.pointer(what)?;
        let at = r.position();
        let arg_count = r.u32(what)?;
        let named_count = r.u32(what)?;
        let args: Vec<Option<Variant>> =
            if has_args { <Array<VariantPtr> as Codec<_>>::read(r, what)? } else { Vec::new() };
        let named: Vec<u32> = if has_named { <Array<U32> as Codec<_>>::read(r, what)? } else { Vec::new() };
        if u32::try_from(args.len()) != Ok(arg_count) || u32::try_from(named.len()) != Ok(named_count) {
            return Err(WireError::Malformed { at, what, why: "an argument count differs from its array" });
        }
        Ok(DispParams { args, named })
    }

    fn write(value: &DispParams, w: &mut NdrWriter) {
        w.pointer(!value.args.is_empty());
        w.pointer(!value.named.is_empty());
        w.count(value.args.len());
        w.count(value.named.len());
        if !value.args.is_empty() {
            <Array<VariantPtr> as Codec<_>>::write(&value.args, w);
        }
        if !value.named.is_empty() {
            <Array<U32> as Codec<_>>::write(&value.named, w);
        }
    }
}

/// EXCEPINFO: error raised by the member.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ExcepInfo {
    /// Error code of the member, 0 if `scode` is used.
    pub code: u16,
    /// Who raised it.
    pub source: Option<String>,
    /// Text for the user.
    pub description: Option<String>,
    /// Help file.
    pub help_file: Option<String>,
    /// Topic in the help file.
    pub help_context: u32,
    /// Result code; S_OK if there was no exception.
    pub scode: HResult,
}

impl Codec<ExcepInfo> for ExcepInfo {
    fn read(r: &mut NdrReader<'_>, what: &'static str) -> Result<ExcepInfo, WireError> {
        r.align(4, what)?;
        let code = r.u16(what)?;
        r.u16(what)?;
        let present = [r.pointer(what)?, r.pointer(what)?, r.pointer(what)?];
        let help_context = r.u32(what)?;
        r.u32(what)?;
        r.u32(what)?;
        let scode = HResult(r.u32(what)?);
        let mut texts = [None, None, None];
        for (text, present) in texts.iter_mut().zip(present) {
            if present {
                *text = Some(bstr::read_body(r, what)?);
            }
        }
        let [source, description, help_file] = texts;
        Ok(ExcepInfo { code, source, description, help_file, help_context, scode })
    }

    fn write(value: &ExcepInfo, w: &mut NdrWriter) {
        let texts = [&value.source, &value.description, &value.help_file];
        w.align(4);
        w.u16(value.code);
        w.u16(0);
        texts.iter().for_each(|text| w.user_pointer(text.is_some()));
        w.u32(value.help_context);
        w.u32(0);
        w.u32(0);
        w.u32(value.scode.0);
        texts.into_iter().flatten().for_each(|text| bstr::write_body(w, text));
    }
}

impl InvokeResponse {
    /// The answer to a property get.
    pub fn value(result: Variant) -> Self {
        Self { result: Some(result), ..Self::default() }
    }
}

/// Whether `opnum` belongs to IDispatch.
pub const fn is_dispatch_opnum(opnum: u16) -> bool {
    matches!(opnum, 3..=6)
}
