//! What the tray shows, computed from facts alone.

use backstay_api::types::{JobState, JobView, JobsReply};
use backstay_model::Verdict;
use chrono::{DateTime, Local, Utc};

use super::jobs::{Kind, job_kind, job_title, progress};
use crate::texts::Texts;

/// Sources named in the menu; the rest is counted.
const NAMED: usize = 4;
/// A pause beyond this many days is one until somebody resumes.
pub(super) const OPEN_END_DAYS: i64 = 365;

/// One source, as far as the tray cares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SourceFact {
    pub name: String,
    /// How its last backup ended.
    pub verdict: Option<Verdict>,
    /// What is missing from it.
    pub gaps: u64,
}

/// What the tray is computed from.
pub(super) struct Facts {
    /// The state directory could be opened.
    pub opened: bool,
    pub sources: Vec<SourceFact>,
    pub jobs: JobsReply,
    pub now: DateTime<Utc>,
}

/// The drawing. Trouble wins over running.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Light {
    Ok,
    Running,
    Warning,
    Failed,
}

/// What a menu entry does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Deed {
    /// Shows the window at a route.
    Go(String),
    /// Asks, then cancels the job.
    Cancel(String),
    BackUpAll,
    PauseHour,
    PauseTomorrow,
    PauseOpen,
    Resume,
    Open,
    Quit,
    /// Only says something.
    Nothing,
}

/// One entry of the menu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Entry {
    Item { text: String, deed: Deed, enabled: bool },
    Menu { text: String, items: Vec<(String, Deed)> },
    Line,
}

/// What the tray shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct View {
    pub light: Light,
    pub tooltip: String,
    pub entries: Vec<Entry>,
}

fn item(text: String, deed: Deed) -> Entry {
    let enabled = deed != Deed::Nothing;
    Entry::Item { text, deed, enabled }
}

impl View {
    pub(super) fn of(facts: &Facts, texts: &Texts) -> Self {
        let busy: Vec<&JobView> = facts.jobs.jobs.iter().filter(|job| job.state != JobState::Done).collect();
        let running: Vec<&JobView> = busy.iter().copied().filter(|job| job.state == JobState::Running).collect();
        let troubled = troubled(facts);
        let light = light(facts, &troubled, &running);
        let mut entries = needs(&troubled, texts);
        entries.extend(job_entries(&running, busy.len() - running.len(), texts));
        entries.extend(standing(facts, &busy, texts));
        Self {
            light,
            tooltip: tooltip(facts, &troubled, &running, light, texts),
            entries,
        }
    }
}

/// Sources that need the person, worst first.
fn troubled(facts: &Facts) -> Vec<&SourceFact> {
    let of = |verdict| facts.sources.iter().filter(move |source| source.verdict == Some(verdict));
    of(Verdict::Failed).chain(of(Verdict::Partial)).collect()
}

fn light(facts: &Facts, troubled: &[&SourceFact], running: &[&JobView]) -> Light {
    match troubled.first().and_then(|source| source.verdict) {
        _ if !facts.opened => Light::Failed,
        Some(Verdict::Failed) => Light::Failed,
        Some(_) => Light::Warning,
        None if running.is_empty() => Light::Ok,
        None => Light::Running,
    }
}

fn tooltip(facts: &Facts, troubled: &[&SourceFact], running: &[&JobView], light: Light, texts: &Texts) -> String {
    if !facts.opened {
        return texts.text("tooltip.closed", &[]);
    }
    match light {
        Light::Failed | Light::Warning => {
            let what = texts.count("needs", troubled.len() as u64, &[]);
            texts.text("tooltip.problem", &[("what", &what)])
        }
        Light::Running => {
            let what = running.first().map(|job| progress(job, texts)).unwrap_or_default();
            texts.text("tooltip.running", &[("what", &what)])
        }
        Light::Ok if facts.sources.is_empty() => texts.text("tooltip.empty", &[]),
        Light::Ok => texts.text("tooltip.ok", &[]),
    }
}

fn needs(troubled: &[&SourceFact], texts: &Texts) -> Vec<Entry> {
    if troubled.is_empty() {
        return Vec::new();
    }
    let mut entries = vec![item(texts.count("needs", troubled.len() as u64, &[]), Deed::Nothing)];
    for source in troubled.iter().take(NAMED) {
        let name = [("name", source.name.as_str())];
        let text = if source.verdict == Some(Verdict::Failed) {
            texts.text("source.failed", &name)
        } else {
            texts.count("source.partial", source.gaps.max(1), &name)
        };
        let route = format!("/sources/{}", encode(&source.name));
        entries.push(item(text, Deed::Go(route)));
    }
    let more = troubled.len().saturating_sub(NAMED) as u64;
    if more > 0 {
        entries.push(item(texts.count("source.more", more, &[]), Deed::Go("/".to_owned())));
    }
    entries.push(Entry::Line);
    entries
}

