//! The arguments of a start, also of a second one that hands them over to the running app.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

use tauri::Url;

/// What a start asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Launch {
    /// Files and folders to open, absolute.
    pub paths: Vec<PathBuf>,
    /// Without a window.
    pub hidden: bool,
}

/// What the arguments mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// Start the app, or bring the running one to the front.
    Start(Launch),
    /// `--help`
    Help,
    /// `--version`
    Version,
    /// An option there is not.
    Unknown(String),
}

/// Reads arguments without the program's name. Relative paths begin `here`.
pub fn read(args: impl IntoIterator<Item = OsString>, here: &Path) -> Wish {
    let mut launch = Launch::default();
    let mut only_paths = false;
    for arg in args {
        let text = arg.to_string_lossy().into_owned();
        match text.as_str() {
            _ if only_paths || !text.starts_with('-') || text == "-" => launch.paths.push(path(&arg, here)),
            "--" => only_paths = true,
            "--hidden" => launch.hidden = true,
            "-h" | "--help" => return Wish::Help,
            "-V" | "--version" => return Wish::Version,
            _ => return Wish::Unknown(text),
        }
    }
    Wish::Start(launch)
}

/// An argument as a path: some desktops give URLs.
fn path(arg: &OsString, here: &Path) -> PathBuf {
    let url = arg.to_str().filter(|text| text.starts_with("file://"));
    let from_url = url.and_then(|text| Url::parse(text).ok()?.to_file_path().ok());
    from_url.unwrap_or_else(|| here.join(arg))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_all(args: &[&str]) -> Wish {
        read(args.iter().map(OsString::from), Path::new("/here"))
    }

    #[test]
    fn paths_are_made_absolute_and_urls_decoded() {
        let wish = read_all(&["a b.zip", "/tmp/x.db", "file:///tmp/a%20b.zip", "--", "--hidden"]);
        let paths = ["/here/a b.zip", "/tmp/x.db", "/tmp/a b.zip", "/here/--hidden"].map(PathBuf::from);
        assert_eq!(
            wish,
            Wish::Start(Launch {
                paths: paths.to_vec(),
                hidden: false
            })
        );
    }

    #[test]
    fn options() {
        let hidden = Launch {
            hidden: true,
            ..Launch::default()
        };
        assert_eq!(read_all(&["--hidden"]), Wish::Start(hidden));
        assert_eq!(read_all(&["-V"]), Wish::Version);
        assert_eq!(read_all(&["--help", "x"]), Wish::Help);
        assert_eq!(read_all(&["--hiden"]), Wish::Unknown("--hiden".to_owned()));
    }
}
