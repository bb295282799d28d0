//! The property lists for launchd of macOS (launchd.plist(5)).

use std::path::PathBuf;

use quick_xml::escape::escape;

use super::{ServiceError, UnitFile, Wanted, check, stamp};

pub(super) const AGENT: &str = "app.backstay.agent";
pub(super) const WATCH: &str = "app.backstay.watch";
pub(super) const LABELS: &[&str] = &[AGENT, WATCH];

const HEAD: &str = "\
<?xml version=\"1.0\" encoding=\"UTF-8\"?>
<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">
<!-- Written by `backstay agent install`. A file that was edited is left alone. -->
";

/// Restarted when it fails, half a minute later; not when it was told to end.
const AGENT_KEYS: &str = "\
\t<key>RunAtLoad</key>
\t<true/>
\t<key>KeepAlive</key>
\t<dict>
\t\t<key>SuccessfulExit</key>
\t\t<false/>
\t</dict>
\t<key>ThrottleInterval</key>
\t<integer>30</integer>
\t<key>ExitTimeOut</key>
\t<integer>90</integer>
";

pub(super) fn files(wanted: &Wanted) -> Result<Vec<UnitFile>, ServiceError> {
    let interval = wanted.watch_every_minutes * 60;
    let watch_keys = format!("\t<key>StartInterval</key>\n\t<integer>{interval}</integer>\n");
    Ok(vec![
        list(AGENT, "run", AGENT_KEYS, wanted)?,
        list(WATCH, "look", &watch_keys, wanted)?,
    ])
}

/// The name of the file of a label.
pub(super) fn file(label: &str) -> PathBuf {
    PathBuf::from(format!("{label}.plist"))
}

fn list(label: &str, action: &str, keys: &str, wanted: &Wanted) -> Result<UnitFile, ServiceError> {
    let mut body = format!("<plist version=\"1.0\">\n<dict>\n\t<key>Label</key>\n\t<string>{label}</string>\n");
    body.push_str("\t<key>ProgramArguments</key>\n\t<array>\n");
    let program = check::text(&wanted.program)?;
    let home = check::text(&wanted.home)?;
    for argument in [program, "--home", home, "agent", action] {
        body.push_str(&format!("\t\t<string>{}</string>\n", escape(argument)));
    }
    body.push_str("\t</array>\n");
    if !wanted.environment.is_empty() {
        body.push_str("\t<key>EnvironmentVariables</key>\n\t<dict>\n");
        for (name, value) in &wanted.environment {
            body.push_str(&format!("\t\t<key>{name}</key>\n\t\t<string>{}</string>\n", escape(value)));
        }
        body.push_str("\t</dict>\n");
    }
    body.push_str(keys);
    body.push_str("\t<key>ProcessType</key>\n\t<string>Background</string>\n");
    body.push_str("\t<key>LowPriorityIO</key>\n\t<true/>\n");
    body.push_str("\t<key>Nice</key>\n\t<integer>10</integer>\n</dict>\n</plist>\n");
    Ok(UnitFile {
        path: file(label),
        content: stamp::stamped(HEAD, ("<!-- ", " -->"), &body),
        mode: 0o644,
    })
}
