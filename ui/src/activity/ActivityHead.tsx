/** The head that both pages of Activity share: title, actions, and the way between runs and the audit trail. */
import { Tabs } from "@mantine/core";
import type { ReactNode } from "react";
import { useNavigate } from "react-router";
import { useTranslation } from "../i18n";
import { PageHeader } from "../shared/PageHeader";
import { paths } from "../shared/paths";
import css from "./activity.module.css";

/** Title, actions, tabs. */
export function ActivityHead({ tab, actions }: { tab: "runs" | "audit"; actions?: ReactNode }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  return (
    <div>
      <PageHeader title={t("activity:title")} actions={actions} />
      <Tabs
        className={css.tabs ?? ""}
        value={tab}
        onChange={(to) => void navigate(to === "audit" ? paths.audit() : paths.activity())}
      >
        <Tabs.List aria-label={t("activity:title")}>
          <Tabs.Tab value="runs">{t("activity:tab.runs")}</Tabs.Tab>
          <Tabs.Tab value="audit">{t("activity:tab.audit")}</Tabs.Tab>
        </Tabs.List>
      </Tabs>
    </div>
  );
}
