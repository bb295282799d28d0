//! Retention against restic's own answers, and against a plain model.

use std::collections::BTreeSet;

use backstay_vault::Id;
use backstay_vault::maintain::retention::{Candidate, Decision, KeepReason, KeepRules, Period, Span, decide};
use chrono::{DateTime, Datelike, Duration, FixedOffset, TimeZone, Timelike, Utc};
use chrono_tz::Tz;
use proptest::prelude::*;

use crate::maintain_support::{Files, Scratch, restic_in, restic_json, save};

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn id(number: usize) -> Id {
    let mut id = Id::default();
    id.0[..8].copy_from_slice(&(number as u64).to_be_bytes());
    id
}

fn candidates(times: &[DateTime<Utc>]) -> Vec<Candidate> {
    times
        .iter()
        .enumerate()
        .map(|(n, time)| Candidate {
            id: id(n),
            time: *time,
            tags: vec![],
        })
        .collect()
}

fn kept(decisions: &[Decision]) -> BTreeSet<Id> {
    decisions.iter().filter(|d| d.keep()).map(|d| d.id).collect()
}

/// Times with bursts, gaps, year ends and clock changes.
fn times(start: DateTime<Utc>, count: usize, mut seed: u64) -> Vec<DateTime<Utc>> {
    let mut time = start;
    let mut all = Vec::new();
    for _ in 0..count {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let step = match seed >> 60 {
            0..=5 => Duration::minutes(((seed >> 30) % 50) as i64 + 1),
            6..=10 => Duration::hours(((seed >> 30) % 20) as i64 + 1),
            11..=13 => Duration::days(((seed >> 30) % 9) as i64 + 1),
            _ => Duration::days(((seed >> 30) % 80) as i64 + 1),
        };
        time += step;
        all.push(time);
    }
    all
}

fn span(text: &str) -> Option<Span> {
    Some(text.parse().unwrap())
}

#[test]
fn keeps_what_restic_keeps() {
    let scratch = Scratch::new();
    for time in times(at("2023-02-20T05:00:00Z"), 150, 7) {
        save(&scratch.vault, &Files::new(), time);
    }
    agrees_with_restic(&scratch, 150, chrono_tz::UTC);
}

#[test]
fn keeps_what_restic_keeps_of_its_own_snapshots_in_another_zone() {
    let zone: Tz = "Europe/Berlin".parse().unwrap();
    let scratch = Scratch::new();
    let file = scratch.folder.path().join("file");
    std::fs::write(&file, "content").unwrap();
    for time in times(at("2024-03-29T05:00:00Z"), 25, 11) {
        let local = time.with_timezone(&zone).format("%Y-%m-%d %H:%M:%S").to_string();
        let arguments = ["backup", "--time", &local, file.to_str().unwrap()];
        restic_in(&scratch.path(), &arguments, &[("TZ", "Europe/Berlin")]);
    }
    agrees_with_restic(&scratch, 25, zone);
}

