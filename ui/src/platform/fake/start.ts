/** The fake for a plain browser: `?guard`, `?many=300`, `?empty`, `?couch=2000`, `?job`, `?lock`, `?scheme=dark`, `?fail=overview:unreachable`, `?slow=1500` in the address script it. */
import type { Commands, ErrorKind } from "../../api/generated";
import { setAppearance } from "../../theme/appearance";
import { trip } from "./guards";
import { apiError, Fake } from "./index";

/** Makes the fake as the address asks for. */
export function startFake(): Fake {
  const query = new URLSearchParams(location.search);
  const couch = query.has("couch") && (Number(query.get("couch")) || true);
  const fake = new Fake({ empty: query.has("empty"), couch });
  if (query.has("lock")) {
    Object.assign(fake.world, { passphrase: query.get("lock") || "open", locked: true });
  }
  const scheme = query.get("scheme");
  if (scheme === "dark" || scheme === "light" || scheme === "system") {
    setAppearance({ scheme });
    fake.world.settings.scheme = scheme;
  }
  const language = query.get("lang");
  if (language) {
    setAppearance({ language });
    fake.world.settings.language = language;
  }
  if (query.has("safe")) {
    setAppearance({ colourBlind: true });
    fake.world.settings.colourBlind = true;
  }
  for (const name of query.getAll("fail")) {
    const [command = "", code = "unreachable"] = name.split(":");
    fake.fail(
      command as keyof Commands,
      apiError(code as ErrorKind, "Office NAS did not answer: connection refused.", { causes: ["ECONNREFUSED"] }),
    );
  }
  if (query.has("guard")) {
    trip(fake.world, "Orders");
  }
  const model = fake.world.sources[1];
  for (let n = 0; model && n < Number(query.get("many")); n++) {
    const copy = structuredClone(n % 9 ? model : (fake.world.sources[n % 7] ?? model));
    copy.row.id += n;
    copy.row.name = `${copy.row.name} ${n + 1}`;
    fake.world.sources.push(copy);
  }
  if (query.has("job")) {
    void fake.answer("job.start", {
      command: "backup",
      request: { sources: ["Billing"], all: false, vaults: [], tags: [] },
    });
  }
  const slow = Number(query.get("slow"));
  if (slow > 0) {
    const call = fake.call.bind(fake);
    fake.call = async (name, request, options) => {
      await new Promise((resolve) => setTimeout(resolve, slow));
      return call(name, request, options);
    };
  }
  // For trying things by hand and for the screenshot script.
  Object.assign(window, { fake });
  return fake;
}
