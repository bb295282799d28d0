//! The stand-in as a program: `couchdb-standin --port 5984 --admin admin:password`. Its first line is its address.

use std::io::{self, Write};
use std::process::ExitCode;
use std::time::Duration;

use backstay_couchdb_standin::{Config, Load, Rates, Standin, Tls};

const HELP: &str = "\
couchdb-standin: a strict CouchDB 3.5 in memory, for tests

  --port N                 listen on this port of 127.0.0.1 (default: a free one)
  --admin USER:PASSWORD    an administrator (default: admin:password); `--admin-party` for none
  --cloudant               limits, rates and tokens of IBM Cloudant
  --api-key KEY            an API key the token endpoint knows
  --rates L,W,Q            lookups, writes and queries a second, 429 beyond
  --tls-cert FILE --tls-key FILE   speak TLS with this certificate (PEM)
  --document-limit BYTES   largest document
  --attachment-limit BYTES largest attachment
  --request-limit BYTES    largest request
  --session SECONDS        how long a cookie is good
  --jwt-secret TEXT        take HS256 tokens signed with this
  --proxy-secret TEXT      take proxy authentication signed with this
  --control TEXT           what the header X-Standin-Control must say (default: standin)
  --threads N              threads that serve (default: 2)
  --load DB:N[:BYTES]      begin with N made-up documents in DB
";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            // Nothing is left to do when the error cannot be told.
            let _ = writeln!(io::stderr(), "couchdb-standin: {message}");
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<(), String> {
    let Some((config, loads)) = parse(std::env::args().skip(1))? else {
        let _ = io::stdout().write_all(HELP.as_bytes());
        return Ok(());
    };
    let standin = Standin::start(config).map_err(|error| error.to_string())?;
    for load in &loads {
        standin.load(load).map_err(|error| error.to_string())?;
    }
    let mut out = io::stdout();
    writeln!(out, "{}", standin.url())
        .and_then(|()| out.flush())
        .map_err(|error| error.to_string())?;
    // A signal ends it.
    loop {
        std::thread::sleep(Duration::from_secs(3600));
    }
}

type Parsed = Option<(Config, Vec<Load>)>;

/// What the flags say so far.
struct Flags {
    config: Config,
    loads: Vec<Load>,
    own_admins: bool,
    certificate: Option<String>,
    key: Option<String>,
}

fn parse(arguments: impl Iterator<Item = String>) -> Result<Parsed, String> {
    let all: Vec<String> = arguments.collect();
    let cloudant = all.iter().any(|one| one == "--cloudant");
    let mut flags = Flags {
        config: if cloudant { Config::cloudant() } else { Config::default() },
        loads: Vec::new(),
        own_admins: false,
        certificate: None,
        key: None,
    };
    let mut arguments = all.into_iter();
    while let Some(flag) = arguments.next() {
        match flag.as_str() {
            "--cloudant" => {}
            "--help" | "-h" => return Ok(None),
            "--admin-party" => flags.config.admins.clear(),
            _ => {
                let value = arguments
                    .next()
                    .ok_or_else(|| format!("{flag} needs a value, or is not known"))?;
                flags.set(&flag, value)?;
            }
        }
    }
    let Flags {
        mut config,
        loads,
        certificate,
        key,
        ..
    } = flags;
    config.tls = match (certificate, key) {
        (Some(certificates), Some(key)) => Some(Tls { certificates, key }),
        (None, None) => None,
        _ => return Err("--tls-cert and --tls-key belong together".to_owned()),
    };
    Ok(Some((config, loads)))
}

impl Flags {
    fn set(&mut self, flag: &str, value: String) -> Result<(), String> {
        let config = &mut self.config;
        match flag {
            "--port" => config.address.set_port(number(&value)?),
            "--admin" => {
                let (name, password) = value.split_once(':').ok_or("--admin wants USER:PASSWORD")?;
                if !std::mem::replace(&mut self.own_admins, true) {
                    config.admins.clear();
                }
                config.admins.insert(name.to_owned(), password.to_owned());
            }
            "--api-key" => config.api_keys.push(value),
            "--rates" => {
                let parts: Result<Vec<u32>, String> = value.split(',').map(number).collect();
                let [lookups, writes, queries] = parts?[..] else {
                    return Err("--rates wants L,W,Q".to_owned());
                };
                config.rates = Some(Rates {
                    lookups,
                    writes,
                    queries,
                });
            }
            "--tls-cert" => self.certificate = Some(file(&value)?),
            "--tls-key" => self.key = Some(file(&value)?),
            "--document-limit" => config.max_document = number(&value)?,
            "--attachment-limit" => config.max_attachment = number(&value)?,
            "--request-limit" => config.max_request = number(&value)?,
            "--session" => config.session = Duration::from_secs(number(&value)?),
            "--jwt-secret" => config.jwt_secret = Some(value),
            "--proxy-secret" => config.proxy_secret = Some(value),
            "--control" => config.control = value,
            "--threads" => config.threads = number(&value)?,
            "--load" => self.loads.push(load(&value)?),
            _ => return Err(format!("{flag} is not known; --help says what is")),
        }
        Ok(())
    }
}

fn load(value: &str) -> Result<Load, String> {
    let parts: Vec<&str> = value.split(':').collect();
    match parts[..] {
        [database, documents] => Ok(Load::new(database, number(documents)?)),
        [database, documents, bytes] => Ok(Load {
            bytes: number(bytes)?,
            ..Load::new(database, number(documents)?)
        }),
        _ => Err("--load wants DB:N or DB:N:BYTES".to_owned()),
    }
}

fn number<T: std::str::FromStr>(text: &str) -> Result<T, String> {
    text.trim().parse().map_err(|_| format!("{text} is not a number that fits"))
}

fn file(path: &str) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))
}
