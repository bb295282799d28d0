/** Is the bundle whole? The first sentence of its page. */
import { Button } from "@mantine/core";
import type { BundleReply } from "../api";
import { asError } from "../api/error";
import { useTranslation } from "../i18n";
import { count } from "../i18n/format";
import { ErrorNote } from "../shared/ErrorNote";
import { Note } from "../shared/Note";
import css from "./BundlePage.module.css";

/** Files a bundle holds: everything that has a checksum is counted as an item of a part. */
function items(bundle: BundleReply): number {
  return bundle.parts.reduce((sum, part) => sum + part.items, 0);
}

/** Intact, damaged, not compared yet, newer, or refused. */
export function BundleState({ bundle, onVerify }: { bundle: BundleReply; onVerify: () => void }) {
  const { t } = useTranslation();
  const { refused, intact, damaged, damage } = bundle;
  if (refused) {
    const newer = refused.code === "unsupported";
    return (
      <ErrorNote
        error={asError(refused)}
        title={t(newer ? "bundles:newer" : "bundles:refused")}
        safe={t("bundles:refusedSafe")}
      />
    );
  }
  if (damaged > 0) {
    return (
      <Note
        status="failed"
        title={t("bundles:damaged", { count: damaged, n: count(damaged), of: count(items(bundle)) })}
      >
        <p>{t("bundles:damagedLine")}</p>
        <ul className={css.damage}>
          {damage.map((one) => (
            <li key={one} className="mono">
              {one}
            </li>
          ))}
          {damaged > damage.length && (
            <li>{t("bundles:more", { count: damaged - damage.length, n: count(damaged - damage.length) })}</li>
          )}
        </ul>
      </Note>
    );
  }
  if (intact) {
    return (
      <Note status="complete" title={t("bundles:intact")}>
        {t("bundles:intactLine")}
      </Note>
    );
  }
  return (
    <Note title={t("bundles:looked")} actions={<Button onClick={onVerify}>{t("bundles:verifyNow")}</Button>}>
      {t("bundles:lookedLine")}
    </Note>
  );
}
