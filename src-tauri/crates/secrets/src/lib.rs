//! Secrets in the OS keychain, or in an encrypted file on servers.
