/** Holds a plan back for a while, or lets it go on. */
import { Button, Group, Menu, Modal } from "@mantine/core";
import "@mantine/dates/styles.layer.css";
import "dayjs/locale/de";
import { DateTimePicker } from "@mantine/dates";
import { IconPlayerPause, IconPlayerPlay } from "@tabler/icons-react";
import i18next from "i18next";
import { useState } from "react";
import { asError, type BackstayError, call, type PlanRow, useRefresh } from "../api";
import { useTranslation } from "../i18n";
import { dayOffset } from "../i18n/format";
import { useNow } from "../shared/useNow";
import { soon } from "./words";

/** Tomorrow at eight in the morning. */
export function tomorrow(now: Date): Date {
  const day = dayOffset(now, 1);
  return new Date(day.getFullYear(), day.getMonth(), day.getDate(), 8);
}

/** What the menu needs. */
export interface PauseMenuProps {
  plan: PlanRow;
  onError: (error: BackstayError | null) => void;
}

/** `2026-11-21 08:00` of this computer's clock, as the field writes it. */
function written(time: Date): string {
  const two = (number: number) => String(number).padStart(2, "0");
  return `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())} ${two(time.getHours())}:${two(time.getMinutes())}:00`;
}

function OwnTime({ onTake, onClose }: { onTake: (until: Date) => void; onClose: () => void }) {
  const { t } = useTranslation();
  const now = useNow();
  const [value, setValue] = useState<string | null>(written(tomorrow(now)));
  const until = value ? new Date(value.replace(" ", "T")) : null;
  const right = until !== null && until > now;
  return (
    <Modal
      opened
      onClose={onClose}
      title={t("plans:pause.ownTitle")}
      size="24rem"
      closeButtonProps={{ "aria-label": t("common:action.close") }}
    >
      <DateTimePicker
        label={t("plans:pause.until")}
        value={value}
        onChange={setValue}
        minDate={written(now)}
        locale={i18next.language}
        valueFormat="D MMMM YYYY, HH:mm"
        error={!right && t("plans:pause.past")}
        popoverProps={{ withinPortal: true }}
        submitButtonProps={{ "aria-label": t("plans:pause.take") }}
      />
      <Group justify="flex-end" mt="lg" gap="sm">
        <Button onClick={onClose}>{t("common:action.cancel")}</Button>
        <Button
          variant="filled"
          disabled={!right}
          onClick={() => {
            if (until) {
              onTake(until);
            }
            onClose();
          }}
        >
          {t("plans:pause.button")}
        </Button>
      </Group>
    </Modal>
  );
}

/** The menu, or the button that ends the pause. */
export function PauseMenu({ plan, onError }: PauseMenuProps) {
  const { t } = useTranslation();
  const refresh = useRefresh();
  const now = useNow();
  const [own, setOwn] = useState(false);
  const [busy, setBusy] = useState(false);
  const pause = async (until: Date | null) => {
    setBusy(true);
    onError(null);
    try {
      await call("plan.pause", { plan: plan.name, until: until?.toISOString() ?? null });
      await refresh(["plans", "sources"]);
    } catch (thrown) {
      onError(asError(thrown));
    } finally {
      setBusy(false);
    }
  };
  if (plan.pausedUntil && new Date(plan.pausedUntil) > now) {
    return (
      <Button leftSection={<IconPlayerPlay size="0.9375rem" />} loading={busy} onClick={() => void pause(null)}>
        {t("plans:pause.end")}
      </Button>
    );
  }
  const hours = (n: number) => new Date(Date.now() + n * 3_600_000);
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <Button leftSection={<IconPlayerPause size="0.9375rem" />} loading={busy} disabled={!plan.enabled}>
            {t("plans:pause.menu")}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>{t("plans:pause.line")}</Menu.Label>
          <Menu.Item onClick={() => void pause(hours(1))}>{t("plans:pause.hour")}</Menu.Item>
          <Menu.Item onClick={() => void pause(hours(4))}>{t("plans:pause.hours")}</Menu.Item>
          <Menu.Item onClick={() => void pause(tomorrow(now))}>
            {t("plans:pause.tomorrow", { time: soon(tomorrow(now), now, t) })}
          </Menu.Item>
          <Menu.Item onClick={() => setOwn(true)}>{t("plans:pause.own")}</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {own && <OwnTime onTake={(until) => void pause(until)} onClose={() => setOwn(false)} />}
    </>
  );
}
