//! When to try again, and when to stop: few attempts, waits that grow, and a budget of time.

use std::time::Duration;

pub(crate) const MAX_ATTEMPTS: u32 = 4;
/// All waits of one request together; a server that asks for more is taken at its word at once.
pub(crate) const MAX_TOTAL_WAIT: Duration = Duration::from_secs(30);
const FIRST_WAIT: Duration = Duration::from_millis(250);

/// The waits of one request.
#[derive(Debug, Default)]
pub(crate) struct Retry {
    failures: u32,
    waited: Duration,
}

impl Retry {
    /// How long to wait before the next attempt; `None`: there is none.
    pub(crate) fn next_wait(&mut self, asked: Option<Duration>) -> Option<Duration> {
        self.failures += 1;
        if self.failures >= MAX_ATTEMPTS {
            return None;
        }
        let wait = asked.unwrap_or(FIRST_WAIT * 2u32.pow(self.failures - 1));
        if self.waited + wait > MAX_TOTAL_WAIT {
            return None;
        }
        self.waited += wait;
        Some(wait)
    }

    /// For notes: `again in 2 s (attempt 3 of 4)`.
    pub(crate) fn describe(&self, wait: Duration) -> String {
        let attempt = self.failures + 1;
        if wait < Duration::from_secs(1) {
            return format!("trying again (attempt {attempt} of {MAX_ATTEMPTS})");
        }
        format!("trying again in {} s (attempt {attempt} of {MAX_ATTEMPTS})", wait.as_secs())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attempts_and_waits_are_bounded() {
        let mut retry = Retry::default();
        let waits: Vec<_> = std::iter::from_fn(|| retry.next_wait(None)).collect();
        assert_eq!(waits, [250, 500, 1000].map(Duration::from_millis));
        assert_eq!(retry.next_wait(Some(Duration::ZERO)), None);
    }

    #[test]
    fn what_the_server_asks_for_counts_unless_it_is_too_long() {
        let mut retry = Retry::default();
        assert_eq!(retry.next_wait(Some(Duration::from_secs(20))), Some(Duration::from_secs(20)));
        assert_eq!(retry.next_wait(Some(Duration::from_secs(20))), None, "over the budget");
        assert_eq!(Retry::default().next_wait(Some(Duration::from_secs(31))), None);
    }
}
