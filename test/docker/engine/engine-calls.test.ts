import type Dockerode from "dockerode";
import { expect, test } from "vitest";
import { createNetwork, createVolume } from "../../../src/docker/stack/container.ts";
import {
  removeContainer,
  removeNetwork,
  removeVolume,
  renameContainer,
  startContainer,
  stopContainer,
  unpauseContainer,
} from "../../../src/docker/engine/engine-calls.ts";
import { engineWords, isOutdated } from "../../../src/docker/engine/engine-error.ts";
import { createJournal, rollback } from "../../../src/docker/stack/rollback.ts";
import type { ContainerSpec } from "../../../src/model/containers.ts";
import { startFakeEngine, type EngineAnswer } from "../../support/fake-engine.ts";

type Call = (client: Dockerode) => Promise<unknown>;
type Answers = Readonly<Record<string, EngineAnswer>>;

/** What Docker 20.10 answers. */
const gone: EngineAnswer = [404, { message: "No such container: c" }];
const notPaused: EngineAnswer = [500, { message: "Container c is not paused" }];
const nameInUse: EngineAnswer = [
  409,
  { message: 'Conflict. The container name "/new" is already in use by container "other".' },
];
const sameName: EngineAnswer = [
  400,
  { message: "Renaming a container with the same name as its current name" },
];
const removing: EngineAnswer = [409, { message: "removal of container c is already in progress" }];

const rename: Call = (client) => renameContainer(client, "c", "new");
const labels = { project: "shop", file: "/shop/pipeline.yaml", host: "here", version: "1" };

test.each<[string, Call, Answers]>([
  ["start", (client) => startContainer(client, "c"), { "POST /containers/c/start": [304] }],
  ["stop", (client) => stopContainer(client, "c", 1), { "POST /containers/c/stop": [304] }],
  ["stop of a removed one", (client) => stopContainer(client, "c"), {}],
  [
    "unpause",
    (client) => unpauseContainer(client, "c"),
    {
      "POST /containers/c/unpause": notPaused,
      "GET /containers/c/json": [200, { State: { Paused: false } }],
    },
  ],
  [
    "rename",
    rename,
    {
      "POST /containers/c/rename": sameName,
      "GET /containers/c/json": [200, { Name: "/new" }],
    },
  ],
  ["removal of a container", (client) => removeContainer(client, "c"), {}],
  [
    "removal under way",
    (client) => removeContainer(client, "c"),
    { "DELETE /containers/c": removing, "POST /containers/c/wait": [200, { StatusCode: 0 }] },
  ],
  ["removal of a volume", (client) => removeVolume(client, "v"), {}],
  ["removal of a network", (client) => removeNetwork(client, "n"), {}],
])("accepts that the engine has done it already: %s", async (_, call, answers) => {
  await using fake = await startFakeEngine(answers);
  await expect(call(await fake.engine.client())).resolves.toBeUndefined();
});

test.each<[string, Call, Answers, string]>([
  [
    "start of a removed container",
    (client) => startContainer(client, "c"),
    { "POST /containers/c/start": gone },
    "No such container",
  ],
  [
    "unpause of a removed container",
    (client) => unpauseContainer(client, "c"),
    { "POST /containers/c/unpause": gone, "GET /containers/c/json": gone },
    "No such container",
  ],
  [
    "a name that another container has",
    rename,
    { "POST /containers/c/rename": nameInUse, "GET /containers/c/json": [200, { Name: "/old" }] },
    "already in use",
  ],
  [
    "start of a frozen container",
    (client) => startContainer(client, "c"),
    {
      "POST /containers/c/start": [
        409,
        { message: "cannot start a paused container, try unpause instead" },
      ],
    },
    "paused",
  ],
  [
    "a network of that name",
    (client) => createNetwork(client, labels),
    { "POST /networks/create": [409, { message: "network with name shop already exists" }] },
    "already exists",
  ],
])("reports that the stack has changed: %s", async (_, call, answers, words) => {
  await using fake = await startFakeEngine(answers);
  const thrown = await call(await fake.engine.client()).catch((failure: unknown) => failure);
  expect(engineWords(thrown)).toContain(words);
  expect(isOutdated(thrown)).toBe(true);
});

test("throws the engine's refusal of an unpause that left the container frozen", async () => {
  await using fake = await startFakeEngine({
    "POST /containers/c/unpause": [500, { message: "cannot resume c: cgroup is busy" }],
    "GET /containers/c/json": [200, { State: { Paused: true } }],
  });
  const unpausing = unpauseContainer(await fake.engine.client(), "c");
  await expect(unpausing).rejects.toThrow("cgroup is busy");
});

test("rejects a volume that the engine returned though another stack owns it", async () => {
  const owner = { Name: "shop-kafka-1-data", Labels: { "dp.project": "other" } };
  await using fake = await startFakeEngine({
    "POST /volumes/create": [201, owner],
    "GET /volumes/shop-kafka-1-data": [200, owner],
  });
  const spec = { service: "kafka-1", kind: "kafka", dataTraits: {} } as unknown as ContainerSpec;
  const creating = createVolume(await fake.engine.client(), owner.Name, { spec, labels });
  await expect(creating).rejects.toMatchObject({ code: "changed-meanwhile" });
});

test("reports a predecessor that a rollback can't start because it is gone", async () => {
  await using fake = await startFakeEngine({ "POST /containers/old/start": gone });
  const journal = createJournal();
  journal.record({ undo: "start-container", service: "kafka-1", id: "old" });
  journal.record({ undo: "remove-container", service: "kafka-1", id: "new" });
  const { left } = await rollback({
    client: await fake.engine.client(),
    journal,
    emit: () => {},
    beforeRestart: async () => {},
  });
  expect(left).toEqual(["could not start container kafka-1: No such container: c"]);
});

test("names the status when the engine refuses a call without a message", async () => {
  await using fake = await startFakeEngine({ "POST /containers/c/start": [304] });
  const client = await fake.engine.client();
  const thrown = await client
    .getContainer("c")
    .start()
    .catch((failure: unknown) => failure);
  expect(engineWords(thrown)).toBe("container already started (HTTP status 304)");
  expect(engineWords(new Error(""))).not.toBe("");
});
