//! `/_session`, and the token endpoint of the Cloudant profile.

use hyper::Method;
use hyper::header::SET_COOKIE;

use super::reply::{Outcome, json, set};
use super::request::{Query, Request, User};
use crate::error::ApiError;
use crate::json;
use crate::json::Members;
use crate::server::Server;

/// `/_session`.
pub(crate) async fn session(server: &Server, mut request: Request) -> Outcome {
    match request.method {
        Method::GET => show(server, &request),
        Method::POST => login(server, &mut request).await,
        Method::DELETE => {
            let mut answer = json(200, "{\"ok\":true}".to_owned());
            set(&mut answer, SET_COOKIE, "AuthSession=; Version=1; Path=/; HttpOnly");
            Ok(answer)
        }
        _ => Err(ApiError::method("GET,HEAD,POST,DELETE")),
    }
}

fn names(user: &User) -> String {
    let name = user.name.as_deref().map_or_else(|| "null".to_owned(), json::string);
    let roles: Vec<String> = user.roles.iter().map(|role| json::string(role)).collect();
    format!("\"name\":{name},\"roles\":[{}]", roles.join(","))
}

fn show(server: &Server, request: &Request) -> Outcome {
    let mut handlers = vec!["\"cookie\"", "\"default\""];
    if server.config.proxy_secret.is_some() {
        handlers.push("\"proxy\"");
    }
    if server.config.jwt_secret.is_some() {
        handlers.push("\"jwt\"");
    }
    let by = match request.user.handler {
        Some(handler) => format!(",\"authenticated\":\"{handler}\""),
        None => String::new(),
    };
    Ok(json(
        200,
        format!(
            "{{\"ok\":true,\"userCtx\":{{{}}},\"info\":{{\"authentication_handlers\":[{}]{by}}}}}",
            names(&request.user),
            handlers.join(",")
        ),
    ))
}

async fn login(server: &Server, request: &mut Request) -> Outcome {
    let kind = request.header("content-type").unwrap_or_default().to_owned();
    let text = request.text().await?;
    let (name, password) = if kind.starts_with("application/json") {
        let members = Members::parse(text.as_str())?;
        let name: Option<String> = members.read("name").or_else(|| members.read("username"));
        (name, members.read("password"))
    } else if kind.starts_with("application/x-www-form-urlencoded") {
        let form = Query::parse(text.as_str());
        let of = |name: &str| form.get(name).map(str::to_owned);
        (of("name").or_else(|| of("username")), of("password"))
    } else {
        (None, None)
    };
    let name = name.ok_or_else(|| ApiError::bad_request("request body must contain a username"))?;
    let password: String = password.ok_or_else(|| ApiError::bad_request("request body must contain a password"))?;
    let Some(roles) = server.login(&name, &password) else {
        return Err(ApiError::unauthorized("Name or password is incorrect."));
    };
    let cookie = server.sessions.cookie(&server.config, &name);
    let user = User {
        name: Some(name),
        roles,
        handler: None,
    };
    let mut answer = json(200, format!("{{\"ok\":true,{}}}", names(&user)));
    set(&mut answer, SET_COOKIE, &cookie);
    Ok(answer)
}

/// `/identity/token`: an API key becomes a Bearer token.
pub(crate) async fn iam_token(server: &Server, mut request: Request) -> Outcome {
    if request.method != Method::POST {
        return Err(ApiError::method("POST"));
    }
    let text = request.text().await?;
    let form = Query::parse(text.as_str());
    let refused = |code: &str, message: &str| {
        let text = format!("{{\"errorCode\":\"{code}\",\"errorMessage\":\"{message}\"}}");
        Ok(json(400, text))
    };
    if form.get("grant_type") != Some("urn:ibm:params:oauth:grant-type:apikey") {
        return refused("BXNIM0113E", "Property missing or invalid: grant_type");
    }
    let key = form.get("apikey").unwrap_or_default();
    if !server.config.api_keys.iter().any(|known| known == key) {
        return refused("BXNIM0415E", "Provided API key could not be found.");
    }
    let life = server.config.iam_token;
    let token = server.sessions.new_token(life);
    let expires = life.as_secs();
    let at = chrono::Utc::now().timestamp().saturating_add_unsigned(expires);
    Ok(json(
        200,
        format!(
            "{{\"access_token\":\"{token}\",\"refresh_token\":\"not_supported\",\"token_type\":\"Bearer\",\
             \"expires_in\":{expires},\"expiration\":{at},\"scope\":\"ibm openid\"}}"
        ),
    ))
}
