/** Step 3: where it goes. A new place is preset; back in place only where the source can be written to. */
import { Badge, Button, Radio } from "@mantine/core";
import { IconDatabasePlus, IconFolderPlus, IconReplace, IconServer } from "@tabler/icons-react";
import { type ReactNode, useEffect } from "react";
import { Link } from "react-router";
import { useCall } from "../api";
import { useTranslation } from "../i18n";
import { ErrorNote } from "../shared/ErrorNote";
import { Note } from "../shared/Note";
import { PathField } from "../shared/PathField";
import { paths } from "../shared/paths";
import css from "./Choice.module.css";
import { isFresh, undecided } from "./draft";
import { HowFields } from "./HowFields";
import { NameField, ServerSelect } from "./PlaceFields";
import { placeProblem } from "./places";
import { useScope } from "./useScope";
import { useDatabases } from "./useShown";
import { MainButton, WizardPage } from "./WizardPage";
import { useWizard } from "./wizard";

const icon = { size: "1.25rem", stroke: 1.6 };

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
  const databases = useDatabases(draft);
  const { origin, noInPlace, capabilities, namedPlaces = false } = targets.data ?? {};
  const servers = targets.data?.sources ?? [];
  const others = servers.filter((one) => !one.origin);
  const own = servers.find((one) => one.origin)?.name ?? null;
  // A backup of a source that is not set up here goes into one that is.
  const homeless = namedPlaces && targets.data !== undefined && own === null;
  useEffect(() => {
    const [first] = others.filter(({ problem }) => !problem);
    if (homeless && draft.into === null && first) {
      change({ into: first.name });
    }
  }, [homeless, others, draft.into, change]);
  const cannotWrite = capabilities && !capabilities.create && !capabilities.update;
  const impossible =
    noInPlace ??
    (cannotWrite
      ? t("restore:where.readOnly")
      : origin === null || (targets.data && !origin)
        ? t("restore:where.unknownSource")
        : null);
  const { target } = draft;
  const kind = targets.data?.kind ?? "";
  const unfit =
    target === "new"
      ? namedPlaces
        ? placeProblem(path, databases, kind, draft.into === null) !== null || (homeless && draft.into === null)
        : !path.trim()
      : target === "inPlace"
        ? Boolean(impossible)
        : draft.into === null;
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
            onClick={() => go(isFresh(draft) ? "preview" : "conflicts")}
            disabled={unfit || (namedPlaces && !targets.data)}
          >
            {isFresh(draft) ? t("restore:makePreview") : t("restore:continue")}
          </MainButton>
        </>
      }
    >
      {targets.error && <ErrorNote error={targets.error} onRetry={() => void targets.refetch()} />}
      <div className={css.columns}>
        <div className={css.left}>
          <Radio.Group
            aria-label={t("restore:where.title")}
            value={target}
            onChange={(to) => {
              const [first] = others.filter(({ problem }) => !problem);
              const into = to === "source" ? (draft.into ?? first?.name ?? null) : homeless ? draft.into : null;
              change({ target: to as typeof target, into, ...undecided });
            }}
            className={css.choices ?? ""}
          >
            <Choice
              value="new"
              icon={namedPlaces ? <IconDatabasePlus {...icon} /> : <IconFolderPlus {...icon} />}
              title={t(namedPlaces ? "restore:where.newNamed" : "restore:where.new")}
              safest
              disabled={homeless && others.length === 0}
            >
              {t(namedPlaces ? "restore:where.newNamedLine" : "restore:where.newLine")}
            </Choice>
            {namedPlaces && (
              <Choice
                value="source"
                icon={<IconServer {...icon} />}
                title={t("restore:where.other")}
                disabled={others.length === 0}
              >
                {t(others.length === 0 ? "restore:where.noOther" : "restore:where.otherLine")}
              </Choice>
            )}
            <Choice
              value="inPlace"
              icon={<IconReplace {...icon} />}
              title={t("restore:where.inPlace")}
              disabled={Boolean(impossible)}
            >
              {impossible ?? t("restore:where.inPlaceLine")}
            </Choice>
          </Radio.Group>
          {namedPlaces && others.length === 0 && targets.data && (
            <p className="note">
              <Link to={paths.addSource({ kind })}>{t("restore:where.addServer")}</Link>
            </p>
          )}
          {namedPlaces && target !== "inPlace" && targets.data && (
            <div className={`card ${css.panel}`}>
              {(others.length > 0 || homeless) && (
                <ServerSelect
                  targets={targets.data}
                  value={draft.into ?? (target === "new" ? own : null)}
                  others={target === "source"}
                />
              )}
              {target === "new" && <NameField targets={targets.data} databases={databases} />}
            </div>
          )}
          {target === "new" && !namedPlaces && (
            <div className={`card ${css.panel}`}>
              <PathField
                label={t("restore:where.path")}
                value={path}
                onChange={(value) => change({ path: picked(value, targets.data?.suggested), ...undecided })}
                choose={/\.[A-Za-z0-9]{1,8}$/.test(targets.data?.suggested ?? "") ? "save" : "folder"}
                dialogTitle={t("restore:where.choosePath")}
                error={unfit ? t("restore:where.pathMissing") : undefined}
              />
              <p className="note">{t("restore:where.pathNote")}</p>
            </div>
          )}
        </div>
        <div className={css.side}>
          {target === "inPlace" && (
            <div className={`card ${css.panel}`}>
              <h3>{t("restore:where.origin")}</h3>
              <div className="mono">{origin}</div>
            </div>
          )}
          <HowFields options={targets.data?.options ?? []} />
          <Note status="complete" title={t(isFresh(draft) ? "restore:where.safe" : "restore:where.undo")}>
            {t(isFresh(draft) ? "restore:where.safeLine" : "restore:where.undoLine")}
          </Note>
        </div>
      </div>
    </WizardPage>
  );
}
