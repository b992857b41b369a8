import { expect, test } from "vitest";
import { memoryNeeds } from "../../../src/app/diagnosis/ask-machine.ts";
import {
  judgeApi,
  judgeContexts,
  judgePlatform,
  judgeSearch,
} from "../../../src/app/diagnosis/judge-engine.ts";
import {
  judgeCpus,
  judgeDescriptors,
  judgeDisk,
  judgeMemory,
  parseOpenFiles,
} from "../../../src/app/diagnosis/judge-resources.ts";
import {
  judgeLeftovers,
  judgeNetworks,
  judgePorts,
  judgeProxies,
} from "../../../src/app/diagnosis/judge-surroundings.ts";
import { renderDiagnosis } from "../../../src/app/diagnosis/render.ts";
import { plainStyle } from "../../../src/report/style.ts";
import type { ContainerSpec } from "../../../src/model/containers.ts";

const socket = { origin: "default socket", url: "unix:///var/run/docker.sock" };

test("the engine must be told with every address that was asked", () => {
  const podman = { origin: "Podman", url: "unix:///p.sock", failure: "no such socket" };
  const found = { attempts: [{ ...socket, failure: undefined }, podman], failure: undefined };
  expect(judgeSearch(found)).toMatchObject({
    verdict: "ok",
    evidence: [
      "default socket (unix:///var/run/docker.sock): answers",
      "Podman (unix:///p.sock): no such socket",
    ],
  });
  const failure = { why: "none answers", next: "start Docker" };
  expect(judgeSearch({ attempts: [podman], failure })).toMatchObject({
    verdict: "problem",
    detail: "none answers",
    mend: "start Docker",
  });
});

test.each([
  ["1.40", "problem"],
  ["1.41", "ok"],
  ["1.100", "ok"],
])("API %s must be %s", (ApiVersion, verdict) => {
  expect(judgeApi({ Version: "x", ApiVersion, Arch: "amd64", Os: "linux" }).verdict).toBe(verdict);
});

test("a context that does not exist must be a problem, one that is overridden a warning", () => {
  const facts = { contexts: [{ name: "far", url: "ssh://far" }], current: "far", overridden: [] };
  expect(judgeContexts(facts)).toMatchObject({ verdict: "ok", evidence: ["* far: ssh://far"] });
  expect(judgeContexts({ ...facts, current: "near" }).verdict).toBe("problem");
  expect(judgeContexts({ ...facts, overridden: ["DOCKER_HOST=x"] }).verdict).toBe("warning");
  expect(judgeContexts({ contexts: [], current: undefined, overridden: [] }).verdict).toBe("ok");
});

test("an image for another platform must be named with what uses it", () => {
  const image = { ref: "a:1", usedBy: "kafka", architecture: "arm64" };
  expect(judgePlatform({ engine: "arm64", images: [image] }).verdict).toBe("ok");
  expect(judgePlatform({ engine: "amd64", images: [image] })).toMatchObject({
    verdict: "warning",
    evidence: ["kafka: a:1 is arm64"],
  });
});

test("memory must be judged by limits, then heaps, then what is usual", () => {
  const spec = (over: Partial<ContainerSpec>): ContainerSpec =>
    ({ service: "a", kind: "service", environment: {}, ...over }) as ContainerSpec;
  const needs = memoryNeeds([
    spec({ service: "kafka-1", kind: "kafka", environment: { KAFKA_HEAP_OPTS: "-Xmx1000m" } }),
    spec({ service: "kafka-2", kind: "kafka", memLimitBytes: 500_000_000 }),
    spec({ service: "db", kind: "postgres" }),
    spec({ service: "own" }),
  ]);
  expect(needs.map(({ service, because }) => [service, because])).toEqual([
    ["kafka-1", "heap 1000m and the JVM"],
    ["kafka-2", "mem_limit"],
    ["db", "usual"],
  ]);
  const sum = needs.reduce((all, { bytes }) => all + bytes, 0);
  expect(judgeMemory({ totalBytes: sum * 2, needs }).verdict).toBe("ok");
  expect(judgeMemory({ totalBytes: sum * 1.1, needs }).verdict).toBe("warning");
  expect(judgeMemory({ totalBytes: sum - 1, needs })).toMatchObject({ verdict: "problem" });
});

test.each([
  [undefined, "ok"],
  [100_000_000, "problem"],
  [2_000_000_000, "warning"],
  [50_000_000_000, "ok"],
])("%s free bytes on the engine's disk must be %s", (freeBytes, verdict) => {
  expect(judgeDisk({ folder: "/var/lib/docker", freeBytes }).verdict).toBe(verdict);
});

