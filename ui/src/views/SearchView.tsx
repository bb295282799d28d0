/** Search over everything that was ever saved: all sources, all points in time. */
import { useSearchParams } from "react-router";
import { useTranslation } from "../i18n";
import { Empty } from "../shared/ListStates";
import { Page } from "../shared/Page";
import { PageHeader } from "../shared/PageHeader";
import { paths } from "../shared/paths";
import { SearchBox } from "../snapshots/SearchBox";
import { SearchResults } from "../snapshots/SearchResults";

/** `/search?q=` */
export default function SearchView() {
  const { t } = useTranslation();
  const [query, setQuery] = useSearchParams();
  const text = query.get("q")?.trim() ?? "";
  return (
    <Page>
      <PageHeader
        title={t("snapshots:search.title")}
        crumbs={[{ label: t("snapshots:title"), to: paths.snapshots() }]}
        line={t("snapshots:search.line")}
      />
      <SearchBox value={text} live autoFocus onSearch={(q) => setQuery(q ? { q } : {}, { replace: true })} />
      {text ? <SearchResults text={text} /> : <Empty title={t("snapshots:search.type")} />}
    </Page>
  );
}
