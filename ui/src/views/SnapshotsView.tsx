/** Everything that was ever saved: what changed in all sources, newest first, and the field that searches it. */
import { Button } from "@mantine/core";
import { useState } from "react";
import { Link, useNavigate } from "react-router";
import { useCall } from "../api";
import { useTranslation } from "../i18n";
import { Empty, ListStates } from "../shared/ListStates";
import { Page } from "../shared/Page";
import { PageHeader } from "../shared/PageHeader";
import { paths } from "../shared/paths";
import { SearchBox } from "../snapshots/SearchBox";
import { noFilter, SnapshotFilters, SnapshotsHistory, SnapshotsLine } from "../snapshots/SnapshotsHistory";

/** `/snapshots` */
export default function SnapshotsView() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const snapshots = useCall("snapshot.list", {}, { silent: true });
  const [filter, setFilter] = useState(noFilter);
  const rows = snapshots.data?.snapshots ?? [];
  const search = (text: string) => {
    if (text) {
      navigate(paths.search(text));
    }
  };
  return (
    <Page>
      <PageHeader
        title={t("snapshots:title")}
        line={<SnapshotsLine rows={rows} />}
        actions={rows.length > 0 && <SnapshotFilters rows={rows} filter={filter} onFilter={setFilter} />}
      />
      <SearchBox value="" onSearch={search} />
      <ListStates
        query={snapshots}
        what={t("snapshots:list.reading")}
        rows={10}
        isEmpty={(data) => data.snapshots.length === 0 && !data.problems?.length}
        empty={
          <Empty
            title={t("snapshots:list.empty")}
            action={
              <Button component={Link} to={paths.sources()}>
                {t("snapshots:list.emptyAction")}
              </Button>
            }
          >
            {t("snapshots:list.emptyText")}
          </Empty>
        }
      >
        {(data) => <SnapshotsHistory reply={data} filter={filter} onFilter={setFilter} />}
      </ListStates>
    </Page>
  );
}
