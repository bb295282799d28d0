//! A random irreducible polynomial over GF(2), which restic's chunker wants in a repository's configuration.
//!
//! Ours cuts by another method, seeded from it; restic itself uses it when it adds to a vault of ours. It is a secret of the
//! repository: who knew it could tell from the sizes of chunks which known files are in there. Polynomials are numbers
//! whose bit *i* is the coefficient of x^i.

use rand::Rng as _;

/// Degree restic wants.
const DEGREE: u32 = 53;

/// A random irreducible polynomial of degree 53.
pub(crate) fn random() -> u64 {
    let mut rng = rand::rng();
    loop {
        // The highest bit makes the degree; without the lowest one it could be divided by x.
        let candidate = rng.next_u64() & ((1 << (DEGREE + 1)) - 1) | (1 << DEGREE) | 1;
        if is_irreducible(candidate) {
            return candidate;
        }
    }
}

fn degree(polynomial: u64) -> u32 {
    63_u32.saturating_sub(polynomial.leading_zeros())
}

fn modulo(mut a: u64, by: u64) -> u64 {
    while a != 0 && degree(a) >= degree(by) {
        a ^= by << (degree(a) - degree(by));
    }
    a
}

/// `a · b` modulo `by`, for degrees below 63.
fn multiply(mut a: u64, mut b: u64, by: u64) -> u64 {
    let mut product = 0;
    while b != 0 {
        if b & 1 == 1 {
            product ^= a;
        }
        b >>= 1;
        a <<= 1;
        if degree(a) == degree(by) && a != 0 {
            a ^= by;
        }
    }
    modulo(product, by)
}

fn common_divisor(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, modulo(a, b));
    }
    a
}

/// Ben-Or's test: a polynomial of degree *n* is irreducible exactly if it shares no divisor with x^(2^i) − x for i up to n/2.
fn is_irreducible(polynomial: u64) -> bool {
    let x = 2;
    let mut power = x;
    (1..=degree(polynomial) / 2).all(|_| {
        power = multiply(power, power, polynomial);
        common_divisor(polynomial, power ^ x) == 1
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_irreducible_polynomials() {
        // x²+x+1, x³+x+1, x⁸+x⁴+x³+x+1 (of AES), and one that restic's own tests use.
        for irreducible in [0b111, 0b1011, 0x11b, 0x003d_a335_8b4d_c173] {
            assert!(is_irreducible(irreducible), "{irreducible:x}");
        }
        // (x+1)², x³+1, a product of two of the above.
        for reducible in [0b101, 0b1001, 0b111 ^ (0b111 << 1) ^ (0b111 << 3), 0x003d_a335_8b4d_c171] {
            assert!(!is_irreducible(reducible), "{reducible:x}");
        }
    }

    #[test]
    fn random_ones_are_of_the_right_degree_and_differ() {
        let (one, other) = (random(), random());
        assert_eq!((degree(one), degree(other)), (DEGREE, DEGREE));
        assert_ne!(one, other);
    }
}
