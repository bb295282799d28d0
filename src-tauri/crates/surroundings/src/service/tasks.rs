//! The tasks for the Task Scheduler of Windows (the schema of the Task Scheduler protocol, MS-TSCH, section 2.5).

use std::path::PathBuf;

use quick_xml::escape::escape;

use super::{ServiceError, UnitFile, Wanted, check, stamp};

/// Name of the file, and of the task in the scheduler's library.
pub(super) const AGENT: (&str, &str) = ("backstay-agent.xml", "\\Backstay\\Agent");
pub(super) const WATCH: (&str, &str) = ("backstay-watch.xml", "\\Backstay\\Watch");
pub(super) const NAMES: &[(&str, &str)] = &[AGENT, WATCH];

/// `schtasks` reads nothing but UTF-16 with a byte order mark reliably; see [`encoded`].
const HEAD: &str = "\
<?xml version=\"1.0\" encoding=\"UTF-16\"?>
<!-- Written by `backstay agent install`. A file that was edited is left alone. -->
";

pub(super) fn files(wanted: &Wanted) -> Result<Vec<UnitFile>, ServiceError> {
    let Some(user) = &wanted.user else {
        return Err(ServiceError::UserMissing);
    };
    if let Some((name, _)) = wanted.environment.first() {
        return Err(ServiceError::NoEnvironment { name: name.clone() });
    }
    let user = escape(user.as_str());
    let at_logon =
        format!("    <LogonTrigger>\n      <Enabled>true</Enabled>\n      <UserId>{user}</UserId>\n    </LogonTrigger>\n");
    // A day long past: the repetition alone decides, and does not end.
    let minutes = wanted.watch_every_minutes;
    let repeating = format!(
        "    <TimeTrigger>\n      <Repetition>\n        <Interval>PT{minutes}M</Interval>\n      </Repetition>\n      \
         <StartBoundary>2024-01-01T00:00:00</StartBoundary>\n      <Enabled>true</Enabled>\n    </TimeTrigger>\n"
    );
    let again = "    <RestartOnFailure>\n      <Interval>PT1M</Interval>\n      <Count>255</Count>\n    </RestartOnFailure>\n";
    Ok(vec![
        task(AGENT.0, "run", &user, &at_logon, ("PT0S", again), wanted)?,
        task(WATCH.0, "look", &user, &repeating, ("PT5M", ""), wanted)?,
    ])
}

fn task(
    name: &str,
    action: &str,
    user: &str,
    trigger: &str,
    (limit, again): (&str, &str),
    wanted: &Wanted,
) -> Result<UnitFile, ServiceError> {
    let program = unexpanded(check::text(&wanted.program)?)?;
    let arguments = format!("--home {} agent {action}", quoted(unexpanded(check::text(&wanted.home)?)?));
    let body = format!(
        "\
<Task version=\"1.2\" xmlns=\"http://schemas.microsoft.com/windows/2004/02/mit/task\">
  <Triggers>
{trigger}  </Triggers>
  <Principals>
    <Principal id=\"Author\">
      <UserId>{user}</UserId>
      <LogonType>InteractiveToken</LogonType>
      <RunLevel>LeastPrivilege</RunLevel>
    </Principal>
  </Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <StartWhenAvailable>true</StartWhenAvailable>
    <ExecutionTimeLimit>{limit}</ExecutionTimeLimit>
    <Priority>7</Priority>
{again}  </Settings>
  <Actions Context=\"Author\">
    <Exec>
      <Command>{}</Command>
      <Arguments>{}</Arguments>
    </Exec>
  </Actions>
</Task>
",
        escape(program),
        escape(arguments.as_str())
    );
    Ok(UnitFile {
        path: PathBuf::from(name),
        content: stamp::stamped(HEAD, ("<!-- ", " -->"), &body),
        mode: 0o644,
    })
}

/// The bytes `schtasks` reads.
pub(super) fn encoded(text: &str) -> Vec<u8> {
    let marked = std::iter::once(0xfeff).chain(text.encode_utf16());
    marked.flat_map(u16::to_le_bytes).collect()
}

/// The text of bytes, when they are what `encoded` makes.
pub(super) fn decoded(bytes: &[u8]) -> Option<String> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let units: Vec<u16> = pairs.iter().copied().map(u16::from_le_bytes).collect();
    let (mark, text) = units.split_first()?;
    if *mark != 0xfeff || !rest.is_empty() {
        return None;
    }
    String::from_utf16(text).ok()
}

/// The scheduler expands `%NAME%` and `$(Arg0)` and offers no way to write them otherwise.
fn unexpanded(text: &str) -> Result<&str, ServiceError> {
    if text.matches('%').count() > 1 || text.contains("$(") {
        return Err(ServiceError::WouldBeExpanded { text: text.to_owned() });
    }
    Ok(text)
}

/// One argument, as programs for Windows take their command line apart: backslashes count only before a quotation mark.
fn quoted(argument: &str) -> String {
    let mut quoted = String::from("\"");
    let mut backslashes = 0;
    for character in argument.chars() {
        match character {
            '\\' => backslashes += 1,
            '"' => {
                quoted.push_str(&"\\".repeat(backslashes + 1));
                backslashes = 0;
            }
            _ => backslashes = 0,
        }
        quoted.push(character);
    }
    quoted.push_str(&"\\".repeat(backslashes));
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::{decoded, encoded, quoted};

    #[test]
    fn quotes_as_programs_unquote() {
        assert_eq!(quoted(r"C:\a b\c"), r#""C:\a b\c""#);
        assert_eq!(quoted(r"C:\"), r#""C:\\""#);
        assert_eq!(quoted(r#"a\"b"#), r#""a\\\"b""#);
    }

    #[test]
    fn reads_back_what_it_stores() {
        let text = "Zoë 🦀";
        assert_eq!(decoded(&encoded(text)).as_deref(), Some(text));
        assert_eq!(decoded(text.as_bytes()), None);
        assert_eq!(decoded(&[]), None);
    }
}
