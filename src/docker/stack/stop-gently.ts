import type Dockerode from "dockerode";
import { sleep } from "../../async/timers.ts";
import type { ObservedContainer } from "../../model/containers.ts";
import { isUp } from "../../stack/observed.ts";
import { kafkaDataPath } from "../../stack/services/kafka.ts";
import { isController } from "../../stack/stop-order.ts";
import { stopContainer } from "../engine/engine-calls.ts";

/** Kafka's LogManager writes it when every log is on disk and closed, and removes it when it has started. */
const closedMark = `${kafkaDataPath}/.kafka_cleanshutdown`;
const pauseMs = 100;
/** More than a node takes to hand over to a quorum that is there. */
const handOverMs = 500;

/**
 * A way to stop containers that are to go together, each within its own limit (StopTimeout). The last
 * controllers of KRaft wait 5 s for a majority to hand over to, which is gone
 * (KafkaRaftClientDriver.shutdown): they are killed when the logs of all of them are closed. That loses
 * nothing: records of the metadata are on disk before they count (KIP-595).
 */
export function gentleStop(
  client: Dockerode,
  containers: readonly ObservedContainer[],
): (one: ObservedContainer) => Promise<void> {
  const open = new Set(
    containers.filter((one) => isUp(one) && isController(one)).map(({ id }) => id),
  );
  const killWhenClosed = async (id: string, signal: AbortSignal): Promise<void> => {
    const container = client.getContainer(id);
    while (!(await hasClosedLogs(container))) await sleep(pauseMs, signal);
    open.delete(id);
    // The others need the quorum until then.
    while (open.size > 0) await sleep(pauseMs, signal);
    await sleep(handOverMs, signal);
    await container.kill();
  };
  return async (one) => {
    const { id } = one;
    const stopping = stopContainer(client, id);
    if (!isController(one)) return stopping;
    const stopped = new AbortController();
    // The stop alone decides: why a kill came to nothing does not matter.
    const killing = killWhenClosed(id, stopped.signal).catch(() => undefined);
    try {
      await stopping;
    } finally {
      open.delete(id);
      stopped.abort();
      await killing;
    }
  };
}

/** Whether a broker has shut down all its logs since its last start. */
export function hasClosedLogs(container: Dockerode.Container): Promise<boolean> {
  return container.infoArchive({ path: closedMark }).then(
    () => true,
    () => false,
  );
}
