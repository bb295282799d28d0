/** The audit trail: who did what when, whether it is whole, and the way to take it elsewhere. */
import { Button, TextInput } from "@mantine/core";
import { IconDownload, IconSearch, IconShieldCheck } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { ActivityHead } from "../activity/ActivityHead";
import { AuditDetail } from "../activity/AuditDetail";
import { AuditState } from "../activity/AuditState";
import { AuditTable } from "../activity/AuditTable";
import css from "../activity/audit.module.css";
import { type AuditRow, type AuditVerifyReply, type BackstayError, call, useAct, useCall } from "../api";
import { useTranslation } from "../i18n";
import { platform } from "../platform";
import { ErrorNote } from "../shared/ErrorNote";
import { Empty, ListStates } from "../shared/ListStates";
import { Note } from "../shared/Note";
import { Page } from "../shared/Page";
import { useShortcut } from "../shared/shortcuts";

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
      <Note
        status="complete"
        title={t("activity:audit.exported")}
        actions={
          <Button
            onClick={() =>
              void platform()
                .shell("shell.reveal", { path: act.data.path })
                .catch(() => undefined)
            }
          >
            {t("activity:audit.reveal")}
          </Button>
        }
      >
        <span className="mono">{act.data.path}</span>
      </Note>
    ) : null,
  };
}

/** The page. */
export default function AuditView() {
  const { t } = useTranslation();
  const field = useRef<HTMLInputElement>(null);
  const [text, setText] = useState("");
  const [open, setOpen] = useState<AuditRow | null>(null);
  const [toRow, setToRow] = useState<number>();
  const first = useCall("audit.list", { after: 0, limit: 1 }, { silent: true });
  const verify = useVerify();
  const { button, result } = useExport();
  useShortcut("/", t("activity:audit.filter"), () => field.current?.focus());
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
          {(reply) => (
            <>
              <AuditState
                verify={verify}
                total={reply.total}
                since={reply.entries[0]?.time}
                onRetry={() => void verify.refetch()}
                onShow={(entry) => {
                  setText("");
                  // Newest first; what was cut off would stand above the first row.
                  setToRow(Math.max(0, Math.min(reply.total - 1, reply.total - entry)));
                }}
              />
              <TextInput
                ref={field}
                type="search"
                className={css.filter ?? ""}
                aria-label={t("activity:audit.filter")}
                placeholder={t("activity:audit.filter")}
                leftSection={<IconSearch size="1rem" />}
                value={text}
                onChange={(event) => setText(event.currentTarget.value)}
              />
              <AuditTable
                total={reply.total}
                text={text}
                current={open}
                onOpen={setOpen}
                brokenAt={verify.data?.broken?.entry}
                toRow={toRow}
              />
            </>
          )}
        </ListStates>
        <AuditDetail row={open} onClose={() => setOpen(null)} />
      </div>
    </Page>
  );
}
