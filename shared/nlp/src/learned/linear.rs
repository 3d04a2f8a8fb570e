//! A linear model: a score for each class from the weights of the features that are there.

use super::features::bucket;

/// What every model file begins with.
const MAGIC: &[u8; 4] = b"LIN2";
const HEADER: usize = 20;

/// A model as the training command wrote it. The bytes are used as they are: loading costs nothing.
///
/// Little-endian: magic, `bits: u32`, `classes: u32`, `scale: f32`, `entries: u32`; one `f32` bias a
/// class; `2^bits + 1` offsets (`u32`), of which two neighbours are the entries of one feature; then
/// the entries: a class (`u8`) and its weight (`i8`, to be multiplied by `scale`).
#[derive(Debug, Clone, Copy)]
pub struct Linear {
    bytes: &'static [u8],
    pub bits: u32,
    pub classes: usize,
    scale: f32,
    offsets: usize,
    entries: usize,
}

impl Linear {
    /// `None` for bytes that are no model.
    pub fn new(bytes: &'static [u8]) -> Option<Self> {
        let word = |at: usize| bytes.get(at..at + 4)?.try_into().ok();
        let bits = u32::from_le_bytes(word(4)?);
        let classes = u32::from_le_bytes(word(8)?) as usize;
        let scale = f32::from_le_bytes(word(12)?);
        let count = u32::from_le_bytes(word(16)?) as usize;
        if !bytes.starts_with(MAGIC) || bits > 24 || classes > 256 {
            return None;
        }
        let offsets = HEADER + 4 * classes;
        let entries = offsets + 4 * ((1 << bits) + 1);
        let is_whole = bytes.len() == entries + 2 * count;
        is_whole.then_some(Self { bytes, bits, classes, scale, offsets, entries })
    }

    /// The scores of the weighted features, one a class.
    pub fn scores(&self, features: &[(u32, f32)]) -> Vec<f32> {
        let mut sums = vec![0.0_f32; self.classes];
        for &(row, weight) in features {
            self.add_row(row, weight, &mut sums);
        }
        self.finished(sums)
    }

    /// The scores of features that are there or not.
    pub(crate) fn scores_of_set(&self, numbers: &[u32]) -> Vec<f32> {
        let mut sums = vec![0.0_f32; self.classes];
        for &number in numbers {
            self.add_row(bucket(number, self.bits), 1.0, &mut sums);
        }
        self.finished(sums)
    }

    fn add_row(&self, row: u32, weight: f32, sums: &mut [f32]) {
        let offset = |row: u32| {
            let at = self.offsets + 4 * row as usize;
            let bytes = self.bytes.get(at..at + 4).and_then(|bytes| bytes.try_into().ok());
            self.entries + 2 * bytes.map_or(0, u32::from_le_bytes) as usize
        };
        let Some(entries) = self.bytes.get(offset(row)..offset(row + 1)) else { return };
        for entry in entries.chunks_exact(2) {
            if let Some(sum) = sums.get_mut(usize::from(entry[0])) {
                *sum += weight * f32::from(entry[1].cast_signed());
            }
        }
    }

    fn finished(&self, mut sums: Vec<f32>) -> Vec<f32> {
        let biases = self.bytes[HEADER..self.offsets].chunks_exact(4);
        for (sum, bias) in sums.iter_mut().zip(biases) {
            let bias = bias.try_into().map_or(0.0, f32::from_le_bytes);
            *sum = *sum * self.scale + bias;
        }
        sums
    }
}

/// The bytes of a model with these weights, row by row, one a class.
pub fn encoded(bits: u32, biases: &[f32], weights: &[f32]) -> Vec<u8> {
    let largest = weights.iter().fold(0.0_f32, |largest, weight| largest.max(weight.abs()));
    let scale = if largest > 0.0 { largest / 127.0 } else { 1.0 };
    let mut offsets = vec![0_u32];
    let mut entries = Vec::new();
    for row in weights.chunks(biases.len().max(1)) {
        for (class, weight) in row.iter().enumerate() {
            let weight = (weight / scale).round() as i8;
            if weight != 0 {
                entries.extend([class as u8, weight.cast_unsigned()]);
            }
        }
        offsets.push((entries.len() / 2) as u32);
    }
    let mut bytes = MAGIC.to_vec();
    bytes.extend(bits.to_le_bytes());
    bytes.extend((biases.len() as u32).to_le_bytes());
    bytes.extend(scale.to_le_bytes());
    bytes.extend(((entries.len() / 2) as u32).to_le_bytes());
    biases.iter().for_each(|bias| bytes.extend(bias.to_le_bytes()));
    offsets.iter().for_each(|offset| bytes.extend(offset.to_le_bytes()));
    bytes.extend(entries);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_reads_back_as_it_was_written() {
        let mut weights = vec![0.0; 4 * 3];
        (weights[3], weights[5], weights[11]) = (1.27, -0.5, 0.04);
        let bytes: &'static [u8] = encoded(2, &[0.1, 0.0, -0.1], &weights).leak();
        let model = Linear::new(bytes).unwrap();
        for (row, expected) in
            [(0, [0.1, 0.0, -0.1]), (1, [1.37, 0.0, -0.6]), (3, [0.1, 0.0, -0.06])]
        {
            for (score, expected) in model.scores(&[(row, 1.0)]).into_iter().zip(expected) {
                assert!((score - expected).abs() < 0.01, "{row}: {score} for {expected}");
            }
        }
        assert!(Linear::new(&bytes[..bytes.len() - 1]).is_none());
    }
}
