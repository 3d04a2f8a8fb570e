//! How Prometheus is to scrape the shop. The labels that this adds are the ones history carries.

use std::{fmt::Write as _, net::SocketAddr};

use crate::catalog::SERVICES;

pub(crate) const JOB: &str = "shop";
pub(crate) const SCRAPE_INTERVAL_S: i64 = 5;

/// The `instance` label of a replica.
pub(crate) fn instance(service: &str, replica: u32) -> String {
    format!("{service}-{replica}")
}

/// A complete Prometheus configuration with the shop as its only job.
pub fn scrape_config(listen: SocketAddr) -> String {
    let mut targets = String::new();
    for service in SERVICES {
        for replica in 0..service.replicas {
            // Writing to a string cannot fail.
            let _ = writeln!(targets, "          - {}", instance(service.name, replica));
        }
    }
    // A target is an instance; relabelling turns it into the path on the one address they share.
    format!(
        r#"scrape_configs:
  - job_name: {JOB}
    scrape_interval: {SCRAPE_INTERVAL_S}s
    scrape_timeout: 4s
    static_configs:
      - targets:
{targets}    relabel_configs:
      - source_labels: [__address__]
        target_label: instance
      - source_labels: [__address__]
        regex: (.+)-([0-9]+)
        target_label: __metrics_path__
        replacement: /metrics/$1/$2
      - target_label: __address__
        replacement: {listen}
"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_replica_is_a_target() {
        let text = scrape_config("127.0.0.1:9400".parse().unwrap());
        for service in SERVICES {
            for replica in 0..service.replicas {
                let target = format!("          - {}\n", instance(service.name, replica));
                assert_eq!(text.matches(&target).count(), 1, "{target}");
            }
        }
        assert!(text.contains("replacement: 127.0.0.1:9400\n"));
    }
}
