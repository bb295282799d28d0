/** Filters of a table: built one by one, shown as pills that can be taken away. */
import { ActionIcon, Button, Pill, Popover, Select, TextInput, Tooltip } from "@mantine/core";
import { IconFilter } from "@tabler/icons-react";
import { type FormEvent, useState } from "react";
import type { Field, FieldFilter, FilterKind } from "../api";
import { useTranslation } from "../i18n";
import css from "./TableTools.module.css";

const kinds: FilterKind[] = ["contains", "is", "isNot", "greater", "less", "empty", "notEmpty"];

/** Whether a filter compares with a value. */
function needsValue(kind: FilterKind): boolean {
  return kind !== "empty" && kind !== "notEmpty";
}

/** A button with a form behind it. */
export function FilterBuilder({ fields, onAdd }: { fields: Field[]; onAdd: (filter: FieldFilter) => void }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const [field, setField] = useState<string | null>(null);
  const [kind, setKind] = useState<FilterKind>("contains");
  const [value, setValue] = useState("");
  const add = (event: FormEvent) => {
    event.preventDefault();
    if (!field || (needsValue(kind) && value === "")) {
      return;
    }
    onAdd({ field, kind, ...(needsValue(kind) ? { value } : {}) });
    setValue("");
    setOpen(false);
  };
  return (
    <Popover opened={open} onChange={setOpen} position="bottom-end" trapFocus returnFocus>
      <Popover.Target>
        <Tooltip label={t("snapshots:filters.add")}>
          <ActionIcon variant="default" aria-label={t("snapshots:filters.add")} onClick={() => setOpen(!open)}>
            <IconFilter size="0.9375rem" />
          </ActionIcon>
        </Tooltip>
      </Popover.Target>
      <Popover.Dropdown>
        <form className={css.builder} onSubmit={add}>
          <Select
            label={t("snapshots:filters.field")}
            data={fields.map((one) => one.name)}
            value={field}
            onChange={setField}
            searchable
            openOnFocus={false}
            comboboxProps={{ withinPortal: false }}
            data-autofocus
          />
          <Select
            label={t("snapshots:filters.kind")}
            data={kinds.map((one) => ({ value: one, label: t(`snapshots:filters.kinds.${one}`) }))}
            value={kind}
            onChange={(next) => next && setKind(next as FilterKind)}
            allowDeselect={false}
            comboboxProps={{ withinPortal: false }}
          />
          {needsValue(kind) && (
            <TextInput
              label={t("snapshots:filters.value")}
              value={value}
              onChange={(event) => setValue(event.currentTarget.value)}
            />
          )}
          <Button type="submit" disabled={!field || (needsValue(kind) && value === "")}>
            {t("snapshots:filters.apply")}
          </Button>
        </form>
      </Popover.Dropdown>
    </Popover>
  );
}

/** The filters that hold, and how many rows are left. */
export function FilterPills({
  filters,
  onChange,
  found,
}: {
  filters: FieldFilter[];
  onChange: (filters: FieldFilter[]) => void;
  found: string;
}) {
  const { t } = useTranslation();
  return (
    <div className={css.pills}>
      {filters.map((filter, at) => (
        <Pill
          key={at}
          withRemoveButton
          removeButtonProps={{
            "aria-label": t("snapshots:filters.remove", { name: filter.field }),
            "aria-hidden": false,
            tabIndex: 0,
          }}
          onRemove={() => onChange(filters.filter((_, other) => other !== at))}
        >
          {[filter.field, t(`snapshots:filters.kinds.${filter.kind}`), filter.value].filter(Boolean).join(" ")}
        </Pill>
      ))}
      <span className="note" role="status">
        {found}
      </span>
    </div>
  );
}
