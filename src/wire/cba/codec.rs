//! How arguments and structure members are marshalled, and the three macros that let an interface file
//! read like an interface definition.
//!
//! A [`Codec`] handles a whole argument. A [`Member`] handles a structure member in two steps: the fixed
//! part in place, what its pointers point to after the whole array ("deferred"). Codecs are types
//! without values; a field is written `name: RustType => Codec`.

use std::marker::PhantomData;

use super::codes::HResult;
use crate::wire::ndr::{NdrReader, NdrWriter};
use crate::wire::variant::{SafeArray, Variant, bool_bits, bstr};
use crate::wire::{Guid, WireError};

/// The arguments of one direction of a method.
pub trait Arguments: Sized {
    /// Reads them; the reader stands behind ORPCTHIS or ORPCTHAT.
    ///
    /// # Errors
    /// Bytes that are truncated, contradictory or of a type CBA does not use.
    fn read(r: &mut NdrReader<'_>) -> Result<Self, WireError>;
    /// Writes them; the writer stands behind ORPCTHIS or ORPCTHAT.
    fn write(&self, w: &mut NdrWriter);
}

impl Arguments for () {
    fn read(_: &mut NdrReader<'_>) -> Result<Self, WireError> {
        Ok(())
    }

    fn write(&self, _: &mut NdrWriter) {}
}

/// A method of an interface.
pub trait Method {
    /// Interface that introduced the method.
    const INTERFACE: super::Interface;
    /// Operation number.
    const OPNUM: u16;
    /// Name as in the interface definition.
    const NAME: &'static str;
    /// `[in]` arguments.
    type Request: Arguments;
    /// `[out]` arguments without the HRESULT.
    type Response: Arguments + Default;
}

/// The answer to a call: `[out]` arguments, then the HRESULT. When the method fails the arguments are
/// present nevertheless, empty.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Reply<T> {
    /// `[out]` arguments.
    pub out: T,
    /// Result of the call.
    pub hr: HResult,
}

impl<T: Default> Reply<T> {
    /// A successful answer.
    pub fn ok(out: T) -> Self {
        Self { out, hr: HResult::S_OK }
    }

    /// An answer that carries only a result code.
    pub fn only(hr: HResult) -> Self {
        Self { out: T::default(), hr }
    }
}

impl<T: Arguments> Arguments for Reply<T> {
    fn read(r: &mut NdrReader<'_>) -> Result<Self, WireError> {
        Ok(Self { out: T::read(r)?, hr: HResult(r.u32("result")?) })
    }

    fn write(&self, w: &mut NdrWriter) {
        self.out.write(w);
        w.u32(self.hr.0);
    }
}

/// Marshals an argument of Rust type `T`.
pub(crate) trait Codec<T> {
    fn read(r: &mut NdrReader<'_>, what: &'static str) -> Result<T, WireError>;
    fn write(value: &T, w: &mut NdrWriter);
}

/// Marshals a structure member of Rust type `T`.
pub(crate) trait Member<T> {
    /// Bytes of the fixed part, at least; bounds what a count can claim.
    const SIZE: usize;
    /// What is known after the fixed part.
    type Pending;
    fn read_fixed(r: &mut NdrReader<'_>, what: &'static str) -> Result<Self::Pending, WireError>;
    fn read_deferred(pending: Self::Pending, r: &mut NdrReader<'_>, what: &'static str) -> Result<T, WireError>;
    fn write_fixed(value: &T, w: &mut NdrWriter);
    fn write_deferred(value: &T, w: &mut NdrWriter);
}

macro_rules! scalar {
    ($($name:ident $int:ident $size:literal;)*) => {$(
        /// An integer, or a type made of one.
        pub(crate) struct $name;

        impl<T: Copy + From<$int> + Into<$int>> Codec<T> for $name {
            fn read(r: &mut NdrReader<'_>, what: &'static str) -> Result<T, WireError> {
                r.$int(what).map(T::from)
            }

            fn write(value: &T, w: &mut NdrWriter) {
                w.$int((*value).into());
            }
        }

        impl<T: Copy + From<$int> + Into<$int>> Member<T> for $name {
            const SIZE: usize = $size;
            type Pending = T;

            fn read_fixed(r: &mut NdrReader<'_>, what: &'static str) -> Result<T, WireError> {
                <Self as Codec<T>>::read(r, what)
            }

            fn read_deferred(pending: T, _: &mut NdrReader<'_>, _: &'static str) -> Result<T, WireError> {
                Ok(pending)
            }

            fn write_fixed(value: &T, w: &mut NdrWriter) {
                <Self as Codec<T>>::write(value, w);
            }

            fn write_deferred(_: &T, _: &mut NdrWriter) {}
        }
    )*};
}

