/** What the readable side holds, while the other cannot be read: the last good state stays in sight. */
import { useCall } from "../api";
import { useTranslation } from "../i18n";
import { count, moment } from "../i18n/format";
import { ListStates } from "../shared/ListStates";
import css from "./LeftSide.module.css";
import type { Side } from "./sides";

/** Collections of a snapshot with their counts. */
export function LeftSide({ side }: { side: Side }) {
  const { t } = useTranslation();
  const show = useCall("snapshot.show", side.ref, { enabled: side.row !== undefined, silent: true });
  if (!side.row) {
    return null;
  }
  return (
    <section className={css.left} aria-label={moment(side.row.time)}>
      <h2 className={css.head}>{t("compare:stillThere", { when: moment(side.row.time) })}</h2>
      <ListStates query={show} rows={4}>
        {({ metadata, collections }) => {
          const records = new Map((metadata?.collections ?? []).map((one) => [one.name, one.records]));
          return (
            <ul>
              {collections.map((one) => (
                <li key={one.name}>
                  <span className="clip">{one.title ?? one.name}</span>
                  <span className="note">{count(records.get(one.name) ?? one.records ?? 0)}</span>
                </li>
              ))}
              {metadata && metadata.files > 0 && (
                <li>
                  <span>{t("compare:files")}</span>
                  <span className="note">{count(metadata.files)}</span>
                </li>
              )}
            </ul>
          );
        }}
      </ListStates>
    </section>
  );
}
