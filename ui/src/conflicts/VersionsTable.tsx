/** The versions of a record side by side: one column each, a choice for every member that differs. */
import { Button, Radio } from "@mantine/core";
import type { ConflictVersion } from "../api";
import { useTranslation } from "../i18n";
import { bytes, exact } from "../i18n/format";
import { FieldDiff } from "../shared/FieldDiff";
import { type DifferingField, type Picks, shortRev } from "./choices";
import css from "./conflicts.module.css";

/** What the table shows, and what is chosen. */
export interface VersionsTableProps {
  versions: ConflictVersion[];
  fields: DifferingField[];
  picks: Picks;
  /** The version everything else comes from. */
  base: string;
  onPick: (pointer: string, rev: string) => void;
  /** All of one version. */
  onKeep: (rev: string) => void;
}

function Head({ version, base, onKeep }: { version: ConflictVersion; base: boolean; onKeep: () => void }) {
  const { t } = useTranslation();
  return (
    <th scope="col">
      {t(version.winner ? "conflicts:shown" : "conflicts:other", { rev: shortRev(version.rev) })}
      <span className={css.note}>
        {[version.rev, version.changed ? exact(version.changed) : ""].filter(Boolean).join(" · ")}
      </span>
      <Button size="compact-xs" mt="0.375rem" variant={base ? "light" : "default"} onClick={onKeep}>
        {t("conflicts:keepThis")}
      </Button>
    </th>
  );
}

/** The table. */
export function VersionsTable({ versions, fields, picks, base, onPick, onKeep }: VersionsTableProps) {
  const { t } = useTranslation();
  const winner = versions.find((version) => version.winner) ?? versions[0];
  return (
    <div className={`card ${css.frame}`}>
      <table className={css.table} style={{ minWidth: `${9 + versions.length * 14}rem` }}>
        <thead>
          <tr>
            <th className={css.name}>
              <span className="visually-hidden">{t("conflicts:member")}</span>
            </th>
            {versions.map((version) => (
              <Head
                key={version.rev}
                version={version}
                base={version.rev === base}
                onKeep={() => onKeep(version.rev)}
              />
            ))}
          </tr>
        </thead>
        <tbody>
          {fields.map((field) => (
            <tr key={field.pointer}>
              <th scope="row" className={css.name}>
                {field.name}
              </th>
              {versions.map((version) => {
                const chosen = (picks[field.pointer] ?? base) === version.rev;
                const value = field.values.get(version.rev);
                return (
                  <td key={version.rev} className={css.cell} data-chosen={chosen || undefined}>
                    <div className={css.choice}>
                      <Radio
                        size="xs"
                        name={`conflict-${field.pointer}`}
                        aria-label={`${field.name}: ${shortRev(version.rev)}`}
                        checked={chosen}
                        onChange={() => onPick(field.pointer, version.rev)}
                      />
                      <div>
                        {value === undefined ? (
                          <span className="quiet">{t("conflicts:notThere")}</span>
                        ) : (
                          <FieldDiff
                            before={version.winner ? value : field.values.get(winner?.rev ?? "")}
                            after={value}
                            mode="one"
                          />
                        )}
                      </div>
                    </div>
                  </td>
                );
              })}
            </tr>
          ))}
          {versions.some((version) => version.assets.length > 0) && (
            <tr>
              <th scope="row" className={css.name}>
                {t("conflicts:attachments")}
              </th>
              {versions.map((version) => (
                <td key={version.rev} className={css.cell} data-chosen={version.rev === base || undefined}>
                  {version.assets.length === 0
                    ? t("conflicts:noAttachments")
                    : version.assets.map((asset) => (
                        <div key={asset.name}>
                          {asset.name}
                          {asset.size != null && <span className="quiet"> {bytes(asset.size)}</span>}
                        </div>
                      ))}
                </td>
              ))}
            </tr>
          )}
        </tbody>
      </table>
    </div>
  );
}
