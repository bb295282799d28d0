/** Beside the content: what can be done with a bundle, and what it says about itself. */
import { IconArrowBackUp, IconGitCompare, IconSearch } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { Link } from "react-router";
import type { BundleReply } from "../api";
import { useTranslation } from "../i18n";
import { exact } from "../i18n/format";
import { paths } from "../shared/paths";
import { verdictStatus } from "../shared/StatusGlyph";
import { useKindTitle } from "../shared/useKindTitle";
import { VerdictPill } from "../shared/VerdictPill";
import css from "./BundlePage.module.css";

function Way({ to, icon, title, children }: { to: string; icon: ReactNode; title: string; children: ReactNode }) {
  return (
    <Link to={to} className={css.way}>
      {icon}
      <span>
        <span className="strong">{title}</span>
        <span className="note">{children}</span>
      </span>
    </Link>
  );
}

/** The two cards. */
export function BundleFacts({ bundle }: { bundle: BundleReply }) {
  const { t } = useTranslation();
  const kindTitle = useKindTitle();
  const { metadata } = bundle;
  const reference = { snapshot: `bundle:${bundle.path}` };
  const { foreign } = bundle;
  const foreignFacts: [string, ReactNode][] = foreign
    ? [
        ["format", foreign.title],
        ["into", foreign.kindTitle],
      ]
    : [];
  const ownFacts: [string, ReactNode][] = [
    ["format", t(`bundles:format.${bundle.format}`, { version: metadata.formatVersion })],
    ["source", `${kindTitle(metadata.sourceKind)}, ${metadata.sourceName}`],
    ["time", exact(metadata.started)],
    ["verdict", <VerdictPill key="verdict" status={verdictStatus(metadata.verdict)} plain />],
    ["program", metadata.program],
  ];
  const facts: [string, ReactNode][] = [
    ...(foreign ? foreignFacts : ownFacts),
    [
      "place",
      <span key="place" className="mono">
        {bundle.path}
      </span>,
    ],
  ];
  return (
    <div className={css.side}>
      {!bundle.refused && (
        <section className={`card ${css.panel}`}>
          <h2 className={css.cardTitle}>{t("bundles:ways")}</h2>
          <Way to={paths.browser(reference)} icon={<IconSearch size="1.125rem" />} title={t("bundles:look")}>
            {t("bundles:lookLine")}
          </Way>
          {bundle.source && (
            <Way
              to={paths.compare({ a: reference.snapshot, b: `live:${bundle.source}` })}
              icon={<IconGitCompare size="1.125rem" />}
              title={t("bundles:compare")}
            >
              {t("bundles:compareLine", { source: bundle.source })}
            </Way>
          )}
          <Way
            to={paths.restore(reference)}
            icon={<IconArrowBackUp size="1.125rem" />}
            title={t("bundles:restoreSome")}
          >
            {t("bundles:restoreSomeLine")}
          </Way>
        </section>
      )}
      {(metadata.sourceName || foreign) && (
        <section className={`card ${css.panel}`}>
          <h2 className={css.cardTitle}>{t(foreign ? "bundles:foreign.file" : "bundles:file")}</h2>
          <dl className={css.facts}>
            {facts.map(([name, value]) => (
              <div key={name}>
                <dt>{t(`bundles:fact.${name}`)}</dt>
                <dd>{value}</dd>
              </div>
            ))}
          </dl>
        </section>
      )}
    </div>
  );
}
