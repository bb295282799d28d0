/** The answer first: emblem, one sentence, one line, and *Back up all*. */
import { Button } from "@mantine/core";
import { IconChartBar, IconPlayerPlay } from "@tabler/icons-react";
import type { TFunction } from "i18next";
import { Link } from "react-router";
import { type BackupRequest, useJobs } from "../api";
import { useTranslation } from "../i18n";
import { age, count, longDay } from "../i18n/format";
import { Emblem } from "../shared/Emblem";
import { PageHeader } from "../shared/PageHeader";
import { paths } from "../shared/paths";
import { useNow } from "../shared/useNow";
import { keptSince, type Overall } from "./state";

/** `Three`, `three`; figures above twelve. */
function inWords(n: number, t: TFunction, start: boolean): string {
  const word = n <= 12 ? t(`overview:number.${n}`) : count(n);
  return start ? word.charAt(0).toLocaleUpperCase() + word.slice(1) : word;
}

/** The sentence and the line beneath it. */
export function sentences(state: Overall, now: Date, t: TFunction): { title: string; line: string } {
  const total = state.rated.length;
  const needing = state.troubled;
  const never = state.rated.filter(({ source }) => !source.last).length;
  switch (state.situation) {
    case "trouble": {
      const well = state.good;
      const title =
        needing > 0
          ? t("overview:trouble.title", { count: needing, n: inWords(needing, t, true) })
          : state.damaged.length > 0
            ? t("overview:trouble.vault", { count: state.damaged.length, n: inWords(state.damaged.length, t, true) })
            : t("overview:trouble.plan", { count: state.alarms.length, n: inWords(state.alarms.length, t, true) });
      const others =
        well === 0
          ? ""
          : `${
              well + needing === total && needing > 0
                ? t("overview:trouble.others", { count: well, n: inWords(well, t, false) })
                : t("overview:trouble.well", { count: well, n: inWords(well, t, true) })
            } `;
      return { title, line: others + t("overview:trouble.safe") };
    }
    case "firstRun":
      return { title: t("overview:firstRun.title"), line: t("overview:firstRun.line") };
    case "notYet":
      return {
        title: t("overview:notYet.title", { count: never, n: inWords(never, t, true) }),
        line: t("overview:notYet.line"),
      };
    default: {
      const since = keptSince(
        state.rated.map(({ source }) => source),
        now,
      );
      if (since) {
        return {
          title: t("overview:good.title"),
          line: t("overview:good.kept", { count: total, n: count(total), day: longDay(since) }),
        };
      }
      return {
        title: t("overview:good.title"),
        line: t(state.oldest ? "overview:good.line" : "overview:good.bare", {
          count: total,
          n: count(total),
          name: state.oldest?.source.source.name,
          age: state.oldest ? age(state.oldest.point.time, now) : "",
        }),
      };
    }
  }
}

/** Head of the overview. */
export function Headline({ state, onBackup }: { state: Overall; onBackup: (request: BackupRequest) => void }) {
  const { t } = useTranslation();
  const now = useNow();
  const jobs = useJobs();
  const { title, line } = sentences(state, now, t);
  const all = jobs.some(
    (job) => job.state !== "done" && job.command === "backup" && (job.request as { all?: boolean } | null)?.all,
  );
  return (
    <PageHeader
      large
      title={title}
      line={line}
      icon={<Emblem status={state.worst} size={52} />}
      actions={
        <>
          <Button
            component={Link}
            to={paths.figures()}
            variant="subtle"
            size="md"
            leftSection={<IconChartBar size="1rem" stroke={1.7} />}
          >
            {t("overview:figures")}
          </Button>
          <Button
            size="md"
            leftSection={<IconPlayerPlay size="1rem" stroke={1.7} />}
            disabled={all || state.rated.length === 0}
            onClick={() => onBackup({ all: true })}
          >
            {t("common:action.backUpAll")}
          </Button>
        </>
      }
    />
  );
}
