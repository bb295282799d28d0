//! TypeScript of the wire types: what the window calls is checked against what this crate answers.

use std::collections::BTreeMap;

use ts_rs::{Config, TS, TypeVisitor};

/// Collects declarations.
pub struct TypeScript {
    config: Config,
    types: BTreeMap<String, String>,
    commands: BTreeMap<String, (String, String)>,
}

impl Default for TypeScript {
    fn default() -> Self {
        Self {
            // JSON has one kind of number. Those that do not fit one of JavaScript's come as text of a record.
            config: Config::new().with_large_int("number"),
            types: BTreeMap::new(),
            commands: BTreeMap::new(),
        }
    }
}

impl TypeScript {
    /// Everything the window calls through `api`.
    #[must_use]
    pub fn of_api() -> Self {
        let mut out = Self::default();
        for command in crate::COMMANDS {
            (command.describe)(&mut out);
        }
        crate::desk::describe(&mut out);
        out
    }

    /// Adds a command with its types.
    pub fn command<Q: TS + 'static, R: TS + 'static>(&mut self, name: &str) {
        self.add::<Q>();
        self.add::<R>();
        self.commands
            .insert(name.to_owned(), (Q::name(&self.config), R::name(&self.config)));
    }

    /// Adds a type and all it refers to.
    pub fn add<T: TS + 'static + ?Sized>(&mut self) {
        self.visit::<T>();
    }

    /// The file: types by name, then `Commands`, which maps names of commands to their types.
    #[must_use]
    pub fn render(&self, about: &str, map: &str) -> String {
        let mut out = format!("// {about}\n");
        for declaration in self.types.values() {
            out.push('\n');
            out.push_str(declaration);
        }
        out.push_str(&format!("\nexport interface {map} {{\n"));
        for (name, (request, reply)) in &self.commands {
            out.push_str(&format!("  \"{name}\": {{ request: {request}; reply: {reply} }};\n"));
        }
        out.push_str("}\n");
        out
    }
}

impl TypeVisitor for TypeScript {
    fn visit<T: TS + 'static + ?Sized>(&mut self) {
        // Numbers, texts, lists have no declaration of their own; what they hold may have.
        if T::output_path().is_some() {
            let name = T::ident(&self.config);
            if self.types.contains_key(&name) {
                return;
            }
            let docs = T::docs().unwrap_or_default();
            self.types.insert(name, format!("{docs}export {}\n", T::decl(&self.config)));
        }
        T::visit_dependencies(self);
        T::visit_generics(self);
    }
}
