/** All vaults: state, size, last check, recovery kit. */
import { Link } from "react-router";
import type { VaultHealth } from "../api";
import { useTranslation } from "../i18n";
import { bytes, count } from "../i18n/format";
import { paths } from "../shared/paths";
import { VaultIcon } from "../shared/SourceIcon";
import { StatusGlyph, statusColor } from "../shared/StatusGlyph";
import { useRowKeys } from "../shared/useRowKeys";
import { CheckWords } from "../shared/VaultCheck";
import { KitWords } from "./KitPanel";
import css from "./tables.module.css";
import { vaultStatus } from "./words";

function Row({ vault }: { vault: VaultHealth }) {
  const { t } = useTranslation();
  const { status, key } = vaultStatus(vault);
  const { name, path, isDefault } = vault.vault;
  const room = vault.free != null ? t("vaults:room.free", { free: bytes(vault.free) }) : "";
  return (
    <tr className={css.tall}>
      <th scope="row">
        <div className={css.name}>
          <VaultIcon path={path} />
          <div className={css.words}>
            <Link to={paths.vault(name)} className={`${css.link} clip`} data-row={name} title={name}>
              {name}
            </Link>
            <div className="note clip" title={path}>
              {[path, room, isDefault ? t("vaults:default") : ""].filter(Boolean).join(" · ")}
            </div>
          </div>
        </div>
      </th>
      <td>
        <span className={css.state} style={{ color: statusColor(status, "ink") }}>
          <StatusGlyph status={status} /> {t(`vaults:state.${key}`)}
        </span>
      </td>
      <td className={`num ${css.figure}`}>{vault.used != null ? bytes(vault.used) : "–"}</td>
      <td className={`num ${css.figure}`}>{vault.snapshots != null ? count(vault.snapshots) : "–"}</td>
      <td className={css.optional}>
        <CheckWords vault={vault} />
      </td>
      <td>
        <KitWords kit={vault.kit} />
      </td>
    </tr>
  );
}

/** The table. */
export function VaultTable({ vaults }: { vaults: VaultHealth[] }) {
  const { t } = useTranslation();
  const table = useRowKeys();
  return (
    <div className={`card ${css.scroll}`}>
      <table className={css.table} ref={table}>
        <thead>
          <tr>
            <th scope="col">{t("vaults:table.vault")}</th>
            <th scope="col">{t("vaults:table.state")}</th>
            <th scope="col" className={`num ${css.figure}`}>
              {t("vaults:table.size")}
            </th>
            <th scope="col" className={`num ${css.figure}`}>
              {t("vaults:table.backups")}
            </th>
            <th scope="col" className={css.optional}>
              {t("vaults:table.check")}
            </th>
            <th scope="col">{t("vaults:table.kit")}</th>
          </tr>
        </thead>
        <tbody>
          {vaults.map((vault) => (
            <Row key={vault.vault.name} vault={vault} />
          ))}
        </tbody>
      </table>
    </div>
  );
}
