//! The services of the shop as they are on a good day: replicas, routes, traffic, latency and the
//! errors that are always there. What goes wrong at known times is in [`crate::trouble`].

/// Upper bounds of the latency histogram, in seconds; `+Inf` follows.
pub const BUCKETS_SECONDS: [f64; 15] =
    [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.25, 0.35, 0.5, 0.75, 1.0, 2.5, 5.0, 10.0];

/// One service of the shop.
#[derive(Debug)]
pub struct Service {
    pub name: &'static str,
    pub replicas: u32,
    /// Of all replicas together, averaged over a weekday.
    pub requests_per_second: f64,
    /// How far traffic swings around its mean over the day, 0 to 1; it peaks at 15:00 UTC.
    pub daily_swing: f64,
    /// Share of the CPU used at mean traffic, 0 to 1.
    pub cpu_ratio: f64,
    /// Share of the memory limit used, 0 to 1.
    pub memory_ratio: f64,
    pub memory_limit_bytes: u64,
    pub log_format: LogFormat,
    pub routes: &'static [Route],
}

/// How a service writes its log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    Json,
    Logfmt,
}

/// One route of a service.
#[derive(Debug)]
pub struct Route {
    pub method: &'static str,
    pub path: &'static str,
    /// Share of the service's requests, 0 to 1.
    pub share: f64,
    pub median_seconds: f64,
    pub success_status: u16,
    /// Every other status the route answers with, and the share of requests that get it on a good
    /// day.
    pub failures: &'static [(u16, f64)],
}

impl Route {
    /// All statuses, the successful one first.
    pub fn statuses(&self) -> impl Iterator<Item = u16> {
        std::iter::once(self.success_status).chain(self.failures.iter().map(|(status, _)| *status))
    }
}

/// Finds a service by its name.
pub(crate) fn service(name: &str) -> Option<&'static Service> {
    SERVICES.iter().find(|service| service.name == name)
}

const fn route(
    (method, path): (&'static str, &'static str),
    share: f64,
    median_seconds: f64,
    success_status: u16,
    failures: &'static [(u16, f64)],
) -> Route {
    Route { method, path, share, median_seconds, success_status, failures }
}

const MIB: u64 = 1024 * 1024;

