//! One budget of requests for the current minute, as one instance sees it.
//!
//! Permits are taken from the shared counter in leases, so that most requests need no round trip.
//! Leases start at one and grow with what the instance has used, so that many idle instances do not
//! hold permits that a busy one needs. Pure accounting: the round trips are [`crate::limit`]'s.

use jiff::{SignedDuration, Timestamp};

use crate::store::Taken;

pub(crate) const WINDOW: SignedDuration = SignedDuration::from_mins(1);
/// A lease is at most this fraction of the limit.
const LARGEST_LEASE_FRACTION: u32 = 50;
/// When the shared counter does not answer, it is left alone for this long.
const ALONE_FOR: SignedDuration = SignedDuration::from_secs(5);

/// The beginning of the minute that `now` is in.
pub(crate) fn window_start(now: Timestamp) -> Timestamp {
    let second = now.as_second();
    let start = second - second.rem_euclid(WINDOW.as_secs());
    Timestamp::from_second(start).unwrap_or(Timestamp::MIN)
}

/// What to do for the next request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// It has its permit.
    Granted,
    /// The window is used up.
    Refused,
    /// This many permits should be taken from the shared counter first.
    Take(u32),
}

/// One window of one budget.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Window {
    pub(crate) start: Timestamp,
    limit: u32,
    /// Taken from the shared counter and not used yet.
    leased: u32,
    /// Granted to requests here.
    granted: u32,
    /// Taken by all instances together, as of our last lease.
    used: u32,
    alone_until: Option<Timestamp>,
}

impl Window {
    pub(crate) fn new(start: Timestamp, limit: u32) -> Self {
        Self { start, limit, leased: 0, granted: 0, used: 0, alone_until: None }
    }

    /// Begins a new window when `start` is later than the current one's. A clock that stepped back
    /// stays in the newer window.
    pub(crate) fn roll(&mut self, start: Timestamp) {
        if start > self.start {
            *self = Self { alone_until: self.alone_until, ..Self::new(start, self.limit) };
        }
    }

    /// Decides about one request, behind which `waiting` others stand.
    pub(crate) fn next(&mut self, waiting: u32, now: Timestamp) -> Next {
        if self.leased > 0 {
            self.leased -= 1;
            self.granted += 1;
            return Next::Granted;
        }
        if self.is_alone(now) {
            // The limit holds for this instance alone.
            if self.granted < self.limit {
                self.granted += 1;
                return Next::Granted;
            }
            return Next::Refused;
        }
        if self.used >= self.limit {
            return Next::Refused;
        }
        let largest = (self.limit / LARGEST_LEASE_FRACTION).max(1);
        let lease = self.granted.clamp(1, largest).max(waiting.saturating_add(1));
        Next::Take(lease.min(self.limit - self.used))
    }

    pub(crate) fn took(&mut self, taken: Taken) {
        self.leased += taken.granted;
        // Nothing granted means nothing left, whatever else the counter says.
        self.used = if taken.granted == 0 { self.limit } else { taken.used };
    }

    pub(crate) fn counter_failed(&mut self, now: Timestamp) {
        self.alone_until = now.checked_add(ALONE_FOR).ok();
    }

    pub(crate) fn is_alone(&self, now: Timestamp) -> bool {
        self.alone_until.is_some_and(|until| now < until)
    }

    /// Takes back a permit that was granted and not needed.
    pub(crate) fn give_back(&mut self, start: Timestamp) {
        if self.start == start && self.granted > 0 {
            self.granted -= 1;
            self.leased += 1;
        }
    }

    pub(crate) fn remaining(&self) -> u32 {
        let used = self.used.max(self.granted);
        (self.limit.saturating_sub(used)).saturating_add(self.leased).min(self.limit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn windows_begin_at_the_minute() {
        for (second, start) in [(0, 0), (59, 0), (60, 60), (61, 60), (-1, -60)] {
            assert_eq!(window_start(at(second)), at(start), "{second}");
        }
    }

    #[test]
    fn leases_grow_with_use_up_to_a_fiftieth_of_the_limit() {
        let mut window = Window::new(at(0), 600);
        let mut leases = vec![];
        let mut used = 0;
        for _ in 0..100 {
            if let Next::Take(amount) = window.next(0, at(0)) {
                used += amount;
                leases.push(amount);
                window.took(Taken { granted: amount, used });
                assert_eq!(window.next(0, at(0)), Next::Granted);
            }
        }
        assert_eq!(leases[..6], [1, 1, 2, 4, 8, 12]);
        assert!(leases[5..].iter().all(|&lease| lease == 12), "{leases:?}");
    }

    #[test]
    fn small_limits_are_exact() {
        let mut window = Window::new(at(0), 3);
        for used in 1..=3 {
            assert_eq!(window.next(0, at(0)), Next::Take(1));
            window.took(Taken { granted: 1, used });
            assert_eq!(window.next(0, at(0)), Next::Granted);
            assert_eq!(window.remaining(), 3 - used);
        }
        assert_eq!(window.next(0, at(0)), Next::Refused);
        window.roll(at(60));
        assert_eq!((window.next(0, at(60)), window.remaining()), (Next::Take(1), 3));
    }

    #[test]
    fn those_who_wait_are_served_by_one_lease_within_the_limit() {
        let mut window = Window::new(at(0), 100);
        assert_eq!(window.next(31, at(0)), Next::Take(32));
        window.took(Taken { granted: 1, used: 90 });
        assert_eq!(window.next(0, at(0)), Next::Granted);
        assert_eq!(window.next(31, at(0)), Next::Take(10));
    }

    #[test]
    fn an_exhausted_window_is_not_asked_about_again() {
        let mut window = Window::new(at(0), 100);
        window.took(Taken { granted: 0, used: 100 });
        assert_eq!(window.next(0, at(0)), Next::Refused);
        assert_eq!(window.remaining(), 0);
    }

    #[test]
    fn alone_an_instance_holds_the_limit_by_itself_for_a_while() {
        let mut window = Window::new(at(0), 2);
        window.counter_failed(at(0));
        let outcomes = [(); 3].map(|()| window.next(0, at(1)));
        assert_eq!(outcomes, [Next::Granted, Next::Granted, Next::Refused]);
        assert_eq!(window.next(0, at(5)), Next::Take(1), "the counter is tried again");
    }

    #[test]
    fn a_permit_given_back_can_be_used_in_its_own_window_only() {
        let mut window = Window::new(at(0), 1);
        window.took(Taken { granted: 1, used: 1 });
        assert_eq!(window.next(0, at(0)), Next::Granted);
        window.give_back(at(0));
        assert_eq!(window.next(0, at(0)), Next::Granted);
        window.roll(at(60));
        window.give_back(at(0));
        assert_eq!(window.next(0, at(60)), Next::Take(1));
    }
}