scalar! {
    U8 u8 1;
    U16 u16 2;
    U32 u32 4;
    F64 f64 8;
}

/// A truth value in one byte.
pub(crate) struct Flag8;

impl Codec<bool> for Flag8 {
    fn read(r: &mut NdrReader<'_>, what: &'static str) -> Result<bool, WireError> {
        r.u8(what).map(|v| v != 0)
    }

    fn write(value: &bool, w: &mut NdrWriter) {
        w.u8((*value).into());
    }
}

/// VARIANT_BOOL: ffff or 0000.
pub(crate) struct VariantBool;

impl Codec<bool> for VariantBool {
    fn read(r: &mut NdrReader<'_>, what: &'static str) -> Result<bool, WireError> {
        r.u16(what).map(|v| v != 0)
    }

    fn write(value: &bool, w: &mut NdrWriter) {
        w.u16(bool_bits(*value));
    }
}

/// Six bytes without alignment.
pub(crate) struct Mac;

impl Codec<[u8; 6]> for Mac {
    fn read(r: &mut NdrReader<'_>, what: &'static str) -> Result<[u8; 6], WireError> {
        r.array(what)
    }

    fn write(value: &[u8; 6], w: &mut NdrWriter) {
        w.bytes(value);
    }
}

/// GUID.
pub(crate) struct Uuid;

impl Codec<Guid> for Uuid {
    fn read(r: &mut NdrReader<'_>, what: &'static str) -> Result<Guid, WireError> {
        r.guid(what)
    }

    fn write(value: &Guid, w: &mut NdrWriter) {
        w.guid(*value);
    }
}

/// LPWSTR. As an argument without referent id, as a member behind a pointer; NULL reads as empty.
pub(crate) struct Lpwstr;

impl Codec<String> for Lpwstr {
    fn read(r: &mut NdrReader<'_>, what: &'static str) -> Result<String, WireError> {
        r.lpwstr(what)
    }

    fn write(value: &String, w: &mut NdrWriter) {
        w.lpwstr(value);
    }
}

impl Member<String> for Lpwstr {
    const SIZE: usize = 4;
    type Pending = bool;

    fn read_fixed(r: &mut NdrReader<'_>, what: &'static str) -> Result<bool, WireError> {
        r.pointer(what)
    }

    fn read_deferred(present: bool, r: &mut NdrReader<'_>, what: &'static str) -> Result<String, WireError> {
        if present { r.lpwstr(what) } else { Ok(String::new()) }
    }

    fn write_fixed(_: &String, w: &mut NdrWriter) {
        w.referent();
    }

    fn write_deferred(value: &String, w: &mut NdrWriter) {
        w.lpwstr(value);
    }
}

/// BSTR with its pointer.
pub(crate) struct Bstr;

impl Codec<String> for Bstr {
    fn read(r: &mut NdrReader<'_>, what: &'static str) -> Result<String, WireError> {
        bstr::read(r, what)
    }

    fn write(value: &String, w: &mut NdrWriter) {
        bstr::write(w, value);
    }
}

/// VARIANT with its pointer; NULL is `None`.
pub(crate) struct VariantPtr;

impl Codec<Option<Variant>> for VariantPtr {
    fn read(r: &mut NdrReader<'_>, what: &'static str) -> Result<Option<Variant>, WireError> {
        Variant::read(r, what)
    }

    fn write(value: &Option<Variant>, w: &mut NdrWriter) {
        Variant::write(value.as_ref(), w);
    }
}

impl Member<Option<Variant>> for VariantPtr {
    const SIZE: usize = 4;
    type Pending = bool;

    fn read_fixed(r: &mut NdrReader<'_>, what: &'static str) -> Result<bool, WireError> {
        r.pointer(what)
    }

    fn read_deferred(present: bool, r: &mut NdrReader<'_>, what: &'static str) -> Result<Option<Variant>, WireError> {
        if present { Variant::read_body(r, what).map(Some) } else { Ok(None) }
    }