fn agrees_with_restic(scratch: &Scratch, count: usize, zone: Tz) {
    let snapshots = scratch.vault.snapshots().unwrap().good;
    let all: Vec<Candidate> = snapshots
        .into_iter()
        .map(|s| Candidate {
            id: s.id,
            time: s.time,
            tags: s.tags,
        })
        .collect();
    assert_eq!(all.len(), count);
    let now = all[count - 1].time + Duration::minutes(5);
    let none = KeepRules::default;
    let cases: Vec<(KeepRules, Vec<&str>)> = vec![
        (KeepRules { last: 5, ..none() }, vec!["--keep-last", "5"]),
        (KeepRules { hourly: 40, ..none() }, vec!["--keep-hourly", "40"]),
        (KeepRules { daily: 30, ..none() }, vec!["--keep-daily", "30"]),
        (KeepRules { weekly: 20, ..none() }, vec!["--keep-weekly", "20"]),
        (KeepRules { monthly: 12, ..none() }, vec!["--keep-monthly", "12"]),
        (KeepRules { yearly: 3, ..none() }, vec!["--keep-yearly", "3"]),
        (
            KeepRules {
                within: span("1y2m3d4h"),
                ..none()
            },
            vec!["--keep-within", "1y2m3d4h"],
        ),
        (
            KeepRules {
                within: span("1m"),
                ..none()
            },
            vec!["--keep-within", "1m"],
        ),
        (
            KeepRules {
                within_hourly: span("30d"),
                within_daily: span("12m"),
                ..none()
            },
            vec!["--keep-within-hourly", "30d", "--keep-within-daily", "12m"],
        ),
        (
            KeepRules {
                within_weekly: span("1y"),
                within_monthly: span("2y"),
                within_yearly: span("9y"),
                ..none()
            },
            vec![
                "--keep-within-weekly",
                "1y",
                "--keep-within-monthly",
                "2y",
                "--keep-within-yearly",
                "9y",
            ],
        ),
        (
            KeepRules::days_weeks_months(),
            vec!["--keep-daily", "30", "--keep-weekly", "12", "--keep-monthly", "12"],
        ),
        (
            KeepRules {
                last: 2,
                hourly: 3,
                daily: 5,
                weekly: 7,
                monthly: 11,
                yearly: 13,
                within: span("20d"),
                ..none()
            },
            vec![
                "--keep-last",
                "2",
                "--keep-hourly",
                "3",
                "--keep-daily",
                "5",
                "--keep-weekly",
                "7",
                "--keep-monthly",
                "11",
                "--keep-yearly",
                "13",
                "--keep-within",
                "20d",
            ],
        ),
    ];
    for (rules, arguments) in cases {
        let ours = kept(&decide(&rules, &all, now, &zone));
        let mut command = vec!["forget", "--dry-run", "--json", "--group-by", ""];
        command.extend(&arguments);
        let json = restic_json(&scratch.path(), &command);
        let theirs = json[0]["keep"]
            .as_array()
            .unwrap()
            .iter()
            .map(|s| s["id"].as_str().unwrap().parse().unwrap());
        assert_eq!(ours, theirs.collect(), "{arguments:?}");
        assert!(ours.len() < all.len() || count < 100, "{arguments:?} decides nothing");
    }
}

#[test]
fn the_newest_complete_snapshot_never_goes() {
    let mut all = candidates(&[
        at("2026-01-01T00:00:00Z"),
        at("2026-01-02T00:00:00Z"),
        at("2026-01-03T00:00:00Z"),
    ]);
    all[1].tags = vec!["partial".into()];
    all[2].tags = vec!["partial".into()];
    let rules = KeepRules {
        older_than: span("1d"),
        ..KeepRules::default()
    };
    let decisions = decide(&rules, &all, at("2030-01-01T00:00:00Z"), &Utc);
    assert_eq!(kept(&decisions), [id(0)].into());
    assert_eq!(decisions[2].reasons, [KeepReason::NewestComplete]);
    all[0].tags = vec!["partial".into()];
    let decisions = decide(&rules, &all, at("2030-01-01T00:00:00Z"), &Utc);
    assert_eq!(kept(&decisions), [id(2)].into());
    assert_eq!(decisions[0].reasons, [KeepReason::OnlyPartial]);
}

#[test]
fn a_complete_snapshot_stands_for_its_day_before_a_later_partial_one() {
    let mut all = candidates(&[
        at("2026-01-01T01:00:00Z"),
        at("2026-01-01T02:00:00Z"),
        at("2026-01-02T00:00:00Z"),
    ]);
    all[1].tags = vec!["partial".into()];
    let decisions = decide(
        &KeepRules {
            daily: 2,
            ..KeepRules::default()
        },
        &all,
        at("2026-01-02T01:00:00Z"),
        &Utc,
    );
    assert_eq!(kept(&decisions), [id(0), id(2)].into());
    assert_eq!(decisions[2].reasons, [KeepReason::Each(Period::Day)]);
}

