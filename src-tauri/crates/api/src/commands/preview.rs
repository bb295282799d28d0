//! Files of a snapshot to look at, and to keep.

use std::path::Path;

use backstay_engine::browse::{self, Shown};
use backstay_model::ErrorKind;

use super::Command;
use crate::{
    ApiError, App, Context, Result,
    desk::cache::with_view,
    types::{PreviewKind, PreviewReply, PreviewRequest, SaveReply, SaveRequest},
};

/// Shows the beginning of a file.
pub struct Preview;
/// Saves a file.
pub struct Save;

impl Command for Preview {
    const NAME: &'static str = "file.preview";
    type Request = PreviewRequest;
    type Reply = PreviewReply;
    fn run(app: &App, context: &Context<'_>, request: PreviewRequest) -> Result<PreviewReply> {
        let (preview, size) = with_view(app, context, &request.at, |view| {
            let content = view.content(&request.path)?;
            let size = content.size;
            Ok((browse::preview(content, &request.path)?, size))
        })?;
        let mut reply = PreviewReply {
            kind: PreviewKind::Binary,
            media_type: preview.media_type,
            size,
            text: None,
            base64: None,
            truncated: false,
        };
        match preview.shown {
            Shown::Text(text, truncated) => {
                reply.kind = PreviewKind::Text;
                reply.text = Some(text);
                reply.truncated = truncated;
            }
            Shown::Image(base64) => {
                reply.kind = PreviewKind::Image;
                reply.base64 = Some(base64);
            }
            Shown::Binary => {}
        }
        Ok(reply)
    }
}

impl Command for Save {
    const NAME: &'static str = "file.save";
    type Request = SaveRequest;
    type Reply = SaveReply;
    fn run(app: &App, context: &Context<'_>, request: SaveRequest) -> Result<SaveReply> {
        let to = Path::new(&request.to);
        if to.file_name().is_none() {
            return Err(ApiError::new(
                ErrorKind::Usage,
                format!("{:?} names no file to save to", request.to),
            ));
        }
        let bytes = with_view(app, context, &request.at, |view| {
            let content = view.content(&request.path)?;
            Ok(browse::save(content, &request.path, to, request.overwrite, context.cancel)?)
        })?;
        Ok(SaveReply { path: request.to, bytes })
    }
}
