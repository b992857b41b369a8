import { expect, test } from "vitest";
import {
  applyPrefix,
  formatFamiliar,
  normalizeReference,
  parseReference,
} from "../../../src/docker/images/reference.ts";

test.each([
  ["postgres", "docker.io/library/postgres:latest"],
  ["postgres:15", "docker.io/library/postgres:15"],
  ["apache/kafka:3.9.2", "docker.io/apache/kafka:3.9.2"],
  ["docker.io/apache/kafka:3.9.2", "docker.io/apache/kafka:3.9.2"],
  ["index.docker.io/library/postgres", "docker.io/library/postgres:latest"],
  ["localhost:5000/kafka", "localhost:5000/kafka:latest"],
  ["localhost/kafka:1", "localhost/kafka:1"],
  ["mirror.example/hub/apache/kafka:1", "mirror.example/hub/apache/kafka:1"],
  ["postgres@sha256:ab", "docker.io/library/postgres@sha256:ab"],
  ["postgres:15@sha256:ab", "docker.io/library/postgres@sha256:ab"],
])("%s must mean %s", (name, full) => {
  expect(normalizeReference(name)).toBe(full);
  expect(normalizeReference(formatFamiliar(name))).toBe(full);
});

test("a port must not be taken for a tag", () => {
  expect(parseReference("127.0.0.1:5000/a/b")).toEqual({
    registry: "127.0.0.1:5000",
    repository: "a/b",
    tag: "latest",
    digest: undefined,
  });
});

test("the engine's own listing must name official images shortly", () => {
  expect(formatFamiliar("docker.io/library/postgres:15")).toBe("postgres:15");
  expect(formatFamiliar("docker.io/apache/kafka:3.9.2")).toBe("apache/kafka:3.9.2");
  expect(formatFamiliar("mirror.example/library/postgres:15")).toBe(
    "mirror.example/library/postgres:15",
  );
});

test.each([
  ["debian:bookworm-slim", "mirror.example/hub/library/debian:bookworm-slim"],
  ["apache/kafka:3.9.2", "mirror.example/hub/apache/kafka:3.9.2"],
  ["docker.io/apache/kafka:3.9.2", "mirror.example/hub/apache/kafka:3.9.2"],
  ["quay.example/debezium/connect:3", "quay.example/debezium/connect:3"],
])("the prefix must turn %s into %s", (name, mirrored) => {
  expect(applyPrefix(name, "mirror.example/hub/")).toBe(mirrored);
});

test("without a prefix a name must stay as it is", () => {
  expect(applyPrefix("apache/kafka:3.9.2", undefined)).toBe("apache/kafka:3.9.2");
});
