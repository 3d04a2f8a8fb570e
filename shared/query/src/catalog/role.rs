//! What part a metric plays beside its siblings: what is used of a limit, what failed of all.

use std::{collections::HashMap, sync::LazyLock};

/// A part that a word of a name gives a metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Used,
    Free,
    Limit,
    Hit,
    Miss,
    Failed,
    Succeeded,
    Desired,
    Actual,
    Produced,
    Consumed,
    /// All of them, by a word that says no more.
    All,
}

/// Words, as they stand in names, with the parts they can give. A word may give several: the size
/// of a queue is used of its capacity, the size of a disk is the limit of what is free.
const WORDS: &[(&str, &[Role])] = &[
    ("used", &[Role::Used]),
    ("usage", &[Role::Used]),
    ("use", &[Role::Used]),
    ("inuse", &[Role::Used]),
    ("active", &[Role::Used]),
    ("busy", &[Role::Used]),
    ("open", &[Role::Used]),
    ("allocated", &[Role::Used]),
    ("occupied", &[Role::Used]),
    ("borrowed", &[Role::Used]),
    ("leased", &[Role::Used]),
    ("assigned", &[Role::Used]),
    ("connected", &[Role::Used]),
    ("utilized", &[Role::Used]),
    ("reserved", &[Role::Used]),
    ("working", &[Role::Used]),
    ("rss", &[Role::Used]),
    ("resident", &[Role::Used]),
    ("len", &[Role::Used]),
    ("length", &[Role::Used]),
    ("depth", &[Role::Used]),
    ("size", &[Role::Used, Role::Limit]),
    ("count", &[Role::Used, Role::All]),
    ("current", &[Role::Used, Role::Actual]),
    ("requests", &[Role::All]),
    ("taken", &[Role::Used]),
    ("missing", &[Role::Failed]),
    ("drop", &[Role::Failed]),
    ("returned", &[Role::Failed]),
    ("misroutes", &[Role::Failed]),
    ("rejections", &[Role::Failed]),
    ("forward", &[Role::Succeeded]),
    ("forwarded", &[Role::Succeeded]),
    ("records", &[Role::All]),
    ("throughput", &[Role::All]),
    ("inuse", &[Role::Used]),
    ("xx", &[Role::Failed]),
    ("throttles", &[Role::Failed]),
    ("request", &[Role::All]),
    ("evaluated", &[Role::All]),
    ("executed", &[Role::All]),
    ("attempted", &[Role::All]),
    ("periods", &[Role::All]),
    ("online", &[Role::Used, Role::Actual]),
    ("alloc", &[Role::Used]),
    ("filtered", &[Role::Failed]),
    ("running", &[Role::Used, Role::Actual]),
    ("bytes", &[Role::Used]),
    ("filled", &[Role::Succeeded]),
    ("served", &[Role::Succeeded, Role::All]),
    ("fill", &[Role::Used]),
    ("licensed", &[Role::Limit]),
    ("registered", &[Role::Limit]),
    ("provisioned", &[Role::Limit]),
    ("installed", &[Role::Limit]),
    ("enrolled", &[Role::Limit]),
    ("threshold", &[Role::Limit]),
    ("entitled", &[Role::Limit]),
    ("dead", &[Role::Failed]),
    ("live", &[Role::Succeeded]),
    ("unhealthy", &[Role::Failed]),
    ("invocations", &[Role::All]),
    ("executions", &[Role::All]),
    ("max", &[Role::Limit]),
    ("maximum", &[Role::Limit]),
    ("limit", &[Role::Limit]),
    ("limits", &[Role::Limit]),
    ("capacity", &[Role::Limit]),
    ("cap", &[Role::Limit]),
    ("slots", &[Role::Limit]),
    ("quota", &[Role::Limit]),
    ("allocatable", &[Role::Limit]),
    ("total", &[Role::Limit, Role::All]),
    ("budget", &[Role::Limit]),
    ("bound", &[Role::Limit]),
    ("hard", &[Role::Limit]),
    ("ceiling", &[Role::Limit]),
    ("free", &[Role::Free]),
    ("available", &[Role::Free, Role::Actual]),
    ("avail", &[Role::Free]),
    ("idle", &[Role::Free]),
    ("remaining", &[Role::Free]),
    ("left", &[Role::Free]),
    ("unused", &[Role::Free]),
    ("spare", &[Role::Free]),
    ("vacant", &[Role::Free]),
    ("hit", &[Role::Hit]),
    ("hits", &[Role::Hit]),
    ("miss", &[Role::Miss]),
    ("misses", &[Role::Miss]),
    ("missed", &[Role::Miss]),
    ("read", &[Role::Miss, Role::Consumed]),
    ("error", &[Role::Failed]),
    ("errors", &[Role::Failed]),
    ("errs", &[Role::Failed]),
    ("failed", &[Role::Failed]),
    ("failure", &[Role::Failed]),
    ("failures", &[Role::Failed]),
    ("fail", &[Role::Failed]),
    ("fails", &[Role::Failed]),
    ("exceptions", &[Role::Failed]),
    ("rejected", &[Role::Failed]),
    ("rejects", &[Role::Failed]),
    ("refused", &[Role::Failed]),
    ("dropped", &[Role::Failed]),
    ("drops", &[Role::Failed]),
    ("lost", &[Role::Failed]),
    ("declined", &[Role::Failed]),
    ("denied", &[Role::Failed]),
    ("timeout", &[Role::Failed]),
    ("timeouts", &[Role::Failed]),
    ("aborted", &[Role::Failed]),
    ("abandoned", &[Role::Failed]),
    ("cancelled", &[Role::Failed]),
    ("canceled", &[Role::Failed]),
    ("rollback", &[Role::Failed]),
    ("rollbacks", &[Role::Failed]),
    ("bounced", &[Role::Failed]),
    ("throttled", &[Role::Failed]),
    ("retries", &[Role::Failed]),
    ("retried", &[Role::Failed]),
    ("refunds", &[Role::Failed]),
    ("refunded", &[Role::Failed]),
    ("expired", &[Role::Failed]),
    ("invalid", &[Role::Failed]),
    ("late", &[Role::Failed]),
    ("gaps", &[Role::Failed]),
    ("discarded", &[Role::Failed]),
    ("unavailable", &[Role::Failed]),
    ("blocked", &[Role::Failed]),
    ("crashed", &[Role::Failed]),
    ("killed", &[Role::Failed]),
    ("success", &[Role::Succeeded]),
    ("succeeded", &[Role::Succeeded]),
    ("successful", &[Role::Succeeded]),
    ("ok", &[Role::Succeeded]),
    ("sent", &[Role::Succeeded, Role::Produced]),
    ("accepted", &[Role::Succeeded]),
    ("placed", &[Role::Succeeded, Role::All]),
    ("completed", &[Role::Succeeded, Role::All]),
    ("processed", &[Role::Succeeded, Role::Consumed, Role::All]),
    ("delivered", &[Role::Succeeded, Role::Consumed]),
    ("commit", &[Role::Succeeded]),
    ("commits", &[Role::Succeeded]),
    ("committed", &[Role::Succeeded]),
    ("acked", &[Role::Succeeded, Role::Consumed]),
    ("acknowledged", &[Role::Succeeded, Role::Consumed]),
    ("passed", &[Role::Succeeded]),
    ("authorized", &[Role::Succeeded]),
    ("spec", &[Role::Desired]),
    ("desired", &[Role::Desired]),
    ("expected", &[Role::Desired]),
    ("target", &[Role::Desired]),
    ("wanted", &[Role::Desired]),
    ("requested", &[Role::Desired, Role::All]),
    ("configured", &[Role::Desired, Role::Limit]),
    ("replicas", &[Role::Desired]),
    ("ready", &[Role::Actual]),
    ("actual", &[Role::Actual]),
    ("healthy", &[Role::Actual]),
    ("sync", &[Role::Actual]),
    ("up", &[Role::Actual]),
    ("alive", &[Role::Actual]),
    ("published", &[Role::Produced]),
    ("produced", &[Role::Produced]),
    ("enqueued", &[Role::Produced]),
    ("pushed", &[Role::Produced]),
    ("in", &[Role::Produced]),
    ("received", &[Role::Produced]),
    ("ingested", &[Role::Produced]),
    ("created", &[Role::Produced]),
    ("opened", &[Role::Produced]),
    ("started", &[Role::Produced, Role::All]),
    ("starts", &[Role::All]),
    ("submitted", &[Role::Produced, Role::All]),
    ("consumed", &[Role::Consumed]),
    ("dequeued", &[Role::Consumed]),
    ("popped", &[Role::Consumed]),
    ("out", &[Role::Consumed]),
    ("closed", &[Role::Consumed]),
    ("minted", &[Role::Produced]),
    ("burned", &[Role::Consumed]),
    ("destroyed", &[Role::Consumed]),
    ("removed", &[Role::Consumed]),
    ("added", &[Role::Produced]),
    ("finished", &[Role::Consumed, Role::Succeeded, Role::All]),
    ("deleted", &[Role::Consumed]),
    ("attempts", &[Role::All]),
    ("lookups", &[Role::All]),
    ("gets", &[Role::All]),
    ("queries", &[Role::All]),
    ("calls", &[Role::All]),
    ("runs", &[Role::All]),
    ("handled", &[Role::All]),
    ("operations", &[Role::All]),
    ("ops", &[Role::All]),
    ("transmitted", &[Role::All, Role::Succeeded]),
    ("packets", &[Role::All]),
    ("messages", &[Role::All]),
    ("commands", &[Role::All]),
    ("checks", &[Role::All]),
    ("sessions", &[Role::All]),
    ("scheduled", &[Role::All, Role::Desired]),
];

