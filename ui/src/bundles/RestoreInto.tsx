/** From a dropped place to the wizard: back to an earlier state of the source it belongs to, or a backup restored beside it. */
import { Button, Select } from "@mantine/core";
import { useState } from "react";
import { Link } from "react-router";
import { type InspectReply, useCall } from "../api";
import { useTranslation } from "../i18n";

function besides(found: InspectReply, source: string): string {
  const path = found.path.replace(/[/\\]+$/, "");
  const name = `${source} restored`;
  if (found.kind === "folder") {
    return `${path}/${name}`;
  }
  const cut = Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\"));
  const ending = /\.\w+$/.exec(found.name)?.[0] ?? "";
  return `${path.slice(0, cut + 1)}${name}${ending}`;
}

/** A button, or a choice of sources and a button. */
export function RestoreInto({ found }: { found: InspectReply }) {
  const { t } = useTranslation();
  const sources = useCall("source.list", {});
  const [chosen, setChosen] = useState<string | null>(null);
  const e = encodeURIComponent;
  const owner = found.protectedBy[0];
  if (owner !== undefined) {
    return (
      <Button component={Link} to={`/restore?source=${e(owner)}&target=inPlace`}>
        {t("bundles:open.backNow", { source: owner })}
      </Button>
    );
  }
  const kinds = found.protect.map(({ kind }) => kind);
  const fitting = (sources.data?.sources ?? []).filter((source) => kinds.length === 0 || kinds.includes(source.kind));
  if (fitting.length === 0) {
    return <span className="note">{t("bundles:open.noSource")}</span>;
  }
  const name = chosen ?? fitting[0]?.name ?? "";
  return (
    <>
      <Select
        aria-label={t("bundles:open.source")}
        data={fitting.map((source) => source.name)}
        value={name}
        onChange={setChosen}
        allowDeselect={false}
        searchable
      />
      <Button component={Link} to={`/restore?source=${e(name)}&to=${e(besides(found, name))}`}>
        {t("bundles:open.choosePoint")}
      </Button>
    </>
  );
}
