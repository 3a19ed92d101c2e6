//! Reading and writing fields of one version of a message.

use bytes::{BufMut, Bytes};

use super::{Field, SchemaError};

/// Reads fields of one version.
#[derive(Clone, Debug)]
pub struct Reader {
    input: Bytes,
    /// The version being read.
    pub version: i16,
    /// Whether that version is flexible.
    pub flexible: bool,
}

impl Reader {
    /// Reads `input` as `version`; flexible or not is for the struct to say.
    pub const fn new(input: Bytes, version: i16) -> Self {
        Self { input, version, flexible: false }
    }

    /// How many bytes are left.
    pub fn remaining(&self) -> usize {
        self.input.len()
    }

    /// A reader of the next `length` bytes alone.
    ///
    /// # Errors
    /// When there are not so many.
    pub fn apart(&mut self, length: usize) -> Result<Self, SchemaError> {
        Ok(Self { input: self.take(length)?, version: self.version, flexible: self.flexible })
    }

    pub(super) fn take(&mut self, len: usize) -> Result<Bytes, SchemaError> {
        if len > self.input.len() {
            return Err(SchemaError::Truncated);
        }
        Ok(self.input.split_to(len))
    }

    /// An unsigned varint of 32 bits.
    pub fn unsigned_varint(&mut self) -> Result<u32, SchemaError> {
        let mut value = 0;
        for shift in (0..35).step_by(7) {
            let byte = u8::read(self)?;
            value |= u32::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(SchemaError::BadLength(value.into()))
    }

    /// A length as this version writes it; `None` for null. `narrow`: two bytes where not flexible.
    pub(super) fn length(&mut self, narrow: bool) -> Result<Option<usize>, SchemaError> {
        let length = if self.flexible {
            i64::from(self.unsigned_varint()?) - 1
        } else if narrow {
            i64::from(i16::read(self)?)
        } else {
            i64::from(i32::read(self)?)
        };
        match length {
            -1 => Ok(None),
            length => usize::try_from(length).map(Some).map_err(|_| SchemaError::BadLength(length)),
        }
    }
}

/// Writes fields of one version.
#[derive(Clone, Debug)]
pub struct Writer {
    /// What was written so far.
    pub out: Vec<u8>,
    /// The version being written.
    pub version: i16,
    /// Whether that version is flexible.
    pub flexible: bool,
}

impl Writer {
    /// Writes `version`; flexible or not is for the struct to say.
    pub const fn new(version: i16) -> Self {
        Self { out: Vec::new(), version, flexible: false }
    }

    /// An unsigned varint of 32 bits.
    pub fn unsigned_varint(&mut self, mut value: u32) {
        while value >= 0x80 {
            self.out.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.out.push(value as u8);
    }

    pub(super) fn length(&mut self, length: Option<usize>, narrow: bool) {
        let length = length.map_or(-1, |length| length as i64);
        if self.flexible {
            self.unsigned_varint((length + 1) as u32);
        } else if narrow {
            let length = i16::try_from(length).expect("a string is at most 32767 bytes long");
            self.out.put_i16(length);
        } else {
            self.out.put_i32(length as i32);
        }
    }

    /// Writes the tagged fields: `fields` in order of their tags.
    pub fn tagged_fields(&mut self, fields: &[(u32, Vec<u8>)]) {
        self.unsigned_varint(fields.len() as u32);
        for (tag, bytes) in fields {
            self.unsigned_varint(*tag);
            self.unsigned_varint(bytes.len() as u32);
            self.out.extend_from_slice(bytes);
        }
    }

    /// The bytes of one tagged field.
    pub fn apart(&self, field: &impl Field) -> Vec<u8> {
        let mut writer = Self { out: Vec::new(), ..*self };
        field.write_tagged(&mut writer);
        writer.out
    }
}
