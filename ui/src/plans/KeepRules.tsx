/** How long backups are kept: presets, and own rules as numbers with the sentence they make. */
import { NumberInput, SegmentedControl, Select, TagsInput, TextInput } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import type { KeepSpec } from "../api";
import { useTranslation } from "../i18n";
import { counted, isSpan, keepWords, ofPreset, type Preset, presetOf, presets, spanned } from "./keep";
import css from "./keep.module.css";

function OwnRules({ keep, onChange }: { keep: KeepSpec; onChange: (keep: KeepSpec) => void }) {
  const { t } = useTranslation();
  return (
    <div className={css.own} role="group" aria-label={t("plans:keep.ownRules")}>
      {counted.map((rule) => (
        <NumberInput
          key={rule}
          className={css.number ?? ""}
          label={t(`plans:keep.rule.${rule}`)}
          min={0}
          max={100_000}
          allowDecimal={false}
          allowNegative={false}
          value={keep[rule] ?? 0}
          onChange={(next) => onChange({ ...keep, [rule]: typeof next === "number" && next > 0 ? next : null })}
        />
      ))}
      {spanned.map((rule) => (
        <TextInput
          key={rule}
          className={css.number ?? ""}
          label={t(`plans:keep.rule.${rule}`)}
          placeholder="30d"
          spellCheck={false}
          autoComplete="off"
          value={keep[rule] ?? ""}
          error={keep[rule] && !isSpan(keep[rule] ?? "") ? t("plans:keep.notASpan") : undefined}
          onChange={(event) => onChange({ ...keep, [rule]: event.currentTarget.value.trim() || null })}
        />
      ))}
      <TagsInput
        className={css.tags ?? ""}
        label={t("plans:keep.rule.tags")}
        value={keep.tags ?? []}
        onChange={(tags) => {
          const { tags: _, ...rest } = keep;
          onChange(tags.length > 0 ? { ...rest, tags } : rest);
        }}
      />
    </div>
  );
}

/** What the rules need. `own` is remembered by the page: rules that say what a preset says may still be shown as own ones. */
export interface KeepRulesProps {
  keep: KeepSpec;
  own: boolean;
  onOwn: (own: boolean) => void;
  onChange: (keep: KeepSpec) => void;
}

/** Presets, sentence, and the numbers of own rules. */
export function KeepRules({ keep, own, onOwn, onChange }: KeepRulesProps) {
  const { t } = useTranslation();
  const wide = useMediaQuery("(min-width: 68em)", true, { getInitialValueInEffect: false });
  const preset: Preset = own ? "own" : presetOf(keep);
  const data = presets.map((value) => ({ value, label: t(`plans:keep.preset.${value}`) }));
  const take = (next: Preset) => {
    onOwn(next === "own");
    onChange(ofPreset(next, keep));
  };
  return (
    <>
      {wide ? (
        <SegmentedControl
          className={css.presets ?? ""}
          aria-label={t("plans:keep.title")}
          value={preset}
          data={data}
          onChange={(next) => take(next as Preset)}
        />
      ) : (
        <Select
          className={css.presetSelect ?? ""}
          aria-label={t("plans:keep.title")}
          allowDeselect={false}
          value={preset}
          data={data}
          onChange={(next) => next && take(next as Preset)}
        />
      )}
      {preset === "own" && <OwnRules keep={keep} onChange={onChange} />}
      <p className={css.sentence}>
        {preset === "everything" ? t("plans:keep.everything") : t("plans:keep.sentence", { what: keepWords(keep, t) })}{" "}
        {preset !== "everything" && <span className="quiet">{t("plans:keep.pinned")}</span>}
      </p>
    </>
  );
}
