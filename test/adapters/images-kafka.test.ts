import { expect, test } from "vitest";
import { runInImage } from "../support/built-image.ts";

/** An official image need not have all of this: only dp's own build is meant here. */
const run = (version: string, script: string): Promise<string> =>
  runInImage({ what: "kafka", version }, script);

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
