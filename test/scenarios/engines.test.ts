import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { openEngine } from "../support/engine.ts";
import { createProject, type Project } from "../support/project.ts";

const yaml = "kafka:\n";

/** Writes a context of docker's as `docker context create` does, into a DOCKER_CONFIG of the project's. */
async function writeContext(project: Project, name: string, url: string): Promise<void> {
  const hash = createHash("sha256").update(name).digest("hex");
  const meta = { Name: name, Endpoints: { docker: { Host: url } } };
  await project.write(`docker/contexts/meta/${hash}/meta.json`, JSON.stringify(meta));
}

test("--context must choose the engine against all else, and what changes things must say so", async () => {
  await using project = await createProject(yaml);
  await writeContext(project, "here", (await openEngine()).url);
  const env = { DOCKER_CONFIG: `${project.folder}/docker`, DOCKER_HOST: "unix:///nowhere.sock" };
  const run = (args: string[]) => project.dp([...args, "--context", "here"], { env });
  const planned = await run(["plan"]);
  expect([planned.code, planned.stderr]).toEqual([0, ""]);
  const removed = await run(["down", "-v"]);
  expect(removed.code).toBe(0);
  expect(removed.stderr).toMatch(/engine: \S+ \(context here\)/);
  const deleted = await run(["topic", "delete", "orders", "-y"]);
  expect(deleted.stderr).toContain("has no running broker");
});

test("a context that does not exist must be told with the nearest one: exit 1", async () => {
  await using project = await createProject(yaml);
  await writeContext(project, "here", "unix:///nowhere.sock");
  const env = { DOCKER_CONFIG: `${project.folder}/docker` };
  const result = await project.dp(["up", "--context", "hree"], { env });
  expect(result.code).toBe(1);
  expect(result.stderr).toContain("there is no Docker context hree");
  expect(result.stderr).toContain("did you mean here?");
});
