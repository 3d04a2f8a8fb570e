//! Features of a text, hashed to numbers. The same code serves training and use.

/// Numbers of features; the same feature may come several times.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct FeatureList {
    numbers: Vec<u32>,
}

impl FeatureList {
    /// Adds the feature that the parts name together.
    pub(crate) fn add(&mut self, parts: &[&str]) {
        self.numbers.push(hash(parts));
    }

    pub(crate) fn numbers(&self) -> &[u32] {
        &self.numbers
    }

    pub(crate) fn clear(&mut self) {
        self.numbers.clear();
    }

    /// Each feature once with the square root of its count, scaled to the length one: long texts
    /// weigh no more than short ones.
    pub fn weighted(mut self, bits: u32) -> Vec<(u32, f32)> {
        for number in &mut self.numbers {
            *number = bucket(*number, bits);
        }
        self.numbers.sort_unstable();
        let mut weighted: Vec<(u32, f32)> = Vec::with_capacity(self.numbers.len());
        for number in self.numbers {
            match weighted.last_mut() {
                Some((last, count)) if *last == number => *count += 1.0,
                _ => weighted.push((number, 1.0)),
            }
        }
        let length = weighted.iter().map(|(_, count)| count).sum::<f32>().sqrt().max(1e-6);
        for (_, count) in &mut weighted {
            *count = count.sqrt() / length;
        }
        weighted
    }
}

/// Which row of a table of `2^bits` rows a feature has.
pub(crate) fn bucket(number: u32, bits: u32) -> u32 {
    number >> (32 - bits)
}

/// FNV-1a over the parts with a byte between them that no text holds; its upper half, mixed.
pub(crate) fn hash(parts: &[&str]) -> u32 {
    const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0100_0000_01b3;
    let mut state = OFFSET;
    for part in parts {
        for &byte in part.as_bytes() {
            state = (state ^ u64::from(byte)).wrapping_mul(PRIME);
        }
        state = (state ^ 0xff).wrapping_mul(PRIME);
    }
    // The finaliser of splitmix64 spreads the last bytes over all bits.
    state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (state >> 32) as u32
}
