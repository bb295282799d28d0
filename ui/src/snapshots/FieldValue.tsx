/** A value as people read it: dates, links, lists, long texts, JSON; folded where it is long. */
import { Button, CopyButton } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "../i18n";
import css from "./FieldValue.module.css";
import { digits, jsonText, kindOf, LONG, plain } from "./values";

/** Items of a list shown before it is unfolded. */
const ITEMS = 12;

function Folded({ text, mono = false }: { text: string; mono?: boolean }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const long = text.length > LONG || text.split("\n").length > 6;
  return (
    <div>
      <div className={mono ? css.mono : css.long} data-folded={(long && !open) || undefined}>
        {text}
      </div>
      {long && (
        <Button
          variant="subtle"
          size="compact-sm"
          className={css.unfold}
          aria-expanded={open}
          onClick={() => setOpen(!open)}
        >
          {t(open ? "snapshots:value.less" : "snapshots:value.more")}
        </Button>
      )}
    </div>
  );
}

function Items({ items }: { items: unknown[] }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const shown = open ? items : items.slice(0, ITEMS);
  return (
    <span className={css.list}>
      {shown.map((item, at) => (
        <span key={at} className={css.chip}>
          {plain(item) || t("snapshots:value.none")}
        </span>
      ))}
      {items.length > shown.length && (
        <Button variant="subtle" size="compact-sm" onClick={() => setOpen(true)}>
          {t("snapshots:value.moreItems", { count: items.length - shown.length, n: items.length - shown.length })}
        </Button>
      )}
    </span>
  );
}

/** One value. Links are copied, not followed: the window never leaves Backstay. */
export function FieldValue({ value }: { value: unknown }) {
  const { t } = useTranslation();
  switch (kindOf(value)) {
    case "none":
      return (
        <span className={css.none}>
          <span aria-hidden>—</span>
          <span className="visually-hidden">{t("snapshots:value.none")}</span>
        </span>
      );
    case "number":
      return <span>{digits(value)}</span>;
    case "link":
      return (
        <CopyButton value={String(value)}>
          {({ copied, copy }) => (
            <button type="button" className={css.link} onClick={copy} title={t("snapshots:value.copyLink")}>
              {String(value)}
              {copied && <span className={css.none}> {t("common:action.copied")}</span>}
            </button>
          )}
        </CopyButton>
      );
    case "long":
      return <Folded text={String(value)} />;
    case "list":
      return (value as unknown[]).length === 0 ? (
        <span className={css.none}>{t("snapshots:value.emptyList")}</span>
      ) : (
        <Items items={value as unknown[]} />
      );
    case "json":
      return <Folded text={jsonText(value)} mono />;
    case "date":
    case "time":
      return <time title={String(value)}>{plain(value)}</time>;
    default:
      return <span className={css.text}>{plain(value)}</span>;
  }
}
