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
  "drill.run": "drill",
};

/** The source, vault or file a job works on, if its request names one. */
export function jobSubject(job: JobView): string | undefined {
  const request = (job.request ?? {}) as Record<string, unknown>;
  if (job.command === "plan.run") {
    // A plan's name says little without what is done: the whole name of the job is shown.
    return undefined;
  }
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

/** `Plan “Every 6 hours”: backup`; a plan is asked for by its name, its task by a word. */
function planName(job: JobView, t: TFunction): string {
  const { plan, task } = (job.request ?? {}) as { plan?: unknown; task?: unknown };
  return t("common:job.plan", {
    plan: typeof plan === "string" ? plan : "",
    task: t(`common:job.task.${typeof task === "string" ? task : "backup"}`),
  });
}

/** `Backing up: Billing` */
export function jobName(job: JobView, t: TFunction): string {
  if (job.command === "plan.run") {
    return planName(job, t);
  }
  const what = t(`common:job.${verbs[job.command] ?? "other"}`);
  const subject = jobSubject(job);
  return subject ? t("common:job.subject", { what, subject }) : what;
}
