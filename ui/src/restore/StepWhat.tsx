/** Step 2: what comes back. Everything, tables, single records, folders or files; found by looking, by search, or by id. */
import { Button, Checkbox, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useRef, useState } from "react";
import { useTranslation } from "../i18n";
import { exact } from "../i18n/format";
import { Empty, ListStates } from "../shared/ListStates";
import { useShortcut } from "../shared/shortcuts";
import { likeProblem } from "./databaseTicks";
import { isEmpty, undecided } from "./draft";
import { PasteIds } from "./PasteIds";
import css from "./StepWhat.module.css";
import { addWords, everything, nothing, tickOfAll } from "./ticks";
import { useBranches } from "./useBranches";
import { bundlePath, useContent } from "./useContent";
import { useScope } from "./useScope";
import { WhatDatabases } from "./WhatDatabases";
import { WhatSearch } from "./WhatSearch";
import { WhatTree } from "./WhatTree";
import { MainButton, WizardPage } from "./WizardPage";
import { useWizard } from "./wizard";

/** The second step. */
export function StepWhat() {
  const { t } = useTranslation();
  const { draft, change, go, leave } = useWizard();
  const content = useContent(draft.at);
  const { branches, more } = useBranches(draft.at);
  const [search, setSearch] = useState("");
  const [pasting, setPasting] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const all = tickOfAll(draft.ticks);
  const bundle = bundlePath(draft.at);
  const started = content.data?.metadata?.started;
  const none = isEmpty(draft);
  const databases = (content.data?.databases.length ?? 0) > 0;
  const scope = useScope();
  const find = t(databases ? "restore:databases.find" : "restore:what.search");
  useShortcut("/", find, () => field.current?.focus());
  const unclear = Object.values(draft.matching).some((like) => likeProblem(like) !== null);
  return (
    <WizardPage
      step={1}
      question={t("restore:what.title")}
      line={
        bundle !== null
          ? t("restore:what.fromBundle", { path: bundle })
          : started
            ? t("restore:what.from", { time: exact(started) })
            : t("restore:what.line")
      }
      onClose={leave}
      scope={none ? t("restore:what.noneYet") : unclear ? t("restore:what.unclear") : scope}
      fill
      buttons={
        <>
          {bundle === null && <Button onClick={() => go("when")}>{t("common:action.back")}</Button>}
          <MainButton onClick={() => go("where")} disabled={none || unclear || !content.data}>
            {t("restore:continue")}
          </MainButton>
        </>
      }
    >
      <div className={`card ${css.box}`}>
        <div className={css.bar}>
          <TextInput
            ref={field}
            className={css.search ?? ""}
            aria-label={find}
            placeholder={find}
            leftSection={<IconSearch size="1rem" />}
            value={search}
            onChange={(event) => setSearch(event.currentTarget.value)}
          />
          <Button onClick={() => setPasting(true)} disabled={!content.data}>
            {t("restore:what.paste")}
          </Button>
        </div>
        <div className={css.all}>
          <Checkbox
            label={t("restore:what.everything")}
            checked={all === "on"}
            indeterminate={all === "mixed"}
            onChange={() => change({ ticks: all === "on" ? nothing : everything, matching: {}, ...undecided })}
          />
        </div>
        <ListStates
          query={content}
          what={t("restore:what.reading")}
          isEmpty={(data) => data.collections.length === 0 && !data.hasFiles}
          empty={<Empty title={t("restore:what.emptyBackup")} />}
        >
          {(data) =>
            data.databases.length > 0 ? (
              <WhatDatabases content={data} search={search} branches={branches} more={more} />
            ) : search.trim() ? (
              <WhatSearch content={data} text={search} />
            ) : (
              <WhatTree content={data} branches={branches} more={more} />
            )
          }
        </ListStates>
      </div>
      {content.data && draft.at && (
        <PasteIds
          opened={pasting}
          at={draft.at}
          content={content.data}
          onWords={(words) => change({ ticks: addWords(draft.ticks.all ? nothing : draft.ticks, words), ...undecided })}
          onClose={() => setPasting(false)}
        />
      )}
    </WizardPage>
  );
}
