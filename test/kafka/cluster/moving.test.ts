import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { DpError } from "../../../src/errors.ts";
import {
  firstSuccess,
  OfflineError,
  prospectOf,
  retryWhileMoving,
} from "../../../src/kafka/cluster/moving.ts";
import { ConnectionError } from "../../../src/kafka/connection/connection-error.ts";
import { BrokerError } from "../../../src/kafka/protocol/error-codes.ts";
import { scriptCluster } from "../../support/scripted-cluster.ts";

const { cluster } = scriptCluster({ answer: () => undefined });
const isolated = { nodes: () => cluster.nodes(), hasReachedBroker: () => false };
const silentCluster = { nodes: () => [], hasReachedBroker: () => false };
const refused = new ConnectionError("refused", "connect ECONNREFUSED");
const noBroker = new DpError({
  code: "kafka-failed",
  message: "no broker answers",
  cause: refused,
});

test.each([
  ["a leader that moves", new BrokerError("ListOffsets", 6), cluster, "moving"],
  ["a coordinator that loads", new BrokerError("OffsetFetch", 14), cluster, "moving"],
  ["another controller", new BrokerError("CreateTopics", 41), cluster, "moving"],
  ["a missing right", new BrokerError("ListOffsets", 29), cluster, "final"],
  ["a frozen broker", new ConnectionError("no-answer", "silent"), cluster, "moving"],
  ["a lost connection", new ConnectionError("lost", "closed"), cluster, "moving"],
  ["a killed broker beside others", refused, cluster, "moving"],
  ["addresses that lead nowhere", refused, isolated, "out-of-reach"],
  ["a name that is not resolved", new ConnectionError("unresolved", "x"), cluster, "final"],
  ["a refused password", new ConnectionError("credentials", "x"), cluster, "final"],
  ["a partition whose brokers are missing", new OfflineError("t-0"), cluster, "out-of-reach"],
  ["brokers that all went away", noBroker, cluster, "out-of-reach"],
  ["brokers that never responded", noBroker, silentCluster, "final"],
  ["an unknown topic", new DpError({ code: "unknown-topic", message: "x" }), cluster, "final"],
])("classifies %s", (_, thrown, where, prospect) => {
  expect(prospectOf(thrown, where)).toBe(prospect);
});

describe("with time that tests control", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  async function timeOf(failure: () => unknown): Promise<{ ms: number; thrown: unknown }> {
    const startedAt = performance.now();
    const attempt = async (): Promise<never> => {
      throw failure();
    };
    const retrying = retryWhileMoving({ cluster, attempt }).catch((thrown: unknown) => {
      return { ms: performance.now() - startedAt, thrown };
    });
    await vi.advanceTimersByTimeAsync(60_000);
    return retrying;
  }

  test("looks for a leader that moves for 30 s", async () => {
    const { ms, thrown } = await timeOf(() => new BrokerError("t partition 0", 6));
    expect(thrown).toMatchObject({ code: 6 });
    expect(ms).toBe(30_000);
  });

  test("keeps the cluster's patience where brokers are out of reach", async () => {
    const { ms } = await timeOf(() => new OfflineError("t partition 0 has no leader"));
    expect(ms).toBeGreaterThan(1500);
    expect(ms).toBeLessThan(2000);
  });

  test("throws what is certain at once", async () => {
    const { ms } = await timeOf(() => new BrokerError("t partition 0", 29));
    expect(ms).toBe(0);
  });

  test("returns the first success after leaders have moved", async () => {
    let turn = 0;
    const attempt = async (): Promise<number> => {
      if (turn++ < 50) throw new BrokerError("t partition 0", 6);
      return turn;
    };
    const retrying = retryWhileMoving({ cluster, attempt });
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await retrying).toBe(51);
  });

  test("ends with the signal's reason as soon as it is aborted", async () => {
    const stop = new AbortController();
    const attempt = async (): Promise<never> => {
      throw new BrokerError("t partition 0", 6);
    };
    const retrying = retryWhileMoving({ cluster, attempt, signal: stop.signal });
    const ended = retrying.catch((thrown: unknown) => thrown);
    await vi.advanceTimersByTimeAsync(1000);
    stop.abort(new Error("stopped"));
    expect(await ended).toEqual(new Error("stopped"));
  });
});

test("reports which attempts may be carried out without an answer", async () => {
  const failures = [new ConnectionError("lost", "closed"), refused, new BrokerError("x", 41)];
  const unanswered: unknown[] = [];
  const attempt = async (): Promise<string> => {
    const failure = failures.shift();
    if (failure !== undefined) throw failure;
    return "done";
  };
  const onUnanswered = (thrown: unknown) => void unanswered.push(thrown);
  expect(await retryWhileMoving({ cluster, attempt, onUnanswered })).toBe("done");
  expect(unanswered).toEqual([expect.objectContaining({ fault: "lost" })]);
});

test("takes a success of one broker over failures of others", async () => {
  const failed = Promise.reject(new BrokerError("FindCoordinator", 15));
  expect(await firstSuccess(cluster, [failed, Promise.resolve(2)])).toBe(2);
});

test("throws the failure that no later attempt changes", async () => {
  const asked = [15, 30, 15].map((code) =>
    Promise.reject(new BrokerError("FindCoordinator", code)),
  );
  await expect(firstSuccess(cluster, asked)).rejects.toMatchObject({ code: 30 });
});
