/** Tests settings of a source 600 ms after typing stopped; what was asked before is stopped in the engine, too. */
import { useDebouncedValue } from "@mantine/hooks";
import { type BackstayError, type ConnectorRow, type ProbeReply, useCall } from "../../api";
import { isChosen } from "../couch/chosen";
import { loginIsComplete } from "../couch/login";
import { missingOptions, type Options } from "../OptionsForm";

const PAUSE = 600;
/** Errors after which it may still be saved: the place may be there later. */
const later = new Set(["unreachable", "notFound", "io", "locked"]);

/** Whether there is enough to try: without its password a server would only say that one is needed. */
function isComplete(connector: ConnectorRow, options: Options): boolean {
  const login = connector.kind !== "couchdb" || loginIsComplete(options, new Set(), false);
  return login && isChosen(options) && missingOptions(connector, options).length === 0;
}

/** How the test goes. */
export interface Trial {
  reply: ProbeReply | undefined;
  error: BackstayError | null;
  testing: boolean;
  /** Something required is missing still. */
  idle: boolean;
  /** It may be saved although it failed. */
  mayForce: boolean;
  again: () => void;
}

/** Tests the settings as they are now. */
export function useTry(connector: ConnectorRow | undefined, options: Options): Trial {
  const [settled] = useDebouncedValue(options, PAUSE);
  const complete = connector !== undefined && isComplete(connector, options);
  const same = JSON.stringify(settled) === JSON.stringify(options);
  const query = useCall(
    "source.try",
    { kind: connector?.kind ?? "", options: settled },
    { enabled: complete && same, silent: true, topics: [] },
  );
  const testing = complete && (!same || query.isFetching);
  const error = complete && same ? query.error : null;
  return {
    reply: testing ? undefined : query.data,
    error,
    testing,
    idle: !complete,
    mayForce: error !== null && later.has(error.code),
    again: () => void query.refetch(),
  };
}
