//! How the recovery kit looks: HTML for paper, and plain text.

use std::fmt::Write as _;

use super::{Kit, KitPassword, Step};

const STYLE: &str = "\
@page { size: auto; margin: 16mm }
body { font: 10.5pt/1.4 system-ui, sans-serif; color: #000; background: #fff; max-width: 48em; margin: 2em auto; padding: 0 1em }
h1 { font-size: 18pt; margin: 0 0 .3em }
h2 { font-size: 12pt; margin: 1.1em 0 .2em }
p { margin: .2em 0 }
table { border-collapse: collapse; width: 100%; margin: .8em 0 }
th { text-align: left; white-space: nowrap; padding: .2em 1em .2em 0; vertical-align: top; width: 1% }
td { font-family: ui-monospace, monospace; overflow-wrap: anywhere; padding: .2em 0 }
pre { font: 9.5pt/1.45 ui-monospace, monospace; white-space: pre-wrap; overflow-wrap: anywhere; border: 1px solid #888; padding: .5em .8em; margin: .4em 0 }
.secret { border: 2px solid #000; padding: .6em .8em; margin: .8em 0 }
.field { display: block; border-bottom: 1px solid #000; height: 2.2em }
.words { columns: 3; padding: 0 0 0 2.4em; margin: .4em 0; font: bold 13pt/1.7 ui-monospace, monospace }
.words li { break-inside: avoid }
.words li::marker { font-weight: normal }
.code { float: right; width: 34mm; height: 34mm; margin: 0 0 .4em 1em }
.lines td { border-bottom: 1px solid #888; height: 2em }
section { break-inside: avoid }
@media print { body { margin: 0; max-width: none; padding: 0 } }
";

pub(super) fn html(kit: &Kit) -> String {
    let mut out = String::with_capacity(8 * 1024);
    let title = escape(&format!("Recovery kit: {}", kit.vault));
    // Writing to a String cannot fail, so the results are dropped.
    let _ = write!(
        out,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n<title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>\n\
         <p>{}</p>\n<table>\n",
        escape(intro(kit))
    );
    for (name, value) in kit.facts() {
        let _ = writeln!(out, "<tr><th scope=\"row\">{name}</th><td>{}</td></tr>", escape(&value));
    }
    out.push_str("</table>\n<div class=\"secret\"><strong>Password</strong>");
    match &kit.password {
        KitPassword::Printed(password) => {
            let _ = write!(out, "<pre>{}</pre>", escape(password));
        }
        KitPassword::Field => out.push_str("<span class=\"field\"></span>"),
        KitPassword::Words(words) => super::words::html(&mut out, words),
    }
    out.push_str("</div>\n");
    if matches!(kit.password, KitPassword::Words(_)) {
        out.push_str(super::words::LINES);
    }
    for (nr, step) in kit.steps().iter().enumerate() {
        section(&mut out, nr + 1, step);
    }
    out.push_str("</body>\n</html>\n");
    out
}

fn section(out: &mut String, nr: usize, step: &Step) {
    let _ = write!(
        out,
        "<section>\n<h2>{nr}. {}</h2>\n<p>{}</p>\n",
        escape(&step.title),
        escape(&step.text)
    );
    let _ = writeln!(out, "<pre>{}</pre>", escape(&step.commands.join("\n")));
    if !step.powershell.is_empty() {
        let _ = writeln!(
            out,
            "<p>Windows (PowerShell):</p>\n<pre>{}</pre>",
            escape(&step.powershell.join("\n"))
        );
    }
    out.push_str("</section>\n");
}

pub(super) fn text(kit: &Kit) -> String {
    let mut out = format!("RECOVERY KIT: {}\n\n{}\n\n", one_line(&kit.vault), intro(kit));
    for (name, value) in kit.facts() {
        let _ = writeln!(out, "{name:<9} {}", one_line(&value));
    }
    match &kit.password {
        KitPassword::Printed(password) => {
            let _ = writeln!(out, "{:<9} {}", "Password", one_line(password));
        }
        KitPassword::Field => {
            let _ = writeln!(out, "{:<9} {}", "Password", "_".repeat(50));
        }
        KitPassword::Words(words) => {
            let _ = writeln!(out, "{:<9} {}", "Password", super::words::numbered(words));
        }
    }
    for (nr, step) in kit.steps().iter().enumerate() {
        let _ = write!(out, "\n{}. {}\n   {}\n", nr + 1, step.title, one_line(&step.text));
        for command in &step.commands {
            let _ = writeln!(out, "   $ {command}");
        }
        if !step.powershell.is_empty() {
            out.push_str("   Windows (PowerShell):\n");
        }
        for command in &step.powershell {
            let _ = writeln!(out, "   > {command}");
        }
    }
    out
}

fn intro(kit: &Kit) -> &'static str {
    match kit.password {
        KitPassword::Printed(_) => {
            "Keep this page where a fire or thief at the computer does not reach it. Whoever holds it and the vault can read the backups; without \
             the password nobody can. Backstay is not needed: the vault is an ordinary restic repository."
        }
        KitPassword::Field => {
            "Write the password into the field, and keep this page where a fire or thief at the computer does not reach it: without the password \
             nobody can read the backups. Backstay is not needed: the vault is an ordinary restic repository."
        }
        KitPassword::Words(_) => {
            "Keep this page where a fire or thief at the computer does not reach it. The words open the vault: whoever holds them and the vault \
             can read the backups. Nothing else knows them. With Backstay or without it: the vault is an ordinary restic repository."
        }
    }
}

/// Control characters would let a name forge further lines of the text form.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(c),
        }
    }
    out
}
