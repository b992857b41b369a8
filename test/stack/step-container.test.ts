import { expect, test } from "vitest";
import type { ContainerRun, Pipeline } from "../../src/model/pipelines.ts";
import type { Stack } from "../../src/model/settings.ts";
import { imageKeys, imageNeeds, stepContainerNeeds } from "../../src/docker/images/image-needs.ts";
import { containersOf, readinessOf } from "../../src/stack/services.ts";
import { selectGroups } from "../../src/stack/select.ts";
import { assertNoStepBinds } from "../../src/stack/step-binds.ts";
import { stepContainer } from "../../src/stack/step-container.ts";
import { commandStep, pipelineOf } from "../pipeline/case.ts";
import { airflow, api, settledOf, stackOf, warehouse } from "./stack-case.ts";

const binds = [{ source: "/shop/sql", target: "/sql", readOnly: true }];
const ofImage: ContainerRun = {
  type: "container",
  from: { kind: "image", ref: "psql:17", binds },
  command: ["psql", "{{ warehouse.url }}"],
};
const ofService: ContainerRun = {
  type: "container",
  from: { kind: "service", service: "shop-api" },
  command: [],
};

const service = {
  ...api,
  scale: 0,
  entrypoint: ["sh", "-c", "{{ kafka.bootstrap }}"],
  command: ["serve"],
  environment: { BOOTSTRAP: "{{ kafka.bootstrap }}" },
  volumes: [
    { kind: "volume", name: "cache", target: "/cache" },
    { kind: "bind", source: "/shop/conf", target: "/conf", readOnly: false },
  ],
  user: "1000",
} as const;

function pipelineWith(name: string, ...runs: readonly ContainerRun[]): Pipeline {
  const steps = runs.map((run, index) => commandStep(`s${index}`, { work: { kind: "run", run } }));
  return pipelineOf({ name, steps });
}

const pipelines = [pipelineWith("one", ofImage, ofService), pipelineWith("two", ofImage)];
const stack = { ...stackOf({ services: [service], stores: [warehouse], airflow }), pipelines };
const stepImages = new Map([
  ["image:psql:17", "mirror/psql:17"],
  ["shop-api", "dp-shop-shop-api:1"],
]);

test("the container of an image has its folders and nothing else", () => {
  expect(stepContainer(ofImage, { ...stack, stepImages })).toEqual({
    image: "mirror/psql:17",
    entrypoint: [],
    command: ["psql", "{{ warehouse.url }}"],
    environment: {},
    binds,
    volumes: [],
    projectFolder: "/shop",
    memLimitBytes: undefined,
    stopTimeoutS: 10,
  });
});

test("the container of a service has what the service has", () => {
  expect(stepContainer(ofService, { ...stack, stepImages })).toEqual({
    image: "dp-shop-shop-api:1",
    entrypoint: ["sh", "-c", "kafka-1:9092"],
    command: ["serve"],
    environment: { BOOTSTRAP: "{{ kafka.bootstrap }}" },
    binds: [{ source: "/shop/conf", target: "/conf", readOnly: false }],
    volumes: [{ name: "shop-shop-api-cache", target: "/cache" }],
    projectFolder: "/shop",
    memLimitBytes: undefined,
    user: "1000",
    stopTimeoutS: 10,
  });
});

test("a service with scale 0 has no container, no port, and no readiness", () => {
  const settled = settledOf(stack);
  expect(containersOf(settled).map(({ service: name }) => name)).not.toContain("shop-api");
  expect(readinessOf(settled).map(({ name }) => name)).not.toContain("shop-api");
  expect(settled.services[0]?.ports).toEqual([]);
});

test("the images of steps are needs of the stack, each once", () => {
  const keys = imageNeeds(stack).map(({ key }) => key);
  expect(keys).toEqual([
    "kafka",
    "warehouse",
    "airflow",
    "shop-api",
    "image:psql:17",
    "step-runner",
  ]);
  expect(stepContainerNeeds(stack, pipelines.slice(1)).map(({ key }) => key)).toEqual([
    "image:psql:17",
  ]);
});

test("Airflow has a step runner if a step runs in a container", () => {
  const services = (one: Stack) => containersOf(settledOf(one)).map(({ service: name }) => name);
  expect(services(stack)).toContain("step-runner");
  expect(services({ ...stack, pipelines: [pipelineOf()] })).not.toContain("step-runner");
  expect(services({ ...stack, airflow: undefined })).not.toContain("step-runner");
  const chosen = selectGroups(["airflow"], readinessOf(settledOf(stack)));
  expect(chosen.map(({ name }) => name)).toEqual(["step-runner", "airflow"]);
});

test("the step runner alone has the engine's socket, and no secret", () => {
  const specs = containersOf(settledOf(stack));
  const runner = specs.filter(({ engineSocket }) => engineSocket !== undefined);
  expect(runner.map(({ service: name }) => name)).toEqual(["step-runner"]);
  expect(runner[0]).toMatchObject({ binds: [], volumes: [], ports: [], user: "0:0" });
  expect(runner[0]?.environment).toEqual({
    DP_PROJECT: "shop",
    DP_NETWORK: "shop",
    DP_ENGINE_SOCKET: "",
  });
});

test("the images of steps are got together with Airflow", () => {
  expect([...imageKeys(stack, ["airflow"])]).toEqual([
    "airflow",
    "image:psql:17",
    "shop-api",
    "step-runner",
  ]);
  expect([...imageKeys(stack, ["kafka"])]).toEqual(["kafka"]);
});

test("a step that mounts a folder needs an engine on this machine", () => {
  const failure = (runs: readonly ContainerRun[]) => () =>
    assertNoStepBinds({ services: [service], pipelines: [pipelineWith("one", ...runs)] });
  expect(failure([ofImage])).toThrow("one.s0 mounts /shop/sql, which the engine can't see");
  expect(failure([ofService])).toThrow("one.s0 mounts /shop/conf, which the engine can't see");
  const none = { ...ofImage, from: { kind: "image", ref: "psql:17", binds: [] } } as const;
  expect(failure([none])).not.toThrow();
});
