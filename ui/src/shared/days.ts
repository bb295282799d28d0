/** Days as the engine names them (`2026-11-20`): local days, not moments. */

/** Noon of the day, so that no zone moves it to another one. */
export function localDay(day: string): Date {
  return new Date(`${day}T12:00:00`);
}
