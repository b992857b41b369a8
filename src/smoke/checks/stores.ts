import { judge } from "../delivery.ts";
import { askTime, retryWhileWaiting } from "../patience.ts";
import { reasonOf } from "../reason.ts";
import type { Check, Judgement } from "../model.ts";

const rowCount = 100;

/** What one store was seen to do. */
export interface StoreProof {
  readonly name: string;
  /** Rows that came back; a string is why none did. */
  readonly read: readonly string[] | string;
}

export const storesCheck: Check = {
  name: "stores",
  proves: "Each store accepts rows and returns them to another connection",
  lacks: ({ stores }) => (stores.length > 0 ? undefined : "the stack has no stores"),
  async run({ subjects: { stores }, timeoutMs, signal }) {
    const rows = Array.from({ length: rowCount }, (_, index) => `row ${index}`);
    const proofs = await Promise.all(
      stores.map(async (store): Promise<StoreProof> => {
        const { name, published, state } = store;
        if (published === undefined) return { name, read: `is ${state}` };
        const read = retryWhileWaiting({
          attempt: (either) => store.roundTrip(rows, either),
          isRetriable: store.mayPass,
          timeoutMs: askTime(timeoutMs),
          signal,
        });
        return { name, read: await read.catch(reasonOf) };
      }),
    );
    return judgeStores(rows, proofs);
  },
};

/** Every store returned exactly what it took. Pure. */
export function judgeStores(rows: readonly string[], proofs: readonly StoreProof[]): Judgement {
  const faults = proofs.flatMap(({ name, read }) => {
    if (typeof read === "string") return [`${name}: ${read}`];
    const lost = rows.filter((row) => !read.includes(row)).length;
    const extra = read.length - (rows.length - lost);
    const counts = [
      ...(lost > 0 ? [`${lost} lost`] : []),
      ...(extra > 0 ? [`${extra} too many`] : []),
    ];
    return counts.length > 0 ? [`${name}: of ${rows.length} rows ${counts.join(", ")}`] : [];
  });
  if (faults.length > 0) return judge(false, faults.join("; "));
  const names = proofs.map(({ name }) => name).join(", ");
  return judge(proofs.length > 0, `${names} took and returned ${rows.length} rows`);
}
