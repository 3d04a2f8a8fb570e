//! What a speaker wants done.

use crate::Entity;

/// The group an intent belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Family {
    Query,
    Analyze,
    Talk,
    None,
}

impl Family {
    pub fn name(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::Analyze => "analyze",
            Self::Talk => "talk",
            Self::None => "none",
        }
    }
}

macro_rules! intents {
    ($($(#[$doc:meta])* $variant:ident = $name:literal in $family:ident),* $(,)?) => {
        /// What a speaker wants done. The table is the place to add one.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Intent { $($(#[$doc])* $variant),* }

        impl Intent {
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The wire form.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            pub fn from_name(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$variant),)* _ => None }
            }

            pub fn family(self) -> Family {
                match self { $(Self::$variant => Family::$family),* }
            }
        }
    };
}

intents! {
    /// The value of a metric, now or over a range.
    QueryMetrics = "query_metrics" in Query,
    /// What is deployed where, and since when.
    QueryDeployments = "query_deployments" in Query,
    /// Whether a service is healthy.
    CheckHealth = "check_health" in Analyze,
    /// An error rate, or a breakdown of errors.
    AnalyzeErrors = "analyze_errors" in Analyze,
    /// Two or more services, versions or periods side by side.
    Compare = "compare" in Analyze,
    /// How something developed over time.
    AnalyzeTrend = "analyze_trend" in Analyze,
    /// A fragment that answers a question asked before.
    Clarify = "clarify" in Talk,
    /// Greetings and thanks.
    SmallTalk = "small_talk" in Talk,
    /// A development or operations question that no other intent covers.
    GeneralQuestion = "general_question" in Talk,
    /// Nothing to do with developing or operating software.
    OutOfScope = "out_of_scope" in None,
}

/// What an utterance was understood to mean.
#[derive(Debug, Clone, PartialEq)]
pub struct Understanding {
    pub intent: Intent,
    /// 0 to 1.
    pub confidence: f32,
    /// In the order they stand in the text.
    pub entities: Vec<Entity>,
}

impl Understanding {
    /// The plain-text values of one kind, in order.
    pub fn texts(&self, kind: crate::EntityKind) -> impl Iterator<Item = &str> {
        self.entities.iter().filter(move |entity| entity.kind == kind).filter_map(Entity::as_text)
    }
}
