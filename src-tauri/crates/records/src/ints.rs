//! Columns of whole numbers in as few bits as they need, and the bounded reader under every binary file.

use crate::Fault;

/// Numbers that share one bit width.
pub(crate) const GROUP: usize = 64;

/// Reads from a byte slice; every step is checked, and a failure knows its place.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Input<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Input<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    pub(crate) fn at(&self) -> usize {
        self.at
    }

    pub(crate) fn left(&self) -> usize {
        self.bytes.len() - self.at
    }

    pub(crate) fn take(&mut self, len: usize) -> Result<&'a [u8], Fault> {
        if len > self.left() {
            return Err(Fault::Short);
        }
        let taken = &self.bytes[self.at..self.at + len];
        self.at += len;
        Ok(taken)
    }

    pub(crate) fn byte(&mut self) -> Result<u8, Fault> {
        Ok(self.take(1)?[0])
    }

    /// An unsigned LEB128 number of up to 128 bits.
    pub(crate) fn varint(&mut self) -> Result<u128, Fault> {
        let mut value = 0_u128;
        for shift in (0..=126).step_by(7) {
            let byte = self.byte()?;
            let bits = u128::from(byte & 0x7f);
            if shift == 126 && bits > 3 {
                return Err(Fault::Number);
            }
            value |= bits << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(Fault::Number)
    }
}

/// Writes an unsigned LEB128 number.
pub(crate) fn put_varint(out: &mut Vec<u8>, mut value: u128) {
    while value >= 0x80 {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn bits(value: u128) -> u32 {
    128 - value.leading_zeros()
}

/// Writes a column. Per group of 64 numbers (the last group may be smaller): width in bits (one byte), base (LEB128), then
/// every number minus the base in that many bits, lowest bit first, filled up to a whole byte.
pub(crate) fn pack(out: &mut Vec<u8>, values: &[u128]) {
    for group in values.chunks(GROUP) {
        let low = group.iter().copied().min().unwrap_or(0);
        let high = group.iter().copied().max().unwrap_or(0);
        // A base costs its own bytes: only where it narrows the group.
        let base = if bits(high - low) < bits(high) { low } else { 0 };
        let width = bits(high - base);
        out.push(width as u8);
        put_varint(out, base);
        pack_group(out, group, base, width as usize);
    }
}

fn pack_group(out: &mut Vec<u8>, group: &[u128], base: u128, width: usize) {
    let start = out.len();
    out.resize(start + (group.len() * width).div_ceil(8), 0);
    let target = &mut out[start..];
    for (i, value) in group.iter().enumerate() {
        let (mut rest, mut left, mut bit) = (value - base, width, i * width);
        while left > 0 {
            let free = 8 - bit % 8;
            target[bit / 8] |= ((rest << (bit % 8)) & 0xff) as u8;
            let done = free.min(left);
            rest >>= done;
            left -= done;
            bit += done;
        }
    }
}

/// Reads a column of `count` numbers into `out` (emptied first).
pub(crate) fn unpack(input: &mut Input<'_>, count: usize, out: &mut Vec<u128>) -> Result<(), Fault> {
    out.clear();
    // Padded, so that a number can be read as 16 bytes wherever it begins.
    let mut padded = [0_u8; GROUP * 16 + 32];
    while out.len() < count {
        let size = GROUP.min(count - out.len());
        let width = usize::from(input.byte()?);
        if width > 128 {
            return Err(Fault::Number);
        }
        let base = input.varint()?;
        let packed = input.take((size * width).div_ceil(8))?;
        padded[..packed.len()].copy_from_slice(packed);
        padded[packed.len()..packed.len() + 32].fill(0);
        for i in 0..size {
            let value = at_bit(&padded, i * width, width);
            out.push(base.checked_add(value).ok_or(Fault::Number)?);
        }
    }
    Ok(())
}

fn at_bit(bytes: &[u8], bit: usize, width: usize) -> u128 {
    if width == 0 {
        return 0;
    }
    let (from, shift) = (bit / 8, bit % 8);
    let mut word = [0; 16];
    word.copy_from_slice(&bytes[from..from + 16]);
    let mut value = u128::from_le_bytes(word) >> shift;
    if shift + width > 128 {
        value |= u128::from(bytes[from + 16]) << (128 - shift);
    }
    if width == 128 { value } else { value & ((1 << width) - 1) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn columns_come_back(values in prop::collection::vec((any::<u128>(), 0_u32..=128), 0..300)) {
            let values: Vec<u128> = values.iter().map(|(v, b)| if *b == 0 { 0 } else { v >> (128 - b) }).collect();
            let mut packed = Vec::new();
            pack(&mut packed, &values);
            let mut out = Vec::new();
            let mut input = Input::new(&packed);
            unpack(&mut input, values.len(), &mut out).unwrap();
            prop_assert_eq!(input.left(), 0);
            prop_assert_eq!(out, values);
        }

        #[test]
        fn hostile_bytes_give_an_error_or_numbers(bytes in prop::collection::vec(any::<u8>(), 0..200), count in 0_usize..1000) {
            let mut out = Vec::new();
            let _ = unpack(&mut Input::new(&bytes), count, &mut out);
            prop_assert!(out.len() <= count);
        }
    }

    #[test]
    fn like_numbers_cost_next_to_nothing() {
        let mut packed = Vec::new();
        pack(&mut packed, &[70_000; 640]);
        assert!(packed.len() <= 50, "{}", packed.len());
    }
}
