import { judge } from "../delivery.ts";
import { askTime } from "../patience.ts";
import type { KafkaCheck, Judgement, Sighting } from "../model.ts";
import { silenceSignal } from "../../async/silence.ts";
import { sleep } from "../../async/timers.ts";
import { withAbort } from "../../async/with-timeout.ts";

const roundMs = 20;

/** What the brokers said of the topic, and how long it took until they agreed. */
export interface Sightings {
  readonly brokers: readonly Sighting[];
  readonly afterMs: number;
}

export const topicsCheck: KafkaCheck = {
  name: "topics",
  proves: "A topic is created, visible on every broker, deleted, and gone from every broker",
  async run({ cluster, canaries, timeoutMs, signal }) {
    const partitions = 2;
    const name = canaries.name("topics");
    const alive = cluster.brokers.filter(({ published }) => published !== undefined).length;
    const watch = async (wanted: Wanted): Promise<Sightings> => {
      const started = performance.now();
      const { signal: late, cancel } = silenceSignal(askTime(timeoutMs));
      try {
        for (;;) {
          const brokers = await withAbort(cluster.sightingsOf(name), signal);
          const afterMs = performance.now() - started;
          const agreed = complaintsAbout(brokers, wanted).length === 0;
          if (agreed || late.aborted) return { brokers, afterMs };
          await sleep(roundMs, signal);
        }
      } finally {
        cancel();
      }
    };
    signal.throwIfAborted();
    await cluster.createTopic({ name, partitions, replication: Math.min(3, alive) });
    const created = await watch({ partitions });
    await cluster.deleteTopic(name);
    return judgeTopics({ created, deleted: await watch("gone"), partitions });
  },
};

type Wanted = { readonly partitions: number } | "gone";

/** Every broker knew it with all its leaders, and none knows it now. Pure. */
export function judgeTopics(seen: {
  readonly created: Sightings;
  readonly deleted: Sightings;
  readonly partitions: number;
}): Judgement {
  const { created, deleted, partitions } = seen;
  const brokers = created.brokers.length;
  const faults = [
    ...complaintsAbout(created.brokers, { partitions }).map((one) => `created, but ${one}`),
    ...complaintsAbout(deleted.brokers, "gone").map((one) => `deleted, but ${one}`),
  ];
  if (deleted.brokers.length !== brokers) {
    faults.push(`${brokers} brokers were asked before, ${deleted.brokers.length} after`);
  }
  if (faults.length > 0) return judge(false, faults.join("; "));
  const [seenAfter, goneAfter] = [created, deleted].map(({ afterMs }) => Math.round(afterMs));
  return judge(
    brokers > 0,
    `seen by ${brokers} of ${brokers} brokers after ${seenAfter} ms, gone from all after ${goneAfter} ms`,
  );
}

/** Who does not see the topic as wanted. Pure. */
export function complaintsAbout(brokers: readonly Sighting[], wanted: Wanted): string[] {
  return brokers.flatMap(({ brokerId, partitions, problem }) => {
    const who = `broker ${brokerId}`;
    if (problem !== undefined) return [`${who}: ${problem}`];
    if (wanted === "gone") {
      return partitions.length > 0 ? [`${who} still has it`] : [];
    }
    if (partitions.length !== wanted.partitions) {
      return [`${who} has ${partitions.length} of ${wanted.partitions} partitions`];
    }
    const leaderless = partitions.find(({ leader }) => leader < 0);
    return leaderless ? [`${who} knows no leader of partition ${leaderless.partition}`] : [];
  });
}
