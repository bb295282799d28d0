//! The guide as text: its chapters, what they say to type, and what they say one sees.

/// Marks a block that is typed as it stands; ` exit=N` says how it ends when that is not with 0.
const TYPED: &str = "sh test";
/// Marks a block that gives names to places and things only the person knows.
const NAMED: &str = "sh names";
/// Marks what is seen after the block before it.
const SEEN: &str = "text";

/// A part of the guide that begins with a bare machine of its own.
#[derive(Debug, Clone)]
pub struct Chapter {
    pub title: String,
    /// Variables the person sets, in order.
    pub names: Vec<String>,
    pub steps: Vec<Step>,
}

/// Something to type.
#[derive(Debug, Clone)]
pub struct Step {
    /// Line of the guide it begins on.
    pub line: usize,
    pub code: String,
    /// Exit code it ends with.
    pub exit: i32,
    /// What is seen then. `…` stands for anything in a line, and alone in a line for any number of lines.
    pub seen: Option<String>,
}

/// A fenced block.
struct Block {
    line: usize,
    kind: String,
    text: String,
}

/// All chapters that have something to type.
///
/// # Errors
/// A block that belongs to nothing, or that the guide does not explain.
pub fn chapters(guide: &str) -> Result<Vec<Chapter>, String> {
    let mut found: Vec<Chapter> = Vec::new();
    let mut lines = guide.lines().enumerate();
    while let Some((at, line)) = lines.next() {
        if let Some(title) = line.strip_prefix("## ").or_else(|| line.strip_prefix("# ")) {
            found.push(Chapter {
                title: title.to_owned(),
                names: Vec::new(),
                steps: Vec::new(),
            });
        }
        let Some(kind) = line.trim_start().strip_prefix("```") else {
            continue;
        };
        let body = lines
            .by_ref()
            .map(|(_, line)| line)
            .take_while(|line| line.trim_start() != "```");
        let block = Block {
            line: at + 1,
            kind: kind.trim().to_owned(),
            text: body.map(|line| format!("{line}\n")).collect(),
        };
        let chapter = found
            .last_mut()
            .ok_or_else(|| format!("line {}: a block before any chapter", at + 1))?;
        take(chapter, block)?;
    }
    found.retain(|chapter| !chapter.steps.is_empty());
    Ok(found)
}

fn take(chapter: &mut Chapter, block: Block) -> Result<(), String> {
    let Block { line, kind, text } = block;
    if kind == NAMED {
        let names = text
            .lines()
            .filter_map(|line| line.strip_prefix("export ")?.split('=').next());
        chapter.names.extend(names.map(str::to_owned));
    } else if let Some(rest) = kind.strip_prefix(TYPED) {
        let exit = rest.trim().strip_prefix("exit=").map_or(Ok(0), str::parse);
        chapter.steps.push(Step {
            line,
            code: text,
            exit: exit.map_err(|_| format!("line {line}: {kind:?} is not understood"))?,
            seen: None,
        });
    } else if kind == SEEN {
        let step = chapter.steps.last_mut().filter(|step| step.seen.is_none());
        let step = step.ok_or_else(|| format!("line {line}: nothing is typed before what is seen here"))?;
        step.seen = Some(text);
    } else if kind != "sh" {
        return Err(format!("line {line}: a block of the kind {kind:?}"));
    }
    Ok(())
}

/// Whether `got` is what the guide says one sees. Widths of columns do not count.
pub fn is_seen(wanted: &str, got: &str) -> bool {
    let plain = |text: &str| -> Vec<String> {
        let lines = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
        lines.filter(|line| !line.is_empty()).collect()
    };
    all_match(&plain(wanted), &plain(got))
}

fn all_match(wanted: &[String], got: &[String]) -> bool {
    match wanted.split_first() {
        None => got.is_empty(),
        Some((first, rest)) if first == "…" => (0..=got.len()).any(|skip| all_match(rest, &got[skip..])),
        Some((first, rest)) => got
            .split_first()
            .is_some_and(|(line, others)| line_matches(first, line) && all_match(rest, others)),
    }
}

fn line_matches(wanted: &str, line: &str) -> bool {
    let mut parts = wanted.split('…');
    let first = parts.next().unwrap_or_default();
    let Some(mut left) = line.strip_prefix(first) else {
        return false;
    };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else { return left.is_empty() };
    for part in parts {
        match left.find(part) {
            Some(at) => left = &left[at + part.len()..],
            None => return false,
        }
    }
    left.ends_with(last)
}
