import { messageOf } from "../../errors.ts";
import { judge } from "../delivery.ts";
import type { BrokerAnswer, KafkaCheck, Judgement, SmokeBroker } from "../model.ts";
import { askTime, retryWhileWaiting, timeLeft } from "../patience.ts";
import { findPartitions, firstLed, roundTrip, type RoundTrip } from "../round-trip.ts";
import { isTimeout } from "../../async/with-timeout.ts";

const recordsPerBroker = 10;

/** What one broker was seen to do. */
export interface BrokerProof {
  readonly broker: SmokeBroker;
  /** Its own words; a string is why there are none. */
  readonly answer: BrokerAnswer | string;
  /** Undefined when it was not tried; a string is why it failed. */
  readonly trip: RoundTrip | string | undefined;
}

export const brokersCheck: KafkaCheck = {
  name: "brokers",
  proves: "Each broker accepts and returns records of its partitions on its published address",
  async run({ cluster, canaries, timeoutMs, signal }) {
    const startedAt = performance.now();
    const answers = await Promise.all(
      cluster.brokers.map(async (broker) => ({
        broker,
        answer: await retryWhileWaiting({
          attempt: () => cluster.answerOf(broker),
          // The engine knows for certain that a container does not run.
          isRetriable: () => broker.published !== undefined,
          timeoutMs: askTime(timeoutMs),
          signal,
        }).catch((thrown: unknown) => {
          signal.throwIfAborted();
          return isTimeout(thrown) ? "no answer" : messageOf(thrown);
        }),
      })),
    );
    const alive = answers.filter(({ answer }) => typeof answer !== "string");
    if (alive.length === 0) {
      return judgeBrokers(answers.map((proof) => ({ ...proof, trip: undefined })));
    }
    let leaders: ReadonlyMap<number, number>;
    let topic: string;
    try {
      ({ name: topic } = await canaries.topic("canary"));
      const limit = { timeoutMs: timeLeft(timeoutMs, startedAt), signal };
      leaders = firstLed(await findPartitions(cluster, topic, limit));
    } catch (error) {
      // A broker that does not answer is the news, not the topic that can't be made without it.
      if (alive.length === answers.length || signal.aborted) throw error;
      return judgeBrokers(answers.map((proof) => ({ ...proof, trip: undefined })));
    }
    const proofs = await Promise.all(
      answers.map(async ({ broker, answer }): Promise<BrokerProof> => {
        if (typeof answer === "string") return { broker, answer, trip: undefined };
        const partition = leaders.get(broker.id);
        if (partition === undefined) return { broker, answer, trip: "leads no partition" };
        const trip = roundTrip({
          cluster,
          topic,
          partition,
          tag: "brokers",
          count: recordsPerBroker,
          acks: 1,
          timeoutMs: timeLeft(timeoutMs, startedAt),
          signal,
        });
        return { broker, answer, trip: await trip.catch(messageOf) };
      }),
    );
    return judgeBrokers(proofs);
  },
};

/** Every broker runs, answers under the address it advertises, and returned all it took. Pure. */
export function judgeBrokers(proofs: readonly BrokerProof[]): Judgement {
  const complaints = proofs.flatMap(complaintOf);
  if (complaints.length > 0) return judge(false, complaints.join("; "));
  const addresses = proofs.map(({ broker }) => broker.published).join(", ");
  const brokers = `${proofs.length} of ${proofs.length} brokers`;
  return judge(
    proofs.length > 0,
    `${brokers} took and returned ${recordsPerBroker} records each: ${addresses}`,
  );
}

function complaintOf({ broker, answer, trip }: BrokerProof): string[] {
  const { service, published, state } = broker;
  if (published === undefined) return [`${service} is ${state}`];
  if (typeof answer === "string") return [`${service} on ${published}: ${answer}`];
  if (answer.advertised !== published) {
    return [`${service} on ${published} advertises ${answer.advertised ?? "nothing"}`];
  }
  if (typeof trip === "string") return [`${service} on ${published}: ${trip}`];
  if (trip === undefined) return [];
  if (trip.problem !== undefined) return [`${service} on ${published}: ${trip.problem}`];
  return [];
}
