import { expect, test } from "vitest";
import { hashFiles, lockedVersions, readRecipe, recipeTag } from "../../src/docker/recipes.ts";

test("both default versions must have a recipe", () => {
  expect(lockedVersions()).toEqual(["3.9.2", "4.3.1"]);
});

test("a version without a lock must have no recipe", () => {
  expect(readRecipe("3.8.0")).toBeUndefined();
  expect(recipeTag("../3.9.2")).toBeUndefined();
});

test.each(["3.9.2", "4.3.1"])(
  "the context of %s must hold its own version and nothing of the host",
  (version) => {
    const recipe = readRecipe(version);
    const paths = recipe?.files.map(({ path }) => path) ?? [];
    expect(paths).toContain("Dockerfile");
    expect(paths).toContain("bin/kafka-run-class.sh");
    expect(paths).toContain(`versions/${version}/jars.lock`);
    expect(paths.filter((path) => path.startsWith("versions/") && !path.includes(version))).toEqual(
      [],
    );
    expect(paths).not.toContain("host-ca.crt");
    expect(recipe?.tag).toMatch(new RegExp(`^dp-kafka:${version}-[0-9a-f]{8}$`));
  },
);

test("scripts must be executable in the context, whatever the checkout says", () => {
  const files = readRecipe("3.9.2")?.files ?? [];
  for (const { path, mode } of files.filter((file) => file.path.endsWith(".sh"))) {
    expect({ path, mode }).toEqual({ path, mode: 0o755 });
  }
});

test("the hash must change with a path, a content and a mode, and with nothing else", () => {
  const base = [{ path: "a", content: "1" }];
  const hash = hashFiles(base);
  expect(hashFiles([{ path: "a", content: Buffer.from("1") }])).toBe(hash);
  expect(hashFiles([{ path: "b", content: "1" }])).not.toBe(hash);
  expect(hashFiles([{ path: "a", content: "2" }])).not.toBe(hash);
  expect(hashFiles([{ path: "a", content: "1", mode: 0o755 }])).not.toBe(hash);
});

test.each(["3.9.2", "4.3.1"])(
  "the lock of %s must be sorted, one jar a line, each with a sha256",
  (version) => {
    const lock = readRecipe(version)?.files.find(({ path }) => path.endsWith("jars.lock"));
    const lines = lock?.content.toString().trimEnd().split("\n") ?? [];
    const paths = lines.map((line) => line.slice(66));
    expect(lines.length).toBeGreaterThan(90);
    for (const line of lines) expect(line).toMatch(/^[0-9a-f]{64} {2}\S+\.jar$/);
    expect(paths).toEqual(paths.toSorted());
    expect(new Set(paths).size).toBe(paths.length);
  },
);
