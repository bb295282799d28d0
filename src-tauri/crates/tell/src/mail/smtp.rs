//! One letter over one connection to a mail server.

use std::time::Duration;

use lettre::{
    address::Envelope,
    transport::smtp::{
        Error,
        authentication::{Credentials, Mechanism},
        client::{AsyncSmtpConnection, Certificate, TlsParameters, TlsParametersBuilder},
        extension::ClientId,
    },
};

use tokio::time;

use super::{Mail, Security};
use crate::{Result, TellError, http, text};

/// How long a server may take to say good-bye.
const GOODBYE: Duration = Duration::from_secs(2);

/// Sends a letter; gives the code of the server's last word on it.
pub(super) async fn send(mail: &Mail, envelope: &Envelope, bytes: &[u8]) -> Result<u16> {
    // Refused before anybody is called.
    if mail.user.is_some() && mail.security == Security::None && !http::is_here(&mail.host) {
        return Err(TellError::Open { place: mail.place() });
    }
    // A computer's name is nobody's business and often no name outside; without one, an address is given (RFC 5321, 4.1.4).
    let hello = ClientId::default();
    let mut connection = connect(mail, &hello).await?;
    if let Some(user) = &mail.user {
        login(mail, &mut connection, user).await?;
    }
    let response = connection.send(envelope, bytes).await.map_err(|error| failed(mail, &error))?;
    // The letter is taken: a good-bye that takes too long must not have it sent again.
    let _ = time::timeout(GOODBYE, connection.quit()).await;
    Ok(response.code().into())
}

async fn connect(mail: &Mail, hello: &ClientId) -> Result<AsyncSmtpConnection> {
    let wrapper = match mail.security {
        Security::Tls => Some(tls(mail)?),
        Security::StartTls | Security::None => None,
    };
    let server = (mail.host.as_str(), mail.port);
    let connected = AsyncSmtpConnection::connect_tokio1(server, None, hello, wrapper, None).await;
    let mut connection = connected.map_err(|error| failed(mail, &error))?;
    if mail.security == Security::StartTls {
        if !connection.can_starttls() {
            connection.abort().await;
            return Err(TellError::Tls {
                place: mail.place(),
                reason: "it offers no STARTTLS".to_owned(),
            });
        }
        let upgraded = connection.starttls(tls(mail)?, hello).await;
        upgraded.map_err(|error| failed(mail, &error))?;
    }
    Ok(connection)
}

async fn login(mail: &Mail, connection: &mut AsyncSmtpConnection, user: &str) -> Result<()> {
    let place = mail.place();
    let known = [Mechanism::Plain, Mechanism::Login];
    if connection.server_info().get_auth_mechanism(&known).is_none() {
        connection.abort().await;
        return Err(TellError::NoLogin { place });
    }
    let credentials = Credentials::new(user.to_owned(), mail.password.reveal().to_owned());
    match connection.auth(&known, &credentials).await {
        Ok(_) => Ok(()),
        // RFC 4954, section 6: 454 is a failure of the moment, 5xx is a refusal.
        Err(error) => Err(match error.status().map(u16::from) {
            Some(code @ 500..) => TellError::Login { place, code },
            _ => failed(mail, &error),
        }),
    }
}

fn tls(mail: &Mail) -> Result<TlsParameters> {
    let mut builder = TlsParametersBuilder::new(mail.host.clone());
    if let Some(path) = &mail.authority {
        for certificate in http::authority(path)? {
            let certificate = Certificate::from_der(certificate.to_vec());
            builder = builder.add_root_certificate(certificate.map_err(|_| TellError::BadAuthority { path: path.clone() })?);
        }
    }
    builder.build().map_err(|error| TellError::Tls {
        place: mail.place(),
        reason: http::root(&error),
    })
}

fn failed(mail: &Mail, error: &Error) -> TellError {
    let place = mail.place();
    let reason = text::without(&http::root(error), &[mail.password.reveal().to_owned()]);
    match error.status() {
        Some(code) => TellError::MailRefused {
            place,
            code: code.into(),
            answer: reason,
        },
        None if http::is_tls(error) => TellError::Tls { place, reason },
        None => TellError::Unreachable { place, reason },
    }
}
