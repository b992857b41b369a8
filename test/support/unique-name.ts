import { randomBytes } from "node:crypto";

/** `topic-3fa2b1c9`: a name that no other test of the same cluster uses. */
export function uniqueName(kind: string): string {
  return `${kind}-${randomBytes(4).toString("hex")}`;
}
