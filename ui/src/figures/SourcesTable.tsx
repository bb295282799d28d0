/** One row for each source: how it is, with small charts of its days. Sorted by any column, filtered by name. */
import { Button, Switch, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import { useNavigate } from "react-router";
import type { SourceFigures } from "../api";
import { useTranslation } from "../i18n";
import { count } from "../i18n/format";
import { type BigColumn, BigTable } from "../shared/BigTable";
import { Empty } from "../shared/ListStates";
import { paths } from "../shared/paths";
import { Charted, Good, Name, Next, State } from "./cells";
import css from "./figures.module.css";
import { filtered, type Order, sortable, sorted } from "./rows";

const ROW = 52;
const HEAD = 35;

const widths: Record<(typeof sortable)[number], number> = {
  source: 148,
  state: 128,
  good: 108,
  next: 76,
  complete: 92,
  size: 88,
  stored: 88,
  took: 92,
  back: 92,
};

/** What a row is to the table: a name. Its figures are looked up when it is drawn, so that new ones do not begin the list anew. */
interface Row {
  name: string;
}

function useColumns(sources: SourceFigures[], names: string[]): BigColumn<Row>[] {
  const { t } = useTranslation();
  return useMemo(() => {
    const by = new Map(sources.map((source) => [source.source, source]));
    const draw = (id: (typeof sortable)[number], source: SourceFigures) => {
      switch (id) {
        case "source":
          return <Name source={source} />;
        case "state":
          return <State source={source} />;
        case "good":
          return <Good source={source} />;
        case "next":
          return <Next source={source} />;
        default:
          return <Charted id={id} source={source} names={names} />;
      }
    };
    return sortable.map((id) => ({
      id,
      header: t(`figures:table.${id}`),
      width: widths[id],
      sortable: true,
      ...(id === "source" ? { grow: true } : {}),
      cell: ({ name }: Row) => {
        const source = by.get(name);
        return source ? draw(id, source) : null;
      },
    }));
  }, [sources, names, t]);
}

/** The table with its tools. */
export function SourcesTable({ sources, names }: { sources: SourceFigures[]; names: string[] }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [order, setOrder] = useState<Order>({ by: "state", descending: false });
  const [words, setWords] = useState("");
  const [trouble, setTrouble] = useState(false);
  const shown = useMemo(
    () => sorted(filtered(sources, words, trouble), order).map(({ source }): Row => ({ name: source })),
    [sources, words, trouble, order],
  );
  const columns = useColumns(sources, names);
  const clear = () => {
    setWords("");
    setTrouble(false);
  };
  return (
    <section aria-label={t("figures:table.label")} className={css.sources}>
      <div className={css.tools}>
        <h2>{t("figures:table.label")}</h2>
        <TextInput
          aria-label={t("figures:table.filter")}
          placeholder={t("figures:table.filter")}
          leftSection={<IconSearch size="0.9375rem" aria-hidden />}
          value={words}
          onChange={(event) => setWords(event.currentTarget.value)}
        />
        <Switch
          label={t("figures:table.trouble")}
          checked={trouble}
          onChange={(event) => setTrouble(event.currentTarget.checked)}
        />
        <span className="note" role="status">
          {shown.length < sources.length
            ? t("figures:table.shown", { n: count(shown.length), total: count(sources.length) })
            : ""}
        </span>
      </div>
      {shown.length === 0 ? (
        <Empty title={t("figures:table.none")} action={<Button onClick={clear}>{t("common:action.showAll")}</Button>} />
      ) : (
        <div
          className={`card ${css.table}`}
          style={{ height: `min(${(shown.length * ROW + HEAD) / 16}rem, max(20rem, 72vh))` }}
        >
          <BigTable
            label={t("figures:table.label")}
            total={shown.length}
            columns={columns}
            source={shown.map((row) => row.name).join("\n")}
            rows={async (offset, limit) => shown.slice(offset, offset + limit)}
            rowId={(row) => row.name}
            rowHeight={ROW}
            onOpen={(row) => navigate(paths.source(row.name))}
            sort={{ column: order.by, descending: order.descending }}
            onSort={(column) => {
              const by = sortable.find((one) => one === column) ?? "source";
              setOrder({ by, descending: order.by === by ? !order.descending : false });
            }}
          />
        </div>
      )}
    </section>
  );
}
