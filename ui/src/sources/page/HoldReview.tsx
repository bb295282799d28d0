/** What a guard saw go, one by one: the list, each collection against its limit, and the ways on. */
import { Button } from "@mantine/core";
import { IconArrowBackUp } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import { Link, useNavigate } from "react-router";
import { type GoneRow, type HoldRow, useCall } from "../../api";
import { useTranslation } from "../../i18n";
import { count, moment } from "../../i18n/format";
import { type BigColumn, BigTable } from "../../shared/BigTable";
import { Empty, ListStates } from "../../shared/ListStates";
import { Page } from "../../shared/Page";
import { PageHeader } from "../../shared/PageHeader";
import { paths } from "../../shared/paths";
import { tripFacts, tripTitle } from "../../shared/trip";
import { useNow } from "../../shared/useNow";
import { VerdictPill } from "../../shared/VerdictPill";
import { GuardBars, restoreBefore, shortMoment } from "./GuardCard";
import { GoneList } from "./gone";
import css from "./guard.module.css";
import { ReleaseDialog } from "./ReleaseDialog";

function GoneTable({ hold }: { hold: HoldRow }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const list = useMemo(() => new GoneList(hold.id), [hold.id]);
  const { number, collection } = tripFacts(hold.trip);
  const columns = useMemo(
    (): BigColumn<GoneRow>[] => [
      {
        id: "what",
        header: t("sources:review.what"),
        width: 260,
        grow: true,
        cell: (row) => <span title={row.summary ?? row.id}>{row.summary ?? row.id}</span>,
      },
      { id: "id", header: t("sources:review.id"), width: 220, cell: (row) => <span className="mono">{row.id}</span> },
    ],
    [t],
  );
  const open = (row: GoneRow) => {
    if (hold.before) {
      const within = row.collection ?? collection;
      navigate(
        paths.browser(
          { snapshot: hold.before, vault: hold.vault ?? null },
          within ? { c: within, r: row.id } : { c: "files" },
        ),
      );
    }
  };
  return (
    <div className={`card ${css.reviewTable}`}>
      <BigTable
        label={t("sources:review.list")}
        total={number}
        columns={columns}
        source={hold.id}
        rows={(offset, limit) => list.slice(offset, limit)}
        rowId={(row) => `${row.collection ?? ""}/${row.id}`}
        rowName={(row) => row.summary ?? row.id}
        onOpen={open}
      />
    </div>
  );
}

function Actions({ hold, onAnswer }: { hold: HoldRow; onAnswer: () => void }) {
  const { t } = useTranslation();
  const now = useNow();
  const { collection } = tripFacts(hold.trip);
  return (
    <>
      {hold.before && (
        <Button
          component={Link}
          to={restoreBefore(hold, collection)}
          variant="filled"
          leftSection={<IconArrowBackUp size="0.9375rem" stroke={1.8} />}
        >
          {hold.beforeTime
            ? t("sources:guard.restore", { time: shortMoment(hold.beforeTime, now) })
            : t("common:action.restore")}
        </Button>
      )}
      {!hold.released && <Button onClick={onAnswer}>{t("sources:guard.intended")}</Button>}
    </>
  );
}

/** The page of one hold. */
export function HoldReview({ source, id }: { source: string; id: string }) {
  const { t } = useTranslation();
  const now = useNow();
  const navigate = useNavigate();
  const [asking, setAsking] = useState(false);
  const query = useCall("hold.review", { hold: id, limit: 1 });
  const hold = query.data?.hold;
  return (
    <Page fill>
      <div className={css.fill}>
        <PageHeader
          title={t("sources:review.title")}
          crumbs={[
            { label: t("sources:title"), to: paths.sources() },
            { label: source, to: paths.source(source) },
          ]}
          state={hold && !hold.released && <VerdictPill status="guard" />}
          line={
            hold &&
            [
              tripTitle(hold.trip, t),
              t("sources:review.seen", { time: moment(hold.at, now) }),
              hold.released ? t("sources:review.answered", { time: moment(hold.released, now) }) : "",
            ]
              .filter(Boolean)
              .join(" · ")
          }
          actions={hold && <Actions hold={hold} onAnswer={() => setAsking(true)} />}
        />
        <ListStates
          query={query}
          rows={8}
          what={t("sources:review.loading")}
          isEmpty={(data) => data.rows.length === 0}
          empty={<Empty title={t("sources:review.empty")} />}
        >
          {(data) => (
            <>
              {data.bars.length > 0 && (
                <section className={`card ${css.reviewHead}`} aria-label={t("sources:guard.bars")}>
                  <GuardBars bars={data.bars} limit={8} />
                </section>
              )}
              <p className="quiet">
                {t("sources:review.line", {
                  count: tripFacts(data.hold.trip).number,
                  n: count(tripFacts(data.hold.trip).number),
                })}
              </p>
              <GoneTable hold={data.hold} />
            </>
          )}
        </ListStates>
        <ReleaseDialog
          holds={asking && hold ? [hold] : []}
          onClose={() => setAsking(false)}
          onReleased={() => void navigate(paths.source(source))}
        />
      </div>
    </Page>
  );
}
