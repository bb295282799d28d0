/** The list at the left and, beside it, one plan, a new one, or that there is none. */
import { Button } from "@mantine/core";
import { type ReactNode, useEffect, useRef } from "react";
import { Link, Navigate, useLocation, useNavigate } from "react-router";
import { type PlanRow, type PlansReply, useCall } from "../api";
import { useTranslation } from "../i18n";
import { Empty, ListStates } from "../shared/ListStates";
import { Page } from "../shared/Page";
import { PageHeader } from "../shared/PageHeader";
import { paths } from "../shared/paths";
import css from "./frame.module.css";
import { PlanList } from "./PlanList";

function NoPlans({ unplanned }: { unplanned: string[] }) {
  const { t } = useTranslation();
  return (
    <Page>
      <PageHeader title={t("plans:title")} />
      <Empty
        title={t("plans:empty.title")}
        action={
          <Button component={Link} to={paths.addPlan()} variant="filled">
            {t("plans:empty.make")}
          </Button>
        }
      >
        {unplanned.length > 0 ? t("plans:empty.line") : t("plans:empty.noSources")}
      </Empty>
    </Page>
  );
}

/** What the frame holds. */
export interface PlansFrameProps {
  /** Name of the plan that is shown; absent: the first. */
  name?: string | undefined;
  /** A new plan, also where there is none yet. */
  adds?: boolean;
  children?: (reply: PlansReply, current: PlanRow | undefined) => ReactNode;
}

/** The plan of a name. One that is renamed while it is shown stays, with what was changed on it, and the address follows. */
function useCurrent(plans: PlanRow[] | undefined, name: string | undefined): PlanRow | undefined {
  const navigate = useNavigate();
  const { search } = useLocation();
  const last = useRef<PlanRow>(undefined);
  const named = plans?.find((plan) => plan.name === name);
  const renamed = last.current?.name === name ? plans?.find((plan) => plan.id === last.current?.id) : undefined;
  const current = named ?? renamed;
  const target = named ? undefined : renamed?.name;
  useEffect(() => {
    if (target !== undefined) {
      void navigate(`${paths.plan(target)}${search}`, { replace: true, state: { renamed: true } });
    }
  }, [target, search, navigate]);
  useEffect(() => {
    last.current = named ?? last.current;
  });
  return current;
}

/** The frame of all pages of plans. */
export function PlansFrame({ name, adds = false, children }: PlansFrameProps) {
  const { t } = useTranslation();
  const plans = useCall("plan.list", {}, { silent: true, topics: ["plans", "holds", "runs", "sources"] });
  const current = useCurrent(plans.data?.plans, name);
  if (!plans.data) {
    return (
      <Page>
        <PageHeader title={t(adds ? "plans:add.title" : "plans:title")} />
        <ListStates query={plans} what={t("plans:loading")}>
          {() => null}
        </ListStates>
      </Page>
    );
  }
  const { plans: all, unplanned } = plans.data;
  const first = all[0];
  if (!first && !adds) {
    return <NoPlans unplanned={unplanned} />;
  }
  if (!name && !adds && first) {
    return <Navigate to={paths.plan(first.name)} replace />;
  }
  return (
    <div className={css.frame} data-alone={all.length === 0 || undefined}>
      {all.length > 0 && <PlanList plans={all} current={current?.name} />}
      <div className={css.content}>
        {adds || current ? (
          <>
            {plans.error && (
              <div className={css.stale}>
                <ListStates query={plans}>{() => null}</ListStates>
              </div>
            )}
            {children?.(plans.data, current)}
          </>
        ) : (
          <Page>
            <PageHeader title={name ?? ""} />
            <Empty
              title={t("plans:gone.title", { name })}
              action={
                <Button component={Link} to={paths.plans()}>
                  {t("plans:gone.all")}
                </Button>
              }
            >
              {t("plans:gone.line")}
            </Empty>
          </Page>
        )}
      </div>
    </div>
  );
}
