//! Tells people and programs how it went: desktop, webhook, heartbeat, e-mail, commands before and after.
