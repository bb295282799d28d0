//! What Backstay does: backup, browse, compare, restore, verify, keep. Knows traits, no connector by name.
