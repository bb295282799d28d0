//! Random choices that can be repeated, and how many of them a run makes.

use std::time::{Duration, SystemTime};

/// A small generator (xorshift); its seed is printed, so that a failure can be repeated as far as timing allows.
pub struct Dice(u64);

impl Dice {
    pub fn new(test: &str) -> Self {
        let now = || SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_nanos() as u64;
        let seed = std::env::var("BACKSTAY_SEED").map_or_else(|_| now(), |seed| seed.parse().unwrap());
        println!("{test}: BACKSTAY_SEED={seed}");
        Self::from(seed)
    }

    pub fn from(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 8
    }

    /// Below `n`.
    pub fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    /// A moment in the first `whole`.
    pub fn moment(&mut self, whole: Duration) -> Duration {
        whole.mul_f64(self.below(1_000_000) as f64 / 1e6)
    }

    pub fn bytes(&mut self, n: usize) -> Vec<u8> {
        (0..n).map(|_| self.next() as u8).collect()
    }
}

/// `n`, or thirty times as many in the long version.
pub fn rounds(n: usize) -> usize {
    if std::env::var_os("BACKSTAY_SOAK").is_some_and(|v| v == "1") {
        n * 30
    } else {
        n
    }
}
