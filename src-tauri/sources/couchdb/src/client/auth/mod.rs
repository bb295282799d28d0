//! The ways to log in.

mod cookie;
mod iam;
mod proxy;

use std::sync::Arc;

use backstay_source_http::{Auth, Client, Hidden, HttpError, NoAuth, Settings, header};
use backstay_source_http::{HeaderMap, HeaderName, HeaderValue};
use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::{config::Login, error::Result};

/// The log-in of these settings. Where it asks another service, that is reached by the same rules as the server.
pub(super) fn of(login: &Login, settings: &Settings) -> Result<Arc<dyn Auth>> {
    Ok(match login {
        Login::None => Arc::new(NoAuth),
        Login::Basic { user, password } => {
            let pair = Hidden::new(format!("{user}:{}", password.reveal()));
            Arc::new(Fixed {
                value: Hidden::new(format!("Basic {}", STANDARD.encode(pair.reveal()))),
            })
        }
        Login::Jwt { token } => Arc::new(Fixed {
            value: Hidden::new(format!("Bearer {}", token.reveal().trim())),
        }),
        Login::Cookie { user, password } => Arc::new(cookie::Cookie::new(user, password)),
        Login::Proxy { user, roles, secret } => Arc::new(proxy::Proxy::new(user, roles, secret)),
        Login::Iam { key, url } => Arc::new(iam::Iam::new(key, url, settings)?),
    })
}

/// One header that stays the same.
struct Fixed {
    value: Hidden,
}

impl Auth for Fixed {
    fn identity(&self) -> String {
        self.value.reveal().to_owned()
    }
    fn apply(&self, headers: &mut HeaderMap, _: &Client) -> Result<(), HttpError> {
        set(headers, header::AUTHORIZATION, self.value.reveal())
    }
}

/// Sets a header that must not show.
fn set(headers: &mut HeaderMap, name: HeaderName, value: &str) -> Result<(), HttpError> {
    let mut value = HeaderValue::from_bytes(value.as_bytes()).map_err(|_| HttpError::BadHeader { name: name.to_string() })?;
    value.set_sensitive(true);
    headers.insert(name, value);
    Ok(())
}