test("one processor for many services and few open files must be warned of", () => {
  expect(judgeCpus({ cpus: 1, services: 2 }).verdict).toBe("ok");
  expect(judgeCpus({ cpus: 1, services: 5 }).verdict).toBe("warning");
  expect(judgeCpus({ cpus: 2, services: 5 }).verdict).toBe("ok");
  const limits =
    "Max processes  10  10  processes\nMax open files            1024                 524288               files     \n";
  expect(parseOpenFiles(limits)).toBe(1024);
  expect(parseOpenFiles("")).toBeUndefined();
  const broker = { service: "kafka-1", openFiles: 1024 };
  expect(judgeDescriptors([broker])).toMatchObject({
    verdict: "warning",
    evidence: ["kafka-1: 1024"],
  });
  expect(judgeDescriptors([{ ...broker, openFiles: 20_000 }]).verdict).toBe("ok");
  expect(judgeDescriptors([]).verdict).toBe("ok");
});

test("a port that somebody else has must be told with its owner", () => {
  const own = { service: "kafka-1", port: 9092, owner: "stack" } as const;
  const free = { service: "db", port: 5432, owner: "nobody" } as const;
  const taken = { service: "zoo", port: 2181, owner: { name: "java (pid 7)" } };
  expect(judgePorts([own, free]).verdict).toBe("ok");
  expect(judgePorts([own, taken])).toMatchObject({
    verdict: "problem",
    evidence: ["zoo wants 2181: java (pid 7) has it"],
  });
});

test("leftovers must be told with the command that removes them; data kept on purpose is fine", () => {
  const stack = { name: "shop", file: "/a/pipeline.yaml", containers: 1, volumes: 1 };
  const none = { replaced: [], runs: [] };
  const here = judgeLeftovers({ ...none, stacks: [{ ...stack, home: "here" }] });
  expect(here.every(({ verdict }) => verdict === "ok")).toBe(true);
  const gone = judgeLeftovers({ ...none, stacks: [{ ...stack, home: "gone" }] });
  expect(gone[0]).toMatchObject({ verdict: "warning" });
  expect(gone[0]?.mend).toContain("dp down --project shop");
  const asleep = judgeLeftovers({ ...none, stacks: [{ ...stack, home: "here", containers: 0 }] });
  expect(asleep[1]).toMatchObject({ check: "data", verdict: "ok" });
  expect(asleep[1]?.evidence[0]).toContain("dp down -v --project shop");
  const replaced = [{ name: "shop-kafka-1-replaced", project: "shop" }];
  const runs = [{ name: "shop-run-1a2b-4711", project: "shop" }];
  expect(judgeLeftovers({ stacks: [], replaced, runs })).toMatchObject([
    { verdict: "ok" },
    { verdict: "ok" },
    { check: "replaced containers", verdict: "warning" },
    { check: "local runs", verdict: "warning", mend: "dp up --project shop" },
  ]);
});

test("networks must be counted against the engine's address pools", () => {
  const pools = [{ Base: "10.10.0.0/16", Size: 24 }];
  expect(judgeNetworks({ used: 250, pools }).verdict).toBe("ok");
  expect(judgeNetworks({ used: 254, pools }).verdict).toBe("warning");
  expect(judgeNetworks({ used: 256, pools }).verdict).toBe("problem");
  expect(judgeNetworks({ used: 31, pools: undefined }).verdict).toBe("problem");
  expect(judgeNetworks({ used: 5, pools: undefined }).verdict).toBe("ok");
});

test("proxies must be told without their logins, and a missing certificate file be a problem", () => {
  const proxy = "HTTP_PROXY=http://ann:secret@proxy:3128";
  const [proxies, certificates] = judgeProxies({
    host: [proxy],
    engine: [],
    certificates: [{ name: "SSL_CERT_FILE", path: "/no/such", there: false }],
  });
  expect(proxies).toMatchObject({
    verdict: "warning",
    evidence: ["here: HTTP_PROXY=http://***@proxy:3128"],
  });
  expect(certificates).toMatchObject({ verdict: "problem" });
  const fine = judgeProxies({ host: [], engine: [], certificates: [] });
  expect(fine.map(({ verdict }) => verdict)).toEqual(["ok", "ok"]);
});

test("what is fine must take one line, anything else its evidence and the mend", () => {
  const finding = { check: "a", evidence: ["seen"], mend: null, detail: "b" } as const;
  const findings = [
    { ...finding, verdict: "ok" as const },
    { ...finding, verdict: "problem" as const, mend: "do" },
  ];
  const text = renderDiagnosis({ findings }, { style: plainStyle, verbose: false });
  expect(text).toBe("✓ a  b\n✗ a  b\n    seen\n    mend  do\n\n1 ok, 0 to look at, 1 to mend\n");
  expect(renderDiagnosis({ findings }, { style: plainStyle, verbose: true })).toContain(
    "✓ a  b\n    seen\n",
  );
});
