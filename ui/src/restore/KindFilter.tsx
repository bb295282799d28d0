/** The kinds of steps with their numbers: a filter for the list. */
import { SegmentedControl } from "@mantine/core";
import type { PlanCounts, StepAction } from "../api";
import { useTranslation } from "../i18n";
import { count } from "../i18n/format";
import css from "./KindFilter.module.css";
import { StepKind } from "./StepKind";
import { actions, stepCount } from "./stepWords";

/** Which steps are shown. */
export type Kind = StepAction | "all";

/** Only kinds that there are. */
export function KindFilter({ counts, kind, onKind }: { counts: PlanCounts; kind: Kind; onKind: (kind: Kind) => void }) {
  const { t } = useTranslation();
  const data = [
    {
      value: "all",
      label: (
        <span className={css.label}>
          {t("restore:preview.all")} <strong>{count(stepCount(counts))}</strong>
        </span>
      ),
    },
    ...actions
      .filter((action) => counts[action] > 0)
      .map((action) => ({
        value: action,
        label: (
          <span className={css.label} data-red={action === "delete" || undefined}>
            <StepKind action={action} /> <strong>{count(counts[action])}</strong>
          </span>
        ),
      })),
  ];
  return (
    <SegmentedControl
      className={css.filter ?? ""}
      aria-label={t("restore:preview.filter")}
      data={data}
      value={kind}
      onChange={(value) => onKind(value as Kind)}
    />
  );
}
