//! The units for systemd.
//!
//! Their hardening leaves out what would change the outcome of a backup: nothing hides or protects a person's files, and
//! `NoNewPrivileges=` with all the options that imply it is left out where a hook may need `sudo` or another such program.

use std::path::PathBuf;

use super::{Init, ServiceError, UnitFile, Wanted, check, stamp};

pub(super) const AGENT: &str = "backstay-agent.service";
pub(super) const WATCH: &str = "backstay-watch.service";
pub(super) const TIMER: &str = "backstay-watch.timer";
pub(super) const NAMES: &[&str] = &[AGENT, WATCH, TIMER];

/// What both services have: little of a busy computer's processor and disk, as nobody waits for them.
const MANNERS: &str = "Nice=10\nIOSchedulingClass=best-effort\nIOSchedulingPriority=7\n";

pub(super) fn files(init: Init, wanted: &Wanted) -> Result<Vec<UnitFile>, ServiceError> {
    Ok(vec![
        unit(init, AGENT, "It runs plans by their schedules.", &agent(init, wanted)?),
        unit(init, WATCH, "It tells when the agent no longer works.", &watch(init, wanted)?),
        unit(init, TIMER, "It starts backstay-watch.service.", &timer(wanted)),
    ])
}

fn unit(init: Init, name: &str, purpose: &str, body: &str) -> UnitFile {
    let user = if init == Init::SystemdUser { "--user " } else { "" };
    let head = format!(
        "# Written by `backstay agent install`. {purpose}\n\
         # For settings of your own: systemctl {user}edit {name}. A file that was edited is left alone.\n"
    );
    UnitFile {
        path: PathBuf::from(name),
        content: stamp::stamped(&head, ("# ", ""), body),
        mode: 0o644,
    }
}

fn agent(init: Init, wanted: &Wanted) -> Result<String, ServiceError> {
    let home = quoted(check::text(&wanted.home)?);
    let (after, target, hardening) = match init {
        Init::SystemdSystem => (
            format!("Wants=network-online.target\nAfter=network-online.target\nRequiresMountsFor={home}\n"),
            "multi-user.target",
            system_hardening(wanted),
        ),
        _ => (String::new(), "default.target", ""),
    };
    let start = start(init, wanted, "run")?;
    // Exit status 2 is a wrong command line, which does not get better by itself. A stop reaches the agent alone, which ends its
    // hooks in order.
    Ok(format!(
        "\
[Unit]
Description=Backstay agent
{after}StartLimitIntervalSec=0

[Service]
Type=notify
NotifyAccess=main
{start}Restart=on-failure
RestartSec=30
RestartPreventExitStatus=2
TimeoutStartSec=120
TimeoutStopSec=90
KillMode=mixed
WatchdogSec=600
{MANNERS}{hardening}
[Install]
WantedBy={target}
"
    ))
}

fn watch(init: Init, wanted: &Wanted) -> Result<String, ServiceError> {
    let hardening = if init == Init::SystemdSystem {
        system_hardening(wanted)
    } else {
        ""
    };
    let start = start(init, wanted, "look")?;
    Ok(format!(
        "\
[Unit]
Description=Backstay looks whether its agent works

[Service]
Type=oneshot
{start}TimeoutStartSec=300
{MANNERS}{hardening}"
    ))
}

fn timer(wanted: &Wanted) -> String {
    let minutes = wanted.watch_every_minutes;
    // At most a tenth of the interval, so that looks stay apart.
    let spread = (minutes * 6).min(300);
    let when = calendar(minutes).map_or_else(
        || format!("OnActiveSec={minutes}min\nOnUnitActiveSec={minutes}min\n"),
        |calendar| format!("OnCalendar={calendar}\nPersistent=true\n"),
    );
    format!(
        "\
[Unit]
Description=Backstay looks whether its agent works

[Timer]
{when}RandomizedDelaySec={spread}
AccuracySec=1min

[Install]
WantedBy=timers.target
"
    )
}

/// The interval as times of the day, which alone make up for looks missed while the computer was off.
fn calendar(minutes: u32) -> Option<String> {
    match minutes {
        60 => Some("hourly".to_owned()),
        1440 => Some("daily".to_owned()),
        1..60 if 60 % minutes == 0 => Some(format!("*-*-* *:00/{minutes}:00")),
        _ if minutes.is_multiple_of(60) && 1440 % minutes == 0 => Some(format!("*-*-* 00/{}:00:00", minutes / 60)),
        _ => None,
    }
}

/// Nothing below `/usr` and `/boot` is a backup's to write. The others imply `NoNewPrivileges=` for everybody but root.
fn system_hardening(wanted: &Wanted) -> &'static str {
    if wanted.user.as_deref().is_none_or(|user| user == "root") {
        "ProtectSystem=yes\nProtectKernelModules=yes\nProtectKernelTunables=yes\nLockPersonality=yes\nRestrictRealtime=yes\n"
    } else {
        "ProtectSystem=yes\n"
    }
}

fn start(init: Init, wanted: &Wanted, action: &str) -> Result<String, ServiceError> {
    let program = check::text(&wanted.program)?;
    if program.contains(['"', '\'', '\\']) {
        return Err(ServiceError::UnsafeProgram {
            path: wanted.program.clone(),
        });
    }
    // The colon: no variables are expanded, so that a dollar in a path is a dollar.
    let mut lines = format!(
        "ExecStart=:{} --home {} agent {action}\n",
        quoted(program),
        quoted(check::text(&wanted.home)?)
    );
    for (name, value) in &wanted.environment {
        lines.push_str(&format!("Environment={}\n", quoted(&format!("{name}={value}"))));
    }
    // A person's manager runs everything as that person.
    if let Some(user) = wanted.user.as_ref().filter(|_| init == Init::SystemdSystem) {
        lines.push_str(&format!("User={}\n", user.replace('%', "%%")));
    }
    Ok(lines)
}

/// systemd.syntax(7), "Quoting", and systemd.unit(5), "Specifiers".
fn quoted(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('"', "\\\"").replace('%', "%%");
    format!("\"{escaped}\"")
}
