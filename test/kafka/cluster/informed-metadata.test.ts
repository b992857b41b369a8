import { expect, test, vi } from "vitest";
import { askUntilInformed } from "../../../src/kafka/cluster/informed-metadata.ts";
import { ConnectionError, type Fault } from "../../../src/kafka/connection/connection-error.ts";
import type { Metadata } from "../../../src/kafka/protocol/read-requests.ts";
import { topicLedBy } from "../../support/scripted-cluster.ts";

const node = (id: number) => ({ id, host: "b", port: id });
const unknown = { name: "t", errorCode: 3, internal: false, partitions: [] };

function metadata(brokers: number, topic: Metadata["topics"][number] = unknown): Metadata {
  const nodes = Array.from({ length: brokers }, (_, index) => node(index + 1));
  return { brokers: nodes, clusterId: "c", controllerId: 1, topics: [topic] };
}

const later = <T>(value: T): Promise<T> =>
  new Promise((resolve) => setTimeout(() => resolve(value), 20));
const known = metadata(3, topicLedBy("t", [1]));

test("takes the first answer that knows the topic, without waiting for others", async () => {
  const never = new Promise<Metadata>(() => {});
  const asked = [Promise.resolve(metadata(3)), never, later(known)];
  expect(await askUntilInformed(1000, () => asked)).toBe(known);
});

test("takes the answer that knows most when no broker knows the topic", async () => {
  const most = metadata(3);
  const asked = [Promise.resolve(metadata(2)), later(most), Promise.reject(new Error("lost"))];
  expect(await askUntilInformed(1000, () => asked)).toBe(most);
});

test("asks again while the only broker names no brokers", async () => {
  const answers = [metadata(0), metadata(0), known];
  const ask = () => [Promise.resolve(answers.shift() ?? known)];
  expect(await askUntilInformed(1000, ask)).toBe(known);
});

test("returns what a broker knows when the patience has ended", async () => {
  const nothing = metadata(0);
  expect(await askUntilInformed(0, () => [later(nothing)])).toBe(nothing);
});

test("rejects with the reason of each address when none answers", async () => {
  const asked = [Promise.reject(new Error("a")), Promise.reject(new Error("b"))];
  await expect(askUntilInformed(1000, () => asked)).rejects.toMatchObject({
    errors: [new Error("a"), new Error("b")],
  });
});

test.each<Fault>(["unreachable", "no-answer", "lost"])(
  "asks again after silence that may pass: %s",
  async (fault) => {
    const answers = [Promise.reject(new ConnectionError(fault, "1")), Promise.resolve(known)];
    expect(await askUntilInformed(1000, () => answers.splice(0, 1))).toBe(known);
  },
);

test.each<Fault>(["refused", "credentials", "aborted"])(
  "fails at once when it is %s",
  async (fault) => {
    const asked = vi.fn<() => Promise<Metadata>[]>(() => [
      Promise.reject(new ConnectionError(fault, "1")),
    ]);
    await expect(askUntilInformed(1000, asked)).rejects.toThrow(AggregateError);
    expect(asked).toHaveBeenCalledTimes(1);
  },
);
