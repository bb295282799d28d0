/** The plans at the left, each with its state; a field to choose from in a narrow window. */
import { ActionIcon, Select, TextInput, Tooltip } from "@mantine/core";
import { IconPlus, IconSearch } from "@tabler/icons-react";
import { useRef, useState } from "react";
import { Link, NavLink, useNavigate } from "react-router";
import type { PlanRow } from "../api";
import { useTranslation } from "../i18n";
import { count } from "../i18n/format";
import { paths } from "../shared/paths";
import { StatusGlyph } from "../shared/StatusGlyph";
import { useShortcut } from "../shared/shortcuts";
import { useNow } from "../shared/useNow";
import { useRowKeys } from "../shared/useRowKeys";
import css from "./frame.module.css";
import { planStatus, stateWords } from "./words";

/** From this many on there is a field to filter by. */
const MANY = 12;

/** Whether a plan or one of its sources has the words. */
export function fits(plan: PlanRow, words: string): boolean {
  const wanted = words.trim().toLocaleLowerCase();
  return [plan.name, ...plan.sources].some((name) => name.toLocaleLowerCase().includes(wanted));
}

/** The column. */
export function PlanList({ plans, current }: { plans: PlanRow[]; current: string | undefined }) {
  const { t } = useTranslation();
  const now = useNow();
  const navigate = useNavigate();
  const [words, setWords] = useState("");
  const filter = useRef<HTMLInputElement>(null);
  const list = useRowKeys<HTMLUListElement>();
  const many = plans.length > MANY;
  useShortcut("/", t("plans:list.filter"), many ? () => filter.current?.focus() : undefined, { enabled: many });
  const shown = plans.filter((plan) => fits(plan, words));
  return (
    <div className={css.side}>
      <div className={css.sideHead}>
        <h2>{t("plans:title")}</h2>
        <Tooltip label={t("plans:list.add")}>
          <ActionIcon component={Link} to={paths.addPlan()} variant="default" aria-label={t("plans:list.add")}>
            <IconPlus size="1rem" />
          </ActionIcon>
        </Tooltip>
      </div>
      {many && (
        <TextInput
          ref={filter}
          className={css.filter ?? ""}
          leftSection={<IconSearch size="0.9375rem" />}
          aria-label={t("plans:list.filter")}
          placeholder={t("plans:list.filterOf", { n: count(plans.length) })}
          value={words}
          onChange={(event) => setWords(event.currentTarget.value)}
        />
      )}
      <nav className={css.nav} aria-label={t("plans:title")}>
        <ul ref={list} className={css.list}>
          {shown.map((plan) => (
            <li key={plan.id}>
              <NavLink to={paths.plan(plan.name)} className={css.plan ?? ""} data-row={plan.name}>
                <span className={css.planText}>
                  <span className="clip" title={plan.name}>
                    {plan.name}
                  </span>
                  <span className={`${css.planSources} clip`} title={plan.sources.join(", ")}>
                    {plan.sources.join(", ")}
                  </span>
                </span>
                <StatusGlyph status={planStatus(plan)} size={14} label={stateWords(plan, now, t)} />
              </NavLink>
            </li>
          ))}
        </ul>
        {shown.length === 0 && <p className={`quiet ${css.nothing}`}>{t("plans:list.nothing")}</p>}
      </nav>
      {plans.length > 0 && (
        <Select
          className={css.pick ?? ""}
          aria-label={t("plans:title")}
          searchable
          comboboxProps={{ keepMounted: false }}
          allowDeselect={false}
          value={current ?? null}
          placeholder={t("plans:list.choose")}
          data={plans.map((plan) => plan.name)}
          onChange={(name) => name && void navigate(paths.plan(name))}
        />
      )}
    </div>
  );
}