    fn write_fixed(value: &Option<Variant>, w: &mut NdrWriter) {
        w.user_pointer(value.is_some());
    }

    fn write_deferred(value: &Option<Variant>, w: &mut NdrWriter) {
        if let Some(value) = value {
            value.write_body(w);
        }
    }
}

/// SAFEARRAY with its two pointers; NULL is `None`.
pub(crate) struct SafeArrayPtr;

impl Codec<Option<SafeArray>> for SafeArrayPtr {
    fn read(r: &mut NdrReader<'_>, what: &'static str) -> Result<Option<SafeArray>, WireError> {
        SafeArray::read(r, what)
    }

    fn write(value: &Option<SafeArray>, w: &mut NdrWriter) {
        SafeArray::write(value.as_ref(), w);
    }
}

/// Interface pointer as OBJREF bytes; NULL is `None`.
pub(crate) struct ObjRef;

impl Codec<Option<Vec<u8>>> for ObjRef {
    fn read(r: &mut NdrReader<'_>, what: &'static str) -> Result<Option<Vec<u8>>, WireError> {
        Ok(r.interface_pointer(what)?.map(<[u8]>::to_vec))
    }

    fn write(value: &Option<Vec<u8>>, w: &mut NdrWriter) {
        w.interface_pointer(value.as_deref());
    }
}

/// `max_count`, elements; all fixed parts first, then what they point to.
pub(crate) struct Array<M>(PhantomData<M>);

impl<M> Array<M> {
    fn read_elements<T>(r: &mut NdrReader<'_>, n: usize, what: &'static str) -> Result<Vec<T>, WireError>
    where
        M: Member<T>,
    {
        let mut pending = Vec::with_capacity(n);
        for _ in 0..n {
            pending.push(M::read_fixed(r, what)?);
        }
        pending.into_iter().map(|p| M::read_deferred(p, r, what)).collect()
    }
}

impl<T, M: Member<T>> Codec<Vec<T>> for Array<M> {
    fn read(r: &mut NdrReader<'_>, what: &'static str) -> Result<Vec<T>, WireError> {
        let n = r.max_count(M::SIZE, what)?;
        Self::read_elements(r, n, what)
    }

    fn write(value: &Vec<T>, w: &mut NdrWriter) {
        w.count(value.len());
        value.iter().for_each(|v| M::write_fixed(v, w));
        value.iter().for_each(|v| M::write_deferred(v, w));
    }
}

/// The `[in]` array of CBA methods: count argument, `max_count`, elements.
pub(crate) struct Counted<M>(PhantomData<M>);

impl<T, M: Member<T>> Codec<Vec<T>> for Counted<M> {
    fn read(r: &mut NdrReader<'_>, what: &'static str) -> Result<Vec<T>, WireError> {
        let count = r.u32(what)?;
        let n = r.max_count_of(count, M::SIZE, what)?;
        Array::<M>::read_elements(r, n, what)
    }

    fn write(value: &Vec<T>, w: &mut NdrWriter) {
        w.count(value.len());
        <Array<M> as Codec<Vec<T>>>::write(value, w);
    }
}

/// The `[out]` array of CBA methods: pointer, `max_count`, elements. Empty is a NULL pointer.
pub(crate) struct Returned<M>(PhantomData<M>);

impl<T, M: Member<T>> Codec<Vec<T>> for Returned<M> {
    fn read(r: &mut NdrReader<'_>, what: &'static str) -> Result<Vec<T>, WireError> {
        if r.pointer(what)? { <Array<M> as Codec<Vec<T>>>::read(r, what) } else { Ok(Vec::new()) }
    }

    fn write(value: &Vec<T>, w: &mut NdrWriter) {
        w.pointer(!value.is_empty());
        if !value.is_empty() {
            <Array<M> as Codec<Vec<T>>>::write(value, w);
        }
    }
}

/// `[out]` array behind a count argument: count, pointer, `max_count`, elements.
pub(crate) struct CountedReturned<M>(PhantomData<M>);

impl<T, M: Member<T>> Codec<Vec<T>> for CountedReturned<M> {
    fn read(r: &mut NdrReader<'_>, what: &'static str) -> Result<Vec<T>, WireError> {
        let at = r.position();
        let count = r.u32(what)?;
        let elements = <Returned<M> as Codec<Vec<T>>>::read(r, what)?;
        if u32::try_from(elements.len()) == Ok(count) {
            Ok(elements)
        } else {
            Err(WireError::Malformed { at, what, why: "the count argument differs from the array" })
        }
    }

