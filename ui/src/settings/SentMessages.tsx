/** The last messages: what was said, where, and whether it got there. */
import { Button } from "@mantine/core";
import { useState } from "react";
import { type SentRow, useCall } from "../api";
import { useTranslation } from "../i18n";
import { count, exact, moment } from "../i18n/format";
import { eventStatus } from "../shared/eventStatus";
import { Empty, ListStates } from "../shared/ListStates";
import { StatusGlyph, statusColor } from "../shared/StatusGlyph";
import { useNow } from "../shared/useNow";
import { Section } from "./SettingRow";
import css from "./settings.module.css";

const FIRST = 10;

function How({ row }: { row: SentRow }) {
  const { t } = useTranslation();
  if (row.delivered) {
    return <span title={exact(row.delivered)}>{t("settings:sent.delivered")}</span>;
  }
  const state = row.givenUp ? "failed" : "paused";
  return (
    <>
      <span className={css.how} style={{ color: statusColor(state, "ink") }}>
        <StatusGlyph status={state} />
        {row.givenUp
          ? t("settings:sent.givenUp")
          : t("settings:sent.waits", { count: row.attempts, n: count(row.attempts) })}
      </span>
      {row.error && <div className="note">{row.error}</div>}
    </>
  );
}

function Table({ rows }: { rows: SentRow[] }) {
  const { t } = useTranslation();
  const now = useNow();
  const [all, setAll] = useState(false);
  const shown = all ? rows : rows.slice(0, FIRST);
  const more = rows.length - shown.length;
  return (
    <div className={`card ${css.scroll}`}>
      <table className={css.sent} aria-label={t("settings:sent.title")}>
        <thead>
          <tr>
            {(["when", "what", "where", "how"] as const).map((name) => (
              <th key={name} scope="col">
                {t(`settings:sent.${name}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((row, index) => (
            <tr key={`${index} ${row.time}`}>
              <td>
                <time dateTime={row.time} title={exact(row.time)}>
                  {moment(row.time, now)}
                </time>
              </td>
              <th scope="row">
                <span className={css.how}>
                  <StatusGlyph status={eventStatus(row.event)} label={t(`settings:event.${row.event}`)} />
                  {row.title}
                </span>
              </th>
              <td>{row.channel === "desktop" ? t("settings:sent.desktop") : row.channel}</td>
              <td>
                <How row={row} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {more > 0 && (
        <Button variant="subtle" fullWidth onClick={() => setAll(true)}>
          {t("settings:sent.more", { count: more, n: count(more) })}
        </Button>
      )}
    </div>
  );
}

/** The list in all its states. */
export function SentMessages() {
  const { t } = useTranslation();
  const query = useCall("channel.list", {}, { silent: true, topics: ["channels"] });
  return (
    <Section title={t("settings:sent.title")}>
      {/* An error stands with the channels already: both come with one call. */}
      {query.data && (
        <ListStates
          query={{ ...query, error: null }}
          isEmpty={(reply) => reply.sent.length === 0}
          empty={<Empty title={t("settings:sent.none")}>{t("settings:sent.noneLine")}</Empty>}
        >
          {(reply) => <Table rows={reply.sent} />}
        </ListStates>
      )}
    </Section>
  );
}
