//! How an utterance stands in its conversation.

use model::Intent;

macro_rules! stands {
    ($($(#[$doc:meta])* $variant:ident = $name:literal),* $(,)?) => {
        /// How an utterance stands in its conversation.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Stand { $($(#[$doc])* $variant),* }

        impl Stand {
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }
        }
    };
}

stands! {
    /// It wants what its own words say.
    Own = "own",
    /// It wants what its own words say only second.
    Second = "second",
    /// It goes on with what was wanted before: "and memory?".
    Before = "before",
    /// It answers a question, or puts something right: "no, I meant staging".
    Clarify = "clarify",
    Confirm = "confirm",
    Decline = "decline",
}

impl Stand {
    /// The intent of an utterance that stands so, given the guesses from its own words and what was
    /// wanted before.
    pub fn intent(self, first: Intent, second: Intent, before: Option<Intent>) -> Intent {
        match self {
            Self::Own => first,
            Self::Second => second,
            Self::Before => before.unwrap_or(first),
            Self::Clarify => Intent::Clarify,
            Self::Confirm => Intent::Confirm,
            Self::Decline => Intent::Decline,
        }
    }
}
