use jiff::Timestamp;
use super::TraceCatalog;
use crate::{PlanError, Question, Settings, Translation};
pub(crate) fn translate(
    _question: &Question<'_>,
    _catalog: &TraceCatalog,
    _settings: &Settings,
    _now: Timestamp,
) -> Result<Translation, PlanError> {
    Err(PlanError::Unsupported("not yet".to_owned()))
}
