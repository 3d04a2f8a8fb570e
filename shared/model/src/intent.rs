//! What a speaker wants done.

use crate::Entity;

/// The group an intent belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Family {
    Query,
    Analyze,
    Incident,
    Act,
    Test,
    Know,
    Talk,
    None,
}

impl Family {
    pub fn name(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::Analyze => "analyze",
            Self::Incident => "incident",
            Self::Act => "act",
            Self::Test => "test",
            Self::Know => "know",
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
    /// Log lines, found or counted.
    QueryLogs = "query_logs" in Query,
    /// Traces or spans.
    QueryTraces = "query_traces" in Query,
    /// Incidents, listed or looked up.
    QueryIncidents = "query_incidents" in Query,
    /// Firing alerts, listed or looked up.
    QueryAlerts = "query_alerts" in Query,
    /// What is deployed where, and since when.
    QueryDeployments = "query_deployments" in Query,
    /// What calls or depends on what.
    QueryTopology = "query_topology" in Query,
    /// Whether a service is healthy.
    CheckHealth = "check_health" in Analyze,
    /// An error rate, or a breakdown of errors.
    AnalyzeErrors = "analyze_errors" in Analyze,
    /// Why something is slow: a latency breakdown, a bottleneck.
    AnalyzePerformance = "analyze_performance" in Analyze,
    /// The root cause of a symptom or an incident.
    AnalyzeRootCause = "analyze_root_cause" in Analyze,
    /// Why an alert fired.
    InvestigateAlert = "investigate_alert" in Analyze,
    /// Anything unusual.
    DetectAnomalies = "detect_anomalies" in Analyze,
    /// Two or more services, versions or periods side by side.
    Compare = "compare" in Analyze,
    /// How something developed over time.
    AnalyzeTrend = "analyze_trend" in Analyze,
    /// When something will run out, or how much is needed.
    PlanCapacity = "plan_capacity" in Analyze,
    /// An objective, its error budget, its burn rate.
    MonitorSlo = "monitor_slo" in Analyze,
    /// What something costs.
    AnalyzeCost = "analyze_cost" in Analyze,
    CreateIncident = "create_incident" in Incident,
    /// Change an incident's severity, assignee or state, or add a note.
    UpdateIncident = "update_incident" in Incident,
    ResolveIncident = "resolve_incident" in Incident,
    /// "Alert me when …".
    CreateAlert = "create_alert" in Incident,
    WritePostmortem = "write_postmortem" in Incident,
    /// Run a named workflow, runbook or pipeline.
    ExecuteWorkflow = "execute_workflow" in Act,
    CreateWorkflow = "create_workflow" in Act,
    /// Run it later, or regularly.
    ScheduleWorkflow = "schedule_workflow" in Act,
    /// The state of a run, a pipeline or a pending approval.
    QueryWorkflow = "query_workflow" in Act,
    CancelWorkflow = "cancel_workflow" in Act,
    DeployService = "deploy_service" in Act,
    RollbackDeployment = "rollback_deployment" in Act,
    ScaleService = "scale_service" in Act,
    /// Change a setting or a flag.
    UpdateConfig = "update_config" in Act,
    GenerateTests = "generate_tests" in Test,
    RunTests = "run_tests" in Test,
    AnalyzeCoverage = "analyze_coverage" in Test,
    /// A runbook, a document or a past incident.
    SearchDocs = "search_docs" in Know,
    /// What something is, or how it works.
    Explain = "explain" in Know,
    Summarize = "summarize" in Know,
    Confirm = "confirm" in Talk,
    Decline = "decline" in Talk,
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
