/** What a test of the connection found: version, what is in reach, how much a first backup reads, what to know before. */
import { Button } from "@mantine/core";
import { IconRefresh } from "@tabler/icons-react";
import type { BackstayError, ProbeReply } from "../../api";
import { useTranslation } from "../../i18n";
import { bytes, count } from "../../i18n/format";
import { ErrorNote } from "../../shared/ErrorNote";
import { Loading } from "../../shared/ListStates";
import { StatusGlyph } from "../../shared/StatusGlyph";
import css from "./ProbePanel.module.css";

const SHOWN = 9;

/** Sizes in a connector's words (`notes.db (8601600 bytes)`) as people read them. */
export function withSizes(words: string): string {
  return words.replace(/\b(\d{4,}) bytes\b/g, (_, number: string) => bytes(Number(number)));
}

/** What the panel shows. */
export interface ProbePanelProps {
  reply: ProbeReply | undefined;
  error: BackstayError | null;
  testing: boolean;
  /** Nothing to test yet. */
  idle: boolean;
  onAgain: () => void;
  /** Go on although it failed; only where that makes sense. */
  onForce?: (() => void) | undefined;
}

function Found({ reply, onAgain }: { reply: ProbeReply; onAgain: () => void }) {
  const { t } = useTranslation();
  const { probe } = reply;
  const more = probe.found.length - SHOWN;
  return (
    <>
      <div className={css.head}>
        <div className={css.headText}>
          <h2>{t("sources:probe.title")}</h2>
          <div className="note">
            {[probe.version, probe.bytes != null ? t("sources:probe.bytes", { bytes: bytes(probe.bytes) }) : ""]
              .filter(Boolean)
              .join(" · ")}
          </div>
        </div>
        <span className={css.connected}>
          <StatusGlyph status="complete" /> {t("sources:probe.connected")}
        </span>
      </div>
      {probe.parts.length > 0 ? (
        <p className={css.nothing}>
          {t("sources:probe.parts", { count: probe.parts.length, n: count(probe.parts.length) })}
        </p>
      ) : probe.found.length > 0 ? (
        <ul className={css.found}>
          {probe.found.slice(0, SHOWN).map((one) => (
            <li key={one}>
              <StatusGlyph status="complete" size={13} /> <span>{withSizes(one)}</span>
            </li>
          ))}
          {more > 0 && <li className="quiet">{t("sources:probe.more", { count: more, n: count(more) })}</li>}
        </ul>
      ) : (
        <p className={css.nothing}>{t("sources:probe.nothing")}</p>
      )}
      {probe.warnings.length > 0 && (
        <ul className={css.warnings}>
          {probe.warnings.map((warning) => (
            <li key={warning}>
              <StatusGlyph status="partial" ground="var(--bs-partial-tint)" label={t("sources:probe.warning")} />
              <span>{withSizes(warning)}</span>
            </li>
          ))}
        </ul>
      )}
      <div className={css.foot}>
        <Button size="compact-sm" leftSection={<IconRefresh size="0.875rem" />} onClick={onAgain}>
          {t("sources:probe.again")}
        </Button>
      </div>
    </>
  );
}

/** The panel at the right of the form. */
export function ProbePanel({ reply, error, testing, idle, onAgain, onForce }: ProbePanelProps) {
  const { t } = useTranslation();
  return (
    <section
      className={`card ${css.panel}`}
      aria-label={t("sources:probe.title")}
      aria-live="polite"
      aria-busy={testing}
    >
      {idle ? (
        <p className={css.nothing}>{t("sources:probe.idle")}</p>
      ) : testing ? (
        <Loading rows={4} what={t("sources:probe.testing")} />
      ) : error ? (
        <ErrorNote
          error={error}
          title={t(`sources:try.${error.code}`, { defaultValue: t("sources:try.other") })}
          safe={t(onForce ? "sources:try.force" : "sources:try.safe")}
          onRetry={onAgain}
          actions={onForce && <Button onClick={onForce}>{t("sources:try.anyway")}</Button>}
        />
      ) : (
        reply && <Found reply={reply} onAgain={onAgain} />
      )}
    </section>
  );
}
