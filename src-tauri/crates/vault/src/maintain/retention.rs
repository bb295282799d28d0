//! Which snapshots of a source stay and which may go, and why. Pure: the time is passed in.
//!
//! The counting rules are restic's (`forget --keep-…`), so that people can check them against it. Three things differ on
//! purpose: the newest complete snapshot never goes; within a period a complete snapshot is preferred to a partial one;
//! safety copies made before a restore (tag `undo`) neither count nor are counted, they live a number of days.

mod period;
mod span;

use chrono::{DateTime, Days, TimeZone, Utc};
use serde::{Deserialize, Serialize};

pub use period::Period;
pub use span::{Span, SpanError};

use crate::Id;

/// Tag of a snapshot whose run did not get everything.
pub const TAG_PARTIAL: &str = "partial";
/// Tag of a safety copy made before something was overwritten.
pub const TAG_UNDO: &str = "undo";
/// Days a safety copy is kept unless told otherwise.
pub const UNDO_DAYS: u32 = 30;

/// What to keep. With every field at its default nothing ever goes, apart from safety copies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct KeepRules {
    /// The newest N.
    pub last: u32,
    /// The newest of each of the last N hours that have snapshots; the following fields likewise.
    pub hourly: u32,
    /// … of N days.
    pub daily: u32,
    /// … of N ISO weeks.
    pub weekly: u32,
    /// … of N months.
    pub monthly: u32,
    /// … of N years.
    pub yearly: u32,
    /// Everything younger than this, counted from the newest snapshot (as restic does), so that a source that went
    /// silent keeps its history.
    pub within: Option<Span>,
    /// One an hour within this span of the newest; the following fields likewise.
    pub within_hourly: Option<Span>,
    /// One a day.
    pub within_daily: Option<Span>,
    /// One a week.
    pub within_weekly: Option<Span>,
    /// One a month.
    pub within_monthly: Option<Span>,
    /// One a year.
    pub within_yearly: Option<Span>,
    /// Those with any of these tags.
    pub keep_tags: Vec<String>,
    /// All, for ever.
    pub forever: bool,
    /// Drop only what is older than this, counted from now. Alone, it drops all that is older.
    pub older_than: Option<Span>,
    /// Days a safety copy is kept.
    pub undo_days: u32,
}

impl Default for KeepRules {
    fn default() -> Self {
        Self {
            last: 0,
            hourly: 0,
            daily: 0,
            weekly: 0,
            monthly: 0,
            yearly: 0,
            within: None,
            within_hourly: None,
            within_daily: None,
            within_weekly: None,
            within_monthly: None,
            within_yearly: None,
            keep_tags: Vec::new(),
            forever: false,
            older_than: None,
            undo_days: UNDO_DAYS,
        }
    }
}

impl KeepRules {
    /// Preset "30 days hourly, 12 months daily". By spans, not counts: a source backed up once a day must not keep
    /// 720 days in its hourly slots.
    #[must_use]
    pub fn hourly_month_daily_year() -> Self {
        Self {
            within_hourly: Some(Span::days(30)),
            within_daily: Some(Span::months(12)),
            ..Self::default()
        }
    }

    /// Preset "30 days, 12 weeks, 12 months".
    #[must_use]
    pub fn days_weeks_months() -> Self {
        Self {
            daily: 30,
            weekly: 12,
            monthly: 12,
            ..Self::default()
        }
    }

    /// Whether no rule says what may go: then everything stays.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keeps_nothing() && self.older_than.is_none()
    }

    fn keeps_nothing(&self) -> bool {
        let plain = Self {
            older_than: self.older_than,
            undo_days: self.undo_days,
            ..Self::default()
        };
        *self == plain
    }

    fn counted(&self) -> [(u32, Period); 5] {
        [
            (self.hourly, Period::Hour),
            (self.daily, Period::Day),
            (self.weekly, Period::Week),
            (self.monthly, Period::Month),
            (self.yearly, Period::Year),
        ]
    }

    fn spanned(&self) -> [(Option<Span>, Period); 5] {
        [
            (self.within_hourly, Period::Hour),
            (self.within_daily, Period::Day),
            (self.within_weekly, Period::Week),
            (self.within_monthly, Period::Month),
            (self.within_yearly, Period::Year),
        ]
    }
}

