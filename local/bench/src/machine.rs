//! What the operating system says of this process and its machine. Linux only; elsewhere nothing is
//! known.

use std::{fs, thread::available_parallelism};

use serde::Serialize;

use crate::stats::rounded;

/// `USER_HZ`: what /proc counts in, on every architecture that Lambda has.
const TICKS_PER_S: f64 = 100.0;
/// Of /proc/self/stat, behind the name in parentheses.
const USER_TICKS: usize = 11;
const SYSTEM_TICKS: usize = 12;

/// Figures are to be read against this.
#[derive(Debug, Serialize)]
pub(crate) struct Machine {
    cores: usize,
    cpu: Option<String>,
    load_1m_before: Option<f64>,
    load_1m_after: Option<f64>,
}

impl Machine {
    pub(crate) fn before() -> Self {
        Self {
            cores: available_parallelism().map_or(1, usize::from),
            cpu: field("/proc/cpuinfo", "model name"),
            load_1m_before: load_1m(),
            load_1m_after: None,
        }
    }

    pub(crate) fn after(self) -> Self {
        Self { load_1m_after: load_1m(), ..self }
    }
}

/// CPU time of this process.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cpu {
    pub(crate) user_ms: f64,
    pub(crate) system_ms: f64,
}

/// What this process has used so far.
pub(crate) fn cpu() -> Option<Cpu> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    // The name may hold spaces and parentheses; what follows the last one does not.
    let (_, fields) = stat.rsplit_once(')')?;
    let fields: Vec<&str> = fields.split_ascii_whitespace().collect();
    let ms = |index: usize| Some(fields.get(index)?.parse::<f64>().ok()? * 1000.0 / TICKS_PER_S);
    Some(Cpu { user_ms: ms(USER_TICKS)?, system_ms: ms(SYSTEM_TICKS)? })
}

/// The memory of this process that is in RAM.
pub(crate) fn resident_mib() -> Option<f64> {
    let kib = field("/proc/self/status", "VmRSS")?;
    let kib: f64 = kib.trim_end_matches("kB").trim().parse().ok()?;
    Some(rounded(kib / 1024.0))
}

fn load_1m() -> Option<f64> {
    fs::read_to_string("/proc/loadavg").ok()?.split(' ').next()?.parse().ok()
}

fn field(path: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    let value = text.lines().find_map(|line| line.strip_prefix(name)?.split_once(':'))?.1;
    Some(value.trim().to_owned())
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn this_process_has_memory_and_time() {
        assert!(resident_mib().unwrap() > 1.0);
        let before = cpu().unwrap();
        let mut work = 0_u64;
        while cpu().unwrap().user_ms + cpu().unwrap().system_ms
            < before.user_ms + before.system_ms + 20.0
        {
            work = work.wrapping_add(1);
        }
        assert!(work > 0);
    }
}
