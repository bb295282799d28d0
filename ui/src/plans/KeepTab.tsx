/** How long the backups of a plan are kept: rules, what they would do to every day of the year, and when it happens. */
import { useDebouncedValue } from "@mantine/hooks";
import { useState } from "react";
import { BackstayError, type KeepPreviewReply, type PlanRow, useCall } from "../api";
import { useTranslation } from "../i18n";
import { bytes, count } from "../i18n/format";
import { ErrorNote } from "../shared/ErrorNote";
import { Empty, ListStates } from "../shared/ListStates";
import { Note } from "../shared/Note";
import { useNow } from "../shared/useNow";
import type { PlanEdit } from "./draft";
import { KeepCalendar } from "./KeepCalendar";
import { KeepList } from "./KeepList";
import { KeepRules } from "./KeepRules";
import { isSpan, presetOf, spanned } from "./keep";
import css from "./keep.module.css";
import { Rules } from "./RuleRow";
import { UpkeepRow } from "./UpkeepRow";
import { soon } from "./words";

function Figures({
  reply,
  frees,
  counting,
}: {
  reply: KeepPreviewReply;
  frees: KeepPreviewReply | undefined;
  counting: boolean;
}) {
  const { t } = useTranslation();
  const now = useNow();
  const total = reply.stay + reply.go;
  return (
    <ul className={css.figures} aria-label={t("plans:keep.figures")} aria-live="polite">
      <li className="card">
        <span className={css.big}>{count(reply.stay)}</span>
        <span className="note">{t("plans:keep.stayOf", { count: total, n: count(total) })}</span>
      </li>
      <li className="card">
        <span className={css.big}>{count(reply.go)}</span>
        <span className="note">
          {reply.go === 0
            ? t("plans:keep.goNothing")
            : reply.next
              ? t("plans:keep.goAt", { count: reply.go, time: soon(reply.next, now, t) })
              : t("plans:keep.goNever", { count: reply.go })}
        </span>
      </li>
      <li className="card">
        <span className={css.big}>{frees?.frees != null ? bytes(frees.frees) : counting ? "…" : "–"}</span>
        <span className="note">
          {frees?.frees == null
            ? t(counting ? "plans:keep.counting" : "plans:keep.notCounted")
            : frees.used != null
              ? t("plans:keep.freeOf", { used: bytes(frees.used) })
              : t("plans:keep.free")}
        </span>
      </li>
    </ul>
  );
}

function Found({
  reply,
  frees,
  counting,
}: {
  reply: KeepPreviewReply;
  frees: KeepPreviewReply | undefined;
  counting: boolean;
}) {
  const { t } = useTranslation();
  const now = useNow();
  return (
    <>
      {reply.held.length > 0 && (
        <Note status="guard" title={t("plans:keep.heldTitle", { names: reply.held.join(", ") })}>
          {t("plans:keep.heldLine")}
        </Note>
      )}
      {reply.unreachable.map(([vault, error]) => (
        <ErrorNote
          key={vault}
          error={new BackstayError(error)}
          title={t("plans:keep.unreachable", { vault })}
          safe={t("plans:keep.unreachableSafe")}
        />
      ))}
      <KeepCalendar days={reply.days} now={now} />
      <Figures reply={reply} frees={frees} counting={counting} />
      {reply.rows.length > 0 && <KeepList reply={reply} />}
    </>
  );
}

/** The tab. */
export function KeepTab({ plan, edit }: { plan: PlanRow; edit: PlanEdit }) {
  const { t } = useTranslation();
  const { spec } = edit.draft;
  const { keep, upkeep } = spec;
  const [own, setOwn] = useState(presetOf(keep) === "own");
  const [settled] = useDebouncedValue(keep, 300);
  const right = spanned.every((rule) => !settled[rule] || isSpan(settled[rule] ?? ""));
  const settings = { silent: true, keep: true, topics: ["plans" as const, "snapshots" as const, "holds" as const] };
  const query = useCall("plan.keepPreview", { plan: plan.name, keep: settled }, { ...settings, enabled: right });
  const counted = useCall(
    "plan.keepPreview",
    { plan: plan.name, keep: settled, bytes: true },
    { ...settings, keep: false, enabled: right && (query.data?.go ?? 0) > 0 },
  );
  const noneGo = query.data && query.data.go === 0 ? { ...query.data, frees: 0 } : undefined;
  return (
    <div className={css.tab}>
      <KeepRules keep={keep} own={own} onOwn={setOwn} onChange={(next) => edit.changeSpec({ keep: next })} />
      <ListStates
        query={query}
        rows={4}
        what={t("plans:keep.looking")}
        isEmpty={(data) => data.stay + data.go === 0 && data.unreachable.length === 0}
        empty={<Empty title={t("plans:keep.none")}>{t("plans:keep.noneLine")}</Empty>}
      >
        {(reply) => (
          <div className={css.found} data-stale={settled !== keep || query.isPlaceholderData || undefined}>
            <Found reply={reply} frees={noneGo ?? counted.data} counting={counted.isFetching} />
          </div>
        )}
      </ListStates>
      <Rules title={t("plans:keep.whenTitle")} note={t("plans:keep.whenNote")}>
        <UpkeepRow
          title={t("plans:keep.forget")}
          line={t("plans:keep.forgetLine")}
          value={upkeep.forget}
          time="01:30"
          begins={0}
          onChange={(forget) => edit.changeUpkeep({ forget })}
        />
        <UpkeepRow
          title={t("plans:keep.prune")}
          line={t("plans:keep.pruneLine")}
          value={upkeep.prune}
          time="04:30"
          begins={2}
          onChange={(prune) => edit.changeUpkeep({ prune })}
        />
      </Rules>
    </div>
  );
}
