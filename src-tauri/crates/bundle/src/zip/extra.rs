//! Extra fields of an entry: 64-bit sizes, and fields that would give the entry a second meaning.

use super::{EXTRA64, Fields, IN_EXTRA};
use crate::{BundleError, NameFault, Result, gate::shown};

/// Id of the field that holds a second name in UTF-8.
const UNICODE_PATH: u16 = 0x7075;
/// Id of AES encryption.
const AES: u16 = 0x9901;
/// Id of the old Unix field, whose end is the target of a link.
const PKWARE_UNIX: u16 = 0x000d;
/// Size of that field without a target.
const PKWARE_UNIX_PLAIN: usize = 12;

/// Sizes of an entry, and where its header is; each may have to come from the 64-bit field.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sizes {
    pub size: u64,
    pub packed: u64,
    pub at: u64,
}

impl Sizes {
    /// Takes the values that did not fit into 32 bits from the extra fields, and looks at the other ones.
    pub(super) fn complete(self, name: &str, mut extra: &[u8]) -> Result<Self> {
        let broken = |reason| BundleError::Header {
            entry: shown(name),
            reason,
        };
        let mut out = self;
        let mut wanted: Vec<&mut u64> = Vec::new();
        for value in [&mut out.size, &mut out.packed, &mut out.at] {
            if *value == u64::from(IN_EXTRA) {
                wanted.push(value);
            }
        }
        let mut missing = !wanted.is_empty();
        while extra.len() >= 4 {
            let mut fields = Fields(extra);
            let (id, length) = (fields.u16(), usize::from(fields.u16()));
            let value = extra.get(4..4 + length).ok_or_else(|| broken("an extra field is cut off"))?;
            extra = &extra[4 + length..];
            match id {
                EXTRA64 => {
                    if value.len() < wanted.len() * 8 || !missing && !wanted.is_empty() {
                        return Err(broken("its 64-bit sizes are incomplete"));
                    }
                    let mut numbers = Fields(value);
                    for slot in &mut wanted {
                        **slot = numbers.u64();
                    }
                    missing = false;
                }
                UNICODE_PATH if value.get(5..) != Some(name.as_bytes()) => {
                    return Err(BundleError::Name {
                        entry: shown(name),
                        fault: NameFault::Second,
                    });
                }
                AES => return Err(BundleError::Encrypted { entry: shown(name) }),
                PKWARE_UNIX if value.len() > PKWARE_UNIX_PLAIN => {
                    return Err(BundleError::NotPlain { entry: shown(name) });
                }
                _ => {}
            }
        }
        if missing {
            return Err(broken("its 64-bit sizes are missing"));
        }
        Ok(out)
    }
}
