import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { ensureImage } from "../../src/docker/images.ts";
import type { ImageSettings } from "../../src/stack/model.ts";
import { openEngine } from "../support/engine.ts";

const engine = await openEngine();
const { signal } = new AbortController();

/** Only dp's own build is meant here: an official image need not have all of this. */
const settings: ImageSettings = { prefix: undefined, pull: "never", build: "always" };

/** Runs a shell in a throwaway container of dp's own build; standard output and error. */
async function run(version: string, script: string): Promise<string> {
  const { ref } = await ensureImage({
    engine,
    wish: { what: "kafka", version, named: undefined },
    settings,
    signal,
    env: process.env,
    emit: () => undefined,
  });
  const args = ["run", "--rm", ref, "sh", "-c", `exec 2>&1; ${script}`];
  const { stdout } = await promisify(execFile)("docker", args);
  return stdout;
}

const versions = ["3.9.2", "4.3.1"];

test.each(versions)("%s must run as appuser, with a writable data folder", async (version) => {
  const output = await run(
    version,
    "id && touch /var/lib/kafka/data/x /opt/kafka/logs/x && echo writable",
  );
  expect(output).toMatch(/^uid=1000\(appuser\) gid=1000\(appuser\)[^\n]*\nwritable\n$/);
});

test.each(versions)("%s must be that version", async (version) => {
  expect(await run(version, "kafka-topics.sh --version")).toBe(`${version}\n`);
});

test.each(versions)("the class archive of %s must fit its jars and JVM", async (version) => {
  // -Xshare:on makes a mismatch an error, where it is passed over otherwise.
  const flags =
    "-Xshare:on -XX:SharedArchiveFile=/opt/kafka/kafka.jsa -Xlog:class+load -cp $(cat libs.classpath)";
  const output = await run(version, `java ${flags} kafka.Kafka | grep ' kafka.Kafka\\$ '`);
  expect(output).toContain("source: shared objects file");
});

test.each(versions)("%s must hold what a KRaft node starts from", async (version) => {
  expect(await run(version, "wc -c < bootstrap.checkpoint")).toMatch(/^[1-9]\d+\n$/);
});

test.each(versions)("every tool of %s must name a class that is there", async (version) => {
  // A jar lists the names of its files uncompressed.
  const output = await run(
    version,
    `for class in $(cat bin/*.sh | awk '/^exec .*kafka-run-class.sh /{ print $(NF - 1) }'); do
       grep -qF "$(echo $class | tr . /).class" libs/*.jar && echo found || echo "missing: $class"
     done`,
  );
  const lines = output.trimEnd().split("\n");
  expect(lines.length).toBeGreaterThan(25);
  expect(new Set(lines)).toEqual(new Set(["found"]));
});

test.each(versions)("nothing of the host's certificates may be in %s", async (version) => {
  expect(
    await run(version, "find / -name 'host-*.crt' -o -name 'host-ca*' 2> /dev/null; echo end"),
  ).toBe("end\n");
});
