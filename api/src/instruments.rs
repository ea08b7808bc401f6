//! What figures are made with. The parts of the server that count hold their own, and
//! [`crate::metrics`] gathers them.

use prometheus::core::Collector;
use prometheus::{HistogramOpts, HistogramVec, IntCounterVec, IntGauge, Opts, Registry};

/// Upper ends of the buckets of latencies, in seconds: from an answer out of a
/// cache to the time limit of a request.
const SECONDS: &[f64] = &[
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0,
];

const SOUND: &str = "names and labels of figures are valid and distinct";

/// Adds a figure to those that are shown.
pub(crate) fn register(registry: &Registry, part: Box<dyn Collector>) {
    registry.register(part).expect(SOUND);
}

/// A number that goes up and down, put into the registry.
pub(crate) fn gauge(registry: &Registry, options: Opts) -> IntGauge {
    let gauge = IntGauge::with_opts(options).expect(SOUND);
    register(registry, Box::new(gauge.clone()));
    gauge
}

/// A counter by labels.
pub(crate) fn counter(name: &str, help: &str, labels: &[&str]) -> IntCounterVec {
    IntCounterVec::new(Opts::new(name, help), labels).expect(SOUND)
}

/// A histogram of seconds by labels.
pub(crate) fn histogram(name: &str, help: &str, labels: &[&str]) -> HistogramVec {
    let options = HistogramOpts::new(name, help).buckets(SECONDS.to_vec());
    HistogramVec::new(options, labels).expect(SOUND)
}
