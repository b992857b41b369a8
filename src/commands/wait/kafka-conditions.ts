import { observeStack } from "../../docker/stack/observe.ts";
import { DpError } from "../../errors.ts";
import { openCluster, type Cluster } from "../../kafka/cluster/cluster.ts";
import { lagOf } from "../../kafka/groups/lag.ts";
import { createRecordCounter, type RecordCounter } from "../../kafka/read/count-records.ts";
import { formatCount } from "../../report/format.ts";
import { runningBrokers, type FoundStack } from "../../app/stack/running.ts";
import { lookOrUnknown, type Condition, type Look } from "./condition.ts";

const pauseMs = 200;

interface Wanted {
  readonly name: string;
  readonly count: number;
}

/** A topic holds N committed records: those that retention and compaction have left. */
export function topicCondition(found: FoundStack, { name, count }: Wanted): Condition {
  const counter = createRecordCounter(name);
  return onCluster(found, {
    target: `topic ${name}`,
    look: async (cluster, signal) => {
      const held = await countIfKnown(counter, { cluster, most: count, signal });
      if (held === undefined) return { state: "missing", text: "there is no such topic yet" };
      if (held >= count) {
        return { state: "met", text: `holds at least ${formatCount(count, "record")}` };
      }
      return { state: "missing", text: `holds ${held} of ${formatCount(count, "record")}` };
    },
  });
}

/** A group has committed all but so many records of its topics. */
export function groupCondition(found: FoundStack, { name, count }: Wanted): Condition {
  return onCluster(found, {
    target: `group ${name}`,
    look: async (cluster, signal) => {
      const lag = await lagOf(cluster, { group: name, signal });
      if (lag === undefined) return { state: "missing", text: "it has committed nothing yet" };
      const text = `is ${formatCount(lag, "record")} behind`;
      return lag <= count ? { state: "met", text } : { state: "missing", text };
    },
  });
}

/** Undefined for a topic that does not exist. */
async function countIfKnown(
  counter: RecordCounter,
  asked: Parameters<RecordCounter["count"]>[0],
): Promise<number | undefined> {
  try {
    return await counter.count(asked);
  } catch (thrown) {
    if (thrown instanceof DpError && thrown.code === "unknown-topic") return undefined;
    throw thrown;
  }
}

/** The brokers may still have to start, or move: they are looked for again whenever one failed. */
function onCluster(
  found: FoundStack,
  wanted: {
    readonly target: string;
    readonly look: (cluster: Cluster, signal: AbortSignal) => Promise<Look>;
  },
): Condition {
  let cluster: Cluster | undefined;
  const close = (): void => {
    cluster?.close();
    cluster = undefined;
  };
  return {
    target: wanted.target,
    pauseMs,
    close,
    look: async (signal) => {
      const look = await lookOrUnknown(signal, async () => {
        cluster ??= await openStackCluster(found, signal);
        return wanted.look(cluster, signal);
      });
      if (look.state === "unknown") close();
      return look;
    },
  };
}

async function openStackCluster(found: FoundStack, signal: AbortSignal): Promise<Cluster> {
  const observed = await observeStack(found.engine, found.name, signal);
  const brokers = runningBrokers({ ...found, observed });
  return openCluster({ bootstrap: brokers.map(({ address }) => address), signal });
}
