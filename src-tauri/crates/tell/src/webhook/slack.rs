//! The form of Slack's incoming webhooks. Of it, only what Mattermost and Discord understand as well is used: `text` and one
//! attachment. Blocks would be nicer on Slack and invisible elsewhere.

use serde::Serialize;

use crate::{
    Message,
    facts::{Weight, facts},
    text,
};

/// Letters of the first line; longer ones are cut by some clients.
const LONGEST_TITLE: usize = 300;
/// Letters of the text; Slack folds or cuts what is longer.
const LONGEST_TEXT: usize = 2900;

/// The body of a call (Slack: "Legacy: secondary message attachments").
#[derive(Serialize)]
pub(super) struct Form {
    text: String,
    attachments: [Attachment; 1],
}

#[derive(Serialize)]
struct Attachment {
    /// What clients without attachments show.
    fallback: String,
    /// The bar on the left, as `#rrggbb`: Discord knows no words for colours.
    color: &'static str,
    text: String,
    fields: Vec<Field>,
    footer: String,
    /// Seconds since 1970.
    ts: i64,
}

#[derive(Serialize)]
struct Field {
    title: &'static str,
    value: String,
    /// Whether two of them fit into a line.
    short: bool,
}

pub(super) fn form(message: &Message) -> Form {
    let title = text::line(&message.title, LONGEST_TITLE);
    let body = text::clipped(&message.body, LONGEST_TEXT);
    Form {
        text: plain(&format!("[{}] {title}", message.event.words())),
        attachments: [Attachment {
            fallback: plain(&text::line(&message.body, LONGEST_TITLE)),
            color: match message.event.weight() {
                Weight::Bad => "#c62828",
                Weight::Doubtful => "#ef8f00",
                Weight::Good => "#2e7d32",
                Weight::Plain => "#607d8b",
            },
            text: plain(&body),
            fields: facts(message).into_iter().map(field).collect(),
            footer: "Backstay".to_owned(),
            ts: message.time.timestamp(),
        }],
    }
}

fn field((title, value): (&'static str, String)) -> Field {
    Field {
        title,
        short: value.chars().count() < 40,
        value: plain(&text::line(&value, LONGEST_TITLE)),
    }
}

/// Text without a meaning for the receiver: `&`, `<` and `>` are written as Slack asks for, and nobody's name makes a whole
/// channel ring.
fn plain(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    ["channel", "here", "everyone", "all"].iter().fold(text, |text, name| {
        text.replace(&format!("@{name}"), &format!("@\u{200b}{name}"))
    })
}
