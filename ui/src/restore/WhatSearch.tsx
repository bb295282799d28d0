/** Search in the whole backup: what is found can be ticked where it stands. */
import { Checkbox } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useMemo } from "react";
import { type LsReply, useCall } from "../api";
import { useTranslation } from "../i18n";
import { Empty, ListStates } from "../shared/ListStates";
import { undecided } from "./draft";
import { setTick, tickOf } from "./ticks";
import { type Content, topsOf } from "./useContent";
import css from "./WhatSearch.module.css";
import { useWizard } from "./wizard";

const LIMIT = 200;

interface Hit {
  key: string;
  name: string;
  place: string;
  rooted: boolean;
  parents: string[];
}

/** A name for a record whose title nobody told: its first short text. */
function nameOf(data: unknown, id: string): string {
  const values = typeof data === "object" && data !== null ? Object.values(data) : [];
  const text = values.find((value) => typeof value === "string" && value !== "" && value.length < 120);
  return typeof text === "string" ? text : id;
}

function hitsOf(reply: LsReply | undefined, content: Content, within?: string): Hit[] {
  const records = (reply?.records ?? []).map((record, at): Hit => {
    const collection = within ?? reply?.recordCollections?.[at] ?? content.collections[0]?.name ?? "";
    return {
      key: `${collection}/${record.id}`,
      name: nameOf(record.data, record.id),
      place: `${collection} · ${record.id}`,
      parents: [collection],
      rooted: content.stored.includes(collection),
    };
  });
  const files = (reply?.files ?? []).map((file): Hit => {
    const parts = file.path.split("/");
    const parents = parts.slice(0, -1).map((_, at) => `files/${parts.slice(0, at + 1).join("/")}`);
    return {
      key: `files/${file.path}`,
      name: parts.at(-1) ?? file.path,
      place: file.path,
      parents: ["files", ...parents],
      rooted: true,
    };
  });
  return [...records, ...files];
}

/** Where is searched. */
export interface WhatSearchProps {
  content: Content;
  text: string;
  /** Only records of this collection. */
  within?: string;
  /** Words of everything at the top of the backup, where `content` is only a part of it. */
  tops?: string[];
}

/** What was found for `text`, and a way to say how to search without a whole-backup search. */
export function WhatSearch({ content, text, within, tops }: WhatSearchProps) {
  const { t } = useTranslation();
  const { draft, change } = useWizard();
  const [search] = useDebouncedValue(text.trim(), 300);
  const at = draft.at ?? { snapshot: "" };
  const records = useCall(
    "browse.list",
    { at, search, limit: LIMIT, ...(within === undefined ? {} : { collection: within }) },
    { enabled: content.collections.length > 0 && search !== "" },
  );
  const files = useCall(
    "browse.list",
    { at, collection: "files", search, limit: LIMIT },
    { enabled: content.hasFiles && search !== "" && within === undefined },
  );
  const needle = search.toLowerCase();
  const tables = content.collections.filter(
    ({ name, title }) => within === undefined && `${title ?? ""} ${name}`.toLowerCase().includes(needle),
  );
  const hits = useMemo(
    () => [
      ...tables.map(
        ({ name, title }): Hit => ({
          key: name,
          name: title ?? name,
          place: t("restore:what.table"),
          parents: [],
          rooted: content.stored.includes(name),
        }),
      ),
      ...hitsOf(records.data, content, within),
      ...hitsOf(files.data, content),
    ],
    [tables, records.data, files.data, content, within, t],
  );
  const query = {
    data: hits.length > 0 || (!records.isFetching && !files.isFetching && search === text.trim()) ? hits : undefined,
    error: records.error ?? files.error,
    isPending: records.isFetching || files.isFetching || search !== text.trim(),
    refetch: () => {
      void records.refetch();
      void files.refetch();
    },
  };
  const more = records.data?.more || files.data?.more;
  return (
    <div className={css.found}>
      <ListStates
        query={query}
        what={t("restore:what.searching")}
        isEmpty={(found) => found.length === 0}
        empty={<Empty title={t("restore:what.nothing", { text: search })} />}
      >
        {(found) => (
          <ul className={css.list} aria-label={t("restore:what.hits")}>
            {found.map((hit) => {
              const state = tickOf(draft.ticks, hit);
              return (
                <li key={hit.key}>
                  <Checkbox
                    label={
                      <>
                        <span className={css.name}>{hit.name}</span>
                        <span className={css.place}>{hit.place}</span>
                      </>
                    }
                    checked={state === "on"}
                    indeterminate={state === "mixed"}
                    onChange={() =>
                      change({
                        ticks: setTick(draft.ticks, hit, state !== "on", tops ?? topsOf(content), () => []),
                        ...undecided,
                      })
                    }
                  />
                </li>
              );
            })}
            {more && <li className="note">{t("restore:what.moreHits")}</li>}
          </ul>
        )}
      </ListStates>
    </div>
  );
}
