//! Size and shape of one Rust file: opens with why it exists, is not too long, has no endless functions.

use std::path::{Component, Path};

use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Attribute, Block, ImplItemFn, ItemFn, ItemMod, Signature, TraitItemFn};

use crate::Finding;

const MAX_FILE_LINES: usize = 600;
const MAX_FUNCTION_LINES: usize = 60;

/// How long a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileSize {
    /// Lines without test modules.
    pub lines: usize,
    /// The whole file is a test, an example or a benchmark.
    pub is_test: bool,
}

/// Checks one Rust file.
#[must_use]
pub fn check_rust_file(file: &Path, text: &str) -> (FileSize, Vec<Finding>) {
    let is_test = file
        .components()
        .any(|part| matches!(part, Component::Normal(name) if is_test_folder(name)));
    let mut findings = Vec::new();
    let first = text.lines().find(|line| !line.trim().is_empty());
    if !first.is_some_and(|line| line.starts_with("//!")) {
        findings.push(Finding::at(
            file,
            1,
            "has to open with a `//!` line that says why the file exists.".to_owned(),
        ));
    }
    let mut walk = Walk {
        functions: Vec::new(),
        test_lines: 0,
    };
    match syn::parse_file(text) {
        Ok(parsed) => walk.visit_file(&parsed),
        Err(error) => findings.push(Finding::at(file, error.span().start().line, format!("is not Rust: {error}"))),
    }
    let lines = text.lines().count().saturating_sub(walk.test_lines);
    if lines > MAX_FILE_LINES {
        let message = format!("{lines} lines without its tests; at most {MAX_FILE_LINES}. Split it by what it is about.");
        findings.push(Finding::at(file, 0, message));
    }
    for Function { name, line, lines } in walk.functions.iter().filter(|f| !is_test && f.lines > MAX_FUNCTION_LINES) {
        let message = format!("`{name}` has {lines} lines; a function has at most {MAX_FUNCTION_LINES}.");
        findings.push(Finding::at(file, *line, message));
    }
    (FileSize { lines, is_test }, findings)
}

fn is_test_folder(name: &std::ffi::OsStr) -> bool {
    name == "tests" || name == "examples" || name == "benches"
}

struct Function {
    name: String,
    line: usize,
    lines: usize,
}

/// Collects functions and the lines of test modules.
struct Walk {
    functions: Vec<Function>,
    test_lines: usize,
}

impl Walk {
    fn function(&mut self, signature: &Signature, block: &Block) {
        let line = signature.span().start().line;
        let end = block.span().end().line;
        self.functions.push(Function {
            name: signature.ident.to_string(),
            line,
            lines: lines(line, end),
        });
    }
}

impl<'ast> Visit<'ast> for Walk {
    fn visit_item_mod(&mut self, module: &'ast ItemMod) {
        if is_for_tests(&module.attrs) {
            let start = module.attrs.first().map_or_else(|| module.span(), Spanned::span);
            self.test_lines += lines(start.start().line, module.span().end().line);
        } else {
            visit::visit_item_mod(self, module);
        }
    }

    fn visit_item_fn(&mut self, function: &'ast ItemFn) {
        if !is_for_tests(&function.attrs) {
            self.function(&function.sig, &function.block);
            visit::visit_item_fn(self, function);
        }
    }

    fn visit_impl_item_fn(&mut self, function: &'ast ImplItemFn) {
        self.function(&function.sig, &function.block);
        visit::visit_impl_item_fn(self, function);
    }

    fn visit_trait_item_fn(&mut self, function: &'ast TraitItemFn) {
        if let Some(block) = &function.default {
            self.function(&function.sig, block);
        }
        visit::visit_trait_item_fn(self, function);
    }
}

fn lines(start: usize, end: usize) -> usize {
    end.saturating_sub(start) + 1
}

/// `#[test]` or `#[cfg(test)]`.
fn is_for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("test")
            || (attribute.path().is_ident("cfg")
                && attribute
                    .parse_args::<syn::Ident>()
                    .is_ok_and(|condition| condition == "test"))
    })
}
