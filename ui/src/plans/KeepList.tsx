/** The backups a clean-up looks at, each with the reason it stays or that it goes. */
import { Button, Checkbox } from "@mantine/core";
import { IconCheck, IconX } from "@tabler/icons-react";
import { useState } from "react";
import type { KeepPreviewReply } from "../api";
import { useTranslation } from "../i18n";
import { count, exact, moment } from "../i18n/format";
import { useNow } from "../shared/useNow";
import { keepReason } from "./keep";
import css from "./keep.module.css";

const PAGE = 50;

/** The list; those that go can be shown alone. */
export function KeepList({ reply }: { reply: KeepPreviewReply }) {
  const { t } = useTranslation();
  const now = useNow();
  const [shown, setShown] = useState(PAGE);
  // What goes is what people come to see; without any, the list shows why the rest stays.
  const [asked, setOnlyGoing] = useState(true);
  const onlyGoing = asked && reply.go > 0;
  const rows = onlyGoing ? reply.rows.filter(({ row }) => !row.keep) : reply.rows;
  const several = new Set(reply.rows.map((one) => one.source)).size > 1;
  const vaults = new Set(reply.rows.map((one) => one.row.vault)).size > 1;
  const total = reply.stay + reply.go;
  return (
    <section aria-label={t("plans:keep.list")}>
      <div className={css.listHead}>
        <h2>{t("plans:keep.list")}</h2>
        {reply.go > 0 && (
          <Checkbox
            label={t("plans:keep.onlyGoing")}
            checked={onlyGoing}
            onChange={(event) => setOnlyGoing(event.currentTarget.checked)}
          />
        )}
      </div>
      <div className={`card ${css.rows}`}>
        <table aria-label={t("plans:keep.list")} aria-rowcount={rows.length}>
          <thead className="visually-hidden">
            <tr>
              <th scope="col">{t("plans:keep.time")}</th>
              <th scope="col">{t("plans:keep.verdict")}</th>
              <th scope="col">{t("plans:keep.reason")}</th>
            </tr>
          </thead>
          <tbody>
            {rows.slice(0, shown).map(({ source, row }) => (
              <tr key={`${row.vault} ${row.id}`} data-goes={!row.keep || undefined}>
                <th scope="row" title={exact(row.time)}>
                  {moment(row.time, now)}
                </th>
                <td className={row.keep ? css.stays : css.goes}>
                  {row.keep ? <IconCheck size="0.875rem" aria-hidden /> : <IconX size="0.875rem" aria-hidden />}
                  {t(row.keep ? "plans:keep.stays" : "plans:keep.goes")}
                </td>
                <td className={css.why}>
                  {row.keep ? row.reasons.map((reason) => keepReason(reason, t)).join(" · ") : t("plans:keep.noRule")}
                </td>
                {several && <td className={`${css.of} clip`}>{source}</td>}
                {vaults && <td className={`${css.of} clip`}>{row.vault}</td>}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {rows.length > shown ? (
        <Button mt="sm" onClick={() => setShown(shown + PAGE * 4)}>
          {t("plans:keep.more", { count: rows.length - shown, n: count(rows.length - shown) })}
        </Button>
      ) : (
        !onlyGoing &&
        total > rows.length && (
          <p className={`note ${css.rest}`}>{t("plans:keep.listed", { n: count(rows.length), total: count(total) })}</p>
        )
      )}
    </section>
  );
}
