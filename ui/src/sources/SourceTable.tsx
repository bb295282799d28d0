/** All sources with their state. Letters act on the row that has the focus: B backs up, C compares, R restores. */
import { ActionIcon, Button, Menu } from "@mantine/core";
import { IconDots } from "@tabler/icons-react";
import { useState } from "react";
import { Link, useNavigate } from "react-router";
import { type BackupRequest, type SourceHealth, useJobs } from "../api";
import { useTranslation } from "../i18n";
import { bytes, count } from "../i18n/format";
import { Age } from "../shared/Age";
import { ErrorNote } from "../shared/ErrorNote";
import { holdings } from "../shared/holdings";
import { paths } from "../shared/paths";
import { SampleChip } from "../shared/SampleChip";
import { SourceIcon } from "../shared/SourceIcon";
import { StatusGlyph, statusColor } from "../shared/StatusGlyph";
import { useShortcut } from "../shared/shortcuts";
import { sourceStatus } from "../shared/sourceStatus";
import { useBackup } from "../shared/useBackup";
import { useKindTitle } from "../shared/useKindTitle";
import { focusedRow, useRowKeys } from "../shared/useRowKeys";
import { gapCount } from "../shared/worstRun";
import css from "./SourceTable.module.css";

const PAGE = 100;

/** Addresses of what can be done with a source. */
export function comparePath(name: string): string {
  return paths.compare({ a: `${name}@latest`, b: `live:${name}` });
}

interface RowProps {
  source: SourceHealth;
  onBackup: (request: BackupRequest) => void;
}

function RowMenu({ source, onBackup }: RowProps) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { name } = source.source;
  const saved = source.holds != null || source.source.lastBackup != null;
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon aria-label={t("sources:moreFor", { name })}>
          <IconDots size="1.0625rem" />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => onBackup({ sources: [name] })}>{t("common:action.backUpNow")}</Menu.Item>
        <Menu.Item disabled={!saved} onClick={() => navigate(comparePath(name))}>
          {t("sources:compareLive")}
        </Menu.Item>
        <Menu.Item disabled={!saved} onClick={() => navigate(paths.restore({ source: name }))}>
          {t("common:action.restore")}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item onClick={() => navigate(paths.source(name, "settings"))}>{t("sources:tab.settings")}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function Row({ source, onBackup }: RowProps) {
  const { t } = useTranslation();
  const jobs = useJobs();
  const kindTitle = useKindTitle();
  const { name, kind } = source.source;
  const status = sourceStatus(source, jobs);
  const gaps = gapCount(source);
  return (
    <tr>
      <th scope="row">
        <div className={css.name}>
          <SourceIcon kind={kind} />
          <div className={css.words}>
            <div className={css.title}>
              <Link to={paths.source(name)} className={`${css.link} clip`} data-row={name} title={name}>
                {name}
              </Link>
              {source.sample && <SampleChip />}
            </div>
            <div className="note clip">{[kindTitle(kind), holdings(source.holds, t)].filter(Boolean).join(" · ")}</div>
          </div>
        </div>
      </th>
      <td>
        <div className={css.state}>
          <StatusGlyph status={status} />
          <div>
            <div className="strong" style={{ color: statusColor(status, "ink") }}>
              {t(`common:status.${status === "paused" ? (source.last?.verdict ?? status) : status}`)}
            </div>
            <div className="note">
              {gaps > 0 && status === "partial" ? (
                t("common:gaps", { count: gaps, n: count(gaps) })
              ) : source.last ? (
                <Age time={source.last.time} />
              ) : null}
            </div>
          </div>
        </div>
      </td>
      <td className={css.optional}>
        {source.lastGood ? <Age time={source.lastGood.time} /> : <span className="quiet">{t("sources:noneYet")}</span>}
      </td>
      <td className={`${css.vaults} ${css.optional}`}>
        <span className="clip" title={source.vaults.join(", ")}>
          {source.vaults.join(", ") || "–"}
        </span>
      </td>
      <td className="num">{source.holds ? bytes(source.holds.bytes) : "–"}</td>
      <td className={css.last}>
        <RowMenu source={source} onBackup={onBackup} />
      </td>
    </tr>
  );
}

/** The table. */
export function SourceTable({ sources }: { sources: SourceHealth[] }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const table = useRowKeys();
  const backup = useBackup();
  const [shown, setShown] = useState(PAGE);
  const onRow = (act: (name: string) => void) => () => {
    const name = focusedRow();
    if (name) {
      act(name);
    }
  };
  useShortcut(
    "B",
    t("sources:key.backup"),
    onRow((name) => backup.start({ sources: [name] })),
    {
      group: "letters",
    },
  );
  useShortcut(
    "C",
    t("sources:key.compare"),
    onRow((name) => navigate(comparePath(name))),
    { group: "letters" },
  );
  useShortcut(
    "R",
    t("sources:key.restore"),
    onRow((name) => navigate(paths.restore({ source: name }))),
    {
      group: "letters",
    },
  );
  const more = sources.length - shown;
  return (
    <div className="card">
      {backup.error && <ErrorNote error={backup.error} onRetry={backup.again} />}
      <table className={css.table} ref={table}>
        <thead>
          <tr>
            <th scope="col">{t("sources:table.source")}</th>
            <th scope="col">{t("sources:table.state")}</th>
            <th scope="col" className={css.optional}>
              {t("sources:table.good")}
            </th>
            <th scope="col" className={css.optional}>
              {t("sources:table.vaults")}
            </th>
            <th scope="col" className="num">
              {t("sources:table.size")}
            </th>
            <th scope="col" className={css.last}>
              <span className="visually-hidden">{t("sources:table.actions")}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {sources.slice(0, shown).map((source) => (
            <Row key={source.source.id} source={source} onBackup={backup.start} />
          ))}
        </tbody>
      </table>
      {more > 0 && (
        <Button variant="subtle" fullWidth onClick={() => setShown(shown + PAGE)}>
          {t("sources:more", { count: more, n: count(more) })}
        </Button>
      )}
    </div>
  );
}
