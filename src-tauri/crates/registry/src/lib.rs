//! The only place that lists the connectors.
