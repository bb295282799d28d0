//! The state database: sources, vaults, runs, restore journals, the audit chain.
