/** What is missing from a run: what, where, why; to filter and to copy. */
import { Button, CopyButton, TextInput } from "@mantine/core";
import { IconCopy, IconSearch } from "@tabler/icons-react";
import { useRef, useState } from "react";
import type { Gap } from "../api";
import { useTranslation } from "../i18n";
import { count } from "../i18n/format";
import { Empty } from "../shared/ListStates";
import { useShortcut } from "../shared/shortcuts";
import css from "./run.module.css";

/** What stands below the list must not be out of reach. */
const FIRST = 25;
const MORE = 1000;

/** The last part of a subject, and what stands before it. */
export function parts(subject: string): { what: string; where: string } {
  const at = subject.replace(/\/+$/, "").lastIndexOf("/");
  return at < 0 ? { what: subject, where: "" } : { what: subject.slice(at + 1), where: subject.slice(0, at) };
}

function GapRow({ gap }: { gap: Gap }) {
  const { t } = useTranslation();
  const { what, where } = parts(gap.subject);
  return (
    <tr>
      <th scope="row" className={css.what} title={gap.subject}>
        {what}
      </th>
      <td className={css.where} title={where}>
        {where}
      </td>
      <td className={css.why}>
        <span>{t(`activity:why.${gap.kind}`)}</span> <span className="note">{gap.message}</span>
      </td>
    </tr>
  );
}

/** The table. `total` counts also those that are not listed. */
export function GapsTable({ gaps, total }: { gaps: Gap[]; total: number }) {
  const { t } = useTranslation();
  const field = useRef<HTMLInputElement>(null);
  const [text, setText] = useState("");
  const [shown, setShown] = useState(FIRST);
  useShortcut("/", t("activity:gaps.filter"), () => field.current?.focus());
  const wanted = text.trim().toLocaleLowerCase();
  const fitting = wanted
    ? gaps.filter((gap) =>
        `${gap.subject}\n${t(`activity:why.${gap.kind}`)}\n${gap.message}`.toLocaleLowerCase().includes(wanted),
      )
    : gaps;
  const copy = fitting.map((gap) => `${gap.subject}\t${gap.kind}\t${gap.message}`).join("\n");
  const more = fitting.length - shown;
  return (
    <section className={css.section} aria-labelledby="gaps">
      <div className={css.sectionHead}>
        <h2 id="gaps">{t("activity:gaps.title", { count: total, n: count(total) })}</h2>
        <TextInput
          ref={field}
          type="search"
          className={css.filter ?? ""}
          aria-label={t("activity:gaps.filter")}
          placeholder={t("activity:gaps.filter")}
          leftSection={<IconSearch size="1rem" />}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <CopyButton value={copy}>
          {({ copied, copy: take }) => (
            <Button leftSection={<IconCopy size="1rem" />} disabled={fitting.length === 0} onClick={take}>
              {copied ? t("common:action.copied") : t("activity:gaps.copy")}
            </Button>
          )}
        </CopyButton>
      </div>
      {fitting.length === 0 ? (
        <Empty title={t("activity:gaps.nothing")} />
      ) : (
        <div className={`card ${css.scroll}`}>
          <table className={css.gaps} aria-labelledby="gaps" aria-rowcount={fitting.length + 1}>
            <thead>
              <tr>
                <th scope="col">{t("activity:gaps.what")}</th>
                <th scope="col">{t("activity:gaps.where")}</th>
                <th scope="col">{t("activity:gaps.why")}</th>
              </tr>
            </thead>
            <tbody>
              {fitting.slice(0, shown).map((gap, index) => (
                <GapRow key={`${index} ${gap.subject}`} gap={gap} />
              ))}
            </tbody>
          </table>
          {more > 0 && (
            <Button variant="subtle" fullWidth onClick={() => setShown(shown + MORE)}>
              {t("activity:gaps.more", { count: more, n: count(more) })}
            </Button>
          )}
        </div>
      )}
      {total > gaps.length && (
        <p className="note">{t("activity:gaps.notAll", { n: count(gaps.length), total: count(total) })}</p>
      )}
    </section>
  );
}
