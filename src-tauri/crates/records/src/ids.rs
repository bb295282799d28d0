//! How a keys part writes its ids: as numbers where all have one fixed form, else as text with shared beginnings.

use crate::ints::{Input, pack, put_varint, unpack};
use crate::{Fault, MAX_ID};

/// Any text.
const TEXT: u8 = 0;
/// Lower-case hexadecimal digits, the same number of them in all ids.
const HEX: u8 = 1;
/// Lower-case UUIDs.
const UUID: u8 = 2;

/// Most bytes of ids in one part once decoded. With [`MAX_ID`] this bounds what a hostile file can make a reader reserve.
pub(crate) const MAX_ID_BYTES: usize = 1 << 20;

const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// Ids one after the other in one piece of text.
#[derive(Debug, Default, Clone)]
pub(crate) struct Ids {
    text: String,
    ends: Vec<u32>,
}

impl Ids {
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(crate) fn bytes(&self) -> usize {
        self.text.len()
    }

    pub(crate) fn get(&self, i: usize) -> &str {
        let from = if i == 0 { 0 } else { self.ends[i - 1] as usize };
        &self.text[from..self.ends[i] as usize]
    }

    pub(crate) fn push(&mut self, id: &str) {
        self.text.push_str(id);
        self.ends.push(self.text.len() as u32);
    }

    pub(crate) fn clear(&mut self) {
        self.text.clear();
        self.ends.clear();
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|i| self.get(i))
    }

    /// Writes all ids, which must be ascending.
    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        let mut numbers = Vec::with_capacity(self.len());
        numbers.extend(self.iter().map_while(uuid_number));
        if numbers.len() == self.len() {
            let fixed = fixed_bits(&numbers);
            out.extend([UUID, u8::from(fixed.is_some()), fixed.unwrap_or(0)]);
            if fixed.is_some() {
                numbers.iter_mut().for_each(|n| *n = squeeze(*n));
            }
            return pack(out, &steps(&numbers));
        }
        numbers.clear();
        let digits = self.iter().next().map_or(0, str::len);
        numbers.extend(
            self.iter()
                .map_while(|id| if id.len() == digits { hex_number(id) } else { None }),
        );
        if numbers.len() == self.len() {
            out.extend([HEX, digits as u8]);
            return pack(out, &steps(&numbers));
        }
        self.encode_text(out);
    }

    fn encode_text(&self, out: &mut Vec<u8>) {
        out.push(TEXT);
        let (mut shared, mut own, mut text) = (Vec::new(), Vec::new(), Vec::new());
        let mut last: &[u8] = b"";
        for id in self.iter().map(str::as_bytes) {
            let same = id.iter().zip(last).take_while(|(a, b)| a == b).count();
            shared.push(same as u128);
            own.push((id.len() - same) as u128);
            text.extend_from_slice(&id[same..]);
            last = id;
        }
        pack(out, &shared);
        pack(out, &own);
        put_varint(out, text.len() as u128);
        out.extend_from_slice(&text);
    }

    /// Reads `count` ids and checks that they ascend.
    pub(crate) fn decode(input: &mut Input<'_>, count: usize) -> Result<Self, Fault> {
        let ids = match input.byte()? {
            TEXT => Self::decode_text(input, count)?,
            HEX => {
                let digits = usize::from(input.byte()?);
                if digits == 0 || digits > 32 {
                    return Err(Fault::Number);
                }
                Self::decode_numbers(input, count, digits, |number, out| put_digits(out, number, digits))?
            }
            UUID => {
                let (squeezed, fixed) = (input.byte()?, input.byte()?);
                match squeezed {
                    0 => Self::decode_numbers(input, count, 36, put_uuid)?,
                    1 => Self::decode_numbers(input, count, 36, |number, out| put_uuid(widen(number, fixed), out))?,
                    _ => return Err(Fault::Number),
                }
            }
            _ => return Err(Fault::Number),
        };
        let ascending = (1..ids.len()).all(|i| ids.get(i - 1) < ids.get(i));
        if ascending { Ok(ids) } else { Err(Fault::Order) }
    }

    fn decode_numbers(input: &mut Input<'_>, count: usize, len: usize, put: impl Fn(u128, &mut Vec<u8>)) -> Result<Self, Fault> {
        if count * len > MAX_ID_BYTES {
            return Err(Fault::Number);
        }
        let mut numbers = Vec::new();
        unpack(input, count, &mut numbers)?;
        let mut text = Vec::with_capacity(count * len);
        let mut number = 0_u128;
        for step in numbers {
            number = number.checked_add(step).ok_or(Fault::Number)?;
            put(number, &mut text);
        }
        let ends = (1..=count).map(|i| (i * len) as u32).collect();
        Ok(Self {
            text: String::from_utf8(text).map_err(|_| Fault::Id)?,
            ends,
        })
    }

    fn decode_text(input: &mut Input<'_>, count: usize) -> Result<Self, Fault> {
        let (mut shared, mut own) = (Vec::new(), Vec::new());
        unpack(input, count, &mut shared)?;
        unpack(input, count, &mut own)?;
        let len = usize::try_from(input.varint()?).map_err(|_| Fault::Number)?;
        let mut rest = input.take(len)?;
        let mut text: Vec<u8> = Vec::new();
        let mut ends: Vec<u32> = Vec::with_capacity(count);
        let (mut from, mut last_len) = (0, 0_usize);
        for (shared, own) in shared.into_iter().zip(own) {
            if shared > last_len as u128 || own > rest.len() as u128 {
                return Err(Fault::Number);
            }
            let (shared, own) = (shared as usize, own as usize);
            let at = text.len();
            if shared + own == 0 || shared + own > MAX_ID || at + shared + own > MAX_ID_BYTES {
                return Err(Fault::Id);
            }
            text.extend_from_within(from..from + shared);
            text.extend_from_slice(&rest[..own]);
            rest = &rest[own..];
            (from, last_len) = (at, shared + own);
            ends.push(text.len() as u32);
        }
        if !rest.is_empty() {
            return Err(Fault::Long);
        }
        let text = String::from_utf8(text).map_err(|_| Fault::Id)?;
        if ends.iter().any(|end| !text.is_char_boundary(*end as usize)) {
            return Err(Fault::Id);
        }
        Ok(Self { text, ends })
    }
}

