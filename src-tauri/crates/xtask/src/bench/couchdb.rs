//! A CouchDB database through Backstay and through couchbackup: the same documents, from the same server, which counts requests.
//!
//! The server is the stand-in of the tests, in memory, so that the figures are those of the programs. couchbackup knows no incremental
//! run: after a change it takes everything again.

use std::fmt;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail};

use super::measure::{self, Usage};
use super::text::Numbers;

/// Documents of the full size.
const DOCUMENTS: u64 = 100_000;
/// Attachments of the full size, and bytes of each.
const ATTACHMENTS: u64 = 64;
const ATTACHMENT: usize = 16 << 20;
const PASSWORD: &str = "measured";

/// Measures, and gives the figures as Markdown. Works below `target/bench-couchdb` and removes what it made there.
///
/// # Errors
/// When a program is missing or fails.
pub fn couchdb(root: &Path, scale: u64, say: &mut dyn FnMut(&str)) -> Result<String> {
    let place = root.join("target/bench-couchdb");
    super::clear(&place)?;
    fs::create_dir_all(&place)?;
    let bench = Bench {
        server: Server::start(root)?,
        documents: (DOCUMENTS * scale / 100).max(100),
        root,
        place: &place,
    };
    let mut table = Table::default();
    bench.load(0, bench.documents)?;
    bench.prepare()?;
    let all = bench.documents;
    let mut add = |step: &str, program: &'static str, items: u64, mut command: Command| {
        let figure = bench.measured(&mut command)?;
        table.add(step, program, items, figure, say);
        anyhow::Ok(())
    };
    add("first backup", "backstay", all, bench.backup("shop"))?;
    add("first backup", "couchbackup", all, bench.couchbackup()?)?;
    bench.load(1, all / 100)?;
    add("1 % changed", "backstay", all, bench.backup("shop"))?;
    add("1 % changed", "couchbackup", all, bench.couchbackup()?)?;
    add("nothing changed", "backstay", all, bench.backup("shop"))?;
    add("restore", "backstay", all, bench.restore())?;
    bench.server.ask("PUT", "/copy-of-couchbackup", None)?;
    add("restore", "couchbackup", all, bench.couchrestore())?;
    let attachments = (ATTACHMENTS * scale / 100).max(1);
    bench.attach(attachments)?;
    let what = format!("{attachments} attachments of 16 MiB");
    add(&what, "backstay", attachments, bench.backup("files"))?;
    super::clear(&place)?;
    Ok(table.to_string())
}

struct Bench<'a> {
    server: Server,
    documents: u64,
    root: &'a Path,
    place: &'a Path,
}

impl Bench<'_> {
    /// Writes documents, or new revisions of those that are there.
    fn load(&self, round: u64, documents: u64) -> Result<()> {
        let what = format!(r#"{{"database":"shop","documents":{documents},"round":{round}}}"#);
        self.server.ask("POST", "/_standin/load", Some(&what))?;
        Ok(())
    }

    fn attach(&self, count: u64) -> Result<()> {
        self.server.ask("PUT", "/files", None)?;
        let file = self.place.join("attachment");
        let mut numbers = Numbers::new(7);
        for number in 0..count {
            let mut out = std::io::BufWriter::new(fs::File::create(&file)?);
            for _ in 0..ATTACHMENT / 8 {
                out.write_all(&numbers.next().to_le_bytes())?;
            }
            out.flush()?;
            let body = format!("@{}", file.display());
            self.server
                .ask("PUT", &format!("/files/doc-{number}/content.bin"), Some(&body))?;
        }
        Ok(())
    }

    /// Home, vault and sources of Backstay.
    fn prepare(&self) -> Result<()> {
        let repository = self.place.join("repository");
        measure::run(self.backstay().args(["vault", "create", "bench", "--path"]).arg(repository))?;
        for database in ["shop", "files"] {
            let mut add = self.backstay();
            add.args([
                "source",
                "add",
                "couchdb",
                database,
                "--url",
                &self.server.url,
                "--database",
                database,
            ]);
            measure::run(&mut add)?;
        }
        Ok(())
    }

    fn backstay(&self) -> Command {
        let mut command = Command::new(self.root.join("target/release/backstay"));
        command
            .env("BACKSTAY_PASSWORD", PASSWORD)
            .env("BACKSTAY_SECRETS", "none")
            .env("BACKSTAY_HOME", self.place.join("state"));
        command
    }

    fn backup(&self, source: &str) -> Command {
        let mut command = self.backstay();
        command.args(["backup", source, "--vault", "bench"]);
        command
    }

    fn restore(&self) -> Command {
        let mut command = self.backstay();
        command.args(["--yes", "restore", "shop@latest", "--to", "copy-of-backstay"]);
        command
    }

    fn node(&self, program: &str) -> Command {
        let packages = self
            .root
            .join("tests/services/couchdb/node_modules/@cloudant/couchbackup/bin");
        let mut command = Command::new("node");
        command.arg(packages.join(program));
        command
    }

    fn copy(&self) -> PathBuf {
        self.place.join("couchbackup.txt")
    }

    fn couchbackup(&self) -> Result<Command> {
        if self.copy().exists() {
            fs::remove_file(self.copy())?;
        }
        let mut command = self.node("couchbackup.bin.js");
        command
            .args(["--url", &self.server.url, "--db", "shop", "--output"])
            .arg(self.copy());
        Ok(command)
    }

    /// It reads the backup from its standard input.
    fn couchrestore(&self) -> Command {
        let node = self.node("couchrestore.bin.js");
        let program = node.get_args().next().map(|path| path.to_string_lossy().into_owned());
        let script = format!(
            "node '{}' --url {} --db copy-of-couchbackup < '{}'",
            program.unwrap_or_default(),
            self.server.url,
            self.copy().display()
        );
        let mut command = Command::new("sh");
        command.args(["-c", &script]);
        command
    }

    fn measured(&self, command: &mut Command) -> Result<Figure> {
        self.server.ask("DELETE", "/_standin/counters", None)?;
        let usage = measure::run(command)?;
        let counters = self.server.ask("GET", "/_standin/counters", None)?;
        let sum = |name: &str| {
            let mark = format!("\"{name}\":");
            let numbers = counters.split(mark.as_str()).skip(1);
            numbers
                .filter_map(|rest| rest.split([',', '}']).next()?.trim().parse::<u64>().ok())
                .sum::<u64>()
        };
        Ok(Figure {
            usage,
            requests: sum("requests"),
            bytes: sum("sent") + sum("received"),
        })
    }
}

