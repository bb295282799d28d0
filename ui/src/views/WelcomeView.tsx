/** First run: four ways in. */
import { IconShieldCheck } from "@tabler/icons-react";
import { Link, useSearchParams } from "react-router";
import { useCall } from "../api";
import { useTranslation } from "../i18n";
import { usePageTitle } from "../shared/PageHeader";
import { paths } from "../shared/paths";
import { keptDraft } from "../sources/add/draft";
import { Doors } from "../welcome/Doors";
import { LanguageMenu } from "../welcome/LanguageMenu";
import { Sail } from "../welcome/Sail";
import css from "./WelcomeView.module.css";

/** Names of what can be protected, from the connectors themselves. */
function useKinds(): string {
  const { i18n } = useTranslation();
  const { data } = useCall("connector.list", {}, { silent: true });
  const titles = data?.connectors.map((connector) => connector.title) ?? [];
  return new Intl.ListFormat(i18n.language).format(titles);
}

/** The page. */
export default function WelcomeView() {
  const { t } = useTranslation();
  const [search] = useSearchParams();
  const kinds = useKinds();
  const overview = useCall("overview", {}, { silent: true });
  const kept = keptDraft();
  const title = t("welcome:title");
  usePageTitle(title);
  const begun = (overview.data?.sources.length ?? 0) > 0 || (overview.data?.vaults.length ?? 0) > 0;
  return (
    <div className={css.page}>
      <Sail />
      <div className={css.content}>
        <div>
          <h1 tabIndex={-1} data-page-title>
            {title}
          </h1>
          <p className={css.line}>{[kinds && `${kinds}.`, t("welcome:line")].filter(Boolean).join(" ")}</p>
          <Doors
            unfinished={kept && kept.step !== "first" ? kept.name || kept.kind : undefined}
            sampleNow={search.has("sample")}
          />
        </div>
        <footer className={css.foot}>
          <IconShieldCheck size="1.0625rem" stroke={1.6} aria-hidden />
          <span>{t("welcome:promise")}</span>
          {begun && <Link to={paths.overview()}>{t("welcome:toOverview")}</Link>}
          <span className={css.language}>
            <LanguageMenu />
          </span>
        </footer>
      </div>
    </div>
  );
}
