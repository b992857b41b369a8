import { DpError } from "../../errors.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { askController, requestMs } from "../cluster/controller.ts";
import { electionNotNeeded, errorText, noError } from "../protocol/error-codes.ts";
import type { PartitionAt, PartitionMetadata } from "../protocol/read-requests.ts";
import { electLeadersRequest } from "../protocol/reassign-requests.ts";

export interface PartitionToLead extends PartitionAt, Pick<PartitionMetadata, "leader"> {
  /** The first replica. */
  readonly preferred: number;
}

export interface Election extends PartitionAt {
  /** Broker ids: who led, who leads and who should; -1 is nobody. */
  readonly before: number;
  readonly leader: number;
  readonly preferred: number;
  readonly outcome: "elected" | "already" | "failed";
  /** Why it failed. */
  readonly why?: string;
}

/**
 * Makes the first replica of each partition its leader. One that leads already is no failure; one that
 * does not run or is not in sync is. Throws DpError with the broker's words when none could be tried.
 */
export async function electPreferredLeaders(
  cluster: Cluster,
  partitions: readonly PartitionToLead[],
): Promise<Election[]> {
  if (partitions.length === 0) return [];
  const { answer, isRepeated } = await askController(cluster, {
    request: electLeadersRequest(partitions, requestMs),
    action: "elect the preferred leaders",
    isChange: true,
    hint: `dp topic describe ${partitions[0]?.topic}`,
  });
  if (answer.errorCode !== noError) {
    throw new DpError({
      code: "kafka-failed",
      message: "the preferred leaders were not elected",
      why: errorText(answer.errorCode),
      next: "dp status",
    });
  }
  return partitions.map(({ topic, partition, leader, preferred }): Election => {
    const found = answer.partitions.find(
      (one) => one.topic === topic && one.partition === partition,
    );
    const place = { topic, partition, before: leader, preferred };
    switch (found?.errorCode) {
      case noError:
        return { ...place, leader: preferred, outcome: "elected" };
      case electionNotNeeded:
        // The first attempt may have made it the leader, and its answer been lost.
        return isRepeated
          ? { ...place, leader: preferred, outcome: leader === preferred ? "already" : "elected" }
          : { ...place, leader, outcome: "already" };
      default: {
        const why = found ? errorText(found.errorCode) : "the answer leaves it out";
        return { ...place, leader, outcome: "failed", why };
      }
    }
  });
}
