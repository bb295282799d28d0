//! What every connector is tested with: the behaviour suite, an in-memory source, a source that fails on a script.
