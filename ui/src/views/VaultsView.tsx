/** Vaults: where backups are kept, and what is where. */
import { Button } from "@mantine/core";
import { IconPlus, IconShieldCheck } from "@tabler/icons-react";
import { useMemo } from "react";
import { Link } from "react-router";
import { useCall } from "../api";
import { useTranslation } from "../i18n";
import { dayOffset } from "../i18n/format";
import { Empty, ListStates } from "../shared/ListStates";
import { Page } from "../shared/Page";
import { PageHeader } from "../shared/PageHeader";
import { paths } from "../shared/paths";
import css from "../vaults/tables.module.css";
import { VaultTable } from "../vaults/VaultTable";
import { WhereMatrix } from "../vaults/WhereMatrix";

const BACK = 90;

/** The page. */
export default function VaultsView() {
  const { t } = useTranslation();
  const since = useMemo(() => dayOffset(new Date(), -BACK).toISOString(), []);
  const query = useCall("overview", { since }, { silent: true });
  const first = query.data?.vaults[0];
  const create = (
    <Button
      component={Link}
      to={paths.addVault()}
      variant="filled"
      leftSection={<IconPlus size="1rem" stroke={1.8} aria-hidden />}
    >
      {t("vaults:newVault")}
    </Button>
  );
  const open = (
    <Button component={Link} to={`${paths.addVault()}?open=`}>
      {t("vaults:openVault")}
    </Button>
  );
  const empty = query.data?.vaults.length === 0;
  return (
    <Page>
      <PageHeader
        title={t("vaults:title")}
        actions={
          !empty && (
            <>
              {open}
              {create}
            </>
          )
        }
      />
      <ListStates
        query={query}
        what={t("vaults:loading")}
        isEmpty={(reply) => reply.vaults.length === 0}
        empty={
          <Empty
            title={t("vaults:empty.title")}
            action={
              <div className={css.foot}>
                {open}
                {create}
              </div>
            }
          >
            {t("vaults:empty.line")}
          </Empty>
        }
      >
        {(reply) => (
          <>
            <VaultTable vaults={reply.vaults} />
            {reply.sources.length > 0 && <WhereMatrix reply={reply} />}
            {first && (
              <p className={css.foot}>
                <IconShieldCheck size="1.0625rem" stroke={1.6} aria-hidden />
                <span>
                  {t("vaults:restic")} <code>restic -r {first.vault.path} snapshots</code> {t("vaults:resticEnd")}
                </span>
              </p>
            )}
          </>
        )}
      </ListStates>
    </Page>
  );
}
