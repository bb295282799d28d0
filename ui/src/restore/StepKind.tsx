/** What a step does, as sign and word. */
import {
  IconBan,
  IconCopyPlus,
  IconEqual,
  IconGitFork,
  IconLock,
  IconMinus,
  IconPencil,
  IconPlus,
} from "@tabler/icons-react";
import type { StepAction } from "../api";
import { useTranslation } from "../i18n";
import css from "./StepKind.module.css";

const looks = {
  create: { icon: IconPlus, tone: "complete" },
  update: { icon: IconPencil, tone: "running" },
  keepBoth: { icon: IconCopyPlus, tone: "running" },
  conflict: { icon: IconGitFork, tone: "partial" },
  skip: { icon: IconLock, tone: "paused" },
  same: { icon: IconEqual, tone: "paused" },
  delete: { icon: IconMinus, tone: "failed" },
  impossible: { icon: IconBan, tone: "failed" },
} as const;

/** Sign and word, in the colour of the kind. */
export function StepKind({ action }: { action: StepAction }) {
  const { t } = useTranslation();
  const { icon: Icon, tone } = looks[action];
  return (
    <span className={css.kind} style={{ color: `var(--bs-${tone})` }}>
      <span className={css.sign} style={{ background: `var(--bs-${tone}-tint)` }} aria-hidden>
        <Icon size="0.8125rem" stroke={2} />
      </span>
      {t(`common:steps.${action}`)}
    </span>
  );
}
