import { messageOf } from "../../errors.ts";
import type { Address, ProbeResult } from "../../model/containers.ts";
import { openConnection } from "../connection/connection.ts";
import { errorText, noError } from "../protocol/error-codes.ts";
import { apiVersionsRequest, metadataRequest, type BrokerNode } from "../protocol/read-requests.ts";

export interface ExpectedBroker {
  readonly id: number;
  readonly service: string;
  readonly address: Address;
}

/** What one broker says of the cluster. */
export interface BrokerView {
  readonly brokers: readonly BrokerNode[];
  readonly controllerId: number;
  readonly clusterId: string | null;
}

/** Milliseconds for one attempt in a loop of readiness. */
const attemptMs = 500;

/**
 * Asks one broker for ApiVersions and Metadata over a connection of its own. Rejects when the connection or one of
 * the answers takes longer than `timeoutMs`, or when `signal` is aborted.
 */
export async function viewOf(options: {
  address: Address;
  timeoutMs?: number | undefined;
  signal?: AbortSignal | undefined;
}): Promise<BrokerView> {
  const { address, timeoutMs = attemptMs, signal } = options;
  const connection = await openConnection({ address, timeoutMs, signal });
  try {
    const versions = await connection.send(apiVersionsRequest(), timeoutMs);
    if (versions.errorCode !== noError) throw new Error(errorText(versions.errorCode));
    const metadata = await connection.send(metadataRequest([]), timeoutMs);
    const { brokers, controllerId, clusterId } = metadata;
    return { brokers, controllerId, clusterId };
  } finally {
    connection.close();
  }
}

/**
 * One round of readiness: every broker (or `only` one of them) answers on its published address and
 * names all brokers under the addresses they are expected to advertise, a controller, and the same
 * cluster id.
 */
export async function checkBrokers(
  expected: readonly ExpectedBroker[],
  options: {
    only?: string | undefined;
    signal?: AbortSignal | undefined;
    /** Milliseconds for the answer of each broker. */
    attemptMs?: number | undefined;
  } = {},
): Promise<ProbeResult> {
  const { only, signal, attemptMs: timeoutMs } = options;
  const asked = expected.filter(({ service }) => only === undefined || service === only);
  const answers = await Promise.all(
    asked.map(async ({ address }): Promise<BrokerView | undefined> => {
      try {
        return await viewOf({ address, timeoutMs, signal });
      } catch (error) {
        if (signal?.aborted === true) throw new Error(messageOf(error), { cause: error });
        return undefined;
      }
    }),
  );
  return judgeViews(expected, answers, asked);
}

/** Compares what the brokers that were asked said (undefined: no answer) with what is expected. Pure. */
export function judgeViews(
  expected: readonly ExpectedBroker[],
  answers: readonly (BrokerView | undefined)[],
  asked: readonly ExpectedBroker[] = expected,
): ProbeResult {
  let clusterId: string | null | undefined;
  for (const [index, broker] of asked.entries()) {
    const waitingFor = complaintOf(broker, answers[index], expected);
    if (waitingFor !== undefined) return { ready: false, waitingFor };
    const own = answers[index]?.clusterId ?? null;
    if (clusterId !== undefined && own !== clusterId) {
      return {
        ready: false,
        waitingFor: `${broker.service} belongs to cluster ${own}, the others to ${clusterId}`,
      };
    }
    clusterId = own;
  }
  return { ready: true };
}

function complaintOf(
  broker: ExpectedBroker,
  view: BrokerView | undefined,
  expected: readonly ExpectedBroker[],
): string | undefined {
  if (view === undefined) {
    return `${broker.service} does not answer on ${broker.address.host}:${broker.address.port}`;
  }
  const ids = expected.map(({ id }) => id).toSorted((a, b) => a - b);
  const listed = view.brokers.map(({ id }) => id).toSorted((a, b) => a - b);
  if (listed.join() !== ids.join()) {
    const found = listed.length === 0 ? "no brokers" : `brokers ${listed.join(", ")}`;
    return `${broker.service} lists ${found} of ${ids.join(", ")}`;
  }
  for (const { id, service, address } of expected) {
    const node = view.brokers.find((one) => one.id === id);
    if (node !== undefined && (node.port !== address.port || node.host !== address.host)) {
      return `${broker.service} says that ${service} is at ${node.host}:${node.port}, not ${address.host}:${address.port}`;
    }
  }
  if (!ids.includes(view.controllerId)) return `${broker.service} knows no controller`;
  return view.clusterId === null ? `${broker.service} knows no cluster id` : undefined;
}
