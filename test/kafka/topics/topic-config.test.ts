import { expect, test } from "vitest";
import { describeTopicConfigs } from "../../../src/kafka/topics/topic-config.ts";
import { ConnectionError } from "../../../src/kafka/connection/connection-error.ts";
import { scriptCluster } from "../../support/scripted-cluster.ts";

const entries = [{ key: "retention.ms", value: "1000", source: "topic" }];
const known = [{ name: "t", errorCode: 0, errorMessage: null, entries }];
const unknown = [{ name: "t", errorCode: 3, errorMessage: null, entries: [] }];
const config = new Map([["t", { "retention.ms": { value: "1000", source: "topic" } }]]);

test("takes the answer of a broker that knows the topic over an earlier refusal", async () => {
  const { cluster } = scriptCluster({
    answer: async ({ broker }) => {
      if (broker === 1) return unknown;
      await new Promise((resolve) => setTimeout(resolve, 20));
      return known;
    },
  });
  expect(await describeTopicConfigs(cluster, ["t"])).toEqual(config);
});

test("asks again while no broker knows the topic yet", async () => {
  const { cluster } = scriptCluster({ answer: ({ turn }) => (turn < 6 ? unknown : known) });
  expect(await describeTopicConfigs(cluster, ["t"])).toEqual(config);
});

test("asks again while brokers can't read configs from a ZooKeeper that restarts", async () => {
  const failed = [{ ...unknown[0], errorCode: -1 }];
  const { cluster } = scriptCluster({ answer: ({ turn }) => (turn < 6 ? failed : known) });
  expect(await describeTopicConfigs(cluster, ["t"])).toEqual(config);
});

test("asks again when all brokers lose the connection", async () => {
  const { cluster } = scriptCluster({
    answer: ({ turn }) => {
      if (turn < 6) throw new ConnectionError("lost", "broker closed the connection");
      return known;
    },
  });
  expect(await describeTopicConfigs(cluster, ["t"])).toEqual(config);
});

test("reports a missing right at once", async () => {
  const refused = [{ ...unknown[0], errorCode: 29 }];
  const { cluster, asked } = scriptCluster({ answer: () => refused });
  await expect(describeTopicConfigs(cluster, ["t"])).rejects.toMatchObject({
    why: expect.stringContaining("TOPIC_AUTHORIZATION_FAILED"),
  });
  expect(asked).toHaveLength(3);
});
