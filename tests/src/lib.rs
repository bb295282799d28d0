//! Whole flows through the real binary, faults included: see `tests/flows/`. There is no library.
