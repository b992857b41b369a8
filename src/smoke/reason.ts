import { messageOf } from "../errors.ts";

/** What went wrong, in one line. */
export function reasonOf(thrown: unknown): string {
  const { why } = thrown as { why?: unknown };
  const text = messageOf(thrown);
  return typeof why === "string" && why !== "" ? `${text}: ${why}` : text;
}
