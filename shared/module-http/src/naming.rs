//! Labels whose values people name when they ask, and how many values of a label a catalog keeps.

/// So many values of a label are kept where they are only examples.
pub(crate) const MAX_SAMPLES: usize = 20;
/// So many are kept where they are what people ask for by name.
pub(crate) const MAX_NAMING_VALUES: usize = 500;
/// Labels by which people name what they ask about: an unlisted value would be an unknown service.
const NAMING_LABELS: [&str; 20] = [
    "app",
    "app_kubernetes_io_name",
    "application",
    "component",
    "container",
    "deployment",
    "destination_app",
    "destination_service_name",
    "destination_workload",
    "environment",
    "exported_service",
    "job",
    "microservice",
    "namespace",
    "pod",
    "service",
    "service_name",
    "svc",
    "version",
    "workload",
];

pub(crate) fn is_naming(label: &str) -> bool {
    NAMING_LABELS.binary_search(&label).is_ok()
}

/// How many values of the label are kept.
pub(crate) fn max_values(label: &str) -> usize {
    if is_naming(label) { MAX_NAMING_VALUES } else { MAX_SAMPLES }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn naming_labels_are_sorted_for_the_search() {
        assert!(NAMING_LABELS.is_sorted());
    }
}
