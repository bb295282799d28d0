//! Drags files onto a window with a mouse, the way a file manager does it (XDND).

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::Stdio,
    thread,
    time::Duration,
};

use super::{
    Desk,
    programs::{Guarded, python},
};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/e2e/bench/drag.py");

/// Drags files from a window in the left upper corner to a point of the screen and lets go there.
pub fn drag_onto(desk: &Desk, files: &[&Path], (x, y): (i32, i32)) {
    let mut command = desk.command(python());
    command.arg(SCRIPT).args(files);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(desk.log("drag"));
    let mut source = command.spawn().unwrap();
    let out = source.stdout.take().unwrap();
    let source = Guarded(source);
    let mut line = String::new();
    BufReader::new(out).read_line(&mut line).unwrap();
    assert_eq!(line.trim(), "ready", "no window to drag from:\n{}", desk.read_log("drag"));
    let id = desk.xdotool(&["search", "--onlyvisible", "--name", "^Files to drag$"]);
    let window = id
        .lines()
        .next()
        .expect("the window to drag from is not on the screen")
        .to_owned();
    desk.xdotool(&["windowraise", &window]);
    desk.xdotool(&["mousemove", "--window", &window, "40", "40"]);
    desk.xdotool(&["mousedown", "1"]);
    // The toolkit takes it for a drag only after a way, and asks the window below at every step.
    for step in 1..=20 {
        let point = (60 + (x - 60) * step / 20, 60 + (y - 60) * step / 20);
        desk.xdotool(&["mousemove", &point.0.to_string(), &point.1.to_string()]);
        thread::sleep(Duration::from_millis(25));
    }
    thread::sleep(Duration::from_millis(200));
    desk.xdotool(&["mouseup", "1"]);
    thread::sleep(Duration::from_millis(300));
    drop(source);
}