/// Parts, as a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Roles(u16);

impl Roles {
    const fn of(roles: &[Role]) -> Self {
        let (mut bits, mut at) = (0, 0);
        while at < roles.len() {
            bits |= 1 << roles[at] as u16;
            at += 1;
        }
        Self(bits)
    }

    pub(crate) const fn has(self, role: Role) -> bool {
        self.0 >> role as u16 & 1 == 1
    }

    /// Whether this part is the only one.
    pub(crate) const fn is_only(self, role: Role) -> bool {
        self.0 == 1 << role as u16
    }

    pub(crate) const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

static BY_WORD: LazyLock<HashMap<&str, Roles>> =
    LazyLock::new(|| WORDS.iter().map(|(word, roles)| (*word, Roles::of(roles))).collect());

/// The parts that a word of a name can give.
pub(crate) fn of_word(word: &str) -> Roles {
    BY_WORD.get(word).copied().unwrap_or_default()
}

/// The part that a help text says a metric plays, where its name may not: "could not satisfy".
pub(super) fn of_help(help: &[String]) -> Option<Role> {
    const MISSED: &[[&str; 2]] =
        &[["from", "disk"], ["found", "no"], ["found", "nothing"], ["not", "satisfy"]];
    const FAILED: &[[&str; 2]] = &[
        ["could", "not"],
        ["never", "came"],
        ["was", "full"],
        ["broken", "off"],
        ["was", "refused"],
    ];
    let has =
        |pairs: &[[&str; 2]]| help.windows(2).any(|words| pairs.iter().any(|pair| words == pair));
    if has(MISSED) { Some(Role::Miss) } else { has(FAILED).then_some(Role::Failed) }
}
