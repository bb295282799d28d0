/** The clock a timetable goes by: this computer's, or that of a place. */
import { Select } from "@mantine/core";
import { useMemo } from "react";
import { useTranslation } from "../i18n";
import css from "./fields.module.css";
import { localZone, zoneCity } from "./timetable";

function allZones(): string[] {
  const known = Intl as { supportedValuesOf?: (key: string) => string[] };
  return [...new Set([...(known.supportedValuesOf?.("timeZone") ?? []), "UTC"])];
}

/** A searchable list of zones. */
export function ZoneField({ zone, onChange }: { zone: string; onChange: (zone: string) => void }) {
  const { t } = useTranslation();
  const data = useMemo(() => {
    const zones = allZones();
    const all = zones.includes(zone) || zone === "local" ? zones : [zone, ...zones];
    return [
      { value: "local", label: t("plans:field.localZone", { zone: localZone() }) },
      ...all.map((name) => ({ value: name, label: name.replaceAll("_", " ") })),
    ];
  }, [zone, t]);
  return (
    <Select
      className={css.zone ?? ""}
      aria-label={t("plans:field.zone")}
      searchable
      allowDeselect={false}
      comboboxProps={{ keepMounted: false }}
      nothingFoundMessage={t("plans:field.noZone")}
      value={zone}
      data={data}
      title={zone === "local" ? localZone() : zoneCity(zone)}
      // What is typed takes the place of the name that stands there.
      onClick={(event) => event.currentTarget.select()}
      onChange={(next) => next && onChange(next)}
    />
  );
}
