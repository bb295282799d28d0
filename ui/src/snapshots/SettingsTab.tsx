/** Settings of a database: who may do what, and its limits, in words. */
import { useTranslation } from "../i18n";
import { FieldValue } from "./FieldValue";
import css from "./SettingsTab.module.css";
import { membersOf } from "./values";

const groups = ["admins", "members"] as const;
const limits = ["_revs_limit", "_purged_infos_limit", "_auto_purge"] as const;

type Names = { names?: unknown; roles?: unknown } | undefined;

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === "string") : [];
}

function Security({ data }: { data: Record<string, unknown> }) {
  const { t } = useTranslation();
  const rest = Object.entries(data).filter(([name]) => !groups.some((group) => group === name));
  return (
    <>
      {groups.map((group) => {
        const of = data[group] as Names;
        const [names, roles] = [texts(of?.names), texts(of?.roles)];
        const none = names.length + roles.length === 0;
        return (
          <section key={group} className={css.group}>
            <h3>{t(`snapshots:settings.${group}`)}</h3>
            <p className="note">{t(`snapshots:settings.${group}Line`)}</p>
            {none ? (
              <p>{t(`snapshots:settings.${group}None`)}</p>
            ) : (
              <dl className={css.facts}>
                <dt>{t("snapshots:settings.names")}</dt>
                <dd>{names.length > 0 ? <FieldValue value={names} /> : t("snapshots:settings.nobody")}</dd>
                <dt>{t("snapshots:settings.roles")}</dt>
                <dd>{roles.length > 0 ? <FieldValue value={roles} /> : t("snapshots:settings.noRole")}</dd>
              </dl>
            )}
          </section>
        );
      })}
      {rest.length > 0 && <Values values={rest} />}
    </>
  );
}

function Values({ values }: { values: [string, unknown][] }) {
  const { t } = useTranslation();
  return (
    <dl className={css.values}>
      {values.map(([name, value]) => (
        <div key={name}>
          <dt>
            {name}
            {limits.some((limit) => limit === name) && (
              <div className="note">{t(`snapshots:settings.${name as (typeof limits)[number]}`)}</div>
            )}
          </dt>
          <dd>
            <FieldValue value={value} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** The tab. */
export function SettingsTab({ id, data }: { id: string; data: unknown }) {
  const members = membersOf(data);
  return id === "_security" ? <Security data={Object.fromEntries(members)} /> : <Values values={members} />;
}
