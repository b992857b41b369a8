/** Items on their way from several producers to one taker, who sets the pace. */
export interface ByteQueue<Item> {
  /** Resolves when there is room for more. */
  put(item: Item, bytes: number): Promise<void>;
  /** Undefined at the end; rejects when it ended with an error. */
  take(): Promise<Item | undefined>;
  /** No more items are taken in; those inside are still given out. */
  end(error?: Error): void;
}

/** There is room as long as the items inside have fewer than `maxBytes` together. */
export function createByteQueue<Item>(maxBytes: number): ByteQueue<Item> {
  const items: { readonly item: Item; readonly bytes: number }[] = [];
  let inside = 0;
  let ended = false;
  let failure: Error | undefined;
  let wakeTaker: (() => void) | undefined;
  let wakePutters: (() => void)[] = [];
  return {
    async put(item, bytes) {
      if (ended) return;
      items.push({ item, bytes });
      inside += bytes;
      wakeTaker?.();
      while (inside >= maxBytes && !ended) {
        await new Promise<void>((resolve) => wakePutters.push(resolve));
      }
    },
    async take() {
      while (items.length === 0 && !ended) {
        await new Promise<void>((resolve) => (wakeTaker = resolve));
      }
      const taken = items.shift();
      inside -= taken?.bytes ?? 0;
      const waiting = wakePutters;
      wakePutters = [];
      for (const wake of waiting) wake();
      if (taken === undefined && failure !== undefined) throw failure;
      return taken?.item;
    },
    end(error) {
      if (!ended) failure = error;
      ended = true;
      wakeTaker?.();
      for (const wake of wakePutters) wake();
    },
  };
}
