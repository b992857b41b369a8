import type { Event } from "./event.ts";

/**
 * An event as one JSON line: type and time first (contracts, JSON: Events); a result's document
 * stands in the line itself, beside `ok`.
 */
export function renderEventJson(event: Event, now: Date): string {
  const { type, ...rest } = event;
  const time = now.toISOString();
  if (event.type !== "result") return `${JSON.stringify({ type, time, ...rest })}\n`;
  return `${JSON.stringify({ type, time, ok: event.ok, ...event.document })}\n`;
}

/** The one document of a command that does not stream. */
export function renderDocument(document: object): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}
