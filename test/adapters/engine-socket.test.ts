import { expect, test } from "vitest";
import { findEngineSocket } from "../../src/docker/stack/engine-socket.ts";
import type { Engine } from "../../src/docker/engine/connect.ts";
import { DpError } from "../../src/errors.ts";
import { runtimeVersion } from "../../src/docker/images/recipe-table.ts";
import { builtImage } from "../support/built-image.ts";
import { openEngine } from "../support/engine.ts";
import { startSecondEngine } from "../support/second-engine.ts";
import { uniqueName } from "../support/unique-name.ts";

const runtime = { what: "runtime", version: runtimeVersion } as const;

/** The socket that a step runner would get on an engine, or the failure. */
async function find(engine: Engine, imageId: string): Promise<string | DpError> {
  const labels = { project: uniqueName("sock"), file: "/none", host: "none", version: "0" };
  const { signal } = new AbortController();
  return findEngineSocket({ engine, labels, imageId, signal }).catch((thrown: unknown) => {
    if (thrown instanceof DpError) return thrown;
    throw thrown;
  });
}

async function runsLeft(engine: Engine): Promise<readonly unknown[]> {
  const filters = encodeURIComponent(JSON.stringify({ label: ["dp.file=/none"] }));
  return engine.get(`/containers/json?all=1&filters=${filters}`);
}

test("finds the socket of the engine that dp uses, under the path that a container can mount", async () => {
  const engine = await openEngine();
  const { id } = await builtImage(runtime);
  const own = engine.url.replace(/^unix:\/\//, "");
  expect(await find(engine, id)).toBe(own);
  // Docker Desktop forwards its socket to a path that its virtual machine does not have.
  for (const url of ["unix:///nowhere/docker.sock", "ssh://ann@server", "tcp://10.0.0.2:2376"]) {
    expect(await find({ ...engine, url }, id)).toBe("/var/run/docker.sock");
  }
  expect(await runsLeft(engine)).toEqual([]);
});

test("refuses an engine whose socket no container can use, with what was tried", async () => {
  await using second = await startSecondEngine();
  const { ref, id } = await builtImage(runtime);
  await second.loadImage(ref);
  const engine = await second.connect();
  const url = "unix:///nowhere/docker.sock";
  const failure = await find({ ...engine, url }, id);
  expect(failure).toMatchObject({
    code: "refused",
    message: "Airflow can't run steps in containers on this engine",
  });
  const { evidence } = failure as DpError;
  expect(evidence).toEqual([
    `second engine (${url})`,
    expect.stringMatching("^/nowhere/docker.sock: .*bind source path does not exist"),
    expect.stringMatching("^/var/run/docker.sock: is the socket of another engine"),
  ]);
  expect(await runsLeft(engine)).toEqual([]);
});
