import { expect, test } from "vitest";
import { nearest } from "../../src/stack/nearest.ts";

const topics = ["orders", "orders.clean", "payments"];

test("a swap of two letters must find the word that was meant", () => {
  expect(nearest("ordres", topics)).toBe("orders");
  expect(nearest("kafak", ["kafka", "name", "topics"])).toBe("kafka");
});

test("case must not matter", () => {
  expect(nearest("Payments", topics)).toBe("payments");
});

test("a word that is far from all must get no suggestion", () => {
  expect(nearest("inventory", topics)).toBeUndefined();
  expect(nearest("x", [])).toBeUndefined();
});

test("the beginning of exactly one candidate must find it", () => {
  expect(nearest("orders.cl", topics)).toBe("orders.clean");
  expect(nearest("pay", topics)).toBe("payments");
});

test("the closest of several must win", () => {
  expect(nearest("order", topics)).toBe("orders");
});
