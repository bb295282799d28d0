/** What a recovery kit is, the state of this vault's, and the way to a new one. */
import { Button } from "@mantine/core";
import { IconLifebuoy, IconPrinter } from "@tabler/icons-react";
import { useState } from "react";
import type { KitState } from "../api";
import { useTranslation } from "../i18n";
import { shortDay } from "../i18n/format";
import { StatusGlyph, statusColor } from "../shared/StatusGlyph";
import { KitDialog } from "./KitDialog";
import css from "./panels.module.css";
import { kitStatus } from "./words";

/** State of a kit with its glyph. */
export function KitWords({ kit }: { kit: KitState }) {
  const { t } = useTranslation();
  const { status, key } = kitStatus(kit);
  return (
    <span className={css.kitWords} style={{ color: statusColor(status, "ink") }}>
      <StatusGlyph status={status} />
      <span>{t(`vaults:kit.state.${key}`, { time: kit.confirmed ? shortDay(kit.confirmed, false) : "" })}</span>
    </span>
  );
}

/** The panel on the page of a vault. */
export function KitPanel({ vault, kit, disabled }: { vault: string; kit: KitState; disabled: boolean }) {
  const { t } = useTranslation();
  const [opened, setOpened] = useState(false);
  const missing = kitStatus(kit).key !== "tested";
  return (
    <section className={`card ${css.panel}`} aria-labelledby="kit-title">
      <div className={css.padded}>
        <h2 id="kit-title" className={css.iconTitle}>
          <IconLifebuoy size="1.125rem" stroke={1.7} className={css.accent} aria-hidden /> {t("vaults:kit.panel")}
        </h2>
        <p className={css.text}>{t("vaults:kit.what")}</p>
        <div className={css.line}>
          <KitWords kit={kit} />
        </div>
        <div className={css.buttons}>
          <Button
            variant={missing ? "filled" : "default"}
            leftSection={<IconPrinter size="1rem" stroke={1.7} />}
            disabled={disabled}
            onClick={() => setOpened(true)}
          >
            {t(kit.made ? "vaults:kit.printNew" : "vaults:kit.printFirst")}
          </Button>
        </div>
      </div>
      <KitDialog vault={vault} opened={opened} onClose={() => setOpened(false)} />
    </section>
  );
}
