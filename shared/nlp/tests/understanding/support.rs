//! The fixed moment and catalog of the tests, and entities as the data files write them.

use jiff::{Timestamp, tz::TimeZone};
use model::{Entity, EntityValue};
use nlp::{Moment, Vocabulary};

/// A Wednesday, 15:20 in Berlin.
const NOW: &str = "2026-03-11T14:20:00Z";

pub(crate) fn zone() -> TimeZone {
    TimeZone::get("Europe/Berlin").expect("the time zone database has Berlin")
}

pub(crate) fn moment(zone: &TimeZone) -> Moment<'_> {
    Moment { now: NOW.parse::<Timestamp>().expect("a timestamp"), zone }
}

pub(crate) fn vocabulary() -> Vocabulary {
    Vocabulary::new(
        [
            "payment", "checkout", "auth-service", "api-gateway", "orders", "frontend",
            "user-profile-service", "inventory", "email-worker", "search",
        ],
        ["1.4.2", "2.0.0", "2.1.0", "2.1.0-bad"],
        ["production", "staging"],
    )
}

/// `kind=value`, with times in the zone and relative ones as such.
pub(crate) fn show(entity: &Entity, zone: &TimeZone) -> String {
    let value = match &entity.value {
        EntityValue::Text(text) => text.clone(),
        EntityValue::Threshold { comparison, value, unit } => {
            format!("{}{value} {}", comparison.symbol(), unit.name())
        }
        EntityValue::Time(range) => range.relative.clone().unwrap_or_else(|| {
            let local = |moment: Timestamp| {
                moment.to_zoned(zone.clone()).strftime("%m-%d %H:%M").to_string()
            };
            format!("{}..{}", local(range.start), local(range.end))
        }),
        EntityValue::Quantity { value, unit } => format!("{value} {unit}"),
        EntityValue::Seconds(seconds) => format!("{seconds} s"),
        EntityValue::Said => "true".to_owned(),
    };
    format!("{}={value}", entity.kind.name())
}

/// Entities in an order that does not depend on where they stand, save that two of one kind keep
/// theirs.
pub(crate) fn sorted(entities: &[Entity], zone: &TimeZone) -> Vec<String> {
    let mut entities: Vec<&Entity> = entities.iter().collect();
    entities.sort_by_key(|entity| entity.kind);
    entities.into_iter().map(|entity| show(entity, zone)).collect()
}

/// The entities of a data file, in the same order.
pub(crate) fn expected(field: &str) -> Vec<String> {
    let mut entities: Vec<String> =
        field.split("; ").filter(|entity| !entity.is_empty()).map(str::to_owned).collect();
    let kind = |entity: &String| {
        entity.split_once('=').and_then(|(kind, _)| model::EntityKind::from_name(kind))
    };
    entities.sort_by_key(kind);
    entities
}
