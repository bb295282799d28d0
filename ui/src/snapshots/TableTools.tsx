/** Search, filters, order, columns and "go to" of a table of records. */
import { ActionIcon, Checkbox, Loader, Menu, Popover, ScrollArea, TextInput, Tooltip } from "@mantine/core";
import { IconArrowsSort, IconColumns3, IconSearch, IconSortAscending, IconSortDescending } from "@tabler/icons-react";
import { type ReactNode, useEffect, useRef, useState } from "react";
import type { Field } from "../api";
import { useTranslation } from "../i18n";
import { count } from "../i18n/format";
import { useShortcut } from "../shared/shortcuts";
import { FilterBuilder, FilterPills } from "./FilterBuilder";
import { JumpDialog } from "./JumpDialog";
import css from "./TableTools.module.css";
import { isNarrowed, type Query } from "./useListing";

/** A table's tools. */
export interface TableToolsProps {
  label: string;
  lead?: ReactNode;
  /** All fields there are. */
  fields: Field[];
  /** Names of the shown ones. */
  shown: string[];
  title: string | null;
  query: Query;
  onQuery: (query: Query) => void;
  total: number;
  /** A new order or filter is being worked out. */
  busy: boolean;
  locate: (id: string) => Promise<number | null>;
  onJump: (row: number) => void;
  /** `null`: as at first. */
  onColumns: (names: string[] | null) => void;
}

const PAUSE = 300;
const icon = "0.9375rem";

function SortMenu({ fields, query, onQuery }: Pick<TableToolsProps, "fields" | "query" | "onQuery">) {
  const { t } = useTranslation();
  const { sort } = query;
  const name = sort ? sort.field : t("snapshots:tools.ownOrder");
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Tooltip label={t("snapshots:tools.sortedBy", { name })}>
          <ActionIcon variant="default" aria-label={t("snapshots:tools.sortedBy", { name })}>
            {sort ? (
              sort.descending ? (
                <IconSortDescending size={icon} />
              ) : (
                <IconSortAscending size={icon} />
              )
            ) : (
              <IconArrowsSort size={icon} />
            )}
          </ActionIcon>
        </Tooltip>
      </Menu.Target>
      <Menu.Dropdown mah="60vh" style={{ overflow: "auto" }}>
        <Menu.Item aria-current={!sort || undefined} onClick={() => onQuery({ ...query, sort: null })}>
          {t("snapshots:tools.ownOrder")}
        </Menu.Item>
        {sort && (
          <Menu.Item onClick={() => onQuery({ ...query, sort: { ...sort, descending: !sort.descending } })}>
            {t(sort.descending ? "snapshots:tools.ascending" : "snapshots:tools.descending")}
          </Menu.Item>
        )}
        <Menu.Divider />
        {fields.map((field) => (
          <Menu.Item
            key={field.name}
            aria-current={sort?.field === field.name || undefined}
            onClick={() => onQuery({ ...query, sort: { field: field.name, descending: false } })}
          >
            {field.name}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function ColumnChooser({
  fields,
  shown,
  title,
  onColumns,
}: Pick<TableToolsProps, "fields" | "shown" | "title" | "onColumns">) {
  const { t } = useTranslation();
  const chosen = shown.filter((name) => name !== title);
  return (
    <Popover position="bottom-end" trapFocus>
      <Popover.Target>
        <Tooltip label={t("snapshots:tools.columns")}>
          <ActionIcon variant="default" aria-label={t("snapshots:tools.columns")}>
            <IconColumns3 size={icon} />
          </ActionIcon>
        </Tooltip>
      </Popover.Target>
      <Popover.Dropdown>
        <ScrollArea.Autosize mah="50vh" type="auto">
          <fieldset className={css.columns}>
            <legend className="visually-hidden">{t("snapshots:tools.columns")}</legend>
            {fields.map((field) => (
              <Checkbox
                key={field.name}
                label={
                  <>
                    {field.name} <span className="note">{field.kind}</span>
                  </>
                }
                disabled={field.name === title}
                checked={field.name === title || chosen.includes(field.name)}
                onChange={(event) =>
                  onColumns(
                    event.currentTarget.checked
                      ? [...chosen, field.name]
                      : chosen.filter((name) => name !== field.name),
                  )
                }
              />
            ))}
          </fieldset>
        </ScrollArea.Autosize>
        <button type="button" className={css.reset} onClick={() => onColumns(null)}>
          {t("snapshots:tools.resetColumns")}
        </button>
      </Popover.Dropdown>
    </Popover>
  );
}

/** The row above a table. */
export function TableTools(props: TableToolsProps) {
  const { label, lead, fields, query, onQuery, total, busy, locate, onJump } = props;
  const { t } = useTranslation();
  const [text, setText] = useState(query.search);
  const [jumping, setJumping] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const latest = useRef({ query, onQuery });
  latest.current = { query, onQuery };
  useEffect(() => setText(query.search), [query.search]);
  useEffect(() => {
    const timer = setTimeout(() => {
      const now = latest.current;
      if (text.trim() !== now.query.search) {
        now.onQuery({ ...now.query, search: text.trim() });
      }
    }, PAUSE);
    return () => clearTimeout(timer);
  }, [text]);
  useShortcut("/", t("snapshots:tools.search", { name: label }), () => field.current?.focus());
  useShortcut("Ctrl G", t("snapshots:keys.goToRow"), () => setJumping(true));
  return (
    <>
      <div className={css.tools}>
        {lead}
        <TextInput
          ref={field}
          className={css.search}
          aria-label={t("snapshots:tools.search", { name: label })}
          placeholder={t("snapshots:tools.search", { name: label })}
          leftSection={<IconSearch size={icon} />}
          rightSection={busy ? <Loader size="xs" aria-label={t("common:state.loading")} /> : undefined}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === "Escape" && text) {
              event.stopPropagation();
              setText("");
            }
          }}
        />
        <FilterBuilder fields={fields} onAdd={(filter) => onQuery({ ...query, filters: [...query.filters, filter] })} />
        <SortMenu {...props} />
        <ColumnChooser {...props} />
      </div>
      {(query.filters.length > 0 || isNarrowed(query)) && (
        <FilterPills
          filters={query.filters}
          onChange={(filters) => onQuery({ ...query, filters })}
          found={t("snapshots:tools.found", { count: total, n: count(total) })}
        />
      )}
      <JumpDialog opened={jumping} onClose={() => setJumping(false)} total={total} locate={locate} onJump={onJump} />
    </>
  );
}