/// Differences between neighbours; the first stands for itself.
fn steps(numbers: &[u128]) -> Vec<u128> {
    let mut last = 0;
    numbers.iter().map(|n| n - std::mem::replace(&mut last, *n)).collect()
}

fn digit(byte: u8) -> Option<u128> {
    match byte {
        b'0'..=b'9' => Some(u128::from(byte - b'0')),
        b'a'..=b'f' => Some(u128::from(byte - b'a' + 10)),
        _ => None,
    }
}

fn hex_number(id: &str) -> Option<u128> {
    if id.is_empty() || id.len() > 32 {
        return None;
    }
    id.bytes().try_fold(0, |number, byte| Some(number << 4 | digit(byte)?))
}

fn uuid_number(id: &str) -> Option<u128> {
    let bytes = id.as_bytes();
    if bytes.len() != 36 || [8, 13, 18, 23].iter().any(|i| bytes[*i] != b'-') {
        return None;
    }
    let groups = [0..8, 9..13, 14..18, 19..23, 24..36];
    groups
        .into_iter()
        .flatten()
        .try_fold(0, |number, i| Some(number << 4 | digit(bytes[i])?))
}

/// Lowest bit of the version (4 bits) and of the variant (2 bits) of a UUID.
const VERSION: u32 = 76;
const VARIANT: u32 = 62;

/// Version and variant as `version << 2 | variant`, if all have the same.
fn fixed_bits(numbers: &[u128]) -> Option<u8> {
    let of = |n: u128| ((n >> VERSION & 0xf) << 2 | (n >> VARIANT & 3)) as u8;
    let first = of(*numbers.first()?);
    numbers.iter().all(|n| of(*n) == first).then_some(first)
}

/// Takes version and variant out: 122 bits are left.
fn squeeze(n: u128) -> u128 {
    let low = n & ((1 << VARIANT) - 1);
    let middle = n >> 64 & 0xfff;
    (n >> 80) << 74 | middle << VARIANT | low
}

/// Puts version and variant back.
fn widen(n: u128, fixed: u8) -> u128 {
    let low = n & ((1 << VARIANT) - 1);
    let middle = n >> VARIANT & 0xfff;
    let (version, variant) = (u128::from(fixed >> 2 & 0xf), u128::from(fixed & 3));
    (n >> 74) << 80 | version << VERSION | middle << 64 | variant << VARIANT | low
}

fn put_digits(out: &mut Vec<u8>, number: u128, digits: usize) {
    for i in (0..digits).rev() {
        out.push(DIGITS[(number >> (4 * i) & 0xf) as usize]);
    }
}

fn put_uuid(number: u128, out: &mut Vec<u8>) {
    let mut text = [b'-'; 36];
    let mut at = 0;
    for byte in number.to_be_bytes() {
        if matches!(at, 8 | 13 | 18 | 23) {
            at += 1;
        }
        text[at] = DIGITS[usize::from(byte >> 4)];
        text[at + 1] = DIGITS[usize::from(byte & 0xf)];
        at += 2;
    }
    out.extend_from_slice(&text);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn round_trip(ids: &[String]) -> usize {
        let mut sorted = ids.to_vec();
        sorted.sort();
        sorted.dedup();
        let mut all = Ids::default();
        sorted.iter().for_each(|id| all.push(id));
        let mut out = Vec::new();
        all.encode(&mut out);
        let mut input = Input::new(&out);
        let back = Ids::decode(&mut input, sorted.len()).unwrap();
        assert_eq!(input.left(), 0);
        assert_eq!(back.iter().collect::<Vec<_>>(), sorted);
        out.len()
    }

    proptest! {
        #[test]
        fn ids_of_every_form_come_back(
            numbers in prop::collection::vec(any::<u128>(), 1..100),
            form in 0..6,
            texts in prop::collection::vec(".{1,9}", 1..50),
        ) {
            let ids: Vec<String> = numbers.iter().enumerate().map(|(i, n)| match form {
                0 => String::from_utf8({ let mut t = Vec::new(); put_uuid(*n, &mut t); t }).unwrap(),
                1 => String::from_utf8({ let mut t = Vec::new(); put_uuid(widen(squeeze(*n), 4 << 2 | 2), &mut t); t }).unwrap(),
                2 => format!("{n:032x}"),
                3 => format!("{:024x}", n >> 32),
                4 => n.to_string(),
                _ => texts[i % texts.len()].clone(),
            }).collect();
            round_trip(&ids);
        }

        #[test]
        fn hostile_bytes_give_an_error_or_ids(bytes in prop::collection::vec(any::<u8>(), 0..300), form in 0_u8..3, count in 0_usize..500) {
            let mut bytes = bytes;
            bytes.insert(0, form);
            if let Ok(ids) = Ids::decode(&mut Input::new(&bytes), count) {
                prop_assert_eq!(ids.len(), count);
            }
        }
    }

    #[test]
    fn numbers_in_a_row_cost_under_two_bytes() {
        let ids: Vec<String> = (0..10_000).map(|n| n.to_string()).collect();
        assert!(round_trip(&ids) < 20_000);
    }
}
