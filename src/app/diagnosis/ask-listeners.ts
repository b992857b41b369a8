import { retryUntil } from "../../async/retry-until.ts";
import { isTimeout } from "../../async/with-timeout.ts";
import type { Engine } from "../../docker/engine/connect.ts";
import { messageOf } from "../../errors.ts";
import { viewOf } from "../../kafka/cluster/probe.ts";
import type { Address, ObservedContainer } from "../../model/containers.ts";
import { containerBrokerId } from "../../stack/names.ts";
import { internalPort } from "../../stack/services/kafka.ts";
import { describeContainer } from "../../docker/stack/container-check.ts";
import { publishedAddress, type FoundStack } from "../stack/running.ts";
import {
  insideCommand,
  parseInside,
  toFailure,
  type Answer,
} from "../../kafka/cluster/inside-answers.ts";
import { formatAddress, type BrokerFacts, type ListenerFacts } from "./judge-listeners.ts";

/** Milliseconds for an address, within which silence is followed by another connection. */
const answerMs = 6000;
const attemptMs = 2000;
const pauseMs = 100;
const insideMs = 15_000;

/**
 * Asks every broker of a stack for the addresses that it gives to clients, over its published port and in
 * its network, and dials each of these from the side it is meant for. Changes nothing.
 */
export async function askListeners(
  stack: FoundStack,
  portOwner: (port: number) => Promise<string | undefined>,
  signal: AbortSignal,
): Promise<Omit<ListenerFacts, "refusal">> {
  const brokers = await Promise.all(
    stack.observed.containers
      .flatMap((container) => brokerOf(container))
      .toSorted((a, b) => a.id - b.id)
      .map(async ({ container, ...broker }): Promise<BrokerFacts> => ({
        ...broker,
        reason: await reasonOf(container, stack.engine),
        portOwner: broker.published && (await portOwner(broker.published.port)),
      })),
  );
  const published = brokers.flatMap((broker) => broker.published ?? []);
  const [outside, inside] = await Promise.all([
    askTwice(published, (addresses) => askFromHere(addresses, signal)),
    askInside({ stack, brokers, signal }),
  ]);
  return { brokers, internalPort, outside, inside, remote: stack.engine.remote };
}

function brokerOf(container: ObservedContainer) {
  const id = containerBrokerId(container);
  if (id === undefined) return [];
  const { service, state } = container;
  return [{ id, service, state, published: publishedAddress(container), container }];
}

function reasonOf(container: ObservedContainer, engine: Engine): Promise<string | undefined> {
  return describeContainer(container, engine).then(() => undefined, messageOf);
}

type Ask = (addresses: readonly Address[]) => Promise<ReadonlyMap<string, Answer>>;

/** Asks, then asks where the answers lead to. */
async function askTwice(first: readonly Address[], ask: Ask): Promise<ReadonlyMap<string, Answer>> {
  const answers = await ask(first);
  const next = [...answers.values()]
    .flatMap((answer) => (answer.kind === "view" ? answer.view.brokers : []))
    .filter((node) => !answers.has(formatAddress(node)));
  const distinct = new Map(next.map((node) => [formatAddress(node), node]));
  return distinct.size === 0
    ? answers
    : new Map([...answers, ...(await ask([...distinct.values()]))]);
}

async function askFromHere(
  addresses: readonly Address[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Answer>> {
  const asked = await Promise.all(
    addresses.map(async ({ host, port }) => {
      const address = { host, port };
      const answer = await retryUntil({
        attempt: (either) => viewOf({ address, timeoutMs: attemptMs, signal: either }),
        isRetriable: (thrown) => mayPass(toFailure(messageOf(thrown))),
        timeoutMs: answerMs,
        pauseMs,
        signal,
      }).then(
        (view): Answer => ({ kind: "view", view }),
        (thrown: unknown) =>
          toFailure(isTimeout(thrown) ? `no answer within ${answerMs} ms` : messageOf(thrown)),
      );
      return [formatAddress(address), answer] as const;
    }),
  );
  signal.throwIfAborted();
  return new Map(asked);
}

/** Silence, and a connection that was ended; everything else is an answer. */
function mayPass(failure: Answer): boolean {
  if (failure.kind !== "failed") return false;
  return failure.why === "silent" || /ECONNRESET|closed the connection/.test(failure.text);
}

async function askInside(of: {
  readonly stack: FoundStack;
  readonly brokers: readonly BrokerFacts[];
  readonly signal: AbortSignal;
}): Promise<ReadonlyMap<string, Answer> | string> {
  const { stack, brokers, signal } = of;
  const running = brokers.filter(({ state }) => state === "running");
  const host = stack.observed.containers.find(({ service }) => service === running[0]?.service);
  if (!host) return "no broker runs";
  const { runInContainer } = await import("../../docker/exec/exec.ts");
  const container = (await stack.engine.client()).getContainer(host.id);
  const ask: Ask = async (addresses) => {
    const command = insideCommand(addresses.map(formatAddress));
    const run = await runInContainer({ container, command, timeoutMs: insideMs, signal });
    if (run.exitCode !== 0) throw new Error(run.stderr.trim() || `exit code ${run.exitCode}`);
    return parseInside(run.stdout);
  };
  const own = running.map(({ service }) => ({ host: service, port: internalPort }));
  try {
    return await askTwice(own, ask);
  } catch (thrown) {
    signal.throwIfAborted();
    return messageOf(thrown);
  }
}
