//! Collections as sorted runs inside a snapshot tree: write, merge, page, find, compare.
