/** Settings › Appearance: light or dark, size of everything, motion, state colours with all states to look at. */
import { Slider } from "@mantine/core";
import { useEffect, useState } from "react";
import { useTranslation } from "../i18n";
import { percent } from "../i18n/format";
import type { Status } from "../shared/StatusGlyph";
import { VerdictPill } from "../shared/VerdictPill";
import { Schemes } from "./Schemes";
import { Section, SettingRow, SwitchRow } from "./SettingRow";
import css from "./settings.module.css";
import type { SectionProps } from "./useSettings";

/** Sizes the engine takes, in percent. */
const LEAST = 80;
const MOST = 200;
const STEP = 5;
const states: Status[] = ["complete", "partial", "failed", "running", "overdue", "paused", "guard", "none"];

function Size({ zoom, onChange }: { zoom: number; onChange: (zoom: number) => void }) {
  const { t } = useTranslation();
  // The window grows when the slider is let go: under the pointer it would run away from it.
  const [drawn, setDrawn] = useState(zoom);
  useEffect(() => setDrawn(zoom), [zoom]);
  return (
    <Slider
      className={css.slider ?? ""}
      min={LEAST}
      max={MOST}
      step={STEP}
      value={drawn}
      onChange={setDrawn}
      onChangeEnd={onChange}
      label={(value) => percent(value, 100)}
      thumbLabel={t("settings:appearance.size")}
      marks={[LEAST, 100, 125, 150, MOST].map((value) => ({ value, label: percent(value, 100) }))}
    />
  );
}

/** The section. */
export function Appearance({ settings, change, failed }: SectionProps) {
  const { t } = useTranslation();
  return (
    <Section title={t("settings:appearance.look")}>
      <SettingRow id="scheme" title={t("settings:appearance.scheme")} failed={failed} wide>
        <Schemes value={settings.scheme} onChange={(scheme) => change("scheme", { scheme })} />
      </SettingRow>
      <SettingRow
        id="zoom"
        title={`${t("settings:appearance.size")}: ${percent(settings.zoom, 100)}`}
        line={t("settings:appearance.sizeLine")}
        failed={failed}
        wide
      >
        <Size zoom={settings.zoom} onChange={(zoom) => change("zoom", { zoom })} />
      </SettingRow>
      <SwitchRow
        id="motion"
        title={t("settings:appearance.motion")}
        line={t("settings:appearance.motionLine")}
        checked={settings.reducedMotion}
        onChange={(reducedMotion) => change("motion", { reducedMotion })}
        failed={failed}
      />
      <SwitchRow
        id="colours"
        title={t("settings:appearance.colours")}
        line={t("settings:appearance.coloursLine")}
        checked={settings.colourBlind}
        onChange={(colourBlind) => change("colours", { colourBlind })}
        failed={failed}
      />
      <ul className={css.states} aria-label={t("settings:appearance.states")}>
        {states.map((status) => (
          <li key={status}>
            <VerdictPill status={status} />
          </li>
        ))}
      </ul>
    </Section>
  );
}
