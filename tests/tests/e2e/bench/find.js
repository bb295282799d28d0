// Finds visible elements by role and accessible name. Covers what the window uses of the naming rules.
const [role, name, part] = arguments;

const IMPLICIT = {
  alert: "",
  article: "article",
  banner: "header",
  button: "button, input[type=button], input[type=submit], summary",
  cell: "td",
  checkbox: "input[type=checkbox]:not([role])",
  columnheader: "th",
  combobox: "select:not([multiple])",
  complementary: "aside",
  dialog: "dialog",
  form: "form",
  group: "fieldset, details",
  heading: "h1, h2, h3, h4, h5, h6",
  img: "img, svg[aria-label], svg[aria-labelledby]",
  link: "a[href]",
  list: "ul, ol",
  listitem: "li",
  main: "main",
  navigation: "nav",
  option: "option",
  progressbar: "progress",
  radio: "input[type=radio]",
  region: "section[aria-label], section[aria-labelledby]",
  row: "tr",
  searchbox: "input[type=search]",
  slider: "input[type=range]",
  spinbutton: "input[type=number]",
  table: "table",
  textbox: "input:not([type]), input[type=text], input[type=password], input[type=email], input[type=url], textarea",
};

const squeeze = (text) => (text || "").replace(/\s+/g, " ").trim();

function hidden(element) {
  if (element.closest("[aria-hidden=true], [inert]")) return true;
  const style = getComputedStyle(element);
  if (style.visibility === "hidden" || style.display === "none") return true;
  const box = element.getBoundingClientRect();
  // Inputs drawn by others are often a pixel large, options have no box at all.
  return box.width === 0 && box.height === 0 && !["INPUT", "OPTION", "TR", "TD"].includes(element.tagName);
}

function content(node) {
  if (node.nodeType === Node.TEXT_NODE) return node.textContent;
  if (node.nodeType !== Node.ELEMENT_NODE) return "";
  if (node.getAttribute("aria-hidden") === "true") return "";
  const style = getComputedStyle(node);
  if (style.display === "none" || style.visibility === "hidden") return "";
  const label = node.getAttribute("aria-label");
  if (label) return ` ${label} `;
  if (node.tagName === "IMG") return ` ${node.alt} `;
  if (node.tagName === "svg") return ` ${node.querySelector("title")?.textContent ?? ""} `;
  const inner = [...node.childNodes].map(content).join("");
  return style.display.startsWith("inline") ? inner : ` ${inner} `;
}

function nameOf(element) {
  const by = element.getAttribute("aria-labelledby");
  if (by) {
    const parts = by.split(/\s+/).map((id) => document.getElementById(id)).filter(Boolean);
    const text = squeeze(parts.map((one) => (one === element ? nameOf(one) : one.getAttribute("aria-label") || one.textContent)).join(" "));
    if (text) return text;
  }
  const label = squeeze(element.getAttribute("aria-label"));
  if (label) return label;
  if (element.labels?.length) return squeeze([...element.labels].map(content).join(" "));
  if (element.alt) return squeeze(element.alt);
  if (["INPUT", "TEXTAREA", "SELECT"].includes(element.tagName)) {
    if (["button", "submit"].includes(element.type)) return squeeze(element.value);
    return squeeze(element.title || element.placeholder);
  }
  if (element.tagName === "TABLE" && element.caption) return squeeze(element.caption.textContent);
  if (element.tagName === "FIELDSET") return squeeze(element.querySelector("legend")?.textContent);
  const fromContent = squeeze(content(element));
  return fromContent || squeeze(element.title);
}

const selector = [`[role=${role}]`, IMPLICIT[role]].filter(Boolean).join(", ");
const ours = (element) => !element.hasAttribute("role") || element.getAttribute("role").split(" ")[0] === role;
// A switch is a checkbox in HTML; asked for as either.
const wanted = squeeze(name);
const fits = (element) => {
  if (name === null) return true;
  const found = nameOf(element);
  return part ? found.includes(wanted) : found === wanted;
};
return [...document.querySelectorAll(selector)].filter((element) => ours(element) && !hidden(element) && fits(element));
