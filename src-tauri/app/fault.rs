//! Faults of Backstay itself (panics): written to a file with what is needed to mend them, and told to the person.

use std::{
    backtrace::Backtrace,
    cell::Cell,
    fs::OpenOptions,
    io::Write,
    panic::{self, PanicHookInfo},
    path::{Path, PathBuf},
    sync::OnceLock,
};

thread_local! {
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

static FILE: OnceLock<PathBuf> = OnceLock::new();

/// A file that grows beyond this is begun anew (bytes).
const LIMIT: u64 = 1 << 20;

/// From now on faults are written to `faults.log` in the state directory, besides standard error.
pub(crate) fn report_to(home: &Path) {
    if FILE.set(home.join("faults.log")).is_err() {
        return;
    }
    let before = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        if !QUIET.get() {
            before(info);
            write(info);
        }
    }));
}

/// Does something whose panic is an expected answer, and no fault.
pub(crate) fn quietly<T>(work: impl FnOnce() -> T) -> T {
    QUIET.set(true);
    let done = work();
    QUIET.set(false);
    done
}

fn write(info: &PanicHookInfo<'_>) {
    let Some(path) = FILE.get() else { return };
    let small = path.metadata().is_ok_and(|file| file.len() < LIMIT);
    let mut options = OpenOptions::new();
    options.create(true).write(true).append(small).truncate(!small);
    // A fault that cannot be written down was still printed.
    if let Ok(mut file) = options.open(path) {
        let thread = std::thread::current();
        let name = thread.name().unwrap_or("?");
        let version = env!("CARGO_PKG_VERSION");
        let _ = writeln!(
            file,
            "backstay-desktop {version}, thread {name}: {info}\n{}",
            Backtrace::force_capture()
        );
    }
}

/// Tells the person that the program ended, from outside the event loop.
pub(crate) fn tell() {
    let file = FILE.get().map(|path| path.display().to_string()).unwrap_or_default();
    let texts = crate::texts::of("");
    crate::notify::show(&texts.text("fault.title", &[]), &texts.text("fault.body", &[("file", &file)]));
}