#[test]
fn safety_copies_live_thirty_days_and_do_not_count() {
    let mut all = candidates(&[
        at("2026-01-01T00:00:00Z"),
        at("2026-03-01T00:00:00Z"),
        at("2026-03-20T00:00:00Z"),
    ]);
    all[0].tags = vec!["undo".into()];
    all[2].tags = vec!["undo".into()];
    let now = at("2026-03-21T00:00:00Z");
    let decisions = decide(
        &KeepRules {
            last: 1,
            ..KeepRules::default()
        },
        &all,
        now,
        &Utc,
    );
    assert_eq!(
        kept(&decisions),
        [id(1), id(2)].into(),
        "the old copy goes, the real snapshot counts as the last"
    );
    let decisions = decide(
        &KeepRules {
            undo_days: 400,
            ..KeepRules::default()
        },
        &all,
        now,
        &Utc,
    );
    assert_eq!(kept(&decisions).len(), 3);
    let decisions = decide(
        &KeepRules {
            forever: true,
            ..KeepRules::default()
        },
        &all,
        now,
        &Utc,
    );
    assert_eq!(kept(&decisions), [id(1), id(2)].into());
}

#[test]
fn without_rules_all_stay_and_older_than_spares_the_young() {
    let all = candidates(&times(at("2025-01-01T00:00:00Z"), 50, 3));
    let now = all[49].time;
    assert_eq!(kept(&decide(&KeepRules::default(), &all, now, &Utc)).len(), 50);
    let limit = now - Duration::days(90);
    let rules = KeepRules {
        older_than: span("90d"),
        ..KeepRules::default()
    };
    let young: BTreeSet<Id> = all.iter().filter(|s| s.time > limit).map(|s| s.id).collect();
    assert!(young.len() > 1 && young.len() < 50);
    assert_eq!(kept(&decide(&rules, &all, now, &Utc)), young);
    // With other rules it only takes from what may go.
    let last = KeepRules {
        last: 1,
        ..KeepRules::default()
    };
    let both = KeepRules {
        older_than: span("90d"),
        ..last.clone()
    };
    assert_eq!(
        kept(&decide(&both, &all, now, &Utc)),
        &young | &kept(&decide(&last, &all, now, &Utc))
    );
    let tagged = KeepRules {
        keep_tags: vec!["monthly".into()],
        ..last
    };
    let mut all = all;
    all[0].tags = vec!["monthly".into()];
    assert_eq!(kept(&decide(&tagged, &all, now, &Utc)), [id(0), id(49)].into());
}

#[test]
fn a_snapshot_from_the_future_does_not_shift_the_spans() {
    let now = at("2026-06-01T00:00:00Z");
    let mut list = vec![now - Duration::days(3), now - Duration::days(1), now];
    list.push(now + Duration::days(4000));
    let rules = KeepRules {
        within: span("2d"),
        ..KeepRules::default()
    };
    assert_eq!(
        kept(&decide(&rules, &candidates(&list), now, &Utc)),
        [id(1), id(2), id(3)].into()
    );
}

#[test]
fn spans_are_read_and_written() {
    for text in ["1y2m3d4h", "30d", "12m", "0h"] {
        assert_eq!(text.parse::<Span>().unwrap().to_string(), text);
    }
    assert_eq!("2w".parse::<Span>().unwrap(), Span::days(14));
    for text in ["", "d", "5", "5x", "-3d", "3 d", "99999999999d"] {
        assert!(text.parse::<Span>().is_err(), "{text:?}");
    }
    let huge: Span = "800000y800000m800000d800000h".parse().unwrap();
    assert_eq!(huge.before(at("2026-01-01T00:00:00Z"), &Utc), DateTime::<Utc>::MIN_UTC);
    let rules = KeepRules {
        within: Some(Span::hours(5)),
        ..KeepRules::hourly_month_daily_year()
    };
    let json = serde_json::to_string(&rules).unwrap();
    assert!(
        json.contains("\"within\":\"5h\"") && json.contains("\"withinHourly\":\"30d\""),
        "{json}"
    );
    assert_eq!(serde_json::from_str::<KeepRules>(&json).unwrap(), rules);
}

