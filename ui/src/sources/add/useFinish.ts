/** Makes what was chosen: the vault, the source, where it goes, and the job of the first backup. Each is made once, however often it is tried. */
import { useState } from "react";
import { asError, type BackstayError, type ConnectorRow, call, startJob } from "../../api";
import type { Draft, PlanPick } from "./draft";

/** A password for the new vault. */
export interface Secret {
  password: string;
  remember: boolean;
}

/** What making needs. */
interface Finish {
  draft: Draft;
  connector: ConnectorRow | undefined;
  change: (next: Partial<Draft>, connector?: ConnectorRow) => void;
}

/** Puts a source into the plan that was chosen for it. */
async function intoPlan(source: string, pick: PlanPick): Promise<void> {
  if (pick.spec) {
    await call("plan.set", { name: pick.name ?? source, sources: [source], spec: pick.spec });
    return;
  }
  const { plans } = await call("plan.list", {});
  const plan = plans.find((one) => one.name === pick.existing);
  if (plan && !plan.sources.includes(source)) {
    const { name, vaults, spec } = plan;
    await call("plan.set", { plan: name, name, sources: [...plan.sources, source], vaults, spec });
  }
}

/** The functions that make things, and what stood in the way. */
export function useFinish({ draft, connector, change }: Finish) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<BackstayError | null>(null);
  const attempt = async <T>(act: () => Promise<T>): Promise<T | undefined> => {
    setBusy(true);
    setError(null);
    try {
      return await act();
    } catch (thrown) {
      setError(asError(thrown));
      return undefined;
    } finally {
      setBusy(false);
    }
  };
  /** The new vault. Returns its name. */
  const makeVault = (secret: Secret) =>
    attempt(async () => {
      if (draft.madeVault) {
        return draft.madeVault;
      }
      const { name, path } = draft.newVault ?? { name: "", path: "" };
      const request = { name: name.trim(), path: path.trim(), remember: secret.remember };
      const row = await call("vault.create", request, { newPassword: secret.password, silent: true });
      change({ madeVault: row.name, step: "where", vaults: [...draft.vaults, row.name] }, connector);
      return row.name;
    });
  /** The source with its vaults, and its first backup. */
  const makeSource = (vaults: string[], password?: string) =>
    attempt(async () => {
      const name = draft.madeSource ?? draft.name.trim();
      if (!draft.madeSource) {
        const request = {
          kind: draft.kind ?? "",
          name,
          options: draft.options,
          force: draft.force,
          ...(draft.adopt ? { adopt: true } : {}),
        };
        await call("source.add", request);
        change({ madeSource: name }, connector);
      }
      await call("source.change", { name, vaults });
      if (draft.plan && !draft.planned) {
        await intoPlan(name, draft.plan);
        change({ planned: true }, connector);
      }
      // A password that was just typed opens the one vault it is of.
      const opener = password && vaults.length === 1 ? { password } : {};
      const job = await startJob("backup", { sources: [name] }, opener);
      change({ madeSource: name, job: job.id, step: "first", options: {} }, connector);
      return job;
    });
  /** The first backup once more. */
  const again = () =>
    attempt(async () => {
      const job = await startJob("backup", { sources: [draft.madeSource ?? draft.name] });
      change({ job: job.id }, connector);
    });
  return { busy, error, makeVault, makeSource, again };
}
