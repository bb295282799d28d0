/** The vaults in short: where, how much room, and when they were last read. */
import { Link } from "react-router";
import type { VaultHealth } from "../api";
import { useTranslation } from "../i18n";
import { bytes } from "../i18n/format";
import { paths } from "../shared/paths";
import { VaultIcon } from "../shared/SourceIcon";
import { CheckWords } from "../shared/VaultCheck";
import css from "./VaultsBlock.module.css";

function Room({ vault }: { vault: VaultHealth }) {
  const { t } = useTranslation();
  if (!vault.reachable) {
    return <>{t("vaults:state.unreachable")}</>;
  }
  if (vault.free != null) {
    return (
      <>
        {vault.total != null
          ? t("vaults:room.freeOf", { free: bytes(vault.free), total: bytes(vault.total) })
          : t("vaults:room.free", { free: bytes(vault.free) })}
      </>
    );
  }
  return <>{vault.used != null ? t("vaults:room.used", { used: bytes(vault.used) }) : ""}</>;
}

/** The block at the foot of the overview. */
export function VaultsBlock({ vaults }: { vaults: VaultHealth[] }) {
  const { t } = useTranslation();
  return (
    <section className={`card ${css.block}`}>
      <h2 className={css.title}>{t("overview:vaults")}</h2>
      <ul className={css.list}>
        {vaults.map((vault) => (
          <li key={vault.vault.name}>
            <VaultIcon path={vault.vault.path} bare />
            <Link to={paths.vault(vault.vault.name)} className={`${css.name} clip`} title={vault.vault.name}>
              {vault.vault.name}
            </Link>
            <span className={`${css.room} clip`}>
              <Room vault={vault} />
              {!vault.kit.confirmed && <span className={css.kit}>{t("vaults:kit.short.none")}</span>}
            </span>
            <CheckWords vault={vault} />
          </li>
        ))}
      </ul>
    </section>
  );
}
