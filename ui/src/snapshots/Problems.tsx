/** What stood in the way of showing everything: named, above what could be shown. */
import { useTranslation } from "../i18n";
import { count } from "../i18n/format";
import { Note } from "../shared/Note";

/** Problems that are named one by one; the rest is counted. */
const NAMED = 5;

/** A note with the engine's own words; nothing without problems. */
export function Problems({ problems }: { problems: string[] }) {
  const { t } = useTranslation();
  if (!problems.length) {
    return null;
  }
  const left = problems.length - NAMED;
  return (
    <Note status="partial" title={t("snapshots:problems.title", { count: problems.length, n: count(problems.length) })}>
      {problems.slice(0, NAMED).map((problem) => (
        <p key={problem} className="quiet" style={{ overflowWrap: "anywhere" }}>
          {problem}
        </p>
      ))}
      {left > 0 && <p className="quiet">{t("snapshots:problems.more", { count: left, n: count(left) })}</p>}
    </Note>
  );
}
