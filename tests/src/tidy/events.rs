//! The samples in `events/` are what triggers send: each is read by the type that the function reads
//! it with, nothing of it is lost, and it names a route or an operation that there is.

use std::collections::{BTreeMap, BTreeSet};

use aws_lambda_events::apigw::ApiGatewayV2httpRequest;
use contract::{
    message::PostMessage,
    nlp::Understand,
    operation::{OperationRequest, OperationResponse},
    query::{RunQuery, TranslateQuery},
    routes::{Function, ROUTES, Route},
    session::{CreateSession, UpdateSession},
};
use data_encoding::BASE64;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::{read, root};

/// The samples of a function by their names.
fn samples(function: &str) -> BTreeMap<String, Value> {
    names(&format!("events/{function}"))
        .into_iter()
        .map(|name| {
            let sample = read(&format!("events/{function}/{name}"));
            let sample = serde_json::from_str(&sample).unwrap_or_else(|e| panic!("{name}: {e}"));
            (format!("{function}/{name}"), sample)
        })
        .collect()
}

fn names(folder: &str) -> BTreeSet<String> {
    std::fs::read_dir(root().join(folder))
        .unwrap_or_else(|error| panic!("{folder}: {error}"))
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

/// Reads, prints and reads again.
fn round_trip<T>(name: &str, sample: &Value) -> T
where
    T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug,
{
    let parsed: T =
        serde_json::from_value(sample.clone()).unwrap_or_else(|e| panic!("{name}: {e}"));
    let printed = serde_json::to_value(&parsed).unwrap();
    // The types print more than was there, such as fields of older formats, but never less.
    assert!(holds(&printed, sample), "{name} lost something: {printed:#}");
    assert_eq!(serde_json::from_value::<T>(printed).unwrap(), parsed, "{name}");
    parsed
}

/// Whether everything in `part` is in `whole`.
fn holds(whole: &Value, part: &Value) -> bool {
    match (whole, part) {
        (Value::Object(whole), Value::Object(part)) => {
            part.iter().all(|(name, part)| whole.get(name).is_some_and(|whole| holds(whole, part)))
        }
        _ => whole == part,
    }
}

/// The route that an address leads to, the one with fewest parameters where there are several.
fn route(method: &str, path: &str) -> Option<&'static Route> {
    let fits = |route: &&Route| {
        let (pattern, path) = (route.path.split('/'), path.split('/'));
        route.method == method
            && pattern.clone().count() == path.clone().count()
            && pattern.zip(path).all(|(name, part)| name.starts_with('{') || name == part)
    };
    ROUTES.iter().filter(fits).min_by_key(|route| route.path.matches('{').count())
}

/// Holds a sample of an HTTP trigger against the table of routes.
fn check_http(name: &str, sample: &Value, function: Function) -> &'static Route {
    let event: ApiGatewayV2httpRequest = round_trip(name, sample);
    let http = &event.request_context.http;
    let path = event.raw_path.as_deref().unwrap();
    assert_eq!(http.path.as_deref(), Some(path), "{name}");
    let route = route(http.method.as_str(), path).unwrap_or_else(|| panic!("{name}: no route"));
    assert!(route.function.is_none_or(|owner| owner == function), "{name}: {}", route.path);
    let key = match function {
        Function::Chat => format!("{} {}", route.method, route.path),
        // A Function URL knows no routes.
        Function::Stream => "$default".to_owned(),
    };
    assert_eq!(event.route_key.as_deref(), Some(key.as_str()), "{name}");
    assert_eq!(event.request_context.route_key.as_deref(), Some(key.as_str()), "{name}");
    if function == Function::Chat {
        let parameters: BTreeSet<&str> = event.path_parameters.keys().map(String::as_str).collect();
        let expected = route.path.split('/').filter_map(|part| part.strip_prefix('{'));
        let expected: BTreeSet<&str> = expected.map(|part| part.trim_end_matches('}')).collect();
        assert_eq!(parameters, expected, "{name}");
    }
    check_body(name, &event, route);
    route
}

/// What is sent is what the route takes.
fn check_body(name: &str, event: &ApiGatewayV2httpRequest, route: &Route) {
    let body = event.body.as_deref().map(|body| match event.is_base64_encoded {
        true => BASE64.decode(body.as_bytes()).unwrap(),
        false => body.as_bytes().to_vec(),
    });
    let length = body.as_ref().map_or(0, Vec::len);
    assert_eq!(event.headers["content-length"], length.to_string(), "{name}");
    let body: Option<Value> = body.map(|body| serde_json::from_slice(&body).unwrap());
    match (route.body, body) {
        (None, None) => {}
        (Some("PostMessage"), Some(body)) => drop(round_trip::<PostMessage>(name, &body)),
        (Some("CreateSession"), Some(body)) => drop(round_trip::<CreateSession>(name, &body)),
        (Some("UpdateSession"), Some(body)) => drop(round_trip::<UpdateSession>(name, &body)),
        (Some("Understand"), Some(body)) => drop(round_trip::<Understand>(name, &body)),
        (Some("TranslateQuery"), Some(body)) => drop(round_trip::<TranslateQuery>(name, &body)),
        (Some("RunQuery"), Some(body)) => drop(round_trip::<RunQuery>(name, &body)),
        (expected, body) => panic!("{name}: {expected:?} is expected, not {body:?}"),
    }
}

#[test]
fn every_function_has_samples() {
    assert_eq!(names("events"), names("functions"));
}

#[test]
fn every_route_has_a_sample_of_its_function_s_trigger() {
    for (function, folder) in [(Function::Chat, "chat"), (Function::Stream, "stream")] {
        let sampled: BTreeSet<String> = samples(folder)
            .iter()
            .map(|(name, sample)| check_http(name, sample, function))
            .map(|route| format!("{} {}", route.method, route.path))
            .collect();
        for route in ROUTES.iter().filter(|route| route.function == Some(function)) {
            let route = format!("{} {}", route.method, route.path);
            assert!(sampled.contains(&route), "events/{folder} has no sample of {route}");
        }
    }
}

#[test]
fn every_operation_has_a_sample_whose_arguments_are_admitted() {
    let mut sampled = BTreeSet::new();
    let mut outcomes = BTreeSet::new();
    for (name, sample) in samples("adapter") {
        if sample.get("operation").is_some() {
            let request: OperationRequest = round_trip(&name, &sample);
            module::validate(&request.operation, &request.arguments)
                .unwrap_or_else(|error| panic!("{name}: {error}"));
            sampled.insert(request.operation);
        } else {
            let response: OperationResponse = round_trip(&name, &sample);
            outcomes.insert(matches!(response, OperationResponse::Ok(_)));
        }
    }
    let operations: BTreeSet<String> =
        module::operations().iter().map(|spec| spec.name.to_owned()).collect();
    assert_eq!(sampled, operations);
    assert_eq!(outcomes, BTreeSet::from([false, true]), "an answer of either kind");
}
