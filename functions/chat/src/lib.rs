//! Sessions and messages as buffered JSON, and texts that are read without an answer.

mod inquiries;
mod messages;
mod sessions;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use chat_edge::Deps;
use contract::{
    health::Check,
    routes::{self, RouteId},
};
use kit::{Error, Function, Request, Response};
use model::Caller;
use query::Language;

/// For a handler to make its response. An HTTP API waits 30 s for a function; before the handler the
/// caller is verified, which takes up to 6 s when the store is slow.
pub const TIMEOUT: Duration = Duration::from_secs(23);

/// For a turn, from the message to the end of its answer.
pub const TURN_TIMEOUT: Duration = Duration::from_secs(20);

/// The function.
pub struct Chat {
    pub deps: Arc<Deps>,
}

#[async_trait]
impl Function for Chat {
    fn name(&self) -> &'static str {
        "chat"
    }

    fn routes(&self) -> routes::Function {
        routes::Function::Chat
    }

    async fn ready(&self) -> Vec<Check> {
        self.deps.ready().await
    }

    async fn handle(&self, caller: Caller, request: Request) -> Result<Response, Error> {
        let deps = &self.deps;
        match request.route.id {
            RouteId::CreateSession => sessions::create(deps, caller, request).await,
            RouteId::ListSessions => sessions::list(deps, caller, request).await,
            RouteId::GetSession => sessions::read(deps, caller, request).await,
            RouteId::UpdateSession => sessions::update(deps, caller, request).await,
            RouteId::DeleteSession => sessions::delete(deps, caller, request).await,
            RouteId::PostMessage => messages::post(deps, caller, request).await,
            RouteId::ListMessages => messages::list(deps, caller, request).await,
            RouteId::Understand => inquiries::understand(deps, caller, request).await,
            RouteId::TranslateQuery => inquiries::translate(deps, caller, request).await,
            RouteId::QueryMetrics => {
                inquiries::query(deps, caller, request, Language::PromQl).await
            }
            RouteId::QueryLogs => inquiries::query(deps, caller, request, Language::LogQl).await,
            RouteId::QueryTraces => {
                inquiries::query(deps, caller, request, Language::TraceQl).await
            }
            RouteId::Health
            | RouteId::Ready
            | RouteId::ErrorPage
            | RouteId::StreamMessage
            | RouteId::FollowStream => Err(Error::bug("a route of another function reached chat")),
        }
    }
}
