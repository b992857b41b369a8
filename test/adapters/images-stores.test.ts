import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import type { ImageVersion } from "../../src/docker/images/recipes.ts";
import { builtImage, runProgram } from "../support/built-image.ts";
import { until } from "../support/until.ts";

const redis = { what: "redis", version: "7" } as const;

/** A container of an image that runs. It is removed with its volume when it is disposed of. */
async function runImage(image: ImageVersion, args: readonly string[] = []) {
  const { ref } = await builtImage(image);
  const name = `dp-test-${image.what}-${randomBytes(4).toString("hex")}`;
  const create = ["create", "--network", "none", "--name", name, ref, ...args];
  await runProgram("docker", create);
  await runProgram("docker", ["start", name]);
  return {
    exec: (...command: readonly string[]) => runProgram("docker", ["exec", name, ...command]),
    log: () => runProgram("sh", ["-c", `docker logs ${name} 2>&1`]),
    stop: () => runProgram("docker", ["stop", name]),
    [Symbol.asyncDispose]: async () => {
      await runProgram("docker", ["rm", "--force", "--volumes", name]);
    },
    exitCode: () => runProgram("docker", ["inspect", "--format={{.State.ExitCode}}", name]),
  };
}

test.concurrent("Redis must run as uid 999, take arguments, and write what it has when it is stopped", async () => {
  await using server = await runImage(redis, ["--port", "6380", "--appendonly", "yes"]);
  await until(async () => (await server.log()).includes("Ready to accept connections"));
  expect(await server.exec("redis-cli", "-p", "6380", "set", "a", "b")).toBe("OK\n");
  const owners = await server.exec("stat", "--format=%u:%g", "/proc/1", "/data/appendonlydir");
  expect(owners).toBe("999:999\n999:999\n");
  await server.stop();
  expect(await server.exitCode()).toBe("0\n");
});

test.concurrent("the S3 server must take arguments, and end when it is asked to", async () => {
  await using server = await runImage({ what: "s3", version: "5.2.3" }, ["-p", "5001"]);
  await until(async () => (await server.log()).includes(":5001"));
  await server.stop();
  expect(await server.exitCode()).toBe("0\n");
});
