/** How long ago something was; the exact time on hover and focus. */
import { Tooltip } from "@mantine/core";
import { age, exact } from "../i18n/format";
import { useNow } from "./useNow";

/** A time as an age. */
export function Age({ time, focusable = false }: { time: string | Date; focusable?: boolean }) {
  const now = useNow();
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) {
    return <>–</>;
  }
  return (
    <Tooltip label={exact(date)} events={{ hover: true, focus: true, touch: true }}>
      <time dateTime={date.toISOString()} {...(focusable ? { tabIndex: 0 } : {})}>
        {age(date, now)}
      </time>
    </Tooltip>
  );
}
