/** The places beside this computer that are told: what is set up, and what can be. */
import { Button, Menu } from "@mantine/core";
import { useState } from "react";
import { type ChannelRow, useCall } from "../api";
import { useTranslation } from "../i18n";
import { ListStates } from "../shared/ListStates";
import { ChannelDialog, type ChannelTask } from "./ChannelDialog";
import { ChannelLine } from "./ChannelLine";
import { type Kind, kindOf, kinds } from "./channelWords";
import { SettingRow } from "./SettingRow";
import css from "./settings.module.css";

/** The first free name of a kind: "Webhook", "Webhook 2". */
function freeName(word: string, channels: ChannelRow[]): string {
  const taken = new Set(channels.map((channel) => channel.name.toLocaleLowerCase()));
  const names = [word, ...channels.map((_, at) => `${word} ${at + 2}`)];
  return names.find((name) => !taken.has(name.toLocaleLowerCase())) ?? word;
}

function List({ channels }: { channels: ChannelRow[] }) {
  const { t } = useTranslation();
  const [task, setTask] = useState<ChannelTask | null>(null);
  const used = new Set(channels.map((channel) => kindOf(channel.kind)));
  const add = (kind: Kind) => setTask({ kind, name: freeName(t(`settings:channel.kind.${kind}`), channels) });
  const set = kinds.filter((kind) => used.has(kind));
  return (
    <>
      {channels.map((channel) => (
        <ChannelLine
          key={channel.id}
          channel={channel}
          onEdit={() => setTask({ kind: kindOf(channel.kind), name: channel.name, channel })}
        />
      ))}
      {kinds
        .filter((kind) => !used.has(kind))
        .map((kind) => (
          <SettingRow
            key={kind}
            id={`set-up-${kind}`}
            title={t(`settings:channel.kind.${kind}`)}
            line={t(`settings:channel.about.${kind}`)}
          >
            <Button
              aria-label={t("settings:channel.setUpName", { name: t(`settings:channel.kind.${kind}`) })}
              onClick={() => add(kind)}
            >
              {t("settings:channel.setUp")}
            </Button>
          </SettingRow>
        ))}
      {set.length > 0 && (
        <Menu position="bottom-start">
          <Menu.Target>
            <Button variant="subtle" className={css.another ?? ""}>
              {t("settings:channel.another")}
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            {set.map((kind) => (
              <Menu.Item key={kind} onClick={() => add(kind)}>
                {t(`settings:channel.kind.${kind}`)}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      )}
      <ChannelDialog task={task} onClose={() => setTask(null)} />
    </>
  );
}

/** The list in all its states. */
export function Channels() {
  const query = useCall("channel.list", {}, { silent: true, topics: ["channels"] });
  return (
    <ListStates query={query} rows={4}>
      {(reply) => <List channels={reply.channels} />}
    </ListStates>
  );
}
