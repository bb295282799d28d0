/** What is where: the newest backup of each source in each vault. One place only is said in amber. */
import { Button } from "@mantine/core";
import { useState } from "react";
import { Link } from "react-router";
import type { OverviewReply, RunPoint, SourceHealth } from "../api";
import { useTranslation } from "../i18n";
import { count } from "../i18n/format";
import { Age } from "../shared/Age";
import { paths } from "../shared/paths";
import { SourceIcon } from "../shared/SourceIcon";
import { StatusGlyph, statusColor, verdictStatus } from "../shared/StatusGlyph";
import css from "./tables.module.css";

const PAGE = 100;

/** The newest backup of a source in a vault. */
export function newestIn(source: SourceHealth, vault: string): RunPoint | undefined {
  let found: RunPoint | undefined;
  for (const point of source.points) {
    if (point.snapshot && point.vault === vault && (!found || point.time > found.time)) {
      found = point;
    }
  }
  return found;
}

/** In how many vaults a source lies. */
export function copies(source: SourceHealth, vaults: string[]): number {
  return vaults.filter((vault) => newestIn(source, vault)).length;
}

function Cell({ source, vault }: { source: SourceHealth; vault: string }) {
  const { t } = useTranslation();
  const newest = newestIn(source, vault);
  const wanted = source.vaults.includes(vault);
  if (!newest) {
    return <span className="quiet">{t(wanted ? "vaults:where.none" : "vaults:where.notKept")}</span>;
  }
  // A backup in a vault the source no longer goes to stays there and grows old.
  const status = wanted ? verdictStatus(newest.verdict ?? "failed") : "paused";
  return (
    <span className={css.state} style={{ color: statusColor(status, "ink") }}>
      <StatusGlyph status={status} label /> <Age time={newest.time} />
    </span>
  );
}

/** The table. */
export function WhereMatrix({ reply }: { reply: OverviewReply }) {
  const { t } = useTranslation();
  const [shown, setShown] = useState(PAGE);
  const vaults = reply.vaults.map((vault) => vault.vault.name);
  const twice = reply.sources.filter((source) => copies(source, vaults) > 1).length;
  const more = reply.sources.length - shown;
  const words = (n: number) => (n > 2 ? t("vaults:where.places", { n: count(n) }) : t(`vaults:where.place${n}`));
  return (
    <section>
      <div className={css.sectionHead}>
        <h2>{t("vaults:where.title")}</h2>
        <span className="quiet">
          {t("vaults:where.line", { count: reply.sources.length, twice: count(twice), n: count(reply.sources.length) })}
        </span>
      </div>
      <div className={`card ${css.scroll}`}>
        <table className={css.table}>
          <thead>
            <tr>
              <th scope="col">{t("vaults:where.source")}</th>
              {vaults.map((vault) => (
                <th key={vault} scope="col" title={vault}>
                  {vault}
                </th>
              ))}
              <th scope="col">{t("vaults:where.copies")}</th>
            </tr>
          </thead>
          <tbody>
            {reply.sources.slice(0, shown).map((source) => {
              const n = copies(source, vaults);
              return (
                <tr key={source.source.id}>
                  <th scope="row">
                    <div className={css.name}>
                      <SourceIcon kind={source.source.kind} />
                      <Link
                        to={paths.source(source.source.name)}
                        className={`${css.plain} clip`}
                        title={source.source.name}
                      >
                        {source.source.name}
                      </Link>
                    </div>
                  </th>
                  {vaults.map((vault) => (
                    <td key={vault}>
                      <Cell source={source} vault={vault} />
                    </td>
                  ))}
                  <td data-few={n < 2 || undefined} className={css.copies}>
                    {words(n)}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
        {more > 0 && (
          <Button variant="subtle" fullWidth onClick={() => setShown(shown + PAGE)}>
            {t("vaults:where.more", { count: more, n: count(more) })}
          </Button>
        )}
      </div>
    </section>
  );
}