/// The stand-in, for as long as this lives.
struct Server {
    child: Child,
    url: String,
}

impl Server {
    fn start(root: &Path) -> Result<Self> {
        let program = root.join("target/release/couchdb-standin");
        let mut child = Command::new(&program)
            .arg("--admin-party")
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("starting {}", program.display()))?;
        let out = child.stdout.take().context("the stand-in has no output")?;
        let mut url = String::new();
        BufReader::new(out).read_line(&mut url)?;
        let url = url
            .split_whitespace()
            .find(|word| word.starts_with("http"))
            .unwrap_or_default()
            .to_owned();
        Ok(Self { child, url })
    }

    /// A request, by curl; `@FILE` sends a file.
    fn ask(&self, method: &str, path: &str, body: Option<&str>) -> Result<String> {
        let mut curl = Command::new("curl");
        curl.args(["--silent", "--show-error", "--fail-with-body", "--request", method])
            .args(["--header", "X-Standin-Control: standin"]);
        if let Some(body) = body {
            let kind = if body.starts_with('@') {
                "application/octet-stream"
            } else {
                "application/json"
            };
            curl.args(["--header", &format!("Content-Type: {kind}"), "--data-binary", body]);
        }
        let output = curl.arg(format!("{}{path}", self.url)).output().context("starting curl")?;
        let answer = String::from_utf8_lossy(&output.stdout).into_owned();
        if !output.status.success() {
            bail!("{method} {path}: {answer}{}", String::from_utf8_lossy(&output.stderr));
        }
        Ok(answer)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What one run cost.
struct Figure {
    usage: Usage,
    requests: u64,
    /// Bytes of bodies in both directions.
    bytes: u64,
}

/// All figures, in the order they were measured.
#[derive(Default)]
struct Table(Vec<(String, &'static str, u64, Figure)>);

impl Table {
    fn add(&mut self, step: &str, program: &'static str, items: u64, figure: Figure, say: &mut dyn FnMut(&str)) {
        say(&format!("{program}, {step}: {}, {} requests", figure.usage, figure.requests));
        self.0.push((step.to_owned(), program, items, figure));
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "\n### CouchDB\n\n| step | program | wall s | per second | CPU s | peak MiB | requests | MiB moved |\n|---|---|--:|--:|--:|--:|--:|--:|"
        )?;
        for (step, program, items, figure) in &self.0 {
            let Usage { cpu, wall, memory } = figure.usage;
            writeln!(
                f,
                "| {step} | {program} | {wall:.2} | {:.0} | {cpu:.2} | {memory:.0} | {} | {:.1} |",
                *items as f64 / wall.max(0.01),
                figure.requests,
                figure.bytes as f64 / 1_048_576.0
            )?;
        }
        Ok(())
    }
}
