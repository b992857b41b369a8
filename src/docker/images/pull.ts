import type Dockerode from "dockerode";
import type { Emit } from "../../model/events.ts";
import { followEngine, type EngineMessage, type StreamOutcome } from "../engine/engine-stream.ts";
import type { Environment } from "./host-settings.ts";
import { parseReference } from "./reference.ts";
import { readRegistryAuth } from "./registry-auth.ts";
import { describeTags } from "./registry-tags.ts";

export interface PullOptions {
  readonly docker: Dockerode;
  readonly ref: string;
  readonly emit: Emit;
  readonly signal: AbortSignal;
  readonly env: Environment;
}

export type PullOutcome =
  | { readonly kind: "pulled" }
  /** No registry could be asked. */
  | { readonly kind: "unreachable"; readonly why: string }
  /** A registry answered that it has no such image, or none for us. */
  | { readonly kind: "absent"; readonly why: string }
  /** Anything else: a quota, a broken transfer, a full disk. */
  | { readonly kind: "failed"; readonly why: string };

/** Large layers are unpacked without a word. */
const idleMs = 3 * 60_000;
const progressEveryMs = 250;

/** Pulls an image with progress in bytes, and says how it ended; throws only when aborted or when
 * the engine itself fails. */
export async function pullImage(options: PullOptions): Promise<PullOutcome> {
  const { docker, ref, emit, signal, env } = options;
  const authconfig = await readRegistryAuth({ ref, env, signal });
  const { registry, repository, tag, digest } = parseReference(ref);
  const layers = new Map<string, { current: number; total: number }>();
  let lastTold = 0;
  const outcome = await followEngine({
    signal,
    idleMs,
    open: (abortSignal) =>
      docker.createImage({
        fromImage: `${registry}/${repository}`,
        tag: digest ?? tag ?? "latest",
        abortSignal,
        ...(authconfig ? { authconfig } : {}),
      }),
    onMessage: (message) => {
      noteLayer(layers, message);
      if (layers.size === 0 || Date.now() - lastTold < progressEveryMs) return;
      lastTold = Date.now();
      const current = sum([...layers.values()].map((layer) => layer.current));
      const total = sum([...layers.values()].map((layer) => layer.total));
      emit({ type: "progress", target: ref, text: "pulling", current, total });
    },
  });
  const result = classifyPull(outcome, layers.size > 0);
  if (result.kind !== "absent" || refused.test(result.why)) return result;
  const tags = await describeTags({ ref, auth: authconfig, signal });
  return tags === undefined ? result : { ...result, why: `${result.why}: ${tags}` };
}

/** Bytes count while a layer is downloaded; afterwards the same field counts its unpacking. */
function noteLayer(
  layers: Map<string, { current: number; total: number }>,
  { id, status, progressDetail }: EngineMessage,
): void {
  if (id === undefined) return;
  const known = layers.get(id);
  if (status === "Downloading" && progressDetail?.total !== undefined) {
    layers.set(id, { current: progressDetail.current ?? 0, total: progressDetail.total });
  } else if (known && status === "Download complete") {
    known.current = known.total;
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/** How Go's net, net/http and crypto/tls packages word that nobody could be asked. */
const unreachable =
  /\b(dial tcp|lookup |no such host|connection refused|network is unreachable|no route to host|i\/o timeout|TLS handshake timeout|proxyconnect|server misbehaving|connection reset|x509|Client\.Timeout|context deadline exceeded|request canceled while waiting)/;

/** The codes `MANIFEST_UNKNOWN`, `NAME_UNKNOWN`, `DENIED`, `UNAUTHORIZED` of the distribution
 * specification, as engines word them. */
const absent =
  /manifest unknown|name unknown|manifest for .* not found|: not found|does not exist|pull access denied|unauthorized|no basic auth|authentication required|denied/i;

/** Those of them that say nothing of the image. */
const refused = /denied|unauthorized|no basic auth|authentication required/i;

/**
 * What a failed pull means. An error after the first byte of a layer came from a registry that was
 * reached, whatever it says.
 */
export function classifyPull(outcome: StreamOutcome, begun: boolean): PullOutcome {
  if (outcome.ok) return { kind: "pulled" };
  const { status, message: why } = outcome;
  if (!begun && unreachable.test(why)) return { kind: "unreachable", why };
  if (status === 404 || absent.test(why)) return { kind: "absent", why };
  return { kind: "failed", why };
}
