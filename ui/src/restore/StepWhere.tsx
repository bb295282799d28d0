/** Step 3: where it goes. A new place is preset; back in place only where the source can be written to. */
import { Badge, Button, Radio } from "@mantine/core";
import { IconFolderPlus, IconReplace } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useCall } from "../api";
import { useTranslation } from "../i18n";
import { ErrorNote } from "../shared/ErrorNote";
import { Note } from "../shared/Note";
import { PathField } from "../shared/PathField";
import css from "./Choice.module.css";
import { undecided } from "./draft";
import { useScope } from "./useScope";
import { MainButton, WizardPage } from "./WizardPage";
import { useWizard } from "./wizard";

/** One of the large answers of a step. */
export function Choice(props: {
  value: string;
  icon: ReactNode;
  title: string;
  safest?: boolean;
  disabled?: boolean;
  children: ReactNode;
}) {
  const { value, icon, title, safest = false, disabled = false, children } = props;
  const { t } = useTranslation();
  return (
    <Radio.Card value={value} className={css.choice ?? ""} disabled={disabled} data-disabled={disabled || undefined}>
      <Radio.Indicator className={css.box ?? ""} size="xs" disabled={disabled} />
      <span className={css.icon} aria-hidden>
        {icon}
      </span>
      <span className={css.text}>
        <span className={css.title}>
          {title}
          {safest && (
            <Badge className={css.safest ?? ""} variant="transparent">
              {t("restore:safest")}
            </Badge>
          )}
        </span>
        <span className={css.line}>{children}</span>
      </span>
    </Radio.Card>
  );
}

/**
 * A folder that was picked is where the new place goes, not the place itself: other things lie in it. What is typed is taken as it
 * is; the field has the focus then, and the button otherwise.
 */
function picked(value: string, suggested = ""): string {
  const typed = document.activeElement instanceof HTMLInputElement;
  const name = suggested.split(/[/\\]/).findLast(Boolean) ?? "";
  if (typed || !/[/\\]$/.test(suggested) || name === "") {
    return value;
  }
  return `${value.replace(/[/\\]+$/, "")}/${name}/`;
}

/** The third step. */
export function StepWhere() {
  const { t } = useTranslation();
  const { draft, change, go, leave, path } = useWizard();
  const targets = useCall("restore.targets", { at: draft.at ?? { snapshot: "" } }, { enabled: draft.at !== null });
  const scope = useScope();
  const { origin, noInPlace, capabilities } = targets.data ?? {};
  const cannotWrite = capabilities && !capabilities.create && !capabilities.update;
  const impossible =
    noInPlace ??
    (cannotWrite
      ? t("restore:where.readOnly")
      : origin === null || (targets.data && !origin)
        ? t("restore:where.unknownSource")
        : null);
  const missing = draft.target === "new" && !path.trim();
  return (
    <WizardPage
      step={2}
      question={t("restore:where.title")}
      line={t("restore:where.line")}
      onClose={leave}
      scope={scope}
      buttons={
        <>
          <Button onClick={() => go("what")}>{t("common:action.back")}</Button>
          <MainButton
            onClick={() => go(draft.target === "new" ? "preview" : "conflicts")}
            disabled={missing || (draft.target === "inPlace" && Boolean(impossible))}
          >
            {draft.target === "new" ? t("restore:makePreview") : t("restore:continue")}
          </MainButton>
        </>
      }
    >
      {targets.error && <ErrorNote error={targets.error} onRetry={() => void targets.refetch()} />}
      <div className={css.columns}>
        <div className={css.left}>
          <Radio.Group
            aria-label={t("restore:where.title")}
            value={draft.target}
            onChange={(target) => change({ target: target as "new" | "inPlace", ...undecided })}
            className={css.choices ?? ""}
          >
            <Choice
              value="new"
              icon={<IconFolderPlus size="1.25rem" stroke={1.6} />}
              title={t("restore:where.new")}
              safest
            >
              {t("restore:where.newLine")}
            </Choice>
            <Choice
              value="inPlace"
              icon={<IconReplace size="1.25rem" stroke={1.6} />}
              title={t("restore:where.inPlace")}
              disabled={Boolean(impossible)}
            >
              {impossible ?? t("restore:where.inPlaceLine")}
            </Choice>
          </Radio.Group>
          {draft.target === "new" && (
            <div className={`card ${css.panel}`}>
              <PathField
                label={t("restore:where.path")}
                value={path}
                onChange={(value) => change({ path: picked(value, targets.data?.suggested), ...undecided })}
                choose={/\.[A-Za-z0-9]{1,8}$/.test(targets.data?.suggested ?? "") ? "save" : "folder"}
                dialogTitle={t("restore:where.choosePath")}
                error={missing ? t("restore:where.pathMissing") : undefined}
              />
              <p className="note">{t("restore:where.pathNote")}</p>
            </div>
          )}
        </div>
        <div className={css.side}>
          {draft.target === "inPlace" && (
            <div className={`card ${css.panel}`}>
              <h3>{t("restore:where.origin")}</h3>
              <div className="mono">{origin}</div>
            </div>
          )}
          <Note status="complete" title={t(draft.target === "new" ? "restore:where.safe" : "restore:where.undo")}>
            {t(draft.target === "new" ? "restore:where.safeLine" : "restore:where.undoLine")}
          </Note>
        </div>
      </div>
    </WizardPage>
  );
}