fn job_entries(running: &[&JobView], waiting: usize, texts: &Texts) -> Vec<Entry> {
    let mut entries = Vec::new();
    for job in running {
        entries.push(item(progress(job, texts), Deed::Nothing));
        if !job.cancelling {
            let what = job_title(job, texts);
            entries.push(item(
                texts.text("tray.cancel", &[("what", &what)]),
                Deed::Cancel(job.id.clone()),
            ));
        }
    }
    if waiting > 0 {
        entries.push(item(
            texts.count("job.waiting", waiting as u64, &[]),
            Deed::Go("/activity".to_owned()),
        ));
    }
    if !entries.is_empty() {
        entries.push(Entry::Line);
    }
    entries
}

/// The entries that are always there.
fn standing(facts: &Facts, busy: &[&JobView], texts: &Texts) -> Vec<Entry> {
    let all_queued = busy
        .iter()
        .any(|job| job_kind(job) == Kind::Backup && job.request.get("all").is_some_and(|all| all == true));
    let mut entries = vec![Entry::Item {
        text: texts.text("tray.backUpAll", &[]),
        deed: Deed::BackUpAll,
        // A second round behind the first would find nothing new.
        enabled: facts.opened && !facts.sources.is_empty() && !all_queued,
    }];
    match facts.jobs.paused_until.filter(|until| *until > facts.now) {
        Some(until) => {
            entries.push(item(paused(until, facts.now, texts), Deed::Nothing));
            entries.push(item(texts.text("tray.resume", &[]), Deed::Resume));
        }
        None if facts.opened => entries.push(Entry::Menu {
            text: texts.text("tray.pause", &[]),
            items: vec![
                (texts.text("tray.pause.hour", &[]), Deed::PauseHour),
                (texts.text("tray.pause.tomorrow", &[]), Deed::PauseTomorrow),
                (texts.text("tray.pause.open", &[]), Deed::PauseOpen),
            ],
        }),
        None => {}
    }
    entries.push(Entry::Line);
    entries.push(item(texts.text("tray.open", &[]), Deed::Open));
    entries.push(item(texts.text("tray.quit", &[]), Deed::Quit));
    entries
}

fn paused(until: DateTime<Utc>, now: DateTime<Utc>, texts: &Texts) -> String {
    if (until - now).num_days() >= OPEN_END_DAYS {
        return texts.text("tray.paused", &[]);
    }
    let time = until.with_timezone(&Local);
    let far = time.date_naive() != now.with_timezone(&Local).date_naive();
    let time = time.format(if far { "%d.%m. %H:%M" } else { "%H:%M" }).to_string();
    texts.text("tray.pausedUntil", &[("time", &time)])
}