    fn write(value: &Vec<T>, w: &mut NdrWriter) {
        w.count(value.len());
        <Returned<M> as Codec<Vec<T>>>::write(value, w);
    }
}

/// `[in]` bytes: length argument, `max_count`, bytes.
pub(crate) struct CountedBytes;

impl Codec<Vec<u8>> for CountedBytes {
    fn read(r: &mut NdrReader<'_>, what: &'static str) -> Result<Vec<u8>, WireError> {
        let count = r.u32(what)?;
        let n = r.max_count_of(count, 1, what)?;
        r.take(n, what).map(<[u8]>::to_vec)
    }

    fn write(value: &Vec<u8>, w: &mut NdrWriter) {
        w.count(value.len());
        w.count(value.len());
        w.bytes(value);
    }
}

/// `[out]` bytes: length argument, pointer, `max_count`, bytes. Empty is a NULL pointer.
pub(crate) struct ReturnedBytes;

impl Codec<Vec<u8>> for ReturnedBytes {
    fn read(r: &mut NdrReader<'_>, what: &'static str) -> Result<Vec<u8>, WireError> {
        let at = r.position();
        let count = r.u32(what)?;
        if r.pointer(what)? {
            let n = r.max_count_of(count, 1, what)?;
            r.take(n, what).map(<[u8]>::to_vec)
        } else if count == 0 {
            Ok(Vec::new())
        } else {
            Err(WireError::Malformed { at, what, why: "a length is given but the pointer is NULL" })
        }
    }

    fn write(value: &Vec<u8>, w: &mut NdrWriter) {
        w.count(value.len());
        w.pointer(!value.is_empty());
        if !value.is_empty() {
            w.count(value.len());
            w.bytes(value);
        }
    }
}

/// Type description of CONNECTIN2 and CONNECTINSRT: u16 number of words, pointer, deferred array of words.
pub(crate) struct TypeDescWords;

impl Member<Vec<u16>> for TypeDescWords {
    const SIZE: usize = 6;
    type Pending = (u16, bool);

    fn read_fixed(r: &mut NdrReader<'_>, what: &'static str) -> Result<Self::Pending, WireError> {
        Ok((r.u16(what)?, r.pointer(what)?))
    }

    fn read_deferred(
        (len, present): Self::Pending,
        r: &mut NdrReader<'_>,
        what: &'static str,
    ) -> Result<Vec<u16>, WireError> {
        match (present, len) {
            (true, _) => {
                let n = r.max_count_of(len.into(), 2, what)?;
                let mut words = Vec::with_capacity(n);
                for _ in 0..n {
                    words.push(r.u16(what)?);
                }
                Ok(words)
            }
            (false, 0) => Ok(Vec::new()),
            (false, _) => Err(WireError::Malformed {
                at: r.position(),
                what,
                why: "a type description length is given but the pointer is NULL",
            }),
        }
    }

    fn write_fixed(value: &Vec<u16>, w: &mut NdrWriter) {
        w.u16(word_count(value));
        w.pointer(!value.is_empty());
    }

    fn write_deferred(value: &Vec<u16>, w: &mut NdrWriter) {
        if !value.is_empty() {
            let len = word_count(value);
            w.u32(len.into());
            value.iter().take(len.into()).for_each(|word| w.u16(*word));
        }
    }
}

/// The length field has 16 bits; a longer description (no item has one) is cut, so that the fields agree.
fn word_count(words: &[u16]) -> u16 {
    u16::try_from(words.len()).unwrap_or(u16::MAX)
}

