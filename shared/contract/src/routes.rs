//! The table of routes: every address, the function that serves it, and the permission it needs.
//!
//! The router, the OpenAPI document, the check of the template's routes and the test that tries to
//! cross tenants all read this table, so a route that is not here does not exist.

use model::{Permission, Resource, Verb};

/// The function that serves a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Function {
    Chat,
    Stream,
}

/// Names a route, for the function that handles it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RouteId {
    Health,
    Ready,
    ErrorPage,
    CreateSession,
    ListSessions,
    GetSession,
    UpdateSession,
    DeleteSession,
    PostMessage,
    ListMessages,
    StreamMessage,
    FollowStream,
    Understand,
    TranslateQuery,
    QueryMetrics,
    QueryLogs,
    QueryTraces,
}

/// What a route answers with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reply {
    /// The named schema as JSON.
    Json(&'static str),
    /// Server-sent events.
    Events,
    Markdown,
    Nothing,
}

/// One row of the table.
#[derive(Debug, Clone, Copy)]
pub struct Route {
    pub id: RouteId,
    pub method: &'static str,
    /// With `{name}` for a path parameter.
    pub path: &'static str,
    /// `None`: every function serves it about itself.
    pub function: Option<Function>,
    /// `None`: anyone may call it.
    pub permission: Option<Permission>,
    /// The schema of the body, where there is one.
    pub body: Option<&'static str>,
    pub reply: Reply,
    /// The status of success.
    pub status: u16,
    pub summary: &'static str,
}

const fn may(resource: Resource, verb: Verb) -> Option<Permission> {
    Some(Permission::new(resource, verb))
}

/// The table.
pub const ROUTES: &[Route] = &[
    Route {
        id: RouteId::Health,
        method: "GET",
        path: "/health",
        function: None,
        permission: None,
        body: None,
        reply: Reply::Json("Health"),
        status: 200,
        summary: "Whether the function is alive",
    },
    Route {
        id: RouteId::Ready,
        method: "GET",
        path: "/ready",
        function: None,
        permission: None,
        body: None,
        reply: Reply::Json("Ready"),
        status: 200,
        summary: "Whether what the function needs is there",
    },
    Route {
        id: RouteId::ErrorPage,
        method: "GET",
        path: "/docs/errors/{code}",
        function: None,
        permission: None,
        body: None,
        reply: Reply::Markdown,
        status: 200,
        summary: "What an error code means and what to do",
    },
    Route {
        id: RouteId::CreateSession,
        method: "POST",
        path: "/api/v1/sessions",
        function: Some(Function::Chat),
        permission: may(Resource::Sessions, Verb::Write),
        body: Some("CreateSession"),
        reply: Reply::Json("Session"),
        status: 201,
        summary: "Open a session",
    },
    Route {
        id: RouteId::ListSessions,
        method: "GET",
        path: "/api/v1/sessions",
        function: Some(Function::Chat),
        permission: may(Resource::Sessions, Verb::Read),
        body: None,
        reply: Reply::Json("SessionPage"),
        status: 200,
        summary: "List the tenant's sessions by last activity, newest first",
    },
    Route {
        id: RouteId::GetSession,
        method: "GET",
        path: "/api/v1/sessions/{id}",
        function: Some(Function::Chat),
        permission: may(Resource::Sessions, Verb::Read),
        body: None,
        reply: Reply::Json("Session"),
        status: 200,
        summary: "Read a session",
    },
    Route {
        id: RouteId::UpdateSession,
        method: "PATCH",
        path: "/api/v1/sessions/{id}",
        function: Some(Function::Chat),
        permission: may(Resource::Sessions, Verb::Write),
        body: Some("UpdateSession"),
        reply: Reply::Json("Session"),
        status: 200,
        summary: "Change a session's name, metadata or system prompt",
    },
    Route {
        id: RouteId::DeleteSession,
        method: "DELETE",
        path: "/api/v1/sessions/{id}",
        function: Some(Function::Chat),
        permission: may(Resource::Sessions, Verb::Delete),
        body: None,
        reply: Reply::Nothing,
        status: 204,
        summary: "Delete a session with every message and stream of it",
    },
    Route {
        id: RouteId::PostMessage,
        method: "POST",
        path: "/api/v1/messages",
        function: Some(Function::Chat),
        permission: may(Resource::Messages, Verb::Write),
        body: Some("PostMessage"),
        reply: Reply::Json("Answer"),
        status: 201,
        summary: "Say something and wait for the whole answer",
    },
    Route {
        id: RouteId::ListMessages,
        method: "GET",
        path: "/api/v1/messages/{session_id}",
        function: Some(Function::Chat),
        permission: may(Resource::Messages, Verb::Read),
        body: None,
        reply: Reply::Json("MessagePage"),
        status: 200,
        summary: "List a session's messages, oldest first; `order=desc` for newest first",
    },
    Route {
        id: RouteId::StreamMessage,
        method: "POST",
        path: "/api/v1/messages/stream",
        function: Some(Function::Stream),
        permission: may(Resource::Messages, Verb::Write),
        body: Some("PostMessage"),
        reply: Reply::Events,
        status: 200,
        summary: "Say something and read the answer as it comes",
    },
    Route {
        id: RouteId::FollowStream,
        method: "GET",
        path: "/api/v1/streams/{id}",
        function: Some(Function::Stream),
        permission: may(Resource::Messages, Verb::Read),
        body: None,
        reply: Reply::Events,
        status: 200,
        summary: "Read a stream, or what is left of it after `Last-Event-ID` or `?after=`",
    },
    Route {
        id: RouteId::Understand,
        method: "POST",
        path: "/api/v1/nlp/understand",
        function: Some(Function::Chat),
        permission: may(Resource::Queries, Verb::Read),
        body: Some("Understand"),
        reply: Reply::Json("Understood"),
        status: 200,
        summary: "Find out what a text means, without answering it",
    },
    Route {
        id: RouteId::TranslateQuery,
        method: "POST",
        path: "/api/v1/queries/translate",
        function: Some(Function::Chat),
        permission: may(Resource::Queries, Verb::Read),
        body: Some("TranslateQuery"),
        reply: Reply::Json("TranslatedQuery"),
        status: 200,
        summary: "Turn a question into a query, without running it",
    },
    Route {
        id: RouteId::QueryMetrics,
        method: "POST",
        path: "/api/v1/queries/metrics",
        function: Some(Function::Chat),
        permission: may(Resource::Queries, Verb::Execute),
        body: Some("RunQuery"),
        reply: Reply::Json("QueryAnswer"),
        status: 200,
        summary: "Run a PromQL query, or a question as one",
    },
    Route {
        id: RouteId::QueryLogs,
        method: "POST",
        path: "/api/v1/queries/logs",
        function: Some(Function::Chat),
        permission: may(Resource::Queries, Verb::Execute),
        body: Some("RunQuery"),
        reply: Reply::Json("QueryAnswer"),
        status: 200,
        summary: "Run a LogQL query, or a question as one",
    },
    Route {
        id: RouteId::QueryTraces,
        method: "POST",
        path: "/api/v1/queries/traces",
        function: Some(Function::Chat),
        permission: may(Resource::Queries, Verb::Execute),
        body: Some("RunQuery"),
        reply: Reply::Json("QueryAnswer"),
        status: 200,
        summary: "Run a TraceQL query, or a question as one",
    },
];
