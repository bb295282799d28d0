/** Activity: what runs now, and everything that ran. */
import { Button, Menu } from "@mantine/core";
import { IconChevronDown, IconPlayerPause } from "@tabler/icons-react";
import { useState } from "react";
import { ActivityHead } from "../activity/ActivityHead";
import { OpenAlarms } from "../activity/OpenAlarms";
import { RunFilters } from "../activity/RunFilters";
import { PausedNote, pauseAll, RunningNow } from "../activity/RunningNow";
import { RunsByDay } from "../activity/RunsByDay";
import { useRunFilter } from "../activity/useRunFilter";
import { asError, type BackstayError } from "../api";
import { useTranslation } from "../i18n";
import { dayOffset } from "../i18n/format";
import { ErrorNote } from "../shared/ErrorNote";
import { Page } from "../shared/Page";

const HOUR = 3_600_000;
/** Tomorrow begins when people do, not at midnight. */
const MORNING = 8 * HOUR;

/** Ends of a pause by the words of the menu. */
const pauses = {
  hour: () => new Date(Date.now() + HOUR),
  fourHours: () => new Date(Date.now() + 4 * HOUR),
  tomorrow: () => new Date(dayOffset(new Date(), 1).getTime() + MORNING),
};

/** The page. */
export default function ActivityView() {
  const { t } = useTranslation();
  const [choice, change] = useRunFilter();
  const [error, setError] = useState<BackstayError | null>(null);
  const pause = (until: Date) => {
    setError(null);
    void pauseAll(until.toISOString()).catch((thrown: unknown) => setError(asError(thrown)));
  };
  return (
    <Page>
      <ActivityHead
        tab="runs"
        actions={
          <Menu position="bottom-end">
            <Menu.Target>
              <Button
                variant="subtle"
                leftSection={<IconPlayerPause size="1rem" stroke={1.6} />}
                rightSection={<IconChevronDown size="0.875rem" />}
              >
                {t("activity:pause.label")}
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              {(["hour", "fourHours", "tomorrow"] as const).map((name) => (
                <Menu.Item key={name} onClick={() => pause(pauses[name]())}>
                  {t(`activity:pause.${name}`)}
                </Menu.Item>
              ))}
            </Menu.Dropdown>
          </Menu>
        }
      />
      {error && <ErrorNote error={error} />}
      <PausedNote />
      <OpenAlarms />
      <RunningNow />
      <RunFilters choice={choice} onChange={change} />
      <RunsByDay
        choice={choice}
        onClear={() => change({ kind: null, verdict: null, source: null, plan: null, text: "" })}
      />
    </Page>
  );
}