/// A name as one part of a route.
fn encode(name: &str) -> String {
    name.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::texts;

    fn facts(sources: &[(&str, Option<Verdict>)], jobs: Vec<JobView>) -> Facts {
        let sources = sources.iter().map(|(name, verdict)| SourceFact {
            name: (*name).to_owned(),
            verdict: *verdict,
            gaps: 13 * u64::from(*verdict == Some(Verdict::Partial)),
        });
        Facts {
            opened: true,
            sources: sources.collect(),
            jobs: JobsReply {
                jobs,
                paused_until: None,
            },
            now: "2026-11-20T09:00:00Z".parse().unwrap(),
        }
    }

    fn job(state: &str, request: &serde_json::Value) -> JobView {
        serde_json::from_value(json!({
            "id": "1", "command": "backup", "request": request, "state": state, "queued": "2026-11-20T09:00:00Z",
            "cancelling": false, "gaps": [], "gapCount": 0,
            "progress": {"stage": "reading", "current": "", "items": 3, "itemsTotal": null, "bytes": 430, "bytesTotal": 1000},
            "secondsLeft": 95.0,
        }))
        .unwrap()
    }

    fn shown(facts: &Facts) -> (Light, Vec<String>) {
        let view = View::of(facts, texts::of("en"));
        let lines = view.entries.iter().map(|entry| match entry {
            Entry::Item { text, enabled, .. } => format!("{text}{}", if *enabled { "" } else { " -" }),
            Entry::Menu { text, items } => {
                let items: Vec<_> = items.iter().map(|(text, _)| text.as_str()).collect();
                format!("{text} [{}]", items.join(", "))
            }
            Entry::Line => "--".to_owned(),
        });
        (view.light, lines.collect())
    }

    const STANDING: [&str; 5] = [
        "Back up all now",
        "Pause for [1 hour, Until tomorrow, Until I resume]",
        "--",
        "Open Backstay",
        "Quit (backups stop)…",
    ];

    #[test]
    fn all_is_well() {
        let (light, lines) = shown(&facts(&[("Notes", Some(Verdict::Complete)), ("New", None)], vec![]));
        assert_eq!(light, Light::Ok);
        assert_eq!(lines, STANDING);
    }

    #[test]
    fn the_worst_wins_and_is_named_first() {
        let sources = [
            ("Good", Some(Verdict::Complete)),
            ("Wiki & Co", Some(Verdict::Partial)),
            ("Billing", Some(Verdict::Failed)),
        ];
        let facts = facts(&sources, vec![job("running", &json!({"sources": ["Good"]}))]);
        let (light, lines) = shown(&facts);
        assert_eq!(light, Light::Failed);
        let wanted = [
            "2 sources need you -",
            "Billing: failed…",
            "Wiki & Co: saved, with 13 gaps…",
            "--",
            "Backup of Good: 43 %, 2 min left -",
            "Cancel Backup of Good…",
            "--",
        ];
        assert_eq!(lines[..7], wanted);
        assert_eq!(lines[7..], STANDING);
        let view = View::of(&facts, texts::of("en"));
        let wiki = view.entries.iter().find_map(|entry| match entry {
            Entry::Item { text, deed, .. } if text.starts_with("Wiki") => Some(deed.clone()),
            _ => None,
        });
        assert_eq!(wiki, Some(Deed::Go("/sources/Wiki%20%26%20Co".to_owned())));
        assert_eq!(view.tooltip, "Backstay: 2 sources need you");
    }

    #[test]
    fn running_shows_only_when_nothing_is_wrong() {
        let running = vec![job("running", &json!({"all": true}))];
        let (light, lines) = shown(&facts(&[("Notes", Some(Verdict::Complete))], running.clone()));
        assert_eq!(light, Light::Running);
        assert!(lines.contains(&"Back up all now -".to_owned()), "{lines:?}");
        let (light, _) = shown(&facts(&[("Notes", Some(Verdict::Partial))], running));
        assert_eq!(light, Light::Warning);
    }

    #[test]
    fn many_troubles_are_counted() {
        let names: Vec<String> = (0..9).map(|n| format!("S{n}")).collect();
        let sources: Vec<_> = names.iter().map(|name| (name.as_str(), Some(Verdict::Failed))).collect();
        let (_, lines) = shown(&facts(&sources, vec![]));
        assert_eq!(
            lines[..6],
            [
                "9 sources need you -",
                "S0: failed…",
                "S1: failed…",
                "S2: failed…",
                "S3: failed…",
                "5 more…"
            ]
        );
    }

    #[test]
    fn a_pause_says_until_when() {
        let mut facts = facts(&[("Notes", None)], vec![job("waiting", &json!({"sources": ["Notes"]}))]);
        facts.jobs.paused_until = Some(facts.now + chrono::Duration::minutes(30));
        let (light, lines) = shown(&facts);
        assert_eq!(light, Light::Ok);
        assert_eq!(lines[0], "One job waits");
        assert!(lines[3].starts_with("Paused until "), "{lines:?}");
        assert_eq!(lines[4], "Resume");
        facts.jobs.paused_until = Some(facts.now + chrono::Duration::days(3650));
        assert_eq!(shown(&facts).1[3], "Paused -");
        facts.jobs.paused_until = Some(facts.now - chrono::Duration::minutes(1));
        assert!(
            shown(&facts).1.contains(&STANDING[1].to_owned()),
            "a pause that is over is none"
        );
    }

    #[test]
    fn a_state_that_cannot_be_opened_is_a_failure() {
        let mut facts = facts(&[], vec![]);
        facts.opened = false;
        let (light, lines) = shown(&facts);
        assert_eq!(light, Light::Failed);
        assert_eq!(lines, ["Back up all now -", "--", "Open Backstay", "Quit (backups stop)…"]);
    }
}
