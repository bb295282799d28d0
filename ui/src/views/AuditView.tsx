/** The audit trail: who did what when, whether it is whole, and the way to take it elsewhere. */
import { Button } from "@mantine/core";
import { IconDownload, IconShieldCheck } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { ActivityHead } from "../activity/ActivityHead";
import { AuditTrail } from "../activity/AuditTrail";
import css from "../activity/audit.module.css";
import { type AuditVerifyReply, type BackstayError, call, useAct, useCall } from "../api";
import { useTranslation } from "../i18n";
import { platform } from "../platform";
import { ErrorNote } from "../shared/ErrorNote";
import { Empty, ListStates } from "../shared/ListStates";
import { Note } from "../shared/Note";
import { Page } from "../shared/Page";
import { RevealButton } from "../shared/RevealButton";

/** Checked when the page is first opened and when asked for; not at every new entry, for it asks every vault. */
function useVerify() {
  return useQuery<AuditVerifyReply, BackstayError>({
    queryKey: ["audit.verify", {}],
    queryFn: ({ signal }) => call("audit.verify", {}, { signal, silent: true }),
  });
}

function useExport() {
  const { t } = useTranslation();
  const act = useAct("audit.export");
  const save = async () => {
    const path = await platform()
      .shell("shell.saveFile", { title: t("activity:audit.exportTitle"), suggested: "backstay-audit.ndjson" })
      .catch(() => null);
    if (path) {
      act.mutate({ path });
    }
  };
  return {
    button: (
      <Button
        leftSection={<IconDownload size="1rem" stroke={1.6} />}
        loading={act.isPending}
        onClick={() => void save()}
      >
        {t("activity:audit.export")}
      </Button>
    ),
    result: act.error ? (
      <ErrorNote error={act.error} title={t("activity:audit.exportFailed")} />
    ) : act.data ? (
      <Note status="complete" title={t("activity:audit.exported")} actions={<RevealButton path={act.data.path} />}>
        <span className="mono">{act.data.path}</span>
      </Note>
    ) : null,
  };
}

/** The page. */
export default function AuditView() {
  const { t } = useTranslation();
  const first = useCall("audit.list", { after: 0, limit: 1 }, { silent: true });
  const verify = useVerify();
  const { button, result } = useExport();
  return (
    <Page fill>
      <div className={css.page}>
        <ActivityHead
          tab="audit"
          actions={
            <>
              <Button
                leftSection={<IconShieldCheck size="1rem" stroke={1.6} />}
                loading={verify.isFetching}
                onClick={() => void verify.refetch()}
              >
                {t("activity:audit.verify")}
              </Button>
              {button}
            </>
          }
        />
        {result}
        <ListStates
          query={first}
          what={t("activity:audit.loading")}
          isEmpty={(reply) => reply.total === 0}
          empty={<Empty title={t("activity:audit.empty")}>{t("activity:audit.emptyLine")}</Empty>}
        >
          {(reply) => <AuditTrail reply={reply} verify={verify} />}
        </ListStates>
      </div>
    </Page>
  );
}
