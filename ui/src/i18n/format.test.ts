/** Sizes, ages and dates, in both languages. */
import { afterEach, describe, expect, it } from "vitest";
import { NOW } from "../test/render";
import { age, bytes, count, day, duration, exact, moment, percent, shortDay, weekdayMonth } from "./format";
import { resolveLanguage, setLanguage } from "./index";

const ago = (seconds: number) => new Date(NOW.getTime() - seconds * 1000);

afterEach(() => setLanguage("en"));

describe("sizes", () => {
  it.each([
    [0, "0 B"],
    [999, "999 B"],
    [184_000, "184 KB"],
    [999_600, "1.0 MB"],
    [6_800_000, "6.8 MB"],
    [86_000_000, "86 MB"],
    [1.2e9, "1.2 GB"],
    [12.8e9, "12.8 GB"],
    [812e9, "812 GB"],
    [4e12, "4.0 TB"],
  ])("%d bytes are %s", (value, text) => expect(bytes(value)).toBe(text));
});

describe("durations and ages", () => {
  it.each([
    [21, "21 s"],
    [72, "1 min 12 s"],
    [1200, "20 min"],
    [14_700, "4 h 5 min"],
    [183_600, "2 days 3 h"],
    [86_400, "1 day"],
    [1_040_000, "12 days"],
    [0.2, "under 1 s"],
  ])("%d seconds last %s", (seconds, text) => expect(duration(seconds)).toBe(text));
  it.each([
    [10, "just now"],
    [50, "1 min ago"],
    [41 * 60, "41 min ago"],
    [5 * 3600 + 100, "5 h ago"],
    [183_600, "2 days 3 h ago"],
    [-600, "in 10 min"],
  ])("%d seconds are %s", (seconds, text) => expect(age(ago(seconds), NOW)).toBe(text));
});

describe("dates", () => {
  it("are said as people say them", () => {
    expect(day(NOW, NOW)).toBe("Today");
    expect(day(ago(86_400), NOW)).toBe("Yesterday");
    expect(day(ago(2 * 86_400), NOW)).toBe("Wednesday 18 November");
    expect(day(new Date("2025-01-05T10:00:00"), NOW)).toBe("Sunday 5 January 2025");
    expect(exact(new Date("2026-11-19T21:00:04"))).toBe("Thursday 19 November 2026, 21:00:04");
    expect(moment(ago(86_400), NOW)).toBe("yesterday 09:41");
    expect(moment(ago(2 * 86_400), NOW)).toBe("Wed 18 Nov, 09:41");
    expect([shortDay(NOW), shortDay(NOW, false), weekdayMonth(NOW)]).toEqual(["Fri 20", "20 Nov", "Fri 20 Nov"]);
  });
  it("that are none are a dash", () => {
    expect([age("never", NOW), day("never", NOW), exact("never"), moment("never", NOW)]).toEqual([
      "–",
      "–",
      "–, –",
      "–",
    ]);
  });
  it("follow the language", () => {
    setLanguage("de");
    expect(count(1_204_118)).toBe("1.204.118");
    expect(age(ago(2 * 86_400), NOW)).toBe("vor 2 Tagen");
    expect(duration(2 * 86_400)).toBe("2 Tage");
    expect(exact(new Date("2026-11-19T21:00:04"))).toBe("Donnerstag 19. November 2026, 21:00:04");
  });
});

describe("shares", () => {
  it("are never whole before they are", () => {
    expect(percent(1248, 1252)).toBe("99 %");
    expect(percent(9999, 10_000, 1)).toBe("99.9 %");
    expect(percent(3, 3, 1)).toBe("100 %");
    expect(percent(0, 0)).toBe("100 %");
  });
});

describe("the language", () => {
  it("is one the catalogue has", () => {
    expect(resolveLanguage("system", ["fr-FR", "de-AT", "en"])).toBe("de");
    expect(resolveLanguage("system", ["ja"])).toBe("en");
    expect(resolveLanguage("de", ["en"])).toBe("de");
  });
});
