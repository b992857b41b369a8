import { judge } from "../delivery.ts";
import type { KafkaCheck, Judgement, Registry } from "../model.ts";
import { askTime, judgeUntil } from "../patience.ts";

export const zookeeperCheck: KafkaCheck = {
  name: "zookeeper",
  proves: "ZooKeeper lists exactly the live brokers, and one of them as the controller",
  lacks: ({ mode }) => (mode === "zookeeper" ? undefined : "the brokers run without ZooKeeper"),
  async run({ cluster, timeoutMs, signal }) {
    const live = cluster.brokers.filter(({ published }) => published !== undefined);
    return judgeUntil({
      // Brokers hear of a new controller a moment after ZooKeeper does.
      attempt: async (either) => {
        const [registry, answers] = await Promise.all([
          cluster.registry(either),
          Promise.all(live.map((broker) => cluster.answerOf(broker).catch(() => undefined))),
        ]);
        return judgeRegistry({
          live: live.map(({ id }) => id),
          registry,
          named: answers.flatMap((answer) => answer?.controllerId ?? []),
        });
      },
      timeoutMs: askTime(timeoutMs),
      signal,
    });
  },
};

/** Pure. */
export function judgeRegistry(seen: {
  readonly live: readonly number[];
  readonly registry: Registry;
  /** The controller that each broker names, of those that answer. */
  readonly named: readonly number[];
}): Judgement {
  const { live, registry, named } = seen;
  const { brokerIds, controllerId } = registry;
  const missing = live.filter((id) => !brokerIds.includes(id));
  const extra = brokerIds.filter((id) => !live.includes(id));
  const faults: string[] = [];
  if (missing.length > 0) faults.push(`broker ${missing.join(", ")} runs but is not listed`);
  if (extra.length > 0) faults.push(`broker ${extra.join(", ")} is listed but does not run`);
  if (controllerId === undefined) faults.push("no controller");
  else if (!live.includes(controllerId)) {
    faults.push(`controller ${controllerId} is no live broker`);
  }
  const others = named.filter((id) => id !== controllerId);
  if (others.length > 0) {
    faults.push(`ZooKeeper's controller is ${controllerId}, brokers name ${others.join(", ")}`);
  }
  if (faults.length > 0) return judge(false, faults.join("; "));
  return judge(
    live.length > 0,
    `brokers ${brokerIds.join(", ")} of ${live.join(", ")} listed, controller ${controllerId}`,
  );
}
