/** The one field that searches everything that was ever saved. */
import { CloseButton, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { useTranslation } from "../i18n";
import { useShortcut } from "../shared/shortcuts";

/** The field and what happens to what is typed. */
export interface SearchBoxProps {
  value: string;
  /** Called with Enter, or while typing pauses if `live`. */
  onSearch: (text: string) => void;
  /** Search while typing pauses. */
  live?: boolean;
  autoFocus?: boolean;
  /** Figures at the right end. */
  facts?: ReactNode;
}

/** Typing pauses after this many milliseconds. */
const PAUSE = 400;

/** The large search field. */
export function SearchBox({ value, onSearch, live = false, autoFocus = false, facts }: SearchBoxProps) {
  const { t } = useTranslation();
  const [text, setText] = useState(value);
  const field = useRef<HTMLInputElement>(null);
  const latest = useRef(onSearch);
  latest.current = onSearch;
  useEffect(() => setText(value), [value]);
  useEffect(() => {
    if (!live || text.trim() === value.trim()) {
      return;
    }
    const timer = setTimeout(() => latest.current(text.trim()), PAUSE);
    return () => clearTimeout(timer);
  }, [live, text, value]);
  useShortcut("/", t("snapshots:search.focus"), () => field.current?.focus(), { group: "page" });
  return (
    <form
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        onSearch(text.trim());
      }}
    >
      <TextInput
        ref={field}
        size="md"
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        aria-label={t("snapshots:search.label")}
        placeholder={t("snapshots:search.placeholder")}
        leftSection={<IconSearch size="1.125rem" stroke={1.7} />}
        autoFocus={autoFocus}
        rightSectionWidth="auto"
        rightSection={
          <span style={{ display: "flex", alignItems: "center", gap: "0.5rem", paddingRight: "0.5rem" }}>
            {facts && <span className="note">{facts}</span>}
            {text ? (
              <CloseButton
                size="sm"
                aria-label={t("snapshots:search.clear")}
                onClick={() => {
                  setText("");
                  onSearch("");
                  field.current?.focus();
                }}
              />
            ) : (
              <kbd aria-hidden>/</kbd>
            )}
          </span>
        }
      />
    </form>
  );
}
