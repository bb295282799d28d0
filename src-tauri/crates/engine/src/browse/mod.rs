//! Looking into states as a window does: tables of a million records, folders, previews, search over all that was saved.

mod content;
mod error;
mod fold;
mod folder;
mod listing;
mod order;
mod preview;
mod query;
mod row;
mod save;
mod search;
mod select;
mod sheaf;
mod sort;
mod store;

pub use content::{Content, read_error};
pub use error::BrowseError;
pub use fold::{Needle, fold};
pub use folder::{file_name, folder};
pub use listing::{About, Listing, ListingInput, Shape, VERSION};
pub use preview::{IMAGE_MAX, Preview, Shown, TEXT_MAX, preview};
pub use query::{Filter, Query, Sort, Test};
pub use row::Row;
pub(crate) use row::{fields_of, title_of};
pub use save::save;
pub use search::{Ask, Found, Hit, Points, search_source};
pub(crate) use sort::Sorter;
pub use store::Store;