/// What the rules need to know of a snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Its id.
    pub id: Id,
    /// Its time.
    pub time: DateTime<Utc>,
    /// Its tags.
    pub tags: Vec<String>,
}

impl Candidate {
    fn has(&self, tag: &str) -> bool {
        self.tags.iter().any(|t| t == tag)
    }
    fn is_undo(&self) -> bool {
        self.has(TAG_UNDO)
    }
    fn is_complete(&self) -> bool {
        !self.is_undo() && !self.has(TAG_PARTIAL)
    }
}

/// Why a snapshot stays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum KeepReason {
    /// No rule was given.
    NoRules,
    /// `forever`.
    Forever,
    /// Among the newest N.
    Last,
    /// The one of its hour, day, …
    Each(Period),
    /// Younger than `within`.
    Within(Span),
    /// The one of its hour, day, … within a span.
    EachWithin(Period, Span),
    /// Has this tag.
    Tag(String),
    /// Not yet older than `older_than`.
    NotOlderThan(Span),
    /// A safety copy, not yet N days old.
    UndoCopy(u32),
    /// The newest complete snapshot of the source; no rule removes it.
    NewestComplete,
    /// The newest snapshot of a source that has no complete one.
    OnlyPartial,
}

impl std::fmt::Display for KeepReason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NoRules => f.write_str("policy is empty"),
            Self::Forever => f.write_str("kept for ever"),
            Self::Last => f.write_str("last snapshot"),
            Self::Each(period) => write!(f, "{period} snapshot"),
            Self::Within(span) => write!(f, "within {span}"),
            Self::EachWithin(period, span) => write!(f, "{period} within {span}"),
            Self::Tag(tag) => write!(f, "has tag {tag}"),
            Self::NotOlderThan(span) => write!(f, "not older than {span}"),
            Self::UndoCopy(days) => write!(f, "safety copy, kept {days} days"),
            Self::NewestComplete => f.write_str("newest complete snapshot"),
            Self::OnlyPartial => f.write_str("newest snapshot, none is complete"),
        }
    }
}

/// The verdict on one snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The snapshot.
    pub id: Id,
    /// Its time.
    pub time: DateTime<Utc>,
    /// Why it stays; empty: it may go.
    pub reasons: Vec<KeepReason>,
}

impl Decision {
    /// Whether it stays.
    #[must_use]
    pub fn keep(&self) -> bool {
        !self.reasons.is_empty()
    }
}

/// Decides over all snapshots of **one** source, newest first in the answer.
///
/// `zone` says where hours, days, weeks (ISO), months and years begin; `now` is only used for `older_than`, the age of
/// safety copies, and to keep a snapshot of a clock gone wrong (in the future) from shifting the spans.
#[must_use]
pub fn decide<Z: TimeZone>(rules: &KeepRules, snapshots: &[Candidate], now: DateTime<Utc>, zone: &Z) -> Vec<Decision> {
    let mut all: Vec<(&Candidate, Vec<KeepReason>)> = snapshots.iter().map(|s| (s, Vec::new())).collect();
    all.sort_by(|(a, _), (b, _)| b.time.cmp(&a.time).then(a.id.cmp(&b.id)));
    let (mut undo, mut plain): (Vec<_>, Vec<_>) = all.into_iter().partition(|(s, _)| s.is_undo());
    for (copy, reasons) in &mut undo {
        if now
            .checked_sub_days(Days::new(rules.undo_days.into()))
            .is_none_or(|limit| copy.time > limit)
        {
            reasons.push(KeepReason::UndoCopy(rules.undo_days));
        }
    }
    if rules.is_empty() {
        plain.iter_mut().for_each(|(_, reasons)| reasons.push(KeepReason::NoRules));
    } else {
        keep_singly(rules, &mut plain, now, zone);
        keep_periods(rules, &mut plain, now, zone);
    }
    keep_newest(&mut plain);
    let mut all: Vec<_> = plain.into_iter().chain(undo).collect();
    all.sort_by(|(a, _), (b, _)| b.time.cmp(&a.time).then(a.id.cmp(&b.id)));
    all.into_iter()
        .map(|(s, reasons)| Decision {
            id: s.id,
            time: s.time,
            reasons,
        })
        .collect()
}

