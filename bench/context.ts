import { join } from "node:path";
import type { Row } from "./judge.ts";
import type { BenchLog } from "./kafka/log.ts";

/** What every bench works with. */
export interface BenchContext {
  /** How many turns count. */
  readonly runs: number;
  /** Aborted by Ctrl-C: measuring ends, what was made is removed. */
  readonly signal: AbortSignal;
  /** Folder outside the checkout for what is made once and used again. */
  readonly cache: string;
  /** What Node itself needs to start and end. */
  readonly emptyScript: readonly string[];
  /** The stack that the benches of Kafka share: the same one each time, made when it is first asked for. */
  readonly cluster: () => Promise<BenchLog>;
  /** Tells what is going on, on standard error. */
  readonly note: (text: string) => void;
}

export interface Bench {
  readonly name: string;
  readonly measure: (context: BenchContext) => Promise<readonly Row[]>;
}

/** The built dp. */
export const dp: readonly string[] = [process.execPath, join(import.meta.dirname, "../bin/dp.js")];
