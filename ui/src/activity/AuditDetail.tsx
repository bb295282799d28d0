/** One entry of the audit trail with everything it seals. */
import { Button, CopyButton, Drawer } from "@mantine/core";
import { IconCopy } from "@tabler/icons-react";
import type { AuditRow } from "../api";
import { useTranslation } from "../i18n";
import { count, exact } from "../i18n/format";
import css from "./audit.module.css";
import { useDid } from "./useDid";

/** The panel; closed without an entry. */
export function AuditDetail({ row, onClose }: { row: AuditRow | null; onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Drawer
      opened={row !== null}
      onClose={onClose}
      position="right"
      size="24rem"
      title={row ? t("activity:audit.entry", { n: count(row.seq) }) : ""}
      closeButtonProps={{ "aria-label": t("common:action.close") }}
    >
      {row && <Entry row={row} />}
    </Drawer>
  );
}

function Entry({ row }: { row: AuditRow }) {
  const { t } = useTranslation();
  const did = useDid();
  const facts: [string, string, boolean?][] = [
    [t("activity:audit.when"), exact(row.time)],
    [t("activity:audit.who"), row.actor],
    [t("activity:audit.did"), did(row)],
    [t("activity:audit.action"), row.action, true],
    [t("activity:audit.object"), row.object],
    [t("activity:audit.through"), row.program],
  ];
  const detail = JSON.stringify(row.detail, null, 2);
  return (
    <div className={css.entry}>
      <dl className={css.facts}>
        {facts.map(([name, value, mono]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd className={mono ? "mono" : ""}>{value}</dd>
          </div>
        ))}
      </dl>
      <h3>{t("activity:audit.detail")}</h3>
      <pre className={css.json} tabIndex={0}>
        {detail}
      </pre>
      <h3>{t("activity:audit.seal")}</h3>
      <p className="note">{t("activity:audit.sealLine")}</p>
      <dl className={css.facts}>
        <div>
          <dt>{t("activity:audit.fingerprint")}</dt>
          <dd className="mono">{row.hash}</dd>
        </div>
        <div>
          <dt>{t("activity:audit.before")}</dt>
          <dd className="mono">{row.previous}</dd>
        </div>
      </dl>
      <CopyButton value={JSON.stringify(row, null, 2)}>
        {({ copied, copy }) => (
          <Button leftSection={<IconCopy size="1rem" />} onClick={copy}>
            {copied ? t("common:action.copied") : t("activity:audit.copy")}
          </Button>
        )}
      </CopyButton>
    </div>
  );
}