/// Declares argument structures: fields in wire order, each `name: RustType => Codec`.
macro_rules! arguments {
    ($($(#[$meta:meta])* $name:ident { $($(#[$field_meta:meta])* $field:ident: $ty:ty => $codec:ty,)* })*) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Default)]
        pub struct $name {
            $($(#[$field_meta])* pub $field: $ty,)*
        }

        impl $crate::wire::cba::codec::Arguments for $name {
            fn read(r: &mut $crate::wire::ndr::NdrReader<'_>) -> Result<Self, $crate::wire::WireError> {
                Ok(Self {
                    $($field: <$codec as $crate::wire::cba::codec::Codec<$ty>>::read(r, stringify!($field))?,)*
                })
            }

            fn write(&self, w: &mut $crate::wire::ndr::NdrWriter) {
                $(<$codec as $crate::wire::cba::codec::Codec<$ty>>::write(&self.$field, w);)*
            }
        }
    )*};
}

/// Declares structures that are elements of arrays: members in wire order, each `name: RustType => Member`.
macro_rules! structures {
    ($($(#[$meta:meta])* $name:ident align $align:literal
        { $($(#[$field_meta:meta])* $field:ident: $ty:ty => $member:ty,)* })*) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Default)]
        pub struct $name {
            $($(#[$field_meta])* pub $field: $ty,)*
        }

        impl $crate::wire::cba::codec::Member<$name> for $name {
            const SIZE: usize = 0 $(+ <$member as $crate::wire::cba::codec::Member<$ty>>::SIZE)*;
            type Pending = ($(<$member as $crate::wire::cba::codec::Member<$ty>>::Pending,)*);

            fn read_fixed(
                r: &mut $crate::wire::ndr::NdrReader<'_>,
                what: &'static str,
            ) -> Result<Self::Pending, $crate::wire::WireError> {
                r.align($align, what)?;
                Ok(($(<$member as $crate::wire::cba::codec::Member<$ty>>::read_fixed(r, stringify!($field))?,)*))
            }

            fn read_deferred(
                ($($field,)*): Self::Pending,
                r: &mut $crate::wire::ndr::NdrReader<'_>,
                _: &'static str,
            ) -> Result<Self, $crate::wire::WireError> {
                Ok(Self {
                    $($field: <$member as $crate::wire::cba::codec::Member<$ty>>::read_deferred(
                        $field, r, stringify!($field),
                    )?,)*
                })
            }

            fn write_fixed(value: &Self, w: &mut $crate::wire::ndr::NdrWriter) {
                w.align($align);
                $(<$member as $crate::wire::cba::codec::Member<$ty>>::write_fixed(&value.$field, w);)*
            }

            fn write_deferred(value: &Self, w: &mut $crate::wire::ndr::NdrWriter) {
                $(<$member as $crate::wire::cba::codec::Member<$ty>>::write_deferred(&value.$field, w);)*
            }
        }
    )*};
}

/// Declares the methods of an interface and its extensions, and `Call`, a request of any of them.
macro_rules! methods {
    ($($interface:ident { $($(#[$meta:meta])*
        $opnum:literal $name:ident $text:literal ($request:ty) -> $response:ty;)* })*) => {
        $($(
            $(#[$meta])*
            #[derive(Debug, Clone, Copy, PartialEq, Eq)]
            pub struct $name;

            impl $crate::wire::cba::codec::Method for $name {
                const INTERFACE: $crate::wire::cba::Interface = $crate::wire::cba::Interface::$interface;
                const OPNUM: u16 = $opnum;
                const NAME: &'static str = $text;
                type Request = $request;
                type Response = $response;
            }
        )*)*

        /// A request of any method of this file.
        #[derive(Debug, Clone, PartialEq)]
        pub enum Call {
            $($($(#[$meta])* $name($request),)*)*
        }

        impl Call {
            /// Reads the request of operation `opnum`; `None` if the file has no such method. Whether
            /// the called interface includes it is
            #[doc = "[`Interface::opnums`](crate::wire::cba::Interface::opnums)."]
            ///
            /// # Errors
            /// As [`Arguments::read`](crate::wire::cba::Arguments::read).
            pub fn read(
                opnum: u16,
                r: &mut $crate::wire::ndr::NdrReader<'_>,
            ) -> Result<Option<Self>, $crate::wire::WireError> {
                Ok(Some(match opnum {
                    $($($opnum => Self::$name(<$request as $crate::wire::cba::codec::Arguments>::read(r)?),)*)*
                    _ => return Ok(None),
                }))
            }

            /// Writes the request's arguments.
            pub fn write(&self, w: &mut $crate::wire::ndr::NdrWriter) {
                match self {
                    $($(Self::$name(request) => $crate::wire::cba::codec::Arguments::write(request, w),)*)*
                }
            }

            /// Operation number.
            pub fn opnum(&self) -> u16 {
                match self {
                    $($(Self::$name(_) => $opnum,)*)*
                }
            }

            /// Name of the method.
            pub fn name(&self) -> &'static str {
                match self {
                    $($(Self::$name(_) => $text,)*)*
                }
            }
        }
    };
}
