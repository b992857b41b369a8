import type { Engine } from "../docker/connect.ts";
import { chooseImage, type ImageWish } from "../docker/image-choice.ts";
import { ensureImage, observeImages } from "../docker/images.ts";
import type { Report } from "../report/choose.ts";
import type { ResolvedImage, Stack } from "../stack/model.ts";
import type { Host } from "./context.ts";

/** Kafka's version when a stack has ZooKeeper only: the last line that carries ZooKeeper. */
const zookeeperVersion = "3.9.2";

/** The image that a stack runs from: ZooKeeper and the brokers share it. */
export function imageWish({ kafka }: Stack): ImageWish {
  return { what: "kafka", version: kafka?.version ?? zookeeperVersion, named: kafka?.image };
}

export interface EnsureInput {
  readonly engine: Engine;
  readonly stack: Stack;
  readonly host: Host;
  readonly report: Report;
  /** Looks for a newer image even when one is present. */
  readonly update: boolean;
}

/** The stack's image: present, else pulled, else built. */
export function ensureStackImage(input: EnsureInput): Promise<ResolvedImage> {
  const { engine, stack, host, report, update } = input;
  return ensureImage({
    engine,
    wish: imageWish(stack),
    settings: update ? { ...stack.images, pull: "always" } : stack.images,
    signal: host.signal,
    emit: report.emit,
    env: host.env,
  });
}

/** What the engine has for a stack, without getting anything: for a plan. */
export async function findStackImage(query: {
  readonly engine: Engine;
  readonly stack: Stack;
  readonly signal: AbortSignal;
}): Promise<{ readonly found: ResolvedImage | undefined; readonly expected: string }> {
  const { engine, stack, signal } = query;
  const settings = { ...stack.images, pull: "missing" } as const;
  const candidates = await observeImages({ engine, wish: imageWish(stack), settings, signal });
  const decision = chooseImage(candidates, settings);
  const found = decision.action === "use" ? { ref: decision.ref, id: decision.id } : undefined;
  return { found, expected: candidates[0]?.ref ?? imageWish(stack).version };
}
