/** Step 1: what is to be protected. One card for each kind of source, and one for a backup file. */
import { IconChevronRight, IconFileZip } from "@tabler/icons-react";
import { useNavigate } from "react-router";
import { useCall } from "../../api";
import { useTranslation } from "../../i18n";
import { platform } from "../../platform";
import { DoorCard } from "../../shared/DoorCard";
import { ListStates } from "../../shared/ListStates";
import { paths } from "../../shared/paths";
import { SourceIcon } from "../../shared/SourceIcon";
import css from "./steps.module.css";

/** Cards of kinds. */
export function KindStep({ chosen, onChoose }: { chosen?: string | undefined; onChoose: (kind: string) => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const connectors = useCall("connector.list", {}, { silent: true });
  const openFile = async () => {
    const path = await platform().shell("shell.pickFile", { title: t("sources:add.file.pick") });
    if (path) {
      navigate(paths.open([path]));
    }
  };
  return (
    <ListStates query={connectors} what={t("sources:add.what.loading")}>
      {(reply) => (
        <div className={css.cards}>
          {reply.connectors.map((connector) => (
            <DoorCard
              key={connector.kind}
              icon={<SourceIcon kind={connector.kind} large />}
              title={connector.title}
              line={connector.summary}
              current={chosen === connector.kind}
              onClick={() => onChoose(connector.kind)}
              end={<IconChevronRight size="1rem" aria-hidden />}
            />
          ))}
          <DoorCard
            icon={<IconFileZip size="1.5rem" stroke={1.6} aria-hidden />}
            title={t("sources:add.file.title")}
            line={t("sources:add.file.line")}
            onClick={() => void openFile()}
            end={<IconChevronRight size="1rem" aria-hidden />}
          />
        </div>
      )}
    </ListStates>
  );
}
