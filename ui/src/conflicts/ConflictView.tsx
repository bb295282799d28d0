/** One record in conflict: its versions, a choice, and what comes of it. */
import { Button } from "@mantine/core";
import { IconArrowLeft } from "@tabler/icons-react";
import { useState } from "react";
import { useNavigate } from "react-router";
import { type ConflictReply, type ConflictSettleReply, useAct, useCall } from "../api";
import { useTranslation } from "../i18n";
import { count } from "../i18n/format";
import { ErrorNote } from "../shared/ErrorNote";
import { ListStates } from "../shared/ListStates";
import { announce } from "../shared/live";
import { Note } from "../shared/Note";
import { paths } from "../shared/paths";
import { differing, keepOf, lostAttachments, type Picks, shortRev, wholeVersion } from "./choices";
import css from "./conflicts.module.css";
import { VersionsTable } from "./VersionsTable";

/** What the view shows. */
export interface ConflictViewProps {
  source: string;
  collection: string;
  id: string;
  onBack: () => void;
}

function Settled({ reply, onBack }: { reply: ConflictSettleReply; onBack: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  return (
    <Note
      status={reply.verdict === "complete" ? "complete" : "partial"}
      title={t("conflicts:settled", { rev: reply.rev ? shortRev(reply.rev) : "" })}
      actions={
        <>
          <Button variant="filled" onClick={onBack}>
            {t("conflicts:next")}
          </Button>
          <Button onClick={() => navigate(paths.run(reply.run))}>{t("conflicts:undo")}</Button>
        </>
      }
    >
      {t("conflicts:settledLine", { count: reply.removed, n: count(reply.removed) })}
    </Note>
  );
}

function Versions({ reply, onBack }: { reply: ConflictReply; onBack: () => void }) {
  const { t } = useTranslation();
  const settle = useAct("conflict.settle");
  const first = reply.versions[0]?.rev ?? "";
  const [base, setBase] = useState(first);
  const [picks, setPicks] = useState<Picks>({});
  if (settle.data) {
    return <Settled reply={settle.data} onBack={onBack} />;
  }
  if (reply.versions.length < 2) {
    return (
      <Note
        status="complete"
        title={t("conflicts:none")}
        actions={<Button onClick={onBack}>{t("conflicts:back")}</Button>}
      />
    );
  }
  const fields = differing(reply);
  const whole = wholeVersion(fields, picks, base);
  const lost = lostAttachments(reply.versions, base);
  const { source, collection, id, expect } = reply;
  const act = () =>
    settle.mutate(
      { source, collection, id, expect, keep: keepOf(fields, picks, base) },
      { onSuccess: () => announce(t("conflicts:settled", { rev: "" })) },
    );
  return (
    <>
      <VersionsTable
        versions={reply.versions}
        fields={fields}
        picks={picks}
        base={base}
        onPick={(pointer, rev) => setPicks((now) => ({ ...now, [pointer]: rev }))}
        onKeep={(rev) => {
          setBase(rev);
          setPicks({});
        }}
      />
      {fields.length === 0 && <Note>{t("conflicts:same")}</Note>}
      {lost.length > 0 && (
        <Note status="partial" title={t("conflicts:lost", { count: lost.length, n: count(lost.length) })}>
          {lost.join(", ")}
        </Note>
      )}
      {settle.error && <ErrorNote error={settle.error} />}
      {!reply.vault && <Note status="partial">{t("conflicts:noVault")}</Note>}
      <div className={css.actions}>
        <p>
          {whole
            ? t("conflicts:willKeep", { rev: shortRev(whole) })
            : t("conflicts:willMerge", { rev: shortRev(base) })}{" "}
          {reply.vault && t("conflicts:savedIn", { vault: reply.vault })}
        </p>
        <Button onClick={onBack}>{t("conflicts:back")}</Button>
        <Button variant="filled" loading={settle.isPending} disabled={!reply.vault} onClick={act}>
          {t("conflicts:settle")}
        </Button>
      </div>
    </>
  );
}

/** Head, table, choice. */
export function ConflictView({ source, collection, id, onBack }: ConflictViewProps) {
  const { t } = useTranslation();
  const query = useCall("conflict.show", { source, collection, id }, { silent: true, topics: [] });
  return (
    <section className={css.page}>
      <div className={css.head}>
        <h2>
          {collection}/{id}
        </h2>
        <Button leftSection={<IconArrowLeft size="0.9375rem" />} onClick={onBack}>
          {t("conflicts:back")}
        </Button>
      </div>
      <ListStates query={query} rows={4} what={t("conflicts:reading")}>
        {(reply) => <Versions key={reply.expect} reply={reply} onBack={onBack} />}
      </ListStates>
    </section>
  );
}
