import { setTimeout as sleep } from "node:timers/promises";
import { DpError, messageOf } from "../../errors.ts";
import { missingRight } from "../cluster/advice.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { patience } from "../connection/patience.ts";
import { initProducerIdRequest, type ProducerIdentity } from "../protocol/coordination-requests.ts";
import { errorName, errorText, isMoving, noError } from "../protocol/error-codes.ts";

const askMs = 3000;
const backOffMs = 100;

/**
 * A producer id that nobody had before. A broker that has just started can't give one at once: all are
 * asked in turn for 30 s. Throws DpError `kafka-failed` with the last reason.
 */
export async function requestProducer(options: {
  readonly cluster: Cluster;
  /** What it is for: who may write to a topic may have one. */
  readonly topic: string;
  readonly signal?: AbortSignal | undefined;
}): Promise<ProducerIdentity> {
  const { cluster, topic, signal } = options;
  const deadline = performance.now() + patience.movingMs;
  for (let turn = 0; ; turn++) {
    signal?.throwIfAborted();
    const nodes = cluster.nodes();
    const node = nodes[turn % nodes.length];
    let why = "no broker is known";
    let next = "--acks 1 does without, and may write records twice when a broker fails";
    let mayPass = true;
    try {
      const answer = await cluster.ask(node?.id ?? -1, initProducerIdRequest(), askMs);
      if (answer.errorCode === noError) return answer;
      why = errorText(answer.errorCode);
      if (errorName(answer.errorCode) === forbidden) next = missingRight("Write", topic);
      mayPass = isMoving(answer.errorCode);
    } catch (error) {
      why = messageOf(error);
    }
    if (!mayPass || performance.now() > deadline) {
      throw new DpError({
        code: "kafka-failed",
        message: "the brokers give no producer id, which writing each record once needs",
        why,
        next,
      });
    }
    if (turn >= nodes.length - 1) await sleep(backOffMs);
  }
}

/** A producer id is for who may write to any topic (KIP-679). */
const forbidden = "CLUSTER_AUTHORIZATION_FAILED";
