//! What a service says was wrong when it answers with a status.

/// By service and status.
const TEXTS: &[(&str, u16, &str)] = &[
    ("payment", 402, "card declined"),
    ("payment", 404, "charge not found"),
    ("payment", 409, "refund exists already"),
    ("payment", 500, "ledger gave an unexpected answer"),
    ("payment", 502, "connection reset by card provider"),
    ("payment", 503, "no connection to the ledger database is free"),
    ("payment", 504, "timeout waiting for card provider"),
    ("checkout", 400, "quantity is not a number"),
    ("checkout", 404, "cart not found"),
    ("checkout", 422, "shipping address is not complete"),
    ("checkout", 500, "null pointer: item has no price"),
    ("checkout", 503, "inventory is not available"),
    ("auth", 401, "invalid credentials"),
    ("auth", 500, "token could not be signed"),
    ("auth", 503, "user database is not available"),
    ("api-gateway", 404, "no such resource"),
    ("api-gateway", 422, "request body is not valid"),
    ("api-gateway", 429, "rate limit exceeded"),
    ("api-gateway", 502, "connection reset by upstream"),
    ("api-gateway", 504, "timeout waiting for upstream"),
    ("orders", 400, "page is out of range"),
    ("orders", 404, "order not found"),
    ("orders", 409, "order exists already"),
    ("orders", 500, "order event could not be published"),
    ("orders", 503, "database connection refused"),
    ("frontend", 400, "search text is empty"),
    ("frontend", 404, "page not found"),
    ("frontend", 500, "template could not be rendered"),
    ("frontend", 503, "api-gateway is not available"),
];

pub(super) fn error_text(service: &str, status: u16) -> &'static str {
    TEXTS
        .iter()
        .find(|(name, code, _)| *name == service && *code == status)
        .map_or("request could not be served", |(.., text)| text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SERVICES;

    #[test]
    fn every_failure_has_a_text_and_no_text_is_idle() {
        let mut used = 0;
        for service in SERVICES {
            let mut statuses: Vec<u16> =
                service.routes.iter().flat_map(|route| route.failures).map(|one| one.0).collect();
            statuses.sort_unstable();
            statuses.dedup();
            for status in statuses {
                assert_ne!(error_text(service.name, status), error_text("", 0), "{status}");
                used += 1;
            }
        }
        assert_eq!(used, TEXTS.len());
    }
}
