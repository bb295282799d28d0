/** Sources: everything that is protected, with its state. */
import { Button, CloseButton, Menu, TextInput } from "@mantine/core";
import { IconCheck, IconFilter, IconPlus, IconSearch } from "@tabler/icons-react";
import { useRef, useState } from "react";
import { Link, useSearchParams } from "react-router";
import { useCall, useJobs } from "../api";
import { useTranslation } from "../i18n";
import { count } from "../i18n/format";
import { Empty, ListStates } from "../shared/ListStates";
import { Page } from "../shared/Page";
import { PageHeader } from "../shared/PageHeader";
import { paths } from "../shared/paths";
import { type Status, StatusGlyph } from "../shared/StatusGlyph";
import { useShortcut } from "../shared/shortcuts";
import { sourceStatus } from "../shared/sourceStatus";
import { SourceTable } from "../sources/SourceTable";

const FILTER_FROM = 8;
const states: Status[] = ["failed", "partial", "running", "none", "paused", "complete"];

/** The page. */
export default function SourcesView() {
  const { t } = useTranslation();
  const jobs = useJobs();
  const [search, setSearch] = useSearchParams();
  const [text, setText] = useState("");
  const field = useRef<HTMLInputElement>(null);
  const query = useCall("overview", {}, { silent: true });
  const only = search.get("state") as Status | null;
  const all = query.data?.sources ?? [];
  const wanted = text.trim().toLowerCase();
  const shown = all.filter(
    (source) => (!only || sourceStatus(source, jobs) === only) && source.source.name.toLowerCase().includes(wanted),
  );
  useShortcut("/", t("sources:key.filter"), () => field.current?.focus(), { enabled: all.length >= FILTER_FROM });
  const choose = (state: Status | null) => setSearch(state ? { state } : {}, { replace: true });
  const present = states.filter((state) => all.some((source) => sourceStatus(source, jobs) === state));
  const add = (
    <Button
      component={Link}
      to={paths.addSource()}
      variant="filled"
      leftSection={<IconPlus size="1rem" stroke={1.8} aria-hidden />}
    >
      {t("sources:addSource")}
    </Button>
  );
  return (
    <Page>
      <PageHeader
        title={t("sources:title")}
        actions={
          all.length > 0 && (
            <>
              {all.length >= FILTER_FROM && (
                <TextInput
                  ref={field}
                  aria-label={t("sources:filter")}
                  placeholder={t("sources:filter")}
                  leftSection={<IconSearch size="0.9375rem" aria-hidden />}
                  value={text}
                  onChange={(event) => setText(event.currentTarget.value)}
                  rightSection={
                    text && <CloseButton size="sm" aria-label={t("sources:clear")} onClick={() => setText("")} />
                  }
                />
              )}
              <Menu position="bottom-end">
                <Menu.Target>
                  <Button leftSection={<IconFilter size="0.9375rem" aria-hidden />}>
                    {only ? t(`common:status.${only}`) : t("sources:allStates")}
                  </Button>
                </Menu.Target>
                <Menu.Dropdown>
                  <Menu.Item rightSection={!only && <IconCheck size="0.9375rem" />} onClick={() => choose(null)}>
                    {t("sources:allStates")}
                  </Menu.Item>
                  {present.map((state) => (
                    <Menu.Item
                      key={state}
                      leftSection={<StatusGlyph status={state} />}
                      rightSection={only === state && <IconCheck size="0.9375rem" />}
                      onClick={() => choose(state)}
                    >
                      {t(`common:status.${state}`)}
                    </Menu.Item>
                  ))}
                </Menu.Dropdown>
              </Menu>
              {add}
            </>
          )
        }
        line={only || wanted ? t("sources:shown", { n: count(shown.length), total: count(all.length) }) : undefined}
      />
      <ListStates
        query={query}
        what={t("sources:loading")}
        isEmpty={(reply) => reply.sources.length === 0}
        empty={
          <Empty title={t("sources:empty.title")} action={add}>
            {t("sources:empty.line")}
          </Empty>
        }
      >
        {() =>
          shown.length > 0 ? (
            <SourceTable sources={shown} />
          ) : (
            <Empty
              title={t("sources:nothing")}
              action={
                <Button
                  onClick={() => {
                    setText("");
                    choose(null);
                  }}
                >
                  {t("sources:showAll")}
                </Button>
              }
            />
          )
        }
      </ListStates>
    </Page>
  );
}
