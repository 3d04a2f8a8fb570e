//! One budget of requests for the current minute, as one instance sees it.
//!
//! Permits are taken from the shared counter in leases, so that most requests need no round trip. A
//! lease is due as soon as the one before it is used up, so that it can be taken before it is needed.
//! Where nothing is known of a window yet, its first request is granted in advance, and the first
//! lease pays for it. Leases start at one and grow with what the instance has used, so that many idle
//! instances do not hold permits that a busy one needs. Pure accounting: the round trips are
//! [`crate::limit`]'s.

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
    pub(crate) limit: u32,
    /// Taken from the shared counter and not used yet; none while something is owed.
    leased: u32,
    /// Granted to requests here.
    granted: u32,
    /// Granted in advance and not paid for by a lease yet: at most one.
    owed: u32,
    /// Taken by all instances together, as of our last lease; 0 before the counter has answered.
    used: u32,
    alone_until: Option<Timestamp>,
}

impl Window {
    pub(crate) fn new(start: Timestamp, limit: u32) -> Self {
        Self { start, limit, leased: 0, granted: 0, owed: 0, used: 0, alone_until: None }
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
        } else if self.is_alone(now) {
            // The limit holds for this instance alone.
            if self.granted >= self.limit {
                return Next::Refused;
            }
        } else if self.used == 0 && self.owed == 0 {
            self.owed = 1;
        } else {
            return self.due(waiting, now).map_or(Next::Refused, Next::Take);
        }
        self.granted += 1;
        Next::Granted
    }

    /// How many permits should be taken from the shared counter, for `waiting` requests and one more.
    /// None while there are some here, when the window is used up, and while the counter is left
    /// alone.
    pub(crate) fn due(&self, waiting: u32, now: Timestamp) -> Option<u32> {
        if self.leased > 0 || self.used >= self.limit || self.is_alone(now) {
            return None;
        }
        let largest = (self.limit / LARGEST_LEASE_FRACTION).max(1);
        let lease = self.granted.clamp(1, largest).max(waiting.saturating_add(1));
        Some(lease.saturating_add(self.owed).min(self.limit - self.used))
    }

    pub(crate) fn took(&mut self, taken: Taken) {
        let paid = self.owed.min(taken.granted);
        self.owed -= paid;
        self.leased += taken.granted - paid;
        // Nothing granted means nothing left, whatever else the counter says.
        self.used = if taken.granted == 0 { self.limit } else { taken.used };
    }

    pub(crate) fn counter_failed(&mut self, now: Timestamp) {
        self.alone_until = now.checked_add(ALONE_FOR).ok();
    }

    fn is_alone(&self, now: Timestamp) -> bool {
        self.alone_until.is_some_and(|until| now < until)
    }

    /// Takes back a permit that was granted and not needed.
    pub(crate) fn give_back(&mut self, start: Timestamp) {
        if self.start == start && self.granted > 0 {
            self.granted -= 1;
            if self.owed > 0 {
                self.owed -= 1;
            } else {
                self.leased += 1;
            }
        }
    }

    /// Whether what is known is of all instances.
    pub(crate) fn is_shared(&self, now: Timestamp) -> bool {
        self.used > 0 && !self.is_alone(now)
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

    /// The outcomes of requests of which each ends, its lease included, before the next one comes.
    /// The counter has `free` permits.
    fn one_by_one(window: &mut Window, free: u32, requests: u32) -> Vec<Next> {
        let mut used = window.limit - free;
        (0..requests)
            .map(|_| {
                let outcome = window.next(0, at(0));
                if let Some(amount) = window.due(0, at(0)) {
                    let granted = amount.min(window.limit - used);
                    used += granted;
                    window.took(Taken { granted, used });
                }
                outcome
            })
            .collect()
    }

    #[test]
    fn leases_grow_with_use_up_to_a_fiftieth_of_the_limit() {
        let mut window = Window::new(at(0), 600);
        let mut leases = vec![];
        let mut used = 0;
        for _ in 0..100 {
            assert_eq!(window.next(0, at(0)), Next::Granted, "each lease is there in time");
            if let Some(amount) = window.due(0, at(0)) {
                used += amount;
                leases.push(amount);
                window.took(Taken { granted: amount, used });
            }
        }
        // The first pays for the first request as well.
        assert_eq!(leases[..5], [2, 2, 4, 8, 12]);
        assert!(leases[4..].iter().all(|&lease| lease == 12), "{leases:?}");
    }

    #[test]
    fn an_instance_grants_what_is_free_and_at_most_one_in_advance() {
        for (limit, free, granted) in
            [(1, 1, 1), (1, 0, 1), (3, 3, 3), (3, 2, 2), (3, 1, 1), (3, 0, 1), (600, 600, 600)]
        {
            let mut window = Window::new(at(0), limit);
            let outcomes = one_by_one(&mut window, free, limit + 5);
            let (allowed, refused) = outcomes.split_at(granted);
            assert!(allowed.iter().all(|next| *next == Next::Granted), "{free} of {limit}");
            assert!(refused.iter().all(|next| *next == Next::Refused), "{free} of {limit}");
            assert_eq!(window.remaining(), 0);
        }
    }

    #[test]
    fn what_remains_is_told_without_what_was_granted_in_advance() {
        let mut window = Window::new(at(0), 3);
        let mut used = 0;
        for remaining in [2, 1, 0] {
            assert_eq!(window.next(0, at(0)), Next::Granted);
            assert_eq!(window.remaining(), remaining);
            if let Some(amount) = window.due(0, at(0)) {
                used += amount;
                window.took(Taken { granted: amount, used });
            }
            assert_eq!(window.remaining(), remaining, "a lease changes nothing");
        }
    }

    #[test]
    fn one_request_is_granted_in_advance_and_the_others_wait_for_its_lease() {
        let mut window = Window::new(at(0), 100);
        assert_eq!(window.next(0, at(0)), Next::Granted);
        assert!(!window.is_shared(at(0)));
        // That one's permit, and one each for the 31 who wait and for whoever takes them.
        assert_eq!(window.next(31, at(0)), Next::Take(33));
        window.took(Taken { granted: 2, used: 90 });
        assert!(window.is_shared(at(0)));
        assert_eq!(window.next(0, at(0)), Next::Granted);
        assert_eq!(window.next(31, at(0)), Next::Take(10), "within the limit");
    }

    #[test]
    fn an_exhausted_window_is_not_asked_about_again() {
        let mut window = Window::new(at(0), 100);
        window.took(Taken { granted: 0, used: 100 });
        assert_eq!((window.next(0, at(0)), window.due(0, at(0))), (Next::Refused, None));
        assert_eq!(window.remaining(), 0);
        window.roll(at(60));
        assert_eq!((window.next(0, at(60)), window.remaining()), (Next::Granted, 99));
    }

    #[test]
    fn alone_an_instance_holds_the_limit_by_itself_for_a_while() {
        let mut window = Window::new(at(0), 2);
        assert_eq!(window.next(0, at(0)), Next::Granted);
        window.counter_failed(at(0));
        let outcomes = [(); 2].map(|()| window.next(0, at(1)));
        assert_eq!((outcomes, window.due(0, at(1))), ([Next::Granted, Next::Refused], None));
        assert_eq!(window.next(0, at(5)), Next::Take(2), "the counter is tried again, and paid");
    }

    #[test]
    fn a_permit_given_back_can_be_used_in_its_own_window_only() {
        let leased = Window { leased: 1, used: 1, ..Window::new(at(0), 1) };
        let in_advance = Window::new(at(0), 1);
        for (case, mut window) in [("leased", leased), ("in advance", in_advance)] {
            let owed = |window: &Window| (window.owed, window.leased);
            let before = owed(&window);
            assert_eq!(window.next(0, at(0)), Next::Granted, "{case}");
            window.give_back(at(0));
            assert_eq!(owed(&window), before, "{case}");
            assert_eq!(window.next(0, at(0)), Next::Granted, "{case}");
            window.roll(at(60));
            window.give_back(at(0));
            assert_eq!(owed(&window), (0, 0), "{case}");
        }
    }

    #[test]
    fn what_was_granted_in_advance_and_paid_since_is_given_back_as_a_permit() {
        let mut window = Window::new(at(0), 10);
        assert_eq!(window.next(0, at(0)), Next::Granted);
        window.took(Taken { granted: 1, used: 1 });
        assert_eq!((window.owed, window.leased), (0, 0));
        window.give_back(at(0));
        assert_eq!((window.owed, window.leased), (0, 1));
    }
}
