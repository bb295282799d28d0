//! The folder of documents: texts, tables and pictures, each a real file of its kind.

use std::fmt::Write as _;

use chrono::TimeDelta;

use crate::{Language, Result, Sample, SampleError, chance::Chance, folder, texts::texts, write};

/// Width and height of the pictures in pixels.
const SIDE: usize = 96;

pub(crate) fn make(sample: &Sample) -> Result<()> {
    let root = sample.documents();
    for name in ["", "notes", "tables", "pictures"] {
        folder(&root.join(name))?;
    }
    let mut chance = Chance::new(21);
    for at in 0..14 {
        write(&root.join(format!("notes/{:02}.md", at + 1)), text(sample, &mut chance, at))?;
    }
    write(&root.join("tables").join(expenses(sample)), table(sample, &mut chance, 240))?;
    for at in 0..6 {
        write(&root.join(format!("pictures/{:02}.png", at + 1)), png(at))?;
    }
    write(&root.join("pictures/plan.svg"), PLAN)?;
    write(&root.join(letter(sample)), pdf(texts(sample.language).sentences))
}

fn expenses(sample: &Sample) -> &'static str {
    match sample.language {
        Language::English => "expenses.csv",
        Language::German => "Ausgaben.csv",
    }
}

fn letter(sample: &Sample) -> &'static str {
    match sample.language {
        Language::English => "Letter to the landlord.pdf",
        Language::German => "Brief an die Vermieterin.pdf",
    }
}

fn text(sample: &Sample, chance: &mut Chance, at: usize) -> String {
    let texts = texts(sample.language);
    let day = (sample.today - TimeDelta::days(3 * at as i64)).format("%Y-%m-%d");
    let mut out = format!("# {}\n\n{day}\n\n", chance.one(texts.topics));
    for _ in 0..3 + chance.below(5) {
        let _ = writeln!(out, "- {}", chance.one(texts.sentences));
    }
    out
}

fn table(sample: &Sample, chance: &mut Chance, rows: usize) -> String {
    let texts = texts(sample.language);
    let mut out = match sample.language {
        Language::English => "date,what,amount\n".to_owned(),
        Language::German => "Datum,Was,Betrag\n".to_owned(),
    };
    for at in 0..rows {
        let day = (sample.today - TimeDelta::days(at as i64)).format("%Y-%m-%d");
        let _ = writeln!(
            out,
            "{day},{},{}.{:02}",
            chance.one(texts.things),
            chance.below(300),
            chance.below(100)
        );
    }
    out
}

pub(crate) fn work(sample: &Sample, day: u32) -> Result<()> {
    let mut chance = Chance::new(500 + u64::from(day));
    let at = 14 + day as usize;
    write(
        &sample.documents().join(format!("notes/{:02}.md", at + 1)),
        text(sample, &mut chance, 0),
    )?;
    write(
        &sample.documents().join("tables").join(expenses(sample)),
        table(sample, &mut Chance::new(21), 240 + 3 * day as usize),
    )
}

pub(crate) fn mishap(sample: &Sample) -> Result<Vec<String>> {
    let texts = texts(sample.language);
    let letter = letter(sample);
    let path = sample.documents().join(letter);
    match std::fs::remove_file(&path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(SampleError::File { path, error }),
        _ => {}
    }
    let expenses = expenses(sample);
    write(
        &sample.documents().join("tables").join(expenses),
        table(sample, &mut Chance::new(21), 5),
    )?;
    Ok(vec![
        texts.removed.replace("{p}", letter),
        texts.emptied.replace("{p}", expenses),
    ])
}

const PLAN: &str = r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 320 200"><rect width="320" height="200" fill="#f4efe6"/>
<g fill="none" stroke="#2f6f4f" stroke-width="4"><rect x="20" y="20" width="180" height="160"/><path d="M200 60h100v120H200M20 100h180"/></g>
<circle cx="110" cy="60" r="18" fill="#c2571a"/></svg>
"##;

/// A picture of soft colours: a PNG whose content is stored, not compressed (RFC 2083; RFC 1951, 3.2.4).
fn png(at: usize) -> Vec<u8> {
    let mut pixels = Vec::with_capacity(SIDE * (1 + 3 * SIDE));
    for y in 0..SIDE {
        pixels.push(0);
        for x in 0..SIDE {
            pixels.extend([(x * 2 + at * 40) as u8, (y * 2 + at * 20) as u8, ((x * y / SIDE) + 90) as u8]);
        }
    }
    let mut zlib = vec![0x78, 0x01];
    let mut blocks = pixels.chunks(0xffff).peekable();
    while let Some(block) = blocks.next() {
        let length = block.len() as u16;
        zlib.push(u8::from(blocks.peek().is_none()));
        zlib.extend(length.to_le_bytes());
        zlib.extend((!length).to_le_bytes());
        zlib.extend(block);
    }
    zlib.extend(adler(&pixels).to_be_bytes());
    let mut head = Vec::new();
    head.extend((SIDE as u32).to_be_bytes());
    head.extend((SIDE as u32).to_be_bytes());
    head.extend([8, 2, 0, 0, 0]);
    let mut out = b"\x89PNG\r\n\x1a\n".to_vec();
    for (kind, content) in [(b"IHDR", head), (b"IDAT", zlib), (b"IEND", Vec::new())] {
        out.extend((content.len() as u32).to_be_bytes());
        let body: Vec<u8> = kind.iter().copied().chain(content).collect();
        out.extend(&body);
        out.extend(crc(&body).to_be_bytes());
    }
    out
}

fn adler(bytes: &[u8]) -> u32 {
    let (a, b) = bytes.iter().fold((1_u32, 0_u32), |(a, b), byte| {
        let a = (a + u32::from(*byte)) % 65521;
        (a, (b + a) % 65521)
    });
    b << 16 | a
}

fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 }
        })
    })
}

/// One page of text as a PDF: a catalogue, a page, a font every reader has, and the table of where they lie.
fn pdf(lines: &[&str]) -> Vec<u8> {
    let mut text = String::from("BT /F1 10 Tf 50 780 Td 16 TL\n");
    for line in lines {
        let latin: String = line.chars().map(|c| if c.is_ascii() { c } else { '?' }).collect();
        let _ = writeln!(
            text,
            "({}) Tj T*",
            latin.replace('\\', "\\\\").replace('(', "\\(").replace(')', "\\)")
        );
    }
    text.push_str("ET");
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>"
            .to_owned(),
        format!("<< /Length {} >>\nstream\n{text}\nendstream", text.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
    ];
    let mut out = "%PDF-1.4\n".to_owned();
    let mut places = Vec::new();
    for (at, object) in objects.iter().enumerate() {
        places.push(out.len());
        let _ = write!(out, "{} 0 obj\n{object}\nendobj\n", at + 1);
    }
    let start = out.len();
    let _ = write!(out, "xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for place in places {
        let _ = writeln!(out, "{place:010} 00000 n ");
    }
    let _ = write!(
        out,
        "trailer\n<< /Size {} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n",
        objects.len() + 1
    );
    out.into_bytes()
}
