/** Light, dark, or as the system has it: three small windows to choose from. */
import { Radio } from "@mantine/core";
import type { Scheme } from "../api";
import { useTranslation } from "../i18n";
import tokens from "../theme/theme.json";
import css from "./settings.module.css";

const schemes: Scheme[] = ["light", "dark", "system"];

const { light, dark } = tokens.cssVariables;
/** Side bar, page and rope of each look: they show the other theme, which the variables of this one cannot. */
const looks: Record<Scheme, { background: string; color: string }> = {
  light: {
    background: `linear-gradient(to right, ${light["--bs-canvas"]} 27%, ${light["--bs-panel"]} 27%)`,
    color: light["--bs-rope"],
  },
  dark: {
    background: `linear-gradient(to right, ${dark["--bs-canvas"]} 27%, ${dark["--bs-panel"]} 27%)`,
    color: dark["--bs-rope"],
  },
  system: {
    background: `linear-gradient(115deg, ${light["--bs-panel"]} 50%, ${dark["--bs-panel"]} 50%)`,
    color: light["--bs-rope"],
  },
};

function Window({ scheme }: { scheme: Scheme }) {
  return (
    <span className={css.window} style={looks[scheme]} aria-hidden>
      <svg viewBox="0 0 96 12">
        <path d="M4 6H92" />
        {[4, 33, 63, 92].map((x) => (
          <circle key={x} cx={x} cy="6" r="4" />
        ))}
      </svg>
    </span>
  );
}

/** The choice. */
export function Schemes({ value, onChange }: { value: Scheme; onChange: (scheme: Scheme) => void }) {
  const { t } = useTranslation();
  return (
    <Radio.Group
      aria-label={t("settings:appearance.look")}
      value={value}
      onChange={(next) => onChange(schemes.find((scheme) => scheme === next) ?? "system")}
    >
      <div className={css.schemes}>
        {schemes.map((scheme) => (
          <Radio.Card
            key={scheme}
            value={scheme}
            className={css.scheme ?? ""}
            aria-label={t(`settings:appearance.${scheme}`)}
          >
            <Window scheme={scheme} />
            <span className={css.schemeName}>
              <Radio.Indicator />
              {t(`settings:appearance.${scheme}`)}
            </span>
          </Radio.Card>
        ))}
      </div>
    </Radio.Group>
  );
}
