/** The one error of all calls: the window decides on its `code` alone. */
import type { ApiError, ErrorKind } from "./generated";

/** What a call failed with. `message` and `hint` are the engine's own words; show them, never compare them. */
export class BackstayError extends Error {
  readonly code: ErrorKind;
  readonly hint: string | undefined;
  readonly causes: string[];
  /** Trying again later may help. */
  readonly retry: boolean;
  /** As it came over the wire, with whatever context it carries. */
  readonly wire: ApiError;

  constructor(wire: ApiError) {
    super(wire.message);
    this.name = "BackstayError";
    this.wire = wire;
    this.code = wire.code;
    this.hint = wire.hint ?? undefined;
    this.causes = wire.causes ?? [];
    this.retry = wire.retry;
  }
}

function isApiError(value: unknown): value is ApiError {
  return typeof value === "object" && value !== null && "code" in value && "message" in value;
}

/** Whatever was thrown, as a `BackstayError`; what no call threw becomes `internal`. */
export function asError(thrown: unknown): BackstayError {
  if (thrown instanceof BackstayError) {
    return thrown;
  }
  if (isApiError(thrown)) {
    return new BackstayError(thrown);
  }
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new BackstayError({ code: "internal", message, retry: false });
}
