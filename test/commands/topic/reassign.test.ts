import { expect, test } from "vitest";
import { renderElections } from "../../../src/commands/topic/elect/elect.ts";
import {
  collectBrokers,
  collectReplicas,
  wishOf,
  type ReassignOptions,
} from "../../../src/commands/topic/reassign/options.ts";
import {
  describeMoves,
  renderMoves,
  renderOngoing,
} from "../../../src/commands/topic/reassign/view.ts";
import { DpError } from "../../../src/errors.ts";
import { plainStyle } from "../../../src/report/style.ts";

const view = { style: plainStyle, columns: undefined };

test("without an option what is being moved must be shown", () => {
  expect(wishOf({}, [])).toEqual({ kind: "show" });
  expect(wishOf({ off: [3], replication: 2 }, ["orders"])).toEqual({
    kind: "spread",
    replication: 2,
    off: [3],
    balance: false,
  });
});

test.each<[string, ReassignOptions, readonly string[]]>([
  ["two wishes at once", { cancel: true, balance: true }, []],
  ["replicas of no topic", { replicas: new Map([[0, [1]]]) }, []],
  ["replicas of two topics", { replicas: new Map([[0, [1]]]) }, ["orders", "payments"]],
  ["a replication of all topics", { replication: 2 }, []],
])("%s must be wrong usage", (_, options, topics) => {
  expect(() => wishOf(options, topics)).toThrow(DpError);
});

test("replicas and brokers must be read, one after another", () => {
  const replicas = collectReplicas("1=3", collectReplicas("0=2,1"));
  expect([...replicas]).toEqual([
    [0, [2, 1]],
    [1, [3]],
  ]);
  expect(collectBrokers("3", collectBrokers("2,3"))).toEqual([2, 3]);
  for (const wrong of ["0", "=1", "0=", "0=1,1", "0=a", "-1=2"]) {
    expect(() => collectReplicas(wrong), wrong).toThrow("like 0=2,3");
  }
  expect(() => collectBrokers("two")).toThrow("like 3 or 2,3");
});

test("a move must be shown from where to where", () => {
  const moves = [{ topic: "orders", partition: 0, before: [1, 2], after: [3, 1] }];
  expect(renderMoves(moves, view)).toBe(
    "TOPIC   PARTITION  BEFORE  AFTER\norders          0  1,2     3,1\n",
  );
  expect(renderMoves([], view)).toContain("nothing to move");
  const many = ["a", "b", "c", "d"].map((topic) => ({ topic }));
  expect(describeMoves(many)).toBe("4 partitions of a and 3 more topics");
  const ongoing = { topic: "orders", partition: 0, replicas: [3, 1], adding: [3], removing: [1] };
  expect(renderOngoing([ongoing], view)).toContain("orders          0  3,1       3       1");
});

test("an election must name what changed and what failed, and count the rest", () => {
  const place = { topic: "orders", before: 2, leader: 1, preferred: 1 };
  const text = renderElections(
    [
      { ...place, partition: 0, outcome: "elected" },
      { ...place, partition: 1, before: -1, leader: -1, outcome: "failed", why: "it is away" },
      { ...place, partition: 2, outcome: "already" },
    ],
    view,
  );
  expect(text.split("\n")).toEqual([
    "TOPIC   PARTITION  BEFORE  LEADER  OUTCOME",
    "orders          0       2       1  elected",
    "orders          1       -       -  1 not elected: it is away",
    "1 partition had the preferred leader already",
    "",
  ]);
});
