/** How one logs in at a CouchDB server, and which settings each way needs. */
import type { Options } from "../OptionsForm";

/** Ways to log in, as the connector's setting `auth` names them. */
export const methods = ["basic", "cookie", "jwt", "proxy", "iam", "none"] as const;
/** One way. */
export type Method = (typeof methods)[number];

/** The settings of each way, in the order they are filled in. */
export const fieldsOf: Record<Method, readonly string[]> = {
  basic: ["user", "password"],
  cookie: ["user", "password"],
  jwt: ["token"],
  proxy: ["user", "proxy-roles", "proxy-secret"],
  iam: ["api-key", "iam-url"],
  none: [],
};

/** Settings without which a way makes no sense. */
const needed: Record<Method, readonly string[]> = {
  basic: ["user", "password"],
  cookie: ["user", "password"],
  jwt: ["token"],
  proxy: ["user"],
  iam: ["api-key"],
  none: [],
};

/** The way the settings say; by what is given when they do not. */
export function methodOf(options: Options): Method {
  const said = methods.find((method) => method === options.auth);
  if (said) {
    return said;
  }
  if (options["api-key"] !== undefined) {
    return "iam";
  }
  if (options.token !== undefined) {
    return "jwt";
  }
  return "basic";
}

/** The settings with another way to log in; what only the former one needs goes. */
export function withMethod(options: Options, method: Method): Options {
  const keep = new Set(fieldsOf[method]);
  const login = new Set(Object.values(fieldsOf).flat());
  const rest = Object.fromEntries(Object.entries(options).filter(([name]) => !login.has(name) || keep.has(name)));
  return { ...rest, auth: method };
}

/** Whether everything the way needs is filled in; secrets of a source that exists are kept already. */
export function loginIsComplete(options: Options, secrets: ReadonlySet<string>, existing: boolean): boolean {
  return needed[methodOf(options)].every((name) => options[name] !== undefined || (existing && secrets.has(name)));
}

/** A name for a source from its address: `https://couch.example.org:6984` gives `couch.example.org`. */
export function nameFromUrl(url: unknown): string {
  if (typeof url !== "string") {
    return "";
  }
  try {
    return new URL(url).hostname;
  } catch {
    return "";
  }
}

/** Whether the address names another computer and nothing protects what is sent. */
export function isInTheClear(url: unknown): boolean {
  if (typeof url !== "string" || !url.startsWith("http://")) {
    return false;
  }
  const host = nameFromUrl(url);
  return host !== "" && host !== "localhost" && host !== "[::1]" && !host.startsWith("127.");
}
