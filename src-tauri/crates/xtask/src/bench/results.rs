//! Figures as Markdown tables, one per workload.

use std::fmt;

use super::measure::Usage;

/// One figure.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Row {
    pub(crate) usage: Usage,
    /// Bytes it added to the repository; `None` for steps that only read.
    pub(crate) stored: Option<u64>,
}

/// All figures, in the order they were measured.
#[derive(Debug, Default)]
pub(crate) struct Results(Vec<(&'static str, &'static str, &'static str, Row)>);

impl Results {
    /// Takes one figure, and says it: a whole run takes long.
    pub(crate) fn add(
        &mut self,
        workload: &'static str,
        step: &'static str,
        program: &'static str,
        row: Row,
        say: &mut dyn FnMut(&str),
    ) {
        say(&format!("{workload}: {program}, {step}: {}", row.usage));
        self.0.push((workload, step, program, row));
    }
}

impl fmt::Display for Results {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut last = "";
        for (workload, step, program, row) in &self.0 {
            if *workload != last {
                writeln!(
                    f,
                    "\n### {workload}\n\n| step | program | CPU s | wall s | peak MiB | stored MiB |\n|---|---|--:|--:|--:|--:|"
                )?;
                last = workload;
            }
            let stored = row
                .stored
                .map_or_else(String::new, |bytes| format!("{:.1}", bytes as f64 / 1_048_576.0));
            let Usage { cpu, wall, memory } = row.usage;
            writeln!(f, "| {step} | {program} | {cpu:.2} | {wall:.2} | {memory:.0} | {stored} |")?;
        }
        Ok(())
    }
}
