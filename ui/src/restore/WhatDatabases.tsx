/** What comes back of a server: its databases in a table of any length, and beside it what of the open one. */
import { Checkbox } from "@mantine/core";
import { type KeyboardEvent, useMemo, useState } from "react";
import { useTranslation } from "../i18n";
import { count } from "../i18n/format";
import { BigTable } from "../shared/BigTable";
import { Empty } from "../shared/ListStates";
import { DatabaseDetail } from "./DatabaseDetail";
import { choosingOf, setDatabase, tickOfDatabase, tickOfPart } from "./databaseTicks";
import { undecided } from "./draft";
import panes from "./Preview.module.css";
import type { Branch } from "./useBranches";
import { type Content, type DatabaseContent, topsOf } from "./useContent";
import css from "./WhatDatabases.module.css";
import { useWizard } from "./wizard";

/** The content of a server's backup. */
export interface WhatDatabasesProps {
  content: Content;
  /** Only databases with this in their name. */
  search: string;
  branches: Record<string, Branch>;
  more: (key: string) => Promise<void>;
}

/** What is taken of a database, in a few words. */
function useTaken(): (database: DatabaseContent) => string {
  const { t } = useTranslation();
  const { draft } = useWizard();
  return (database) => {
    const choosing = choosingOf(draft, database.name);
    const on = (part: "design" | "settings" | "local") => tickOfPart(draft.ticks, database, part) !== "off";
    return [
      choosing === "none" ? "" : t(`restore:databases.taken.${choosing}`),
      ...(["design", "settings", "local"] as const).map((part) =>
        on(part) ? t(`restore:databases.taken.${part}`) : "",
      ),
    ]
      .filter(Boolean)
      .join(", ");
  };
}

/** See {@link WhatDatabasesProps}. */
export function WhatDatabases({ content, search, branches, more }: WhatDatabasesProps) {
  const { t } = useTranslation();
  const { draft, change } = useWizard();
  const [open, setOpen] = useState<string | null>(null);
  const [full, setFull] = useState(false);
  const [active, setActive] = useState<DatabaseContent | undefined>(undefined);
  const taken = useTaken();
  const tops = useMemo(() => topsOf(content), [content]);
  const needle = search.trim().toLowerCase();
  const shown = useMemo(
    () => content.databases.filter(({ name }) => name.toLowerCase().includes(needle)),
    [content, needle],
  );
  const current = content.databases.find(({ name }) => name === open) ?? shown[0];
  const toggle = (database: DatabaseContent) =>
    change({ ...setDatabase(draft, database, tickOfDatabase(draft, database) !== "on", tops), ...undecided });
  const all = () => {
    const wanted = shown.some((database) => tickOfDatabase(draft, database) !== "on");
    const next = shown.reduce((chosen, one) => setDatabase(chosen, one, wanted, tops), {
      ticks: draft.ticks,
      matching: draft.matching,
    });
    change({ ...next, ...undecided });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const database = active ?? current;
    if (event.key === " " && database && (event.target as HTMLElement).role === "grid") {
      event.preventDefault();
      event.stopPropagation();
      toggle(database);
    }
  };
  if (shown.length === 0) {
    return <Empty title={t("restore:databases.nothing", { text: search.trim() })} />;
  }
  return (
    <>
      {needle !== "" && (
        <div className={css.found}>
          <span>{t("restore:databases.found", { count: shown.length, n: count(shown.length) })}</span>
          <button type="button" className={css.link} onClick={all}>
            {t(
              shown.some((database) => tickOfDatabase(draft, database) !== "on")
                ? "restore:databases.tickFound"
                : "restore:databases.untickFound",
            )}
          </button>
        </div>
      )}
      <div className={panes.panes} data-full={full || undefined}>
        <div className={css.table} onKeyDownCapture={onKeyDown}>
          <BigTable<DatabaseContent>
            label={t("restore:databases.label")}
            total={shown.length}
            source={`${content.metadata?.started ?? ""}\n${needle}`}
            rows={async (offset, limit) => shown.slice(offset, offset + limit)}
            rowId={({ name }) => name}
            currentId={current?.name}
            onOpen={(database) => {
              setOpen(database.name);
              setActive(database);
              setFull(true);
            }}
            onActive={(database) => {
              setActive(database);
              if (database) {
                setOpen(database.name);
              }
            }}
            columns={[
              {
                id: "tick",
                header: t("restore:databases.tick"),
                width: 44,
                head: <span className="visually-hidden">{t("restore:databases.tick")}</span>,
                cell: (database) => {
                  const tick = tickOfDatabase(draft, database);
                  return (
                    <Checkbox
                      tabIndex={-1}
                      aria-label={t("restore:databases.tickOne", { name: database.name })}
                      checked={tick === "on"}
                      indeterminate={tick === "mixed"}
                      onChange={() => toggle(database)}
                    />
                  );
                },
              },
              {
                id: "name",
                header: t("restore:databases.name"),
                width: 150,
                grow: true,
                cell: (database) => (
                  <div className={css.name}>
                    <div className="strong clip" title={database.name}>
                      {database.name}
                    </div>
                    <div className={`${css.taken} clip`} title={taken(database)}>
                      {taken(database) || t("restore:databases.taken.none")}
                    </div>
                  </div>
                ),
              },
              {
                id: "documents",
                header: t("restore:databases.documents"),
                width: 110,
                align: "right",
                cell: ({ documents }) => (documents.records == null ? "" : count(documents.records)),
              },
            ]}
            rowHeight={46}
          />
        </div>
        {current && (
          <div className={panes.detail}>
            <DatabaseDetail
              key={current.name}
              database={current}
              content={content}
              tops={tops}
              branches={branches}
              more={more}
              onBack={() => setFull(false)}
            />
          </div>
        )}
      </div>
    </>
  );
}
