import { formatCount } from "../../../report/format.ts";
import type { Emit } from "../../../model/events.ts";

const firstMs = 1000;
const everyMs = 200;

/** Tells how many records are written, from the first second on. */
export function createProduceProgress(emit: Emit, topic: string): (records: number) => void {
  const startedAt = performance.now();
  let next = startedAt + firstMs;
  return (records) => {
    const now = performance.now();
    if (now < next) return;
    next = now + everyMs;
    const perSecond = Math.round((records * 1000) / (now - startedAt));
    const text = `${formatCount(records, "record")}, ${perSecond} a second`;
    emit({ type: "progress", target: topic, text });
  };
}
