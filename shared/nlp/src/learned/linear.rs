//! A linear model: a score for each class from the weights of the features that are there.

use super::features::bucket;

/// What every model file begins with.
pub const MAGIC: &[u8; 4] = b"LIN1";
const HEADER: usize = 16;

/// A model as the training command wrote it. The bytes are used as they are: loading costs nothing.
///
/// Little-endian: magic, `bits: u32`, `classes: u32`, `scale: f32`, one `f32` bias a class, then for
/// each of `2^bits` features one signed byte a class, to be multiplied by `scale`.
#[derive(Debug, Clone, Copy)]
pub struct Linear {
    bytes: &'static [u8],
    pub bits: u32,
    pub classes: usize,
    scale: f32,
}

impl Linear {
    /// `None` for bytes that are no model.
    pub fn new(bytes: &'static [u8]) -> Option<Self> {
        let word = |at: usize| bytes.get(at..at + 4)?.try_into().ok();
        let bits = u32::from_le_bytes(word(4)?);
        let classes = u32::from_le_bytes(word(8)?) as usize;
        let scale = f32::from_le_bytes(word(12)?);
        let length = HEADER + 4 * classes + (classes << bits.min(24));
        (bytes.starts_with(MAGIC) && bytes.len() == length).then_some(Self { bytes, bits, classes, scale })
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
        let start = HEADER + 4 * self.classes + row as usize * self.classes;
        let Some(weights) = self.bytes.get(start..start + self.classes) else { return };
        for (sum, &byte) in sums.iter_mut().zip(weights) {
            *sum += weight * f32::from(byte.cast_signed());
        }
    }

    fn finished(&self, mut sums: Vec<f32>) -> Vec<f32> {
        let biases = self.bytes[HEADER..HEADER + 4 * self.classes].chunks_exact(4);
        for (sum, bias) in sums.iter_mut().zip(biases) {
            let bias = bias.try_into().map_or(0.0, f32::from_le_bytes);
            *sum = *sum * self.scale + bias;
        }
        sums
    }
}

/// The bytes of a model with these weights, feature by feature.
pub fn encoded(bits: u32, biases: &[f32], weights: &[f32]) -> Vec<u8> {
    let largest = weights.iter().fold(0.0_f32, |largest, weight| largest.max(weight.abs()));
    let scale = if largest > 0.0 { largest / 127.0 } else { 1.0 };
    let mut bytes = MAGIC.to_vec();
    bytes.extend(bits.to_le_bytes());
    bytes.extend((biases.len() as u32).to_le_bytes());
    bytes.extend(scale.to_le_bytes());
    biases.iter().for_each(|bias| bytes.extend(bias.to_le_bytes()));
    bytes.extend(weights.iter().map(|weight| ((weight / scale).round() as i8).cast_unsigned()));
    bytes
}