type Marked<'a> = Vec<(&'a Candidate, Vec<KeepReason>)>;

/// The rules that look at one snapshot at a time.
fn keep_singly<Z: TimeZone>(rules: &KeepRules, list: &mut Marked<'_>, now: DateTime<Utc>, zone: &Z) {
    let newest = newest_time(list, now);
    let within = rules.within.map(|span| (span, span.before(newest, zone)));
    let older = rules.older_than.map(|span| (span, span.before(now, zone)));
    for (nr, (s, reasons)) in list.iter_mut().enumerate() {
        if rules.forever {
            reasons.push(KeepReason::Forever);
        }
        reasons.extend(rules.keep_tags.iter().filter(|tag| s.has(tag)).cloned().map(KeepReason::Tag));
        if let Some((span, limit)) = within
            && s.time > limit
        {
            reasons.push(KeepReason::Within(span));
        }
        if nr < rules.last as usize {
            reasons.push(KeepReason::Last);
        }
        if let Some((span, limit)) = older
            && s.time > limit
        {
            reasons.push(KeepReason::NotOlderThan(span));
        }
    }
}

/// The rules that keep one snapshot of each hour, day, week, month or year.
fn keep_periods<Z: TimeZone>(rules: &KeepRules, list: &mut Marked<'_>, now: DateTime<Utc>, zone: &Z) {
    let newest = newest_time(list, now);
    for (count, period) in rules.counted() {
        for pick in representatives(list, period, zone, None).into_iter().take(count as usize) {
            list[pick].1.push(KeepReason::Each(period));
        }
    }
    for (span, period) in rules.spanned() {
        let Some(span) = span else { continue };
        for pick in representatives(list, period, zone, Some(span.before(newest, zone))) {
            list[pick].1.push(KeepReason::EachWithin(period, span));
        }
    }
}

/// For each period, newest first, the index of the snapshot that stands for it: the newest complete one, else the newest.
fn representatives<Z: TimeZone>(list: &Marked<'_>, period: Period, zone: &Z, after: Option<DateTime<Utc>>) -> Vec<usize> {
    let mut picks: Vec<(i64, usize)> = Vec::new();
    for (at, (s, _)) in list.iter().enumerate() {
        if after.is_some_and(|limit| s.time <= limit) {
            continue;
        }
        let number = period.number(&s.time.with_timezone(zone));
        match picks.last_mut() {
            Some((last, pick)) if *last == number => {
                if !list[*pick].0.is_complete() && s.is_complete() {
                    *pick = at;
                }
            }
            _ => picks.push((number, at)),
        }
    }
    picks.into_iter().map(|(_, at)| at).collect()
}

/// No rule may leave a source without its newest complete snapshot (or, if there is none, without any).
fn keep_newest(list: &mut Marked<'_>) {
    if let Some((_, reasons)) = list.iter_mut().find(|(s, _)| s.is_complete()) {
        reasons.push(KeepReason::NewestComplete);
    } else if let Some((_, reasons)) = list.first_mut() {
        reasons.push(KeepReason::OnlyPartial);
    }
}

/// Time the spans are counted from: the newest snapshot, but none from the future.
fn newest_time(list: &Marked<'_>, now: DateTime<Utc>) -> DateTime<Utc> {
    list.iter().map(|(s, _)| s.time).filter(|t| *t <= now).max().unwrap_or(now)
}
