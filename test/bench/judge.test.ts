import { expect, test } from "vitest";
import { judge, median, type Row } from "../../bench/judge.ts";

const row: Row = {
  name: "up",
  unit: "ms",
  ours: 650,
  peer: { name: "peer", value: 1000 },
  limit: { kind: "ratio", most: 0.65 },
};

test("the median must be the middle, and of an even number the mean of the middle two", () => {
  expect(median([30, 10, 20])).toBe(20);
  expect(median([40, 10, 30, 20])).toBe(25);
  expect(median([7])).toBe(7);
  expect(median([])).toBeNaN();
});

test("a median must not reorder what it is given", () => {
  const values = [3, 1, 2];
  median(values);
  expect(values).toEqual([3, 1, 2]);
});

test("a ratio must hold up to its limit and no further", () => {
  expect(judge(row)).toBe("ok");
  expect(judge({ ...row, ours: 651 })).toBe("over");
});

test("an excess must be taken over the peer", () => {
  const limit = { kind: "excess", mostMs: 250 } as const;
  expect(judge({ ...row, ours: 1250, limit })).toBe("ok");
  expect(judge({ ...row, ours: 1251, limit })).toBe("over");
});

test("a figure by itself must be compared with its limit alone", () => {
  const alone: Row = { ...row, peer: undefined, limit: { kind: "absolute", most: 1000 } };
  expect(judge(alone)).toBe("ok");
  expect(judge({ ...alone, ours: 1001 })).toBe("over");
});

test("a peer that could not be had must never count as passed", () => {
  const peer = { name: "peer", value: undefined };
  expect(judge({ ...row, peer })).toBe("not measured");
  expect(judge({ ...row, peer, limit: { kind: "excess", mostMs: 9000 } })).toBe("not measured");
  expect(judge({ ...row, peer, limit: { kind: "none" } })).toBe("not measured");
});

test("a part of ours that could not be run must count as failed", () => {
  expect(judge({ ...row, ours: undefined })).toBe("failed");
  expect(judge({ ...row, ours: undefined, limit: { kind: "none" } })).toBe("failed");
});

test("a figure that is no number must never count as passed", () => {
  expect(judge({ ...row, ours: Number.NaN })).toBe("over");
});

test("a rate must be at least its limit", () => {
  const rate: Row = { ...row, unit: "records/s", peer: undefined, ours: 10_000 };
  const limit = { kind: "rate", least: 10_000 } as const;
  expect(judge({ ...rate, limit })).toBe("ok");
  expect(judge({ ...rate, ours: 9999, limit })).toBe("over");
});
