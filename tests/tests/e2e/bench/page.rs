//! What is injected into the page to find things as people and screen readers do.

/// `(role, name, part) -> elements`: visible elements with an ARIA role whose accessible name is `name` (or contains it).
pub const FIND: &str = include_str!("find.js");

/// `(name, request, options, done)`: a call of the api, past the screens.
pub const CALL: &str = r"
const [command, args, done] = arguments;
window.__TAURI_INTERNALS__.invoke(command, args).then((reply) => done({ reply }), (error) => done({ error }));
";

/// `(rule, done)`: runs axe-core, which must have been injected, and gives what is serious.
pub const AXE: &str = r"
const [rule, done] = arguments;
const runOnly = rule ? [rule] : ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'];
const options = { resultTypes: ['violations'], runOnly };
window.axe.run(document, options).then(({ violations }) => {
  const serious = violations.filter((violation) => ['serious', 'critical'].includes(violation.impact));
  done(serious.map(({ id, help, nodes }) => ({ id, help, nodes: nodes.map((node) => node.target.join(' ') + ': ' + node.html.slice(0, 160) + ' ' + (node.any[0] || node.all[0] || node.none[0] || {}).message) })));
}, (error) => done([{ id: 'axe', help: String(error), nodes: [] }]));
";

/// `(paths) -> whether somebody listens`: what Tauri does in the page when files are dropped. The page itself may not emit.
pub const DROP: &str = r"
const name = 'tauri://drag-drop';
const listeners = (window.__internal_unstable_listeners_object_id__ || {})[name] || {};
const ids = Object.getOwnPropertyNames(listeners);
const payload = { paths: arguments[0], position: { x: 400, y: 300 } };
window.__internal_unstable_listeners_function_id__({ event: name, payload }, ids);
return ids.length > 0;
";
