import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import {
  addPartitions,
  createTopic,
  createTopics,
  deleteTopics,
} from "../../../src/kafka/topics/admin.ts";
import { ConnectionError } from "../../../src/kafka/connection/connection-error.ts";
import { scriptCluster, topicLedBy, type AskedRequest } from "../../support/scripted-cluster.ts";

const wanted = { name: "orders", partitions: 2, replication: 1, config: {} };
const lost = new ConnectionError("lost", "b:1 closed the connection");
const silent = new ConnectionError("no-answer", "b:1 did not answer DeleteTopics within 11000 ms");
const result = (errorCode: number) => [{ name: "orders", errorCode, errorMessage: null }];

/** The first attempt does `effect` and gets no answer; later ones get `code`. */
function loseFirst(effect: () => void, code: number) {
  return ({ turn }: AskedRequest) => {
    if (turn > 0) return result(code);
    effect();
    throw lost;
  };
}

test("counts a topic as created that an attempt without an answer created", async () => {
  const topics: ReturnType<typeof topicLedBy>[] = [];
  const create = () => void topics.push(topicLedBy("orders", [1, 2]));
  const { cluster } = scriptCluster({ topics: () => topics, answer: loseFirst(create, 36) });
  const outcome = { created: ["orders"], existing: [], failures: [] };
  expect(await createTopics(cluster, [wanted])).toEqual(outcome);
});

test.each([
  ["existed before", [topicLedBy("orders", [1, 2])], () => {}],
  ["has another number of partitions", [], () => topicLedBy("orders", [1])],
])("reports a topic as existing that %s", async (_, before, made) => {
  const topics = [...before];
  const create = () => {
    const topic = made();
    if (topic !== undefined) topics.push(topic);
  };
  const { cluster } = scriptCluster({ topics: () => topics, answer: loseFirst(create, 36) });
  expect(await createTopics(cluster, [wanted])).toMatchObject({
    created: [],
    existing: ["orders"],
  });
});

test("counts a topic as created whose leaders were not chosen in time", async () => {
  const topics: ReturnType<typeof topicLedBy>[] = [];
  const answer = () => {
    topics.push(topicLedBy("orders", [1, 2]));
    return result(7);
  };
  const { cluster } = scriptCluster({ topics: () => topics, answer });
  expect(await createTopics(cluster, [wanted])).toMatchObject({ created: ["orders"] });
});

test("reports that a topic already exists when the first answer says so", async () => {
  const { cluster } = scriptCluster({ answer: () => result(36) });
  await expect(createTopic(cluster, wanted)).rejects.toMatchObject({
    message: 'topic "orders" exists already',
  });
});

test("counts a topic as deleted that an attempt without an answer deleted", async () => {
  let topics = [topicLedBy("orders", [1])];
  const answer = loseFirst(() => (topics = []), 3);
  const { cluster } = scriptCluster({ topics: () => topics, answer });
  expect(await deleteTopics(cluster, ["orders"])).toEqual({ deleted: ["orders"], failures: [] });
});

test("reports an unknown topic when only an answered attempt was made", async () => {
  const topics = [topicLedBy("orders", [1])];
  const { cluster } = scriptCluster({ topics: () => topics, answer: () => result(3) });
  const { failures } = await deleteTopics(cluster, ["orders"]);
  expect(failures).toMatchObject([{ code: "unknown-topic" }]);
});

test("counts partitions as added that an attempt without an answer added", async () => {
  let topics = [topicLedBy("orders", [1])];
  const answer = loseFirst(() => (topics = [topicLedBy("orders", [1, 2, 3])]), 37);
  const { cluster, asked } = scriptCluster({ topics: () => topics, answer });
  await addPartitions(cluster, "orders", { partitions: 3 });
  expect(asked).toHaveLength(2);
});

test("refuses fewer partitions when only an answered attempt was made", async () => {
  const topics = [topicLedBy("orders", [1, 2, 3])];
  const { cluster } = scriptCluster({ topics: () => topics, answer: () => result(37) });
  await expect(addPartitions(cluster, "orders", { partitions: 3 })).rejects.toMatchObject({
    why: expect.stringContaining("INVALID_PARTITIONS"),
  });
});

describe("a controller that does not respond for 30 s", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  async function deleteFrom(apis: readonly number[]): Promise<unknown> {
    const { cluster } = scriptCluster({
      topics: () => [topicLedBy("orders", [1])],
      answer: async ({ name }) => {
        if (name === "ApiVersions") return { apis: apis.map((apiKey) => ({ apiKey })) };
        await new Promise((resolve) => setTimeout(resolve, 11_000));
        throw silent;
      },
    });
    const deleting = deleteTopics(cluster, ["orders"]).catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(40_000);
    return deleting;
  }

  test("is reported as a deletion that may still be carried out, with ZooKeeper", async () => {
    expect(await deleteFrom([0, 3])).toMatchObject({
      code: "kafka-failed",
      message: 'can\'t delete topic "orders"',
      why: `broker 1: ${silent.message}. DeleteTopics may still be carried out. The controller may be waiting for ZooKeeper`,
      next: "dp topic list",
    });
  });

  test("is reported without ZooKeeper where the brokers have a quorum", async () => {
    expect(await deleteFrom([0, 3, 55])).toMatchObject({
      why: `broker 1: ${silent.message}. DeleteTopics may still be carried out`,
    });
  });
});

test("names no request as open that was never sent", async () => {
  const refused = new ConnectionError("credentials", "b:1 refuses user me");
  const { cluster } = scriptCluster({
    answer: () => {
      throw refused;
    },
  });
  await expect(createTopic(cluster, wanted)).rejects.toMatchObject({
    message: 'can\'t create topic "orders"',
    why: "broker 1: b:1 refuses user me",
  });
});
