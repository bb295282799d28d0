/** Where new databases go: on which server, and what they are called. */
import { Anchor, Select, TextInput } from "@mantine/core";
import { Link } from "react-router";
import type { TargetsReply } from "../api";
import { useTranslation } from "../i18n";
import { count } from "../i18n/format";
import { paths } from "../shared/paths";
import css from "./Choice.module.css";
import { undecided } from "./draft";
import { placeOf, placeProblem } from "./places";
import { useWizard } from "./wizard";

/** Names shown as examples. */
const EXAMPLES = 3;

/** Servers of the kind that could be written into, the one it came from marked. */
export function ServerSelect(props: { targets: TargetsReply; value: string | null; others: boolean }) {
  const { targets, value, others } = props;
  const { t } = useTranslation();
  const { change } = useWizard();
  const servers = targets.sources.filter(({ origin }) => !(others && origin));
  const chosen = servers.find(({ name }) => name === value);
  return (
    <div>
      <Select
        label={t("restore:where.server")}
        placeholder={t("restore:where.chooseServer")}
        data={servers.map(({ name, origin, problem }) => ({
          value: name,
          label: origin ? t("restore:where.itsOwn", { name }) : name,
          disabled: problem != null,
        }))}
        value={value}
        onChange={(name) => {
          const own = servers.some((one) => one.origin && one.name === name);
          change({ into: own ? null : name, ...undecided });
        }}
        allowDeselect={false}
        searchable={servers.length > 8}
        error={chosen?.problem}
      />
      <p className="note">
        {chosen?.place && <span className="mono">{chosen.place}</span>}{" "}
        <Anchor component={Link} to={paths.addSource({ kind: targets.kind })} inherit>
          {t("restore:where.addServer")}
        </Anchor>
      </p>
      {servers
        .filter(({ problem }) => problem)
        .map(({ name, problem }) => (
          <p key={name} className="note">
            {t("restore:where.cannot", { name, problem })}
          </p>
        ))}
    </div>
  );
}

/** What new databases are called. */
export function NameField({ targets, databases }: { targets: TargetsReply; databases: string[] }) {
  const { t } = useTranslation();
  const { draft, change, path } = useWizard();
  const found = placeProblem(path, databases, targets.kind, draft.into === null);
  const several = databases.length > 1;
  const examples = databases.slice(0, EXAMPLES);
  return (
    <div>
      <TextInput
        label={t(several ? "restore:where.pattern" : "restore:where.name")}
        description={t(several ? "restore:where.patternLine" : "restore:where.nameLine")}
        value={path}
        onChange={(event) => change({ path: event.currentTarget.value, ...undecided })}
        error={found && t(`restore:where.name_${found.problem}`, { name: found.name ?? "" })}
        spellCheck={false}
        classNames={{ input: "mono" }}
      />
      {several && !found && (
        <ul className={css.names} aria-label={t("restore:where.examples")}>
          {examples.map((name) => (
            <li key={name}>
              <span>{name}</span> <span aria-hidden>→</span>{" "}
              <span className="strong">{placeOf(path.trim(), name)}</span>
            </li>
          ))}
          {databases.length > EXAMPLES && (
            <li className="quiet">
              {t("restore:moreGaps", {
                count: databases.length - EXAMPLES,
                n: count(databases.length - EXAMPLES),
              })}
            </li>
          )}
        </ul>
      )}
    </div>
  );
}
