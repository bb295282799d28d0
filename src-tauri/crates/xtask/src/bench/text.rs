//! Text that compresses like text, the same on every machine.

/// A small generator of numbers (splitmix64): what follows depends on the seed alone.
pub(crate) struct Numbers(u64);

impl Numbers {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }
}

/// Words of a made-up language; the first are much more frequent than the last, as in real ones.
pub(crate) struct Words(Vec<String>);

impl Words {
    pub(crate) fn new() -> Self {
        let mut numbers = Numbers::new(1);
        let syllables = [
            "ba", "ne", "to", "ri", "sul", "kem", "a", "no", "vi", "dra", "pel", "o", "shu", "in", "ga",
        ];
        let word = |numbers: &mut Numbers| {
            let count = 1 + numbers.below(4);
            (0..count)
                .map(|_| syllables[numbers.below(syllables.len() as u64) as usize])
                .collect()
        };
        Self((0..4096).map(|_| word(&mut numbers)).collect())
    }

    /// Appends about `bytes` bytes of words.
    pub(crate) fn write(&self, numbers: &mut Numbers, bytes: usize, out: &mut String) {
        let end = out.len() + bytes;
        while out.len() < end {
            // The smaller of two draws, squared: common words first.
            let (a, b) = (numbers.below(4096), numbers.below(4096));
            out.push_str(&self.0[(a.min(b) * a.min(b) / 4096) as usize]);
            out.push(' ');
        }
    }
}
