//! Vaults: repositories in the restic format. Create, open, write, read at offset, check, repair, retention, locks.
