/** What a job is called: the verb of its command and the thing it works on. */
import type { TFunction } from "i18next";
import type { JobView } from "../api/generated";

const verbs: Record<string, string> = {
  backup: "backup",
  "restore.plan": "compare",
  "restore.run": "restore",
  "restore.resume": "restore",
  "restore.undo": "undo",
  "vault.verify": "check",
  "vault.prune": "prune",
  "vault.repair": "repair",
  "snapshot.forget": "forget",
  "bundle.export": "export",
  "bundle.import": "import",
  "bundle.inspect": "check",
};

/** The source, vault or file a job works on, if its request names one. */
export function jobSubject(job: JobView): string | undefined {
  const request = (job.request ?? {}) as Record<string, unknown>;
  if (Array.isArray(request.sources) && request.sources.length > 0) {
    return request.sources.join(", ");
  }
  for (const name of ["source", "vault", "name", "path", "to"]) {
    const value = request[name];
    // The path of a restore is that of its plan, which says nothing to anybody.
    if (typeof value === "string" && !(name === "path" && job.command.startsWith("restore."))) {
      return name === "path" || name === "to" ? (value.split(/[/\\]/).findLast(Boolean) ?? value) : value;
    }
  }
  return undefined;
}

/** `Backing up: Billing` */
export function jobName(job: JobView, t: TFunction): string {
  const what = t(`common:job.${verbs[job.command] ?? "other"}`);
  const subject = jobSubject(job);
  return subject ? t("common:job.subject", { what, subject }) : what;
}
