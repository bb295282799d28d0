//! Tells the demo: numbered steps, the commands a person would type, and proofs that hold or do not.

use serde::Serialize;
use serde_json::json;

use crate::{errors::Result, output::Output};

/// One thing a step proves.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Proof {
    /// What should be so.
    pub claim: String,
    /// It is so.
    pub holds: bool,
    /// What was measured.
    pub evidence: String,
}

/// The story so far.
pub struct Story<'a> {
    output: &'a Output,
    step: u32,
    /// Proofs that held.
    pub held: u32,
    /// Proofs that did not.
    pub failed: Vec<Proof>,
}

impl<'a> Story<'a> {
    /// Begins.
    #[must_use]
    pub fn new(output: &'a Output) -> Self {
        Self {
            output,
            step: 0,
            held: 0,
            failed: Vec::new(),
        }
    }

    /// Begins a step: what it does, and the command that does it.
    ///
    /// # Errors
    /// When the output cannot be written.
    pub fn step(&mut self, title: &str, command: Option<&str>) -> Result<()> {
        self.step += 1;
        if self.output.json {
            return self
                .output
                .event("step", &json!({ "number": self.step, "title": title, "command": command }));
        }
        let command = command.map(|command| format!("   $ {command}\n")).unwrap_or_default();
        self.output.text(&format!("\n{:2}. {title}\n{command}", self.step))
    }

    /// Shows what a command said.
    ///
    /// # Errors
    /// When the output cannot be written.
    pub fn said(&self, text: &str) -> Result<()> {
        if self.output.json {
            return Ok(());
        }
        let text: String = text.lines().take(14).map(|line| format!("     {line}\n")).collect();
        self.output.text(&text)
    }

    /// Shows and counts a proof.
    ///
    /// # Errors
    /// When the output cannot be written.
    pub fn proof(&mut self, claim: &str, holds: bool, evidence: impl Into<String>) -> Result<()> {
        let proof = Proof {
            claim: claim.to_owned(),
            holds,
            evidence: evidence.into(),
        };
        if self.output.json {
            self.output.event("proof", &proof)?;
        } else {
            let word = if holds { "proved" } else { "FAILED" };
            self.output.line(&format!("   {word}  {claim}: {}", proof.evidence))?;
        }
        if holds {
            self.held += 1;
        } else {
            self.failed.push(proof);
        }
        Ok(())
    }
}
