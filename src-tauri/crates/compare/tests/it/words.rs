//! Marks inside texts.

use backstay_compare::{WordRun, diff_words};
use proptest::prelude::*;

fn sides(runs: &[WordRun<'_>]) -> (String, String) {
    let (mut before, mut after) = (String::new(), String::new());
    for run in runs {
        match run {
            WordRun::Same(text) => {
                before.push_str(text);
                after.push_str(text);
            }
            WordRun::Removed(text) => before.push_str(text),
            WordRun::Added(text) => after.push_str(text),
        }
    }
    (before, after)
}

#[test]
fn marks_whole_words() {
    use WordRun::{Added, Removed, Same};
    assert_eq!(
        diff_words("the color of the sky", "the colour of a sky"),
        [
            Same("the "),
            Removed("color"),
            Added("colour"),
            Same(" of "),
            Removed("the"),
            Added("a"),
            Same(" sky")
        ]
    );
    assert_eq!(
        diff_words("同じ文です", "同じ字です").len(),
        4,
        "texts without blanks are divided too"
    );
    assert_eq!(diff_words("", ""), []);
    assert_eq!(diff_words("a", ""), [Removed("a")]);
    assert_eq!(diff_words("a b", "a b"), [Same("a b")]);
}

#[test]
fn long_texts_take_bounded_time() {
    for (size, what) in [(500_000, "words"), (4_000_000, "lines"), (20_000_000, "ends")] {
        let line = |i: usize, salt: usize| {
            format!(
                "{} {}\n",
                (i * 7919) % 10_007,
                (i + if i.is_multiple_of(3) { salt } else { 0 }) * 31 % 1009
            )
        };
        let text = |salt| {
            (0..)
                .map(|i| line(i, salt))
                .scan(0, |sum, l| {
                    *sum += l.len();
                    (*sum < size).then_some(l)
                })
                .collect::<String>()
        };
        let (before, after) = (text(0), text(5));
        let start = std::time::Instant::now();
        let runs = diff_words(&before, &after);
        assert_eq!(runs.len() > 100, what != "ends", "{what}: {} runs", runs.len());
        assert!(start.elapsed().as_secs() < 60, "{what}: {:?}", start.elapsed());
        assert_eq!(sides(&runs), (before, after), "{what}");
    }
}

/// Two random texts of two words: nothing unique to hold on to, so that a plain search takes quadratic time.
#[test]
fn hostile_texts_take_bounded_time() {
    let text = |factor: u64| -> String {
        (0..250_000u64)
            .map(|i| {
                if ((i * i * factor) >> 7).is_multiple_of(2) {
                    "a "
                } else {
                    "b "
                }
            })
            .collect()
    };
    let (before, after) = (text(1), text(3));
    let start = std::time::Instant::now();
    let runs = diff_words(&before, &after);
    assert!(start.elapsed().as_secs() < 60, "{:?}", start.elapsed());
    assert_eq!(sides(&runs), (before, after));
}

proptest! {
    #[test]
    fn runs_make_up_both_texts(before in "[ab ä\n]{0,40}", after in "[ab ä\n]{0,40}") {
        let runs = diff_words(&before, &after);
        prop_assert_eq!(sides(&runs), (before.clone(), after.clone()));
        prop_assert!(runs.windows(2).all(|w| std::mem::discriminant(&w[0]) != std::mem::discriminant(&w[1])));
    }
}
