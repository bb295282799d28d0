/** Documents chosen by what they are like: how their ids begin, a question, and how many that are. */
import { Button, Loader, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import type { RestoreRequest } from "../api";
import { useTranslation } from "../i18n";
import { count } from "../i18n/format";
import css from "./DatabaseDetail.module.css";
import { type Like, likeProblem, matchOf } from "./databaseTicks";
import { undecided } from "./draft";
import { usePlan } from "./plans";
import { stepCount } from "./stepWords";
import type { DatabaseContent } from "./useContent";
import { useWizard } from "./wizard";

/** A selector most people can read, to start from. */
const EXAMPLE = '{ "type": "invoice", "total": { "$gt": 100 } }';

/** A plan for nothing but these documents: it counts them, and says what is wrong with the question. */
function useMatches(database: DatabaseContent, like: Like) {
  const { draft } = useWizard();
  const [asked, setAsked] = useState<string | null>(null);
  const key = JSON.stringify(like);
  const request: RestoreRequest | null =
    draft.at && asked === key
      ? {
          from: { snapshot: draft.at },
          selection: { only: [], matching: [matchOf(database.name, like)] },
          target: draft.into === null ? { new: "*-counted" } : { source: { source: draft.into, place: "*-counted" } },
          policy: "skip",
        }
      : null;
  const plan = usePlan(request);
  return { ...plan, asked: request !== null, ask: () => (request === null ? setAsked(key) : plan.again()) };
}

/** The fields. */
export function LikeFields({ database }: { database: DatabaseContent }) {
  const { t } = useTranslation();
  const { draft, change } = useWizard();
  const like = draft.matching[database.name] ?? { prefix: "", selector: "" };
  const problem = likeProblem(like);
  const matches = useMatches(database, like);
  const set = (more: Partial<Like>) =>
    change({ matching: { ...draft.matching, [database.name]: { ...like, ...more } }, ...undecided });
  const refused = matches.asked && !matches.busy ? matches.error : undefined;
  const found = matches.asked && matches.made ? stepCount(matches.made.plan.counts) : null;
  const wrong =
    problem === "json" || problem === "object"
      ? t(`restore:databases.wrong.${problem}`)
      : refused?.code === "usage"
        ? [refused.message, refused.hint].filter(Boolean).join(" ")
        : undefined;
  return (
    <>
      <TextInput
        label={t("restore:databases.prefix")}
        description={t("restore:databases.prefixLine")}
        value={like.prefix}
        onChange={(event) => set({ prefix: event.currentTarget.value })}
        spellCheck={false}
        classNames={{ input: "mono" }}
      />
      <Textarea
        className={css.selector ?? ""}
        label={t("restore:databases.selector")}
        description={t("restore:databases.selectorLine")}
        placeholder={EXAMPLE}
        value={like.selector}
        onChange={(event) => set({ selector: event.currentTarget.value })}
        autosize
        minRows={3}
        maxRows={12}
        spellCheck={false}
        error={wrong}
      />
      {like.selector.trim() === "" && (
        <div>
          <Button variant="subtle" size="compact-sm" onClick={() => set({ selector: EXAMPLE })}>
            {t("restore:databases.example")}
          </Button>
        </div>
      )}
      <div className={css.count} role="status">
        <Button onClick={matches.ask} disabled={problem !== null || matches.busy}>
          {t("restore:databases.count")}
        </Button>
        {matches.busy && <Loader size="xs" aria-label={t("restore:databases.counting")} />}
        {!matches.busy && found !== null && (
          <span className="strong">{t("restore:databases.matches", { count: found, n: count(found) })}</span>
        )}
        {refused && refused.code !== "usage" && <span className="quiet">{refused.message}</span>}
        {problem === "empty" && <span className="quiet">{t("restore:databases.wrong.empty")}</span>}
      </div>
    </>
  );
}
