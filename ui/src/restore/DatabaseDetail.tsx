/** What comes back of one database: its documents (all, ticked ones, or those that are like something), and what stands beside them. */
import { Button, Checkbox, SegmentedControl, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "../i18n";
import { count } from "../i18n/format";
import { type PartKind, partKinds } from "../shared/databases";
import css from "./DatabaseDetail.module.css";
import { type Choosing, choosingOf, setChoosing, setPart, tickOfPart } from "./databaseTicks";
import { undecided } from "./draft";
import { LikeFields } from "./LikeFields";
import type { Branch } from "./useBranches";
import type { Content, DatabaseContent } from "./useContent";
import { WhatSearch } from "./WhatSearch";
import { WhatTree } from "./WhatTree";
import { useWizard } from "./wizard";

/** A database of the backup. */
export interface DatabaseDetailProps {
  database: DatabaseContent;
  content: Content;
  tops: string[];
  branches: Record<string, Branch>;
  more: (key: string) => Promise<void>;
  /** Back to the list, where both do not fit. */
  onBack: () => void;
}

function Part({ database, kind, tops }: { database: DatabaseContent; kind: PartKind; tops: string[] }) {
  const { t } = useTranslation();
  const { draft, change } = useWizard();
  const part = database.parts[kind];
  if (!part) {
    return null;
  }
  const tick = tickOfPart(draft.ticks, database, kind);
  const aside = part.kind === "aside";
  const number = part.records == null ? "" : ` (${count(part.records)})`;
  return (
    <Checkbox
      label={`${t(`restore:databases.part.${kind}`)}${number}`}
      description={t(`restore:databases.partLine.${kind}`)}
      checked={tick === "on"}
      indeterminate={tick === "mixed"}
      onChange={() =>
        change({
          ...setPart({ ticks: draft.ticks, matching: draft.matching }, part.name, aside, tick !== "on", tops),
          ...undecided,
        })
      }
    />
  );
}

function Single({ database, content, tops, branches, more }: Omit<DatabaseDetailProps, "onBack">) {
  const { t } = useTranslation();
  const [search, setSearch] = useState("");
  const find = t("restore:databases.findDocument", { name: database.name });
  const part: Content = { ...content, collections: [database.documents], databases: [], hasFiles: false };
  return (
    <>
      <TextInput
        aria-label={find}
        placeholder={find}
        leftSection={<IconSearch size="1rem" />}
        value={search}
        onChange={(event) => setSearch(event.currentTarget.value)}
      />
      <div className={css.tree}>
        {search.trim() ? (
          <WhatSearch content={part} text={search} within={database.name} tops={tops} />
        ) : (
          <WhatTree content={part} branches={branches} more={more} tops={tops} />
        )}
      </div>
    </>
  );
}

/** See {@link DatabaseDetailProps}. */
export function DatabaseDetail(props: DatabaseDetailProps) {
  const { database, tops, onBack } = props;
  const { t } = useTranslation();
  const { draft, change } = useWizard();
  const { name, documents } = database;
  const choosing = choosingOf(draft, name);
  // Single documents are chosen by ticking them: until one is, it is the view that says so.
  const [single, setSingle] = useState(choosing === "some");
  const view: Choosing = choosing === "like" ? "like" : single || choosing === "some" ? "some" : choosing;
  const choose = (to: Choosing) => {
    setSingle(to === "some");
    change({ ...setChoosing({ ticks: draft.ticks, matching: draft.matching }, name, to, tops), ...undecided });
  };
  return (
    <section className={css.detail} aria-label={t("restore:databases.detail", { name })}>
      <header className={css.header}>
        <h3 className={css.title}>{name}</h3>
        <Button className={css.back ?? ""} onClick={onBack}>
          {t("restore:preview.backToList")}
        </Button>
      </header>
      {/* Scrolls by itself: the keyboard must reach it. */}
      <div className={css.body} tabIndex={0}>
        <h4 id="documents-of">
          {t("restore:databases.documents")}
          {documents.records != null && <span className="quiet"> {count(documents.records)}</span>}
        </h4>
        <SegmentedControl
          aria-labelledby="documents-of"
          data={(["all", "some", "like", "none"] as const).map((value) => ({
            value,
            label: t(`restore:databases.choose.${value}`),
          }))}
          value={view}
          onChange={(to) => choose(to as Choosing)}
        />
        <p className="note">{t(`restore:databases.chooseLine.${view}`)}</p>
        {view === "some" && <Single {...props} />}
        {view === "like" && <LikeFields database={database} />}
        <h4>{t("restore:databases.beside")}</h4>
        <div className={css.parts}>
          {partKinds.map((kind) => (
            <Part key={kind} database={database} kind={kind} tops={tops} />
          ))}
        </div>
      </div>
    </section>
  );
}
