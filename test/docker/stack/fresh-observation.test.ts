import { createServer } from "node:net";
import { expect, test } from "vitest";
import { withFreshObservation } from "../../../src/docker/stack/fresh-observation.ts";
import { DpError } from "../../../src/errors.ts";
import type { Observed } from "../../../src/model/containers.ts";
import { startFakeEngine, type EngineAnswer } from "../../support/fake-engine.ts";

/** A stack with one container, which has the port. */
function answers(state: string, port: number): Record<string, EngineAnswer> {
  const labels = { "dp.project": "shop", "dp.service": "kafka-1", "dp.kind": "kafka" };
  const bindings = { "9092/tcp": [{ HostIp: "127.0.0.1", HostPort: String(port) }] };
  return {
    "GET /containers/json": [
      200,
      [{ Id: "c", Names: ["/shop-kafka-1"], Labels: labels, Ports: [], Status: "" }],
    ],
    "GET /containers/c/json": [
      200,
      {
        Name: "/shop-kafka-1",
        Config: { Env: [] },
        State: { Status: state, ExitCode: 0, OOMKilled: false, StartedAt: "" },
        HostConfig: { Memory: 0, PortBindings: bindings },
        NetworkSettings: { Networks: {} },
      },
    ],
    "GET /networks": [200, []],
    "GET /volumes": [200, { Volumes: null }],
  };
}

function failure(code: "changed-meanwhile" | "port-taken" | "exited", port = 0): DpError {
  return new DpError({ code, message: `port ${port} is taken`, why: "docker-proxy listens on it" });
}

/** Runs work that fails with the failures, one after the other; returns what each attempt observed. */
async function attempt(
  failures: readonly DpError[],
  of: { readonly state: string; readonly port: number; readonly isFixed: boolean },
): Promise<string[]> {
  await using fake = await startFakeEngine(answers(of.state, of.port));
  const left = [...failures];
  const states: string[] = [];
  await withFreshObservation({
    engine: fake.engine,
    project: "shop",
    work: async ({ containers }: Observed) => {
      states.push(containers[0]?.state ?? "none");
      const next = left.shift();
      if (next) throw next;
    },
    isFixed: () => of.isFixed,
    emit: () => {},
    signal: new AbortController().signal,
  });
  return states;
}

test("observes the stack again when it changed after the observation", async () => {
  const of = { state: "exited", port: 1, isFixed: true };
  expect(await attempt([failure("changed-meanwhile")], of)).toEqual(["exited", "exited"]);
});

test("does not repeat the work after a failure that stays", async () => {
  const of = { state: "exited", port: 1, isFixed: true };
  await expect(attempt([failure("exited")], of)).rejects.toMatchObject({ code: "exited" });
});

test("continues when the stack's own container holds the fixed port by now", async () => {
  const of = { state: "running", port: 4711, isFixed: true };
  expect(await attempt([failure("port-taken", 4711)], of)).toHaveLength(2);
});

test("names the program that holds a fixed port", async () => {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as { port: number };
  const of = { state: "exited", port, isFixed: true };
  const failed = attempt([failure("port-taken", port)], of);
  await expect(failed).rejects.toMatchObject({
    code: "port-taken",
    why: expect.stringContaining(`(pid ${process.pid})`) as string,
  });
  server.close();
});

test("lets the work choose another port when the taken one is not fixed", async () => {
  const of = { state: "exited", port: 4711, isFixed: false };
  expect(await attempt([failure("port-taken", 4711)], of)).toHaveLength(2);
});
