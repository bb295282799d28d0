//! What is injected into the page to find things as people and screen readers do.

/// `(role, name, part) -> elements`: visible elements with an ARIA role whose accessible name is `name` (or contains it).
pub const FIND: &str = include_str!("find.js");

/// `(name, request, options, done)`: a call of the api, past the screens.
pub const CALL: &str = r"
const [command, args, done] = arguments;
window.__TAURI_INTERNALS__.invoke(command, args).then((reply) => done({ reply }), (error) => done({ error }));
";

/// Runs axe-core, which must have been injected, and gives what is serious.
pub const AXE: &str = r"
const done = arguments[arguments.length - 1];
const options = { resultTypes: ['violations'], runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'] };
window.axe.run(document, options).then(({ violations }) => {
  const serious = violations.filter((violation) => ['serious', 'critical'].includes(violation.impact));
  done(serious.map(({ id, help, nodes }) => ({ id, help, nodes: nodes.map((node) => node.target.join(' ') + ': ' + node.html.slice(0, 160) + ' ' + (node.any[0] || node.all[0] || node.none[0] || {}).message) })));
}, (error) => done([{ id: 'axe', help: String(error), nodes: [] }]));
";
