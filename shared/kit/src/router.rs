//! Finds the route of a request in the contract's table.

use std::collections::HashMap;

use contract::routes::{Function, ROUTES, Route};
use http::Method;

use crate::error::Error;

/// The routes that one function serves.
pub(crate) struct Router {
    paths: matchit::Router<Vec<&'static Route>>,
}

impl Router {
    pub(crate) fn new(function: Function) -> Self {
        let mut by_path: HashMap<&str, Vec<&'static Route>> = HashMap::new();
        for route in ROUTES.iter().filter(|route| route.function.is_none_or(|of| of == function)) {
            by_path.entry(route.path).or_default().push(route);
        }
        let mut paths = matchit::Router::new();
        for (path, routes) in by_path {
            // The table is a constant, and a test inserts all of it.
            if let Err(error) = paths.insert(path, routes) {
                unreachable!("the route table holds two paths that clash: {error}");
            }
        }
        Self { paths }
    }

    pub(crate) fn find(
        &self,
        method: &Method,
        path: &str,
    ) -> Result<(&'static Route, HashMap<String, String>), Error> {
        let found = self
            .paths
            .at(path)
            .map_err(|_| Error::not_found("there is nothing at this address"))?;
        let parameters =
            found.params.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let route = found
            .value
            .iter()
            .find(|route| route.method == method.as_str())
            .ok_or_else(|| Error::method_not_allowed(method, &allowed(found.value)))?;
        Ok((route, parameters))
    }

    /// The methods of a path, for the `Allow` header.
    pub(crate) fn allowed(&self, path: &str) -> Option<String> {
        self.paths.at(path).ok().map(|found| allowed(found.value))
    }
}

fn allowed(routes: &[&'static Route]) -> String {
    routes.iter().map(|route| route.method).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use contract::routes::RouteId;

    use super::*;

    #[test]
    fn every_route_is_found_by_its_function_and_no_other() {
        for function in [Function::Chat, Function::Stream] {
            let router = Router::new(function);
            for route in ROUTES {
                let path = route.path.replace(['{', '}'], "");
                let method = route.method.parse().unwrap();
                let found = router.find(&method, &path).map(|(found, _)| found.id);
                if route.function.is_none_or(|of| of == function) {
                    assert_eq!(found.unwrap(), route.id);
                } else {
                    assert_ne!(found.ok(), Some(route.id));
                }
            }
        }
    }

    #[test]
    fn a_wrong_method_is_told_the_right_ones() {
        let router = Router::new(Function::Chat);
        let error = router.find(&Method::PUT, "/api/v1/sessions").unwrap_err();
        assert_eq!(error.code(), "METHOD_NOT_ALLOWED");
        assert_eq!(router.allowed("/api/v1/sessions").as_deref(), Some("POST, GET"));
        let (route, parameters) = router.find(&Method::GET, "/api/v1/sessions/x").unwrap();
        assert_eq!(route.id, RouteId::GetSession);
        assert_eq!(parameters["id"], "x");
    }
}
