//! Repeatable noise: a hash of what is asked about, so that the same minute is always the same.

/// What the noise is for; different streams are independent of each other.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Stream {
    DayTraffic = 1,
    DayErrors = 2,
    DayLatency = 3,
    MinuteTraffic = 4,
    MinuteErrors = 5,
    MinuteLatency = 6,
    Cpu = 7,
    Memory = 8,
    Duration = 9,
    TraceHigh = 10,
    TraceLow = 11,
}

/// A number in -1 to 1 that depends on the arguments only.
pub(crate) fn noise(stream: Stream, service: &str, replica: u32, day: i64, minute: u32) -> f64 {
    unit(stream, service, &[replica.into(), day.cast_unsigned(), minute.into()]) * 2.0 - 1.0
}

/// A number in 0 to 1 that depends on the arguments only.
pub(crate) fn unit(stream: Stream, service: &str, parts: &[u64]) -> f64 {
    // 53 bits are what a double holds exactly.
    (hash(stream, service, parts) >> 11) as f64 / (1_u64 << 53) as f64
}

/// Any bits, which depend on the arguments only.
pub(crate) fn hash(stream: Stream, service: &str, parts: &[u64]) -> u64 {
    let bytes = service.bytes().map(u64::from);
    bytes.chain(parts.iter().copied()).fold(mix(stream as u64), |hash, part| mix(hash ^ part))
}

/// The finalizer of SplitMix64 (Steele, Lea and Flood, 2014), with its increment.
fn mix(value: u64) -> u64 {
    let mut z = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_repeatable_centred_and_in_range() {
        let draw = |minute| noise(Stream::Cpu, "payment", 1, 20_000, minute);
        let values: Vec<f64> = (0..1440).map(draw).collect();
        assert!(values.iter().all(|value| (-1.0..1.0).contains(value)));
        assert_eq!(values, (0..1440).map(draw).collect::<Vec<f64>>());
        let mean = values.iter().sum::<f64>() / 1440.0;
        assert!(mean.abs() < 0.06, "{mean}");
        assert_ne!(draw(3).to_bits(), noise(Stream::Cpu, "payment", 2, 20_000, 3).to_bits());
        assert_ne!(draw(3).to_bits(), noise(Stream::Memory, "payment", 1, 20_000, 3).to_bits());
    }
}
