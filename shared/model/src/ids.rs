//! One type per id, so that a session's id cannot be passed where a message's is meant.

use std::{fmt, str::FromStr};

use jiff::Timestamp;
use ulid::Ulid;

/// Why a text is not an id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a valid {kind} id")]
pub struct IdError {
    /// What the id was to name: `session`, `message`, …
    pub kind: &'static str,
}

const ULID_LENGTH: usize = 26;

/// ULIDs are read case-insensitively by their specification; we accept only the one spelling that
/// we print, so that an id is also a unique key.
fn parse_ulid(text: &str) -> Option<Ulid> {
    let ulid = Ulid::from_string(text).ok()?;
    (ulid.to_string() == text).then_some(ulid)
}

fn new_ulid(now: Timestamp) -> Ulid {
    let since_epoch = std::time::Duration::from_millis(now.as_millisecond().max(0).unsigned_abs());
    Ulid::from_datetime(std::time::UNIX_EPOCH + since_epoch)
}

macro_rules! ulid_id {
    ($(#[$doc:meta])* $name:ident, $kind:literal, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(Ulid);

        impl $name {
            /// A fresh id that sorts by `now`.
            pub fn new(now: Timestamp) -> Self {
                Self(new_ulid(now))
            }

            /// When the id was made, to the millisecond.
            pub fn created_at(&self) -> Timestamp {
                Timestamp::from_millisecond(self.0.timestamp_ms().cast_signed())
                    .unwrap_or(Timestamp::MAX)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "{}"), self.0)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                text.strip_prefix($prefix)
                    .and_then(parse_ulid)
                    .map(Self)
                    .ok_or(IdError { kind: $kind })
            }
        }
    };
}

ulid_id!(
    /// A conversation.
    SessionId, "session", "ses_"
);
ulid_id!(
    /// One utterance or one reply. Ids of a session's messages sort in the order they were said.
    MessageId, "message", "msg_"
);

impl MessageId {
    /// The id of the reply to this message: it sorts directly behind it, also when two turns of one
    /// session overlap.
    pub fn reply(&self) -> Self {
        Self(self.0.increment().unwrap_or(self.0))
    }

    /// The id of the message that this is the reply to: the inverse of [`MessageId::reply`].
    pub fn question(&self) -> Self {
        Self(Ulid(self.0.0.saturating_sub(1)))
    }
}

/// The event stream of one turn: the session it belongs to and the reply it carries.
///
/// Both are in the id, so a stream is found, and deleted with its session, without an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct StreamId {
    pub session: SessionId,
    pub reply: MessageId,
}

impl fmt::Display for StreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "str_{}{}", self.session.0, self.reply.0)
    }
}

impl FromStr for StreamId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let parse = || {
            let (session, reply) = text.strip_prefix("str_")?.split_at_checked(ULID_LENGTH)?;
            Some(Self {
                session: SessionId(parse_ulid(session)?),
                reply: MessageId(parse_ulid(reply)?),
            })
        };
        parse().ok_or(IdError { kind: "stream" })
    }
}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $kind:literal, $valid:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(String);

        impl $name {
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                let valid: fn(&[u8]) -> bool = $valid;
                if valid(text.as_bytes()) {
                    Ok(Self(text.to_owned()))
                } else {
                    Err(IdError { kind: $kind })
                }
            }
        }
    };
}

text_id!(
    /// Whose data it is: 1 to 32 of `a-z`, `0-9` and `-`, not beginning or ending with `-`.
    ///
    /// Every port takes it first and every key begins with it. It comes from a verified caller
    /// only.
    TenantId,
    "tenant",
    |text| {
        (1..=32).contains(&text.len())
            && text.first() != Some(&b'-')
            && text.last() != Some(&b'-')
            && text.iter().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
    }
);
text_id!(
    /// The public half of an API key: 16 of `a-z` and `2-7` (base 32).
    KeyId,
    "API key",
    |text| text.len() == 16 && text.iter().all(|byte| matches!(byte, b'a'..=b'z' | b'2'..=b'7'))
);
text_id!(
    /// Names one request in logs and answers: 1 to 128 of letters, digits and `-_.:/=`.
    RequestId,
    "request",
    |text| {
        (1..=128).contains(&text.len())
            && text.iter().all(|byte| {
                byte.is_ascii_alphanumeric()
                    || matches!(byte, b'-' | b'_' | b'.' | b':' | b'/' | b'=')
            })
    }
);

impl RequestId {
    /// A fresh id, for a request that brought none.
    pub fn new(now: Timestamp) -> Self {
        Self(format!("req_{}", new_ulid(now)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_parse_what_they_print_and_nothing_else() {
        let now = Timestamp::UNIX_EPOCH;
        let session = SessionId::new(now);
        assert_eq!(session.to_string().parse(), Ok(session));
        assert!(session.to_string().to_lowercase().parse::<SessionId>().is_err());
        assert!(MessageId::new(now).to_string().parse::<SessionId>().is_err());
        let stream = StreamId { session, reply: MessageId::new(now) };
        assert_eq!(stream.to_string().parse(), Ok(stream));
        for bad in ["", "str_", "str_é", "ses_", "ses_01", "ses_01ARZ3NDEKTSV4RRFFQ69G5FAVX"] {
            assert!(bad.parse::<StreamId>().is_err(), "{bad}");
            assert!(bad.parse::<SessionId>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_reply_sorts_directly_behind_its_message() {
        let message = MessageId::new(Timestamp::now());
        let reply = message.reply();
        assert!(message.to_string() < reply.to_string());
        assert_eq!(message.created_at(), reply.created_at());
        assert_eq!(reply.question(), message);
    }

    #[test]
    fn text_ids_hold_to_their_alphabets() {
        for good in ["demo", "a", "acme-2"] {
            assert!(good.parse::<TenantId>().is_ok(), "{good}");
        }
        for bad in ["", "-a", "a-", "Demo", "a#b", "a_b", &"a".repeat(33)] {
            assert!(bad.parse::<TenantId>().is_err(), "{bad}");
        }
        assert!("abcdefghijklmnop".parse::<KeyId>().is_ok());
        assert!("abcdefghijklmno1".parse::<KeyId>().is_err());
        assert!("x\n".parse::<RequestId>().is_err());
    }
}
