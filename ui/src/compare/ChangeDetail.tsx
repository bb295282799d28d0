/** One difference: field by field, before and after; what is the same is folded away. */
import { Button, SegmentedControl } from "@mantine/core";
import { IconArrowBackUp, IconChevronLeft } from "@tabler/icons-react";
import { useState } from "react";
import { Link } from "react-router";
import { type RecordChange, useCall } from "../api";
import { useTranslation } from "../i18n";
import { count, moment } from "../i18n/format";
import { isRevision, withoutRevisions } from "../shared/diff/revision";
import { FieldDiff } from "../shared/FieldDiff";
import { paths } from "../shared/paths";
import css from "./ChangeDetail.module.css";
import { useTitle } from "./ChangeList";
import { ChangeSign } from "./ChangeSign";
import type { Side } from "./sides";
import { fieldName, shownValue, topField } from "./text";

/** The pseudo-collection of files. */
const FILES = "files";

/** A change to show. */
export interface ChangeDetailProps {
  change: RecordChange;
  before: Side;
  after: Side;
  mode: "side" | "one";
  onMode: (mode: "side" | "one") => void;
  /** In narrow windows: back to the list. */
  onBack?: (() => void) | undefined;
}

/** Members that do not differ, read from a snapshot rather than from the live source. */
function SameFields({ change, before, after }: Pick<ChangeDetailProps, "change" | "before" | "after">) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const side = before.row ? before : after;
  const { collection, id } = change;
  const { data } = useCall("record.get", { at: side.ref, collection, id }, { silent: true, topics: [] });
  const members =
    typeof data?.record.data === "object" && data.record.data !== null ? Object.entries(data.record.data) : [];
  const differ = new Set((change.fields ?? []).map((field) => topField(field.field)));
  const same = members.filter(([name, value]) => !differ.has(name) && !isRevision(`/${name}`, value));
  if (same.length === 0) {
    return null;
  }
  return (
    <>
      {open &&
        same.map(([name, value]) => (
          <div key={name} className={css.field} data-same>
            <div className={css.name}>{name}</div>
            <div className={css.values}>
              <FieldDiff before={shownValue(value)} after={shownValue(value)} mode="one" />
            </div>
          </div>
        ))}
      <div className={css.field}>
        <div className={css.name} />
        <div className={css.values}>
          <span className="quiet">{t("compare:same", { count: same.length, n: count(same.length) })}</span>{" "}
          <button type="button" className={css.link} aria-expanded={open} onClick={() => setOpen(!open)}>
            {t(open ? "compare:hideThem" : "compare:showThem")}
          </button>
        </div>
      </div>
    </>
  );
}

/** What a side is called in a heading. */
export function useSideName(): (side: Side) => string {
  const { t } = useTranslation();
  return (side) => (side.row ? moment(side.row.time) : t("compare:live"));
}

function Foot({ change, before, title }: { change: RecordChange; before: Side; title: string }) {
  const { t } = useTranslation();
  const name = useSideName();
  const { collection, id } = change;
  if (!before.row) {
    return <footer className={css.foot}>{t("compare:nothingFromLive")}</footer>;
  }
  if (change.change === "added") {
    return <footer className={css.foot}>{t("compare:notYetThere", { when: name(before) })}</footer>;
  }
  const { snapshot, vault } = before.ref;
  const restore = paths.restore({ snapshot, ...(vault ? { vault } : {}), only: `${collection}/${id}` });
  const file = collection === FILES;
  return (
    <footer className={css.foot}>
      <span className={css.footText}>
        {t(file ? "compare:bringBackFile" : "compare:bringBack", { when: name(before) })}
      </span>
      {!file && change.change === "changed" && (
        <Button
          component={Link}
          to={paths.compareRecord({ source: before.source, c: collection, r: id, a: before.id })}
        >
          {t("compare:chooseFields")}
        </Button>
      )}
      <Button
        component={Link}
        to={restore}
        variant="filled"
        leftSection={<IconArrowBackUp size="0.9375rem" />}
        aria-label={`${t(file ? "compare:restoreFile" : "compare:restoreRecord")} ${title}`}
      >
        {t(file ? "compare:restoreFile" : "compare:restoreRecord")}
      </Button>
    </footer>
  );
}

/** See {@link ChangeDetailProps}. */
export function ChangeDetail({ change, before, after, mode, onMode, onBack }: ChangeDetailProps) {
  const { t } = useTranslation();
  const title = useTitle(change, before, after);
  const name = useSideName();
  const fields = withoutRevisions(change.fields ?? []);
  return (
    <section className={css.detail} aria-label={title} data-region>
      <header className={css.head}>
        {onBack && (
          <Button variant="subtle" leftSection={<IconChevronLeft size="0.9375rem" />} onClick={onBack}>
            {t("common:action.back")}
          </Button>
        )}
        <div className={css.titles}>
          <h2 className={css.title}>{title}</h2>
          <p className="note">
            <ChangeSign change={change.change} silent /> {t(`compare:change.${change.change}`)} · {change.collection} ·{" "}
            <code>{change.id}</code>
          </p>
        </div>
        <SegmentedControl
          value={mode}
          onChange={(value) => onMode(value as "side" | "one")}
          aria-label={t("compare:mode")}
          data={[
            { value: "side", label: t("compare:side") },
            { value: "one", label: t("compare:one") },
          ]}
        />
      </header>
      <div className={css.fields} data-mode={mode}>
        {mode === "side" && (
          <div className={css.sides} aria-hidden>
            <span />
            <span>{name(before)}</span>
            <span>{name(after)}</span>
          </div>
        )}
        {fields.map((field) => (
          <div key={field.field} className={css.field}>
            <div className={css.name}>{fieldName(field.field) || t("compare:value")}</div>
            <div className={css.values}>
              <FieldDiff before={shownValue(field.before)} after={shownValue(field.after)} mode={mode} />
            </div>
          </div>
        ))}
        {fields.length === 0 && <p className={css.none}>{t(`compare:noFields.${change.change}`)}</p>}
        {change.change === "changed" && change.collection !== FILES && (
          <SameFields key={`${change.collection}/${change.id}`} change={change} before={before} after={after} />
        )}
      </div>
      <Foot change={change} before={before} title={title} />
    </section>
  );
}
