import { expect, test } from "vitest";
import { judgeViews, type BrokerView } from "../../../src/kafka/cluster/probe.ts";

const address = (port: number) => ({ host: "127.0.0.1", port });
const expected = [1, 2].map((id) => ({ id, service: `kafka-${id}`, address: address(9000 + id) }));
const view: BrokerView = {
  brokers: [
    { id: 2, ...address(9002) },
    { id: 1, ...address(9001) },
  ],
  controllerId: 1,
  clusterId: "c",
};

test("brokers that agree must be ready", () => {
  expect(judgeViews(expected, [view, view])).toEqual({ ready: true });
});

test.each<[string, BrokerView | undefined]>([
  ["kafka-2 does not answer on 127.0.0.1:9002", undefined],
  ["kafka-2 lists brokers 1 of 1, 2", { ...view, brokers: view.brokers.slice(1) }],
  ["kafka-2 lists no brokers of 1, 2", { ...view, brokers: [] }],
  ["kafka-2 knows no controller", { ...view, controllerId: -1 }],
  ["kafka-2 knows no cluster id", { ...view, clusterId: null }],
  ["kafka-2 belongs to cluster d, the others to c", { ...view, clusterId: "d" }],
  [
    "kafka-2 says that kafka-1 is at 127.0.0.1:9999, not 127.0.0.1:9001",
    {
      ...view,
      brokers: [
        { id: 1, ...address(9999) },
        { id: 2, ...address(9002) },
      ],
    },
  ],
])("what is missing must be said: %s", (waitingFor, second) => {
  expect(judgeViews(expected, [view, second])).toEqual({ ready: false, waitingFor });
});
