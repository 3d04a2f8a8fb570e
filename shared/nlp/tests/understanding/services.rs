//! Names of services: how far the words may be from the catalog's, and when to ask.

use jiff::tz::TimeZone;
use model::{EntityKind, Intent};
use nlp::{Problem, Reading, Vocabulary, understand};

use crate::support;

fn read(names: &[&str], text: &str) -> Reading {
    let none: [&str; 0] = [];
    let vocabulary = Vocabulary::new(names.iter().copied(), none, none);
    understand(text, &vocabulary, &support::moment(&TimeZone::UTC))
}

fn services(reading: &Reading) -> Vec<String> {
    reading.to_act_on().texts(EntityKind::Service).map(str::to_owned).collect()
}

#[test]
fn names_are_found_however_they_are_written() {
    let names = [
        "payment", "auth-service", "api_gateway", "UserProfileService", "orders", "search",
        "größe-svc", "frontend",
    ];
    for (text, expected) in [
        ("cpu of the payments service", "payment"),
        ("cpu of PAYMENT", "payment"),
        ("cpu of payment-service", "payment"),
        ("payment's cpu", "payment"),
        ("cpu of paymnet", "payment"),
        ("cpu of auth", "auth-service"),
        ("cpu of AuthService", "auth-service"),
        ("cpu of the authentication service", "auth-service"),
        ("cpu of api-gateway", "api_gateway"),
        ("cpu of API Gateway", "api_gateway"),
        ("cpu of apigateway", "api_gateway"),
        ("cpu of the gateway", "api_gateway"),
        ("cpu of user profile", "UserProfileService"),
        ("cpu of the user-profile-service", "UserProfileService"),
        ("cpu of the profile service", "UserProfileService"),
        ("cpu of order", "orders"),
        ("cpu of search", "search"),
        ("cpu of Größe", "größe-svc"),
        ("cpu of front end", "frontend"),
        ("cpu of frontned", "frontend"),
        // Nobody's service, still one.
        ("cpu of the warehouse service", "warehouse"),
        ("cpu of service X", "x"),
        ("cpu of billing-api", "billing-api"),
        ("cpu of InvoiceService", "invoice-service"),
        ("cpu of warehouse", "warehouse"),
        // Not a service at all.
        ("which routes have a p90 above 200ms", ""),
        ("5xx by route please", ""),
        ("cpu of the database", ""),
        ("cpu of all services", ""),
        ("cpu of everything", ""),
        ("cpu of the app in the last hour", ""),
        ("search for cpu", ""),
        ("which service has the highest cpu", ""),
    ] {
        assert_eq!(services(&read(&names, text)).join(" "), expected, "{text}");
    }
}

#[test]
fn a_name_that_fits_several_services_is_asked_about() {
    let names =
        ["email-worker", "image-worker", "payment", "payment-service", "cart-eu", "cart-us"];
    for (text, expected) in [
        ("cpu of the worker service", vec!["email-worker", "image-worker"]),
        ("error rate of payments", vec!["payment", "payment-service"]),
        ("p95 of cart in the last hour", vec!["cart-eu", "cart-us"]),
    ] {
        let reading = read(&names, text);
        let candidates: Vec<&Vec<String>> = reading
            .problems
            .iter()
            .filter_map(|problem| match problem {
                Problem::AmbiguousService { candidates, .. } => Some(candidates),
                Problem::Time { .. } => None,
            })
            .collect();
        assert_eq!(candidates, [&expected], "{text}: {reading:?}");
        assert!(services(&reading).is_empty(), "{text}: {reading:?}");
    }
    for (text, expected) in [
        ("error rate of payment", "payment"),
        ("error rate of payment-service", "payment-service"),
        ("error rate of email-worker", "email-worker"),
    ] {
        let reading = read(&names, text);
        assert_eq!(
            (services(&reading), reading.problems.len()),
            (vec![expected.to_owned()], 0),
            "{text}"
        );
    }
}

#[test]
fn without_a_catalog_the_words_must_do() {
    for (text, intent, expected) in [
        ("error rate of checkout in the last hour", Intent::AnalyzeErrors, "checkout"),
        ("p95 latency for the payment service", Intent::QueryMetrics, "payment"),
        ("is auth-service healthy?", Intent::CheckHealth, "auth-service"),
        ("is billing up", Intent::CheckHealth, "billing"),
        ("what is the weather in Berlin", Intent::OutOfScope, ""),
        ("how do I write a Dockerfile", Intent::GeneralQuestion, ""),
    ] {
        let reading = read(&[], text);
        assert_eq!(
            (reading.understanding.intent, services(&reading).join(" ").as_str()),
            (intent, expected),
            "{text}"
        );
    }
}
