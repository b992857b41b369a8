import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { messageOf } from "../../src/errors.ts";
import type { BenchContext } from "../context.ts";
import { time } from "../measure.ts";

const folder = join(import.meta.dirname, "franz-go");

/**
 * A reader on franz-go, built once: the library of rpk and kcl, which Go's proxy does not have themselves.
 * Undefined where it can't be built.
 */
export async function findFranzPeer({
  cache,
  signal,
  note,
}: Pick<BenchContext, "cache" | "signal" | "note">): Promise<string | undefined> {
  const sources = await Promise.all(
    ["main.go", "go.sum"].map((name) => readFile(join(folder, name), "utf8")),
  );
  const digest = createHash("sha256").update(sources.join("\0")).digest("hex").slice(0, 12);
  const program = join(cache, `franz-go-${digest}`);
  if (existsSync(program)) return program;
  note("building the reader on franz-go");
  try {
    const command = ["go", "build", "-o", `${program}.new`, "."];
    await time({ command, cwd: folder, signal, timeoutMs: 300_000 });
    await rename(`${program}.new`, program);
    return program;
  } catch (thrown) {
    signal.throwIfAborted();
    note(`franz-go: ${messageOf(thrown)}`);
    return undefined;
  }
}
