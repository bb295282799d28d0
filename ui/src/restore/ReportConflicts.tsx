/** After a restore into a living source: are there documents in conflict now? They are settled at the source. */
import { Button } from "@mantine/core";
import { Link } from "react-router";
import { type PlanHeader, useCall } from "../api";
import { useTranslation } from "../i18n";
import { count } from "../i18n/format";
import { Note } from "../shared/Note";
import { paths } from "../shared/paths";

/** More than this are not counted. */
const MOST = 100;

/** The source a plan wrote into where things already lived; `null` for new places. */
function livingSource({ target, source }: PlanHeader): string | null {
  if (target === "inPlace") {
    return source;
  }
  return "source" in target && target.source.place == null ? target.source.source : null;
}

/** Nothing, where there are none or where nobody can tell. */
export function ReportConflicts({ plan }: { plan: PlanHeader }) {
  const { t } = useTranslation();
  const source = livingSource(plan);
  const sources = useCall("source.list", {}, { enabled: source !== null, silent: true });
  const able = sources.data?.sources.find(({ name }) => name === source)?.capabilities?.conflicts === true;
  const list = useCall(
    "conflict.list",
    { source: source ?? "", limit: MOST },
    { enabled: able && source !== null, silent: true },
  );
  const found = list.data?.conflicts.length ?? 0;
  if (found === 0 || source === null) {
    return null;
  }
  const key = list.data?.next ? "restore:report.conflictsMore" : "restore:report.conflicts";
  return (
    <Note
      status="partial"
      title={t(key, { count: found, n: count(found), source })}
      actions={
        <Button component={Link} to={paths.source(source, "conflicts")}>
          {t("restore:report.settle")}
        </Button>
      }
    >
      {t("restore:report.conflictsLine")}
    </Note>
  );
}