/// The whole shop.
pub const SERVICES: &[Service] = &[
    Service {
        name: "payment",
        replicas: 3,
        requests_per_second: 24.0,
        daily_swing: 0.45,
        cpu_ratio: 0.38,
        memory_ratio: 0.52,
        memory_limit_bytes: 1024 * MIB,
        log_format: LogFormat::Json,
        routes: &[
            route(
                ("POST", "/charges"),
                0.55,
                0.090,
                201,
                &[(402, 0.021), (500, 0.003), (502, 0.006), (503, 0.003), (504, 0.004)],
            ),
            route(
                ("GET", "/charges/{id}"),
                0.35,
                0.018,
                200,
                &[(404, 0.010), (500, 0.002), (502, 0.002), (503, 0.002), (504, 0.001)],
            ),
            route(
                ("POST", "/refunds"),
                0.10,
                0.120,
                201,
                &[(409, 0.008), (500, 0.004), (502, 0.007), (503, 0.003), (504, 0.005)],
            ),
        ],
    },
    Service {
        name: "checkout",
        replicas: 3,
        requests_per_second: 18.0,
        daily_swing: 0.50,
        cpu_ratio: 0.42,
        memory_ratio: 0.58,
        memory_limit_bytes: 768 * MIB,
        log_format: LogFormat::Json,
        routes: &[
            route(
                ("POST", "/checkout"),
                0.30,
                0.150,
                201,
                &[(422, 0.012), (500, 0.002), (503, 0.002)],
            ),
            route(
                ("GET", "/cart"),
                0.45,
                0.022,
                200,
                &[(404, 0.006), (500, 0.0008), (503, 0.0004)],
            ),
            route(
                ("PUT", "/cart/items"),
                0.25,
                0.035,
                200,
                &[(400, 0.009), (500, 0.001), (503, 0.0008)],
            ),
        ],
    },
    Service {
        name: "auth",
        replicas: 3,
        requests_per_second: 42.0,
        daily_swing: 0.40,
        cpu_ratio: 0.33,
        memory_ratio: 0.30,
        memory_limit_bytes: 512 * MIB,
        log_format: LogFormat::Json,
        routes: &[
            route(
                ("POST", "/login"),
                0.15,
                0.085,
                200,
                &[(401, 0.070), (500, 0.0010), (503, 0.0008)],
            ),
            route(
                ("POST", "/token"),
                0.60,
                0.008,
                200,
                &[(401, 0.012), (500, 0.0004), (503, 0.0003)],
            ),
            route(
                ("GET", "/userinfo"),
                0.25,
                0.006,
                200,
                &[(401, 0.015), (500, 0.0003), (503, 0.0002)],
            ),
        ],
    },
    Service {
        name: "api-gateway",
        replicas: 3,
        requests_per_second: 120.0,
        daily_swing: 0.45,
        cpu_ratio: 0.45,
        memory_ratio: 0.47,
        memory_limit_bytes: 512 * MIB,
        log_format: LogFormat::Logfmt,
        routes: &[
            route(
                ("GET", "/api/products"),
                0.55,
                0.020,
                200,
                &[(404, 0.008), (429, 0.0005), (502, 0.0008), (504, 0.0004)],
            ),
            route(
                ("POST", "/api/checkout"),
                0.15,
                0.190,
                201,
                &[(422, 0.011), (429, 0.0005), (502, 0.0030), (504, 0.0010)],
            ),
            route(
                ("GET", "/api/orders"),
                0.30,
                0.055,
                200,
                &[(404, 0.004), (429, 0.0005), (502, 0.0012), (504, 0.0006)],
            ),
        ],
    },
    Service {
        name: "orders",
        replicas: 2,
        requests_per_second: 26.0,
        daily_swing: 0.50,
        cpu_ratio: 0.56,
        memory_ratio: 0.63,
        memory_limit_bytes: 1024 * MIB,
        log_format: LogFormat::Json,
        routes: &[
            route(
                ("POST", "/orders"),
                0.25,
                0.070,
                201,
                &[(409, 0.004), (500, 0.0015), (503, 0.001)],
            ),
            route(
                ("GET", "/orders/{id}"),
                0.45,
                0.016,
                200,
                &[(404, 0.012), (500, 0.0006), (503, 0.0005)],
            ),
            route(
                ("GET", "/orders"),
                0.30,
                0.048,
                200,
                &[(400, 0.002), (500, 0.0008), (503, 0.0006)],
            ),
        ],
    },
    Service {
        name: "frontend",
        replicas: 2,
        requests_per_second: 75.0,
        daily_swing: 0.55,
        cpu_ratio: 0.28,
        memory_ratio: 0.41,
        memory_limit_bytes: 384 * MIB,
        log_format: LogFormat::Logfmt,
        routes: &[
            route(("GET", "/"), 0.40, 0.030, 200, &[(404, 0.001), (500, 0.0002), (503, 0.0001)]),
            route(
                ("GET", "/products/{id}"),
                0.45,
                0.042,
                200,
                &[(404, 0.014), (500, 0.0003), (503, 0.0002)],
            ),
            route(
                ("GET", "/search"),
                0.15,
                0.110,
                200,
                &[(400, 0.003), (500, 0.0006), (503, 0.0004)],
            ),
        ],
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_add_up() {
        for service in SERVICES {
            let total: f64 = service.routes.iter().map(|route| route.share).sum();
            assert!((total - 1.0).abs() < 1e-9, "{}: {total}", service.name);
            assert!(service.replicas >= 2, "{}", service.name);
        }
    }

    #[test]
    fn buckets_and_statuses_are_in_order_and_unique() {
        assert!(BUCKETS_SECONDS.is_sorted_by(|a, b| a < b));
        for service in SERVICES {
            for route in service.routes {
                let mut statuses: Vec<u16> = route.statuses().collect();
                let count = statuses.len();
                statuses.sort_unstable();
                statuses.dedup();
                assert_eq!(statuses.len(), count, "{} {}", service.name, route.path);
            }
        }
    }
}