/// The rule said plainly: for each period, newest first, one snapshot.
fn model(count: u32, list: &[(usize, DateTime<FixedOffset>)], name: impl Fn(&DateTime<FixedOffset>) -> String) -> BTreeSet<Id> {
    let mut list = list.to_vec();
    list.sort_by_key(|(n, time)| (std::cmp::Reverse(*time), id(*n)));
    let mut periods: Vec<String> = Vec::new();
    let mut kept = BTreeSet::new();
    for (n, time) in list {
        let name = name(&time);
        if !periods.contains(&name) {
            if periods.len() == count as usize {
                break;
            }
            periods.push(name);
            kept.insert(id(n));
        }
    }
    kept
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn agrees_with_a_plain_model(
        minutes in prop::collection::vec(0i64..3_000_000, 1..60),
        counts in [0u32..8, 0u32..8, 0u32..8, 0u32..8, 0u32..8, 0u32..8],
        offset in -12i32..=12,
    ) {
        let zone = FixedOffset::east_opt(offset * 3600).unwrap();
        let start = at("2020-12-20T00:00:00Z");
        let times: Vec<DateTime<Utc>> = minutes.iter().map(|m| start + Duration::minutes(*m)).collect();
        let list: Vec<_> = times.iter().map(|t| t.with_timezone(&zone)).enumerate().collect();
        let [last, hourly, daily, weekly, monthly, yearly] = counts;
        let rules = KeepRules { last, hourly, daily, weekly, monthly, yearly, ..KeepRules::default() };
        let now = *times.iter().max().unwrap();
        let ours = kept(&decide(&rules, &candidates(&times), now, &zone));
        let mut theirs = BTreeSet::new();
        let mut newest: Vec<usize> = (0..times.len()).collect();
        newest.sort_by_key(|n| (std::cmp::Reverse(times[*n]), id(*n)));
        theirs.extend(newest.iter().take((last as usize).max(1)).map(|n| id(*n)));
        theirs.extend(model(hourly, &list, |t| format!("{} {}", t.date_naive(), t.hour())));
        theirs.extend(model(daily, &list, |t| t.date_naive().to_string()));
        theirs.extend(model(weekly, &list, |t| format!("{:?}", t.iso_week())));
        theirs.extend(model(monthly, &list, |t| format!("{} {}", t.year(), t.month())));
        theirs.extend(model(yearly, &list, |t| t.year().to_string()));
        if rules.is_empty() {
            theirs = (0..times.len()).map(id).collect();
        }
        prop_assert_eq!(ours, theirs);
    }

    #[test]
    fn going_back_by_a_span_never_goes_forward(
        text in "[0-9]{1,3}y[0-9]{1,2}m[0-9]{1,3}d[0-9]{1,3}h", minute in 0i64..20_000_000
    ) {
        let zone: Tz = "America/Sao_Paulo".parse().unwrap();
        let time = at("1990-01-01T00:00:00Z") + Duration::minutes(minute);
        let span: Span = text.parse().unwrap();
        // A day that runs on into the next month, and a skipped hour, may give back up to three days.
        prop_assert!(span.before(time, &zone) <= time + Duration::hours(2));
    }
}

#[test]
fn skipped_and_repeated_hours_are_counted_as_the_clock_shows_them() {
    let zone: Tz = "Europe/Berlin".parse().unwrap();
    // 2025-10-26: 02:30 comes twice.
    let twice = [at("2025-10-26T00:30:00Z"), at("2025-10-26T01:30:00Z")];
    let rules = KeepRules {
        hourly: 5,
        ..KeepRules::default()
    };
    assert_eq!(kept(&decide(&rules, &candidates(&twice), twice[1], &zone)), [id(1)].into());
    // 2025-03-30: 02:30 does not exist; a day before 2025-03-31 02:30.
    let after = zone.with_ymd_and_hms(2025, 3, 31, 2, 30, 0).unwrap().with_timezone(&Utc);
    assert_eq!(Span::days(1).before(after, &zone), at("2025-03-30T01:30:00Z"));
}
