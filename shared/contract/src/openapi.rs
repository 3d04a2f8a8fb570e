//! The OpenAPI document, made from the table of routes and the wire types.

use serde_json::{Map, Value, json};
use utoipa::{OpenApi, ToSchema};

use crate::{
    error, event, health, message, nlp, page, query,
    routes::{ROUTES, Reply, Route, RouteId},
    session,
};

#[derive(ToSchema)]
#[schema(title = "SessionPage")]
#[allow(dead_code)] // Only its schema is used.
struct SessionPage(page::Page<session::Session>);

#[derive(ToSchema)]
#[schema(title = "MessagePage")]
#[allow(dead_code)] // Only its schema is used.
struct MessagePage(page::Page<message::Message>);

#[derive(OpenApi)]
#[openapi(components(schemas(
    error::ErrorBody, event::ChatEvent, health::Health, health::Ready, message::PostMessage,
    message::Message, message::Answer, nlp::Understand, nlp::Understood, query::TranslateQuery,
    query::TranslatedQuery, query::RunQuery, query::QueryAnswer, session::Session,
    session::CreateSession, session::UpdateSession, SessionPage, MessagePage,
)))]
struct Components;

/// The whole document.
pub fn document() -> Value {
    let components = serde_json::to_value(Components::openapi().components).unwrap_or_default();
    let mut paths = Map::new();
    for route in ROUTES {
        let item = paths.entry(route.path).or_insert_with(|| json!({}));
        item[route.method.to_lowercase()] = operation(route);
    }
    let mut document = json!({
        "openapi": "3.1.0",
        "info": {
            "title": "CoPilot Agent",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Ask about metrics in plain language. Errors have one body everywhere; \
                every answer carries `X-Request-Id` and, behind a credential, `X-RateLimit-*`.",
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "paths": paths,
        "components": components,
    });
    document["components"]["securitySchemes"] = json!({
        "bearer": { "type": "http", "scheme": "bearer", "description": "An API key (`cpk_…`) or a JWT." },
        "api_key": { "type": "apiKey", "in": "header", "name": "X-API-Key" },
    });
    document
}

fn operation(route: &Route) -> Value {
    let mut operation = json!({
        "operationId": format!("{:?}", route.id),
        "summary": route.summary,
        "parameters": parameters(route),
        "responses": responses(route),
        "security": [],
    });
    if let Some(permission) = route.permission {
        operation["security"] = json!([{ "bearer": [] }, { "api_key": [] }]);
        operation["description"] = json!(format!("Needs the permission `{permission}`."));
    }
    if let Some(schema) = route.body {
        operation["requestBody"] = json!({ "required": true, "content": { "application/json": { "schema": reference(schema) } } });
    }
    operation
}

fn responses(route: &Route) -> Value {
    let content = match route.reply {
        Reply::Json(schema) => json!({ "application/json": { "schema": reference(schema) } }),
        Reply::Events => json!({ "text/event-stream": { "schema": { "type": "string" } } }),
        Reply::Markdown => json!({ "text/markdown": { "schema": { "type": "string" } } }),
        Reply::Nothing => json!({}),
    };
    let mut success = json!({ "description": route.summary });
    if route.reply != Reply::Nothing {
        success["content"] = content;
    }
    json!({
        route.status.to_string(): success,
        "default": {
            "description": "An error",
            "content": { "application/json": { "schema": reference("ErrorBody") } },
        },
    })
}

fn parameters(route: &Route) -> Value {
    let mut parameters: Vec<Value> = route
        .path
        .split(['{', '}'])
        .skip(1)
        .step_by(2)
        .map(|name| parameter("path", name, json!({ "type": "string" }), "An id."))
        .collect();
    let limit = json!({ "type": "integer", "minimum": 1, "maximum": page::MAX_LIMIT, "default": page::DEFAULT_LIMIT });
    match route.id {
        RouteId::ListSessions | RouteId::ListMessages => {
            parameters.push(parameter("query", "limit", limit, "Items a page, at most."));
            parameters.push(parameter(
                "query",
                "cursor",
                json!({ "type": "string" }),
                "`next_cursor` of the page before.",
            ));
        }
        RouteId::FollowStream => {
            let id = json!({ "type": "integer", "minimum": 0 });
            parameters.push(parameter("query", "after", id.clone(), "The last event seen."));
            parameters.push(parameter(
                "header",
                "Last-Event-ID",
                id,
                "The same, as browsers send it.",
            ));
        }
        _ => {}
    }
    if route.id == RouteId::ListMessages {
        let order = json!({ "type": "string", "enum": ["asc", "desc"], "default": "asc" });
        parameters.push(parameter("query", "order", order, "Oldest or newest first."));
    }
    // The others change nothing, so they are safe as they are.
    if route.method == "POST" && !reads_only(route.id) {
        let key = json!({ "type": "string", "minLength": 1, "maxLength": 255 });
        parameters.push(parameter(
            "header",
            "Idempotency-Key",
            key,
            "Makes sending the request again safe, for 24 hours.",
        ));
    }
    Value::Array(parameters)
}

fn reads_only(route: RouteId) -> bool {
    matches!(
        route,
        RouteId::Understand
            | RouteId::TranslateQuery
            | RouteId::QueryMetrics
            | RouteId::QueryLogs
            | RouteId::QueryTraces
    )
}

fn parameter(place: &str, name: &str, schema: Value, description: &str) -> Value {
    json!({ "in": place, "name": name, "required": place == "path", "schema": schema, "description": description })
}

fn reference(schema: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{schema}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every `$ref` of the document leads somewhere.
    #[test]
    fn every_reference_resolves() {
        let document = document();
        let text = document.to_string();
        let mut checked = 0;
        for rest in text.split("\"$ref\":\"#").skip(1) {
            let pointer = rest.split('"').next().unwrap();
            assert!(document.pointer(pointer).is_some(), "{pointer}");
            checked += 1;
        }
        assert!(checked > 20, "{checked}");
    }
}
