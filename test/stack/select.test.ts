import { expect, test } from "vitest";
import { DpError } from "../../src/errors.ts";
import { expandServices, selectGroups } from "../../src/stack/select.ts";
import { readinessOf } from "../../src/stack/services.ts";
import { airflow, settledOf, stackOf, warehouse } from "./stack-case.ts";

const groups = readinessOf(settledOf(stackOf({ brokers: 3 })));
const selected = (...words: string[]): string[] =>
  selectGroups(words, groups).map(({ name }) => name);

test("no word must select the whole stack", () => {
  expect(selected()).toEqual(["zookeeper", "kafka"]);
});

test("a service must bring the services that it depends on, and no other", () => {
  expect(selected("kafka-2")).toEqual(["zookeeper", "kafka"]);
  expect(selected("zookeeper")).toEqual(["zookeeper"]);
});

test("what depends on nothing must come alone", () => {
  const platform = stackOf({ airflow, stores: [warehouse] });
  const of = (...words: string[]): string[] =>
    selectGroups(words, readinessOf(settledOf(platform))).map(({ name }) => name);
  expect(of("airflow")).toEqual(["airflow"]);
  expect(of("warehouse", "kafka")).toEqual(["zookeeper", "kafka", "warehouse"]);
});

test("a kind must select all its services, a name just that one", () => {
  const services = groups.flatMap((group) => group.services);
  expect(expandServices(["kafka"], services)).toEqual(["kafka-1", "kafka-2", "kafka-3"]);
  expect(expandServices(["kafka-2"], services)).toEqual(["kafka-2"]);
});

test.each([
  ["kafak", "kafka"],
  ["zookeper", "zookeeper"],
  ["kafka-9", "kafka-1"],
])("an unknown service %s must be wrong usage, with %s as nearest", (word, near) => {
  let thrown: unknown;
  try {
    selectGroups([word], groups);
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(DpError);
  expect(thrown).toMatchObject({ code: "usage", next: `did you mean ${near}?` });
});
