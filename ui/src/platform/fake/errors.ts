/** Errors as the engine sends them. */
import type { ApiError, ErrorKind } from "../../api/generated";

/** An error as it comes over the wire. Members beyond `code` and `message` are optional. */
export function apiError(code: ErrorKind, message: string, more: Partial<ApiError> = {}): ApiError {
  return { code, message, retry: code === "locked" || code === "unreachable" || code === "changed", ...more };
}

/** The named thing does not exist. */
export function notFound(what: string, name: string): ApiError {
  return apiError("notFound", `There is no ${what} “${name}”.`);
}
