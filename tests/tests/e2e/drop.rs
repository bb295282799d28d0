//! Files dropped on the window.

use crate::bench::{Desk, drag_onto};

fn opened(place: &str) -> bool {
    (place.starts_with("/open") || place.starts_with("/bundle")) && place.contains("dropped.db")
}

#[test]
fn a_file_dragged_from_a_file_manager_is_opened() {
    let desk = Desk::new();
    let window = desk.window(&[]);
    let file = desk.file("home/dropped.db", b"SQLite format 3\0 but not really");
    drag_onto(&desk, &[&file], (700, 450));
    window.wait_until("the page goes where files are opened", |window| opened(&window.place()));
}
