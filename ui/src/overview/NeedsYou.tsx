/** What needs a person, worst first: one line of fact, one of consequence, a main and a quiet action. */
import { Button } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { Link } from "react-router";
import { type AlertRow, type BackupRequest, type HoldRow, useCall, useJobs } from "../api";
import { useTranslation } from "../i18n";
import { count, moment } from "../i18n/format";
import { paths } from "../shared/paths";
import { type Status, StatusGlyph } from "../shared/StatusGlyph";
import { sentence } from "../shared/sentence";
import { worksOn } from "../shared/sourceStatus";
import { canReview } from "../shared/trip";
import { useNow } from "../shared/useNow";
import css from "./NeedsYou.module.css";
import { guarded, trouble } from "./needWords";
import type { Overall, Rated } from "./state";

const SHOWN = 5;

interface ItemProps {
  status: Status;
  fact: string;
  consequence: string;
  children: ReactNode;
}

function Item({ status, fact, consequence, children }: ItemProps) {
  return (
    <li className={css.item}>
      <StatusGlyph status={status} size={20} label />
      <div className={css.text}>
        <div className="strong">{fact}</div>
        <div className="quiet">{consequence}</div>
      </div>
      <div className={css.actions}>{children}</div>
    </li>
  );
}

interface TryAgainProps {
  name: string;
  main?: boolean;
  /** It failed; otherwise it is simply time. */
  again?: boolean;
  onBackup: (request: BackupRequest) => void;
}

function TryAgain({ name, main = false, again = true, onBackup }: TryAgainProps) {
  const { t } = useTranslation();
  const jobs = useJobs();
  const busy = jobs.some((job) => worksOn(job, name));
  return (
    <Button
      variant={main ? "default" : "subtle"}
      disabled={busy}
      className={main ? "" : (css.quiet ?? "")}
      onClick={() => onBackup({ sources: [name] })}
    >
      {busy ? t("overview:need.running") : again ? t("common:action.retry") : t("common:action.backUpNow")}
    </Button>
  );
}

/** What can be done about one source: a main and a quiet action. */
function Actions({ source, status, hold, onBackup }: Rated & Pick<TryAgainProps, "onBackup"> & { hold?: HoldRow }) {
  const { t } = useTranslation();
  const name = source.source.name;
  if (status === "guard") {
    return (
      <>
        {hold && (
          <Button component={Link} to={paths.answer(name, hold.id)} variant="subtle" className={css.quiet ?? ""}>
            {t("sources:guard.intended")}
          </Button>
        )}
        {hold && canReview(hold.trip) ? (
          <Button component={Link} to={paths.review(name, hold.id)}>
            {t("overview:need.review")}
          </Button>
        ) : (
          <Button component={Link} to={paths.source(name)}>
            {t("overview:need.seeGuard")}
          </Button>
        )}
      </>
    );
  }
  if (status === "partial") {
    return (
      <>
        <TryAgain name={name} onBackup={onBackup} />
        <Button component={Link} to={paths.source(name)}>
          {t("overview:need.seeGaps")}
        </Button>
      </>
    );
  }
  return (
    <>
      <Button component={Link} to={paths.source(name)} variant="subtle" className={css.quiet ?? ""}>
        {t("overview:need.why")}
      </Button>
      <TryAgain name={name} main again={status === "failed"} onBackup={onBackup} />
    </>
  );
}

/** An alarm that no state shows: a drill that failed, a plan that fails too often or asks. */
function Alarm({ alarm }: { alarm: AlertRow }) {
  const { t } = useTranslation();
  const { event, source, plan, title, body } = alarm.message;
  const drill = event === "drillFailed" && source;
  return (
    <Item
      status={event === "meteredAsk" ? "paused" : "failed"}
      fact={drill ? t("overview:need.drill", { name: source }) : sentence(title)}
      consequence={[sentence(body), drill ? t("overview:need.drillThen") : ""].filter(Boolean).join(" ")}
    >
      {drill ? (
        <Button component={Link} to={paths.source(source, "drills")}>
          {t("overview:need.seeDrill")}
        </Button>
      ) : (
        plan && (
          <Button component={Link} to={paths.plan(plan, event === "failureRate" ? "proof" : undefined)}>
            {t("overview:need.seePlan")}
          </Button>
        )
      )}
    </Item>
  );
}

/** The list of what needs a person. */
export function NeedsYou({ state, onBackup }: { state: Overall; onBackup: (request: BackupRequest) => void }) {
  const { t } = useTranslation();
  const now = useNow();
  const [all, setAll] = useState(false);
  const held = state.needing.some(({ status }) => status === "guard");
  const holds = useCall("hold.list", {}, { enabled: held, silent: true }).data?.holds ?? [];
  const shown = all ? state.needing : state.needing.slice(0, SHOWN);
  const more = state.needing.length - shown.length;
  return (
    <section className="card" aria-label={t("overview:need.label")}>
      <ul className={css.list}>
        {state.damaged.map(({ vault, checked }) => (
          <Item
            key={vault.name}
            status="failed"
            fact={t("overview:need.damaged", { name: vault.name })}
            consequence={t("overview:need.damagedThen", { time: checked ? moment(checked.started, now) : "" })}
          >
            <Button component={Link} to={paths.vault(vault.name)}>
              {t("overview:need.seeDamage")}
            </Button>
          </Item>
        ))}
        {shown.map(({ source, status }) => {
          const mine = holds.filter((hold) => hold.source === source.source.name);
          const [fact, consequence] =
            status === "guard" ? guarded(source, mine, now, t) : trouble(source, status, now, t);
          return (
            <Item key={source.source.id} status={status} fact={fact} consequence={consequence}>
              <Actions source={source} status={status} onBackup={onBackup} {...(mine[0] ? { hold: mine[0] } : {})} />
            </Item>
          );
        })}
        {state.alarms.map((alarm) => (
          <Alarm key={alarm.cause} alarm={alarm} />
        ))}
      </ul>
      {more > 0 && (
        <Button variant="subtle" fullWidth onClick={() => setAll(true)} className={css.more ?? ""}>
          {t("overview:need.more", { count: more, n: count(more) })}
        </Button>
      )}
    </section>
  );
}
