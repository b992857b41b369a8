import { visibleJson } from "../safe-text/control-characters.ts";
import { exactJson } from "../stack/exact-json.ts";
import type { Event } from "../model/events.ts";

/**
 * An event as one JSON line: type and time first (contracts, JSON: Events); a result's document
 * stands in the line itself, beside `ok`.
 */
export function renderEventJson(event: Event, now: Date): string {
  const { type, ...rest } = event;
  const time = now.toISOString();
  const line = event.type === "result" ? { ok: event.ok, ...event.document } : rest;
  return renderJsonLine({ type, time, ...line });
}

/** One JSON line, without what a terminal would act upon. */
export function renderJsonLine(value: object): string {
  return `${visibleJson(exactJson(value))}\n`;
}

/** The one document of a command that does not stream. */
export function renderDocument(document: object): string {
  return `${visibleJson(exactJson(document, "  "))}\n`;
}
