import { askTime, judgeUntil } from "../patience.ts";
import { judge } from "../delivery.ts";
import type { KafkaCheck, Judgement, Quorum } from "../model.ts";

export const quorumCheck: KafkaCheck = {
  name: "quorum",
  proves: "The KRaft quorum has a leader, and all its voters are present",
  lacks: ({ mode }) => (mode === "kraft" ? undefined : "the brokers run with ZooKeeper"),
  async run({ cluster, timeoutMs, signal }) {
    const live = cluster.brokers.filter(({ published }) => published !== undefined);
    return judgeUntil({
      attempt: async () =>
        judgeQuorum({
          nodes: cluster.brokers.map(({ id }) => id),
          live: live.map(({ id }) => id),
          quorum: await cluster.quorum(),
        }),
      timeoutMs: askTime(timeoutMs),
      signal,
    });
  },
};

/** Every voter is a node of the stack that runs, and one of them leads. Pure. */
export function judgeQuorum(seen: {
  readonly nodes: readonly number[];
  readonly live: readonly number[];
  readonly quorum: Quorum;
}): Judgement {
  const { nodes, live, quorum } = seen;
  const { leaderId, voters } = quorum;
  const faults: string[] = [];
  const down = voters.filter((id) => !live.includes(id));
  if (down.length > 0) faults.push(`voter ${down.join(", ")} does not run`);
  if (leaderId < 0) faults.push("no leader");
  else if (!voters.includes(leaderId)) faults.push(`leader ${leaderId} is no voter`);
  if (faults.length > 0) return judge(false, faults.join("; "));
  return judge(
    voters.length > 0,
    `leader ${leaderId}, voters ${voters.join(", ")} of ${nodes.join(", ")}`,
  );
}
