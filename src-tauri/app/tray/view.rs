//! What the tray shows, computed from facts alone.

use backstay_api::types::{JobState, JobView, JobsReply};
use backstay_model::Verdict;
use chrono::{DateTime, Local, TimeDelta, Utc};

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
    /// Guards that hold it.
    pub held: u64,
    /// Its newest good backup is older than promised.
    pub overdue: bool,
    /// When that good backup was made.
    pub last_good: Option<DateTime<Utc>>,
    /// Its next backup by a plan.
    pub next: Option<DateTime<Utc>>,
}

/// A plan that waits for a better moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct WaitFact {
    pub plan: String,
    /// Why, as a code of the api.
    pub reason: String,
    /// A person has to say whether it may go on.
    pub ask: bool,
}

/// Why a source needs a person, the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Trouble {
    Guard,
    Failed,
    Overdue,
    Partial,
}

impl SourceFact {
    fn trouble(&self) -> Option<Trouble> {
        match self.verdict {
            _ if self.held > 0 => Some(Trouble::Guard),
            Some(Verdict::Failed) => Some(Trouble::Failed),
            _ if self.overdue => Some(Trouble::Overdue),
            Some(Verdict::Partial) => Some(Trouble::Partial),
            _ => None,
        }
    }
}

/// What the tray is computed from.
pub(super) struct Facts {
    /// The state directory could be opened.
    pub opened: bool,
    pub sources: Vec<SourceFact>,
    pub jobs: JobsReply,
    /// Every plan is held back until this time.
    pub plans_paused: Option<DateTime<Utc>>,
    pub waiting: Vec<WaitFact>,
    pub now: DateTime<Utc>,
}

/// The drawing. Trouble wins over running.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Light {
    Ok,
    Running,
    /// Gaps, or a guard that waits for an answer.
    Warning,
    /// A promise is broken.
    Overdue,
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
        let mut entries = needs(&troubled, facts.now, texts);
        entries.extend(job_entries(&running, busy.len() - running.len(), texts));
        entries.extend(standing(facts, &busy, texts));
        Self {
            light,
            tooltip: tooltip(facts, &troubled, &running, light, texts),
            entries,
        }
    }
}

/// Sources that need the person, worst first; those of one kind by name.
fn troubled(facts: &Facts) -> Vec<(Trouble, &SourceFact)> {
    let mut found: Vec<_> = facts
        .sources
        .iter()
        .filter_map(|source| Some((source.trouble()?, source)))
        .collect();
    found.sort_by_key(|(trouble, _)| *trouble);
    found
}

fn light(facts: &Facts, troubled: &[(Trouble, &SourceFact)], running: &[&JobView]) -> Light {
    match troubled.first() {
        _ if !facts.opened => Light::Failed,
        Some((Trouble::Failed, _)) => Light::Failed,
        Some((Trouble::Overdue, _)) => Light::Overdue,
        Some((Trouble::Guard | Trouble::Partial, _)) => Light::Warning,
        None if running.is_empty() => Light::Ok,
        None => Light::Running,
    }
}

