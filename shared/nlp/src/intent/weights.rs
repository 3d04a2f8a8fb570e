//! How much each feature speaks for or against each intent: the one table to tune.

use model::Intent::{
    self, AnalyzeErrors, AnalyzeTrend, CheckHealth, Clarify, Compare, GeneralQuestion, OutOfScope,
    QueryDeployments, QueryMetrics, SmallTalk,
};

use super::features::Feature;

/// What an intent has before anything is said.
pub(super) const BIAS: &[(Intent, f32)] = &[(OutOfScope, 1.0)];

pub(super) const WEIGHTS: &[(Feature, &[(Intent, f32)])] = &[
    // What is measured.
    (
        Feature::Metric,
        &[
            (QueryMetrics, 3.5),
            (AnalyzeTrend, 0.8),
            (Compare, 0.8),
            (CheckHealth, -2.5),
            (QueryDeployments, -3.0),
            (SmallTalk, -4.0),
            (OutOfScope, -1.5),
            (Clarify, -3.0),
        ],
    ),
    (Feature::ImpliedMetric, &[(QueryMetrics, -1.2), (CheckHealth, 1.0)]),
    (
        Feature::ErrorMetric,
        &[
            (AnalyzeErrors, 4.0),
            (AnalyzeTrend, 0.8),
            (Compare, 0.8),
            (QueryMetrics, 1.0),
            (CheckHealth, -2.5),
            (QueryDeployments, -3.0),
            (SmallTalk, -4.0),
            (OutOfScope, -1.5),
            (Clarify, -3.0),
        ],
    ),
    (
        Feature::Percentile,
        &[
            (QueryMetrics, 2.5),
            (AnalyzeErrors, -0.5),
            (CheckHealth, -2.0),
            (Clarify, -1.0),
            (SmallTalk, -3.0),
        ],
    ),
    (Feature::Aggregation, &[(QueryMetrics, 0.6)]),
    (
        Feature::Ranking,
        &[
            (QueryMetrics, 1.2),
            (AnalyzeErrors, 0.8),
            (CheckHealth, -1.5),
            (Compare, -2.0),
            (AnalyzeTrend, -1.0),
        ],
    ),
    (Feature::Threshold, &[(QueryMetrics, 0.8), (Compare, -3.0), (AnalyzeTrend, -0.5)]),
    (Feature::ErrorStatus, &[(AnalyzeErrors, 3.5), (Clarify, -3.0), (CheckHealth, -1.0)]),
    (Feature::OtherStatus, &[(QueryMetrics, 1.8)]),
    (Feature::Endpoint, &[(QueryMetrics, 0.4), (AnalyzeErrors, 0.4), (OutOfScope, -2.0)]),
    // Who is asked about.
    (
        Feature::Service,
        &[
            (QueryMetrics, 0.5),
            (AnalyzeErrors, 0.5),
            (CheckHealth, 0.5),
            (AnalyzeTrend, 0.3),
            (Compare, 0.3),
            (QueryDeployments, 0.5),
            (SmallTalk, -1.5),
            (OutOfScope, -2.0),
            (GeneralQuestion, 0.3),
        ],
    ),
    (Feature::NamedService, &[(SmallTalk, -1.0), (OutOfScope, -1.5), (CheckHealth, 0.3)]),
    (Feature::TwoServices, &[(Compare, 0.6)]),
    (Feature::Incomparable, &[(Compare, -4.0)]),
    (Feature::Alternatives, &[(Compare, 2.5)]),
    (
        Feature::Environment,
        &[(SmallTalk, -1.0), (OutOfScope, -1.5), (CheckHealth, 0.3), (QueryDeployments, 0.3)],
    ),
    (Feature::Version, &[(QueryDeployments, 0.6), (OutOfScope, -1.0)]),
    (Feature::TwoVersions, &[(Compare, 1.5), (QueryDeployments, -0.8)]),
    (
        Feature::Time,
        &[(QueryMetrics, 0.2), (AnalyzeErrors, 0.2), (AnalyzeTrend, 0.3), (QueryDeployments, 0.2)],
    ),
    (Feature::Baseline, &[(Compare, 4.5), (AnalyzeTrend, -1.0)]),
    // What is wanted.
    (
        Feature::Asks,
        &[(QueryMetrics, 0.5), (AnalyzeErrors, 0.4), (QueryDeployments, 0.2), (Clarify, -1.0)],
    ),
    (
        Feature::Errors,
        &[
            (AnalyzeErrors, 3.2),
            (QueryMetrics, -0.6),
            (CheckHealth, -0.6),
            (Compare, 0.4),
            (AnalyzeTrend, 0.5),
            (QueryDeployments, -0.6),
            (OutOfScope, -0.8),
        ],
    ),
    (Feature::Health, &[(CheckHealth, 3.0), (AnalyzeErrors, 0.2)]),
    (Feature::HowIs, &[(CheckHealth, 1.8), (SmallTalk, 0.3)]),
    (Feature::UpOrDown, &[(CheckHealth, 3.0)]),
    (Feature::Compare, &[(Compare, 4.5)]),
    (Feature::Versus, &[(Compare, 3.2)]),
    (Feature::Trend, &[(AnalyzeTrend, 3.8), (CheckHealth, -0.5)]),
    (Feature::Deployments, &[(QueryDeployments, 2.2), (CheckHealth, -0.5), (OutOfScope, -1.0)]),
    (Feature::VersionAsk, &[(QueryDeployments, 1.8)]),
    // What another day will answer.
    (
        Feature::Command,
        &[
            (GeneralQuestion, 6.5),
            (QueryDeployments, -3.0),
            (QueryMetrics, -1.0),
            (AnalyzeErrors, -1.0),
            (CheckHealth, -1.5),
            (Compare, -1.5),
            (AnalyzeTrend, -1.5),
        ],
    ),
    (
        Feature::Later,
        &[
            (GeneralQuestion, 5.0),
            (QueryMetrics, -1.5),
            (AnalyzeErrors, -1.5),
            (CheckHealth, -2.5),
            (AnalyzeTrend, -1.5),
            (QueryDeployments, -1.5),
            (Compare, -1.0),
            (OutOfScope, -1.5),
            (Clarify, -2.0),
        ],
    ),
    (
        Feature::Why,
        &[
            (GeneralQuestion, 6.0),
            (QueryMetrics, -1.0),
            (AnalyzeErrors, -1.0),
            (CheckHealth, -2.0),
            (Compare, -1.0),
            (AnalyzeTrend, -2.0),
        ],
    ),
    (
        Feature::HowTo,
        &[
            (GeneralQuestion, 6.0),
            (QueryMetrics, -1.5),
            (AnalyzeErrors, -1.0),
            (CheckHealth, -2.0),
            (Compare, -2.0),
            (QueryDeployments, -2.0),
            (AnalyzeTrend, -2.0),
        ],
    ),
    (Feature::Explain, &[(GeneralQuestion, 3.0), (CheckHealth, -1.0)]),
    (Feature::Definition, &[(GeneralQuestion, 5.0), (QueryMetrics, -1.0)]),
    (Feature::Technical, &[(GeneralQuestion, 1.6), (OutOfScope, -1.0)]),
    (
        Feature::NoTechnical,
        &[
            (GeneralQuestion, -3.5),
            (QueryMetrics, -0.5),
            (AnalyzeErrors, -0.6),
            (CheckHealth, -1.0),
            (Compare, -1.5),
            (AnalyzeTrend, -2.5),
            (QueryDeployments, -0.8),
        ],
    ),
    // Talk.
    (Feature::Greeting, &[(SmallTalk, 3.5), (OutOfScope, -0.3)]),
    (Feature::AboutUs, &[(SmallTalk, 5.0), (CheckHealth, -2.0)]),
    (
        Feature::OffTopic,
        &[
            (OutOfScope, 3.5),
            (SmallTalk, -1.0),
            (GeneralQuestion, -1.0),
            (CheckHealth, -1.0),
            (QueryMetrics, -1.0),
            (AnalyzeErrors, -1.0),
            (AnalyzeTrend, -1.5),
            (Compare, -1.5),
        ],
    ),
    (Feature::Fragment, &[(Clarify, 4.2)]),
    (Feature::Elliptic, &[(Clarify, 0.8)]),
];
