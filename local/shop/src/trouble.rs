//! The one table of what goes wrong in the shop and when. Every row repeats through the day and is
//! the same every day, so that a question about any day has known incidents in it.

use crate::catalog::Service;

pub(crate) const MINUTES_PER_DAY: u32 = 24 * 60;

/// Something that goes wrong at known times of the day.
#[derive(Debug)]
pub struct Trouble {
    pub service: &'static str,
    /// `None`: every replica of the service.
    pub replica: Option<u32>,
    /// Minute of the UTC day at which it first begins.
    pub first_minute: u32,
    /// Minutes from one beginning to the next; a divisor of a day.
    pub every_minutes: u32,
    pub lasts_minutes: u32,
    pub effects: &'static [Effect],
}

/// What a trouble does while it lasts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Effect {
    /// This share of requests, on top of the usual ones, fails with this status.
    Fails { status: u16, ratio: f64 },
    /// Latency is multiplied.
    Slow(f64),
    /// Traffic is multiplied.
    Traffic(f64),
    /// The CPU is at least this busy, 0 to 1.
    Cpu(f64),
    /// Memory grows until the limit, where the process is killed and starts again: when the
    /// trouble begins anew.
    LeaksMemory,
}

const DAILY: u32 = MINUTES_PER_DAY;

const fn at(hour: u32, minute: u32) -> u32 {
    hour * 60 + minute
}

const fn leak(replica: u32, first_minute: u32) -> Trouble {
    Trouble {
        service: "auth",
        replica: Some(replica),
        first_minute,
        every_minutes: 6 * 60,
        lasts_minutes: 6 * 60,
        effects: &[Effect::LeaksMemory],
    }
}

/// All known troubles. The table in the crate's documentation says the same in words.
pub const TROUBLES: &[Trouble] = &[
    Trouble {
        service: "payment",
        replica: None,
        first_minute: at(0, 20),
        every_minutes: 3 * 60,
        lasts_minutes: 15,
        effects: &[
            Effect::Fails { status: 502, ratio: 0.05 },
            Effect::Fails { status: 504, ratio: 0.03 },
        ],
    },
    Trouble {
        service: "checkout",
        replica: None,
        first_minute: at(1, 40),
        every_minutes: 4 * 60,
        lasts_minutes: 20,
        effects: &[Effect::Slow(4.0)],
    },
    Trouble {
        service: "checkout",
        replica: Some(1),
        first_minute: at(0, 50),
        every_minutes: 12 * 60,
        lasts_minutes: 20,
        effects: &[Effect::Fails { status: 500, ratio: 0.06 }],
    },
    leak(0, at(1, 0)),
    leak(1, at(3, 0)),
    leak(2, at(5, 0)),
    Trouble {
        service: "orders",
        replica: None,
        first_minute: at(2, 10),
        every_minutes: 6 * 60,
        lasts_minutes: 30,
        effects: &[
            Effect::Cpu(0.96),
            Effect::Slow(1.8),
            Effect::Fails { status: 503, ratio: 0.02 },
        ],
    },
    Trouble {
        service: "orders",
        replica: None,
        first_minute: at(4, 30),
        every_minutes: DAILY,
        lasts_minutes: 5,
        effects: &[Effect::Fails { status: 503, ratio: 0.70 }],
    },
    Trouble {
        service: "api-gateway",
        replica: None,
        first_minute: at(5, 30),
        every_minutes: 6 * 60,
        lasts_minutes: 10,
        effects: &[Effect::Traffic(2.5), Effect::Fails { status: 429, ratio: 0.15 }],
    },
];

impl Trouble {
    fn concerns(&self, service: &Service, replica: u32) -> bool {
        self.service == service.name && self.replica.is_none_or(|only| only == replica)
    }

    fn is_on(&self, minute: u32) -> bool {
        (minute + MINUTES_PER_DAY - self.first_minute) % self.every_minutes < self.lasts_minutes
    }
}

/// What is going wrong for a replica in this minute of the UTC day.
pub(crate) fn effects(
    service: &Service,
    replica: u32,
    minute: u32,
) -> impl Iterator<Item = Effect> + '_ {
    TROUBLES
        .iter()
        .filter(move |trouble| trouble.concerns(service, replica) && trouble.is_on(minute))
        .flat_map(|trouble| trouble.effects.iter().copied())
}

/// The leak that a replica suffers from, if it has one.
pub(crate) fn memory_leak(service: &Service, replica: u32) -> Option<&'static Trouble> {
    TROUBLES.iter().find(|trouble| {
        trouble.concerns(service, replica) && trouble.effects.contains(&Effect::LeaksMemory)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog;

    #[test]
    fn every_row_fits_the_day_and_its_service() {
        for trouble in TROUBLES {
            let service = catalog::service(trouble.service).unwrap();
            assert!(trouble.replica.is_none_or(|replica| replica < service.replicas));
            assert_eq!(MINUTES_PER_DAY % trouble.every_minutes, 0, "{trouble:?}");
            assert!(trouble.lasts_minutes <= trouble.every_minutes, "{trouble:?}");
            assert!(trouble.first_minute < trouble.every_minutes, "{trouble:?}");
            for effect in trouble.effects {
                if let Effect::Fails { status, .. } = effect {
                    let known = |route: &catalog::Route| {
                        route.failures.iter().any(|(failure, _)| failure == status)
                    };
                    assert!(service.routes.iter().all(known), "{trouble:?}");
                }
            }
        }
    }

    #[test]
    fn troubles_are_on_when_the_table_says() {
        let on = |name: &str, replica, minute| {
            effects(catalog::service(name).unwrap(), replica, minute).count()
        };
        for (name, replica, minute, count) in [
            ("payment", 0, at(0, 19), 0),
            ("payment", 0, at(0, 20), 2),
            ("payment", 2, at(21, 34), 2),
            ("payment", 2, at(21, 35), 0),
            ("checkout", 0, at(12, 50), 0),
            ("checkout", 1, at(12, 50), 1),
            ("checkout", 1, at(13, 40), 1),
            ("orders", 0, at(4, 34), 1),
            ("orders", 0, at(16, 34), 0),
            ("auth", 0, at(0, 30), 1),
            ("frontend", 0, at(4, 30), 0),
        ] {
            assert_eq!(on(name, replica, minute), count, "{name}-{replica} at minute {minute}");
        }
    }
}