fn tooltip(facts: &Facts, troubled: &[(Trouble, &SourceFact)], running: &[&JobView], light: Light, texts: &Texts) -> String {
    if !facts.opened {
        return texts.text("tooltip.closed", &[]);
    }
    match light {
        Light::Failed | Light::Overdue | Light::Warning => {
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

fn needs(troubled: &[(Trouble, &SourceFact)], now: DateTime<Utc>, texts: &Texts) -> Vec<Entry> {
    if troubled.is_empty() {
        return Vec::new();
    }
    let mut entries = vec![item(texts.count("needs", troubled.len() as u64, &[]), Deed::Nothing)];
    for (trouble, source) in troubled.iter().take(NAMED) {
        let route = format!("/sources/{}", encode(&source.name));
        entries.push(item(need(*trouble, source, now, texts), Deed::Go(route)));
    }
    let more = troubled.len().saturating_sub(NAMED) as u64;
    if more > 0 {
        entries.push(item(texts.count("source.more", more, &[]), Deed::Go("/".to_owned())));
    }
    entries.push(Entry::Line);
    entries
}

/// Why a source needs the person, in a line.
fn need(trouble: Trouble, source: &SourceFact, now: DateTime<Utc>, texts: &Texts) -> String {
    let name = ("name", source.name.as_str());
    match (trouble, source.last_good) {
        (Trouble::Guard, _) => texts.text("source.guard", &[name]),
        (Trouble::Failed, _) => texts.text("source.failed", &[name]),
        (Trouble::Overdue, Some(good)) => {
            let age = lasting(now - good, texts);
            texts.text("source.overdue", &[name, ("age", &age)])
        }
        (Trouble::Overdue, None) => texts.text("source.overdueNever", &[name]),
        (Trouble::Partial, _) => texts.count("source.partial", source.gaps.max(1), &[name]),
    }
}

/// A rough length of time: what is overdue is so by hours or days.
fn lasting(time: TimeDelta, texts: &Texts) -> String {
    let count = |key: &str, n: i64| texts.count(key, n.max(1).unsigned_abs(), &[]);
    match time {
        time if time < TimeDelta::hours(1) => count("lasting.minutes", time.num_minutes()),
        time if time < TimeDelta::days(2) => count("lasting.hours", time.num_hours()),
        time => count("lasting.days", time.num_days()),
    }
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
    match paused_until(facts) {
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
    entries.extend(to_come(facts, texts));
    entries.push(item(texts.text("tray.open", &[]), Deed::Open));
    entries.push(item(texts.text("tray.quit", &[]), Deed::Quit));
    entries
}

/// Until when nothing begins: neither what waits here nor any plan.
fn paused_until(facts: &Facts) -> Option<DateTime<Utc>> {
    let both = [facts.jobs.paused_until, facts.plans_paused];
    both.into_iter().flatten().filter(|until| *until > facts.now).max()
}

/// What waits for a better moment, and what comes next.
fn to_come(facts: &Facts, texts: &Texts) -> Vec<Entry> {
    let mut entries = Vec::new();
    // One that asks first: it goes on only if a person says so.
    let waiting = facts.waiting.iter().max_by_key(|wait| wait.ask);
    if let Some(WaitFact { plan, reason, .. }) = waiting {
        let why = texts.find(&format!("waits.{reason}")).unwrap_or_else(|| reason.clone());
        let text = texts.text("tray.waits", &[("plan", plan), ("why", &why)]);
        entries.push(item(text, Deed::Go(format!("/plans/{}", encode(plan)))));
    }
    let to_come = facts.sources.iter().filter_map(|source| Some((source.next?, &source.name)));
    let next = to_come.filter(|(at, _)| *at > facts.now && paused_until(facts).is_none_or(|until| *at >= until));
    if let Some((at, name)) = next.min() {
        let time = moment(at, facts.now, texts);
        entries.push(item(
            texts.text("tray.next", &[("name", name), ("time", &time)]),
            Deed::Nothing,
        ));
    }
    entries
}

/// A time to come: `today 15:00`, `tomorrow 03:00`, `24.11. 03:00`.
fn moment(at: DateTime<Utc>, now: DateTime<Utc>, texts: &Texts) -> String {
    let (at, now) = (at.with_timezone(&Local), now.with_timezone(&Local));
    let clock = at.format("%H:%M").to_string();
    let time = [("time", clock.as_str())];
    match (at.date_naive() - now.date_naive()).num_days() {
        0 => texts.text("time.today", &time),
        1 => texts.text("time.tomorrow", &time),
        _ => at.format("%d.%m. %H:%M").to_string(),
    }
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
pub(crate) fn encode(name: &str) -> String {
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

    fn now() -> DateTime<Utc> {
        "2026-11-20T09:00:00Z".parse().unwrap()
    }

    fn facts(sources: &[(&str, Option<Verdict>)], jobs: Vec<JobView>) -> Facts {
        let sources = sources.iter().map(|(name, verdict)| SourceFact {
            name: (*name).to_owned(),
            verdict: *verdict,
            gaps: 13 * u64::from(*verdict == Some(Verdict::Partial)),
            held: 0,
            overdue: false,
            last_good: None,
            next: None,
        });
        Facts {
            opened: true,
            sources: sources.collect(),
            jobs: JobsReply {
                jobs,
                paused_until: None,
            },
            plans_paused: None,
            waiting: Vec::new(),
            now: now(),
        }
    }

    fn local(text: &str) -> DateTime<Utc> {
        let time: chrono::NaiveDateTime = text.parse().unwrap();
        time.and_local_timezone(Local).unwrap().to_utc()
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
    fn a_guard_comes_before_a_failure_before_a_broken_promise_before_gaps() {
        let names = ["Gaps", "Late", "New", "Lost", "Emptied", "Fine"];
        let verdicts = [
            Some(Verdict::Partial),
            Some(Verdict::Partial),
            None,
            Some(Verdict::Failed),
            Some(Verdict::Failed),
            Some(Verdict::Complete),
        ];
        let pairs: Vec<_> = names.into_iter().zip(verdicts).collect();
        let mut facts = facts(&pairs, vec![]);
        facts.sources[1].overdue = true;
        facts.sources[1].last_good = Some(now() - TimeDelta::days(3));
        facts.sources[2].overdue = true;
        facts.sources[3].overdue = true;
        facts.sources[4].held = 2;
        let (light, lines) = shown(&facts);
        assert_eq!(light, Light::Warning, "a guard is the worst, and a warning");
        let wanted = [
            "5 sources need you -",
            "Emptied: held by guard…",
            "Lost: failed…",
            "Late: no good backup for 3 days…",
            "New: overdue, no good backup yet…",
            "One more…",
        ];
        assert_eq!(lines[..6], wanted);
        facts.sources[4].held = 0;
        assert_eq!(shown(&facts).0, Light::Failed);
        facts.sources.drain(3..5);
        assert_eq!(shown(&facts).0, Light::Overdue);
        assert_eq!(View::of(&facts, texts::of("en")).tooltip, "Backstay: 3 sources need you");
    }

    #[test]
    fn an_overdue_source_says_for_how_long() {
        let mut facts = facts(&[("Notes", Some(Verdict::Complete))], vec![]);
        facts.sources[0].overdue = true;
        for (minutes, words) in [
            (25, "25 minutes"),
            (61, "one hour"),
            (60 * 47, "47 hours"),
            (60 * 24 * 9, "9 days"),
        ] {
            facts.sources[0].last_good = Some(now() - TimeDelta::minutes(minutes));
            assert_eq!(shown(&facts).1[1], format!("Notes: no good backup for {words}…"));
        }
    }

    #[test]
    fn what_comes_next_is_said_without_what_is_over_or_paused() {
        let mut facts = facts(&[("Wiki", None), ("Orders", None), ("Notes", None)], vec![]);
        facts.now = local("2026-11-20T09:00:00");
        let next = |facts: &Facts| shown(facts).1.into_iter().find(|line| line.starts_with("Next"));
        assert_eq!(next(&facts), None);
        facts.sources[0].next = Some(local("2026-11-20T15:00:00"));
        facts.sources[1].next = Some(local("2026-11-20T08:00:00"));
        facts.sources[2].next = Some(local("2026-11-21T03:00:00"));
        assert_eq!(next(&facts).unwrap(), "Next: Wiki, today 15:00 -");
        facts.plans_paused = Some(local("2026-11-20T18:00:00"));
        assert_eq!(next(&facts).unwrap(), "Next: Notes, tomorrow 03:00 -");
        assert!(shown(&facts).1.contains(&"Paused until 18:00 -".to_owned()));
        facts.sources[2].next = Some(local("2026-11-27T03:00:00"));
        assert_eq!(next(&facts).unwrap(), "Next: Notes, 27.11. 03:00 -");
    }

    #[test]
    fn a_plan_that_waits_says_why_and_one_that_asks_comes_first() {
        let mut facts = facts(&[("Wiki", None)], vec![]);
        let wait = |plan: &str, reason: &str, ask| WaitFact {
            plan: plan.to_owned(),
            reason: reason.to_owned(),
            ask,
        };
        facts.waiting = vec![wait("Nightly", "battery", false)];
        let line = |facts: &Facts| shown(facts).1[3].clone();
        assert_eq!(line(&facts), "“Nightly” waits: on battery");
        facts.waiting.push(wait("Every 6 hours", "metered", true));
        assert_eq!(line(&facts), "“Every 6 hours” waits: metered network");
        let view = View::of(&facts, texts::of("en"));
        let Entry::Item { deed, .. } = &view.entries[3] else {
            panic!("no item")
        };
        assert_eq!(*deed, Deed::Go("/plans/Every%206%20hours".to_owned()));
        facts.waiting = vec![wait("Odd", "eclipse", false)];
        assert_eq!(line(&facts), "“Odd” waits: eclipse");
    }

    #[test]
    fn jobs_of_plans_have_their_names() {
        let mut backup = job("running", &json!({"plan": "Every 6 hours", "slot": null}));
        backup.command = "plan.run".to_owned();
        let mut drill = backup.clone();
        drill.request = json!({"plan": "Nightly", "task": "drillOne"});
        let texts = texts::of("en");
        assert_eq!(job_title(&backup, texts), "Plan “Every 6 hours”: backup");
        assert_eq!(job_title(&drill, texts), "Plan “Nightly”: small restore drill");
        assert_eq!((job_kind(&backup), job_kind(&drill)), (Kind::Backup, Kind::Other));
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
