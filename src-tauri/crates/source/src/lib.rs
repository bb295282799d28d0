//! The contract of a connector: how a service becomes a stream of collections, records, files and gaps.
