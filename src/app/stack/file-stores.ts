import type { HealthCheck } from "../../health/checks.ts";
import { readText } from "../../config/find.ts";
import { addressOf } from "../../stack/ready-probe.ts";
import type { FileStoreSettings, Stack } from "../../model/settings.ts";
import type { Host, SharedOptions } from "../request.ts";
import type { FoundStack } from "./running.ts";

export interface StoresQuery {
  readonly host: Host;
  readonly shared: SharedOptions;
  readonly stack: FoundStack;
}

/**
 * What the file says of stores, for what no container tells. Nothing without a pipeline.yaml, or with
 * one that can't be used: what runs can be asked for all the same.
 */
async function readStores(query: StoresQuery): Promise<Pick<Stack, "stores" | "fileStores">> {
  const { host, shared, stack } = query;
  const none = { stores: [], fileStores: [] };
  const text = stack.file === undefined ? "" : await readText(stack.file).catch(() => "");
  // To check a whole file takes longer than all else that is asked.
  if (!text.includes("stores")) return none;
  const { loadFileOfStack } = await import("./stack-file.ts");
  const loaded = await loadFileOfStack(host, shared);
  return loaded.ok ? loaded.stack : none;
}

/** The databases of a stack that are files. */
export async function findFileStores(query: StoresQuery): Promise<readonly FileStoreSettings[]> {
  return (await readStores(query)).fileStores;
}

export function fileStoreChecks(stores: readonly FileStoreSettings[]): HealthCheck[] {
  return stores.map(({ name, path }) => ({
    service: name,
    name: "file",
    run: async () => {
      const { checkDuckDb } = await import("../../stores/duckdb.ts");
      return checkDuckDb(path);
    },
  }));
}

/** Milliseconds for an S3 that has just started to answer. */
const bucketsMs = 10_000;

/** Makes the file's buckets in each S3 that has started again: they went when it was stopped. */
export async function makeBuckets(
  query: StoresQuery,
  { started, signal }: { readonly started: readonly string[]; readonly signal: AbortSignal },
): Promise<void> {
  const { containers } = query.stack.observed;
  if (!containers.some(({ kind, service }) => kind === "s3" && started.includes(service))) return;
  const [{ stores }, { checkS3 }, { waitUntilReady }] = await Promise.all([
    readStores(query),
    import("../../stores/s3.ts"),
    import("../../async/wait-until-ready.ts"),
  ]);
  for (const store of stores) {
    const container = containers.find(({ service }) => service === store.name);
    const [port] = container?.ports ?? [];
    if (store.type !== "s3" || !port || !started.includes(store.name)) continue;
    const wanted = { address: addressOf(port), buckets: store.buckets };
    await waitUntilReady({
      target: store.name,
      probe: (either) => checkS3(wanted, either),
      timeoutMs: bucketsMs,
      signal,
    });
  }
}
