import { expect, test } from "vitest";
import {
  buildableImages,
  buildableVersions,
  hashFiles,
  readLayer,
  readRecipe,
} from "../../../src/docker/images/recipes.ts";

const readKafka = (version: string): ReturnType<typeof readRecipe> =>
  readRecipe({ what: "kafka", version });

test("every default version must have a recipe", () => {
  expect(buildableImages().map(({ what, version }) => `${what} ${version}`)).toEqual([
    "kafka 3.9.2",
    "kafka 4.3.1",
    "airflow 3.3.2",
    "postgres 15",
    "redis 7",
    "s3 5.2.3",
    "runtime 1",
  ]);
});

test("a version without a lock must have no recipe", () => {
  expect(readKafka("3.8.0")).toBeUndefined();
  expect(readKafka("../3.9.2")).toBeUndefined();
  expect(readRecipe({ what: "postgres", version: "16" })).toBeUndefined();
});

test.each(buildableImages())(
  "$what $version must be tagged with its own hash, and hold nothing of the host",
  (image) => {
    const { tag, files } = readRecipe(image) ?? { tag: "", files: [] };
    expect(tag).toMatch(new RegExp(`^dp-${image.what}:${image.version}-[0-9a-f]{8}$`));
    const paths = files.map(({ path }) => path);
    expect(paths).toEqual(paths.toSorted());
    expect(paths).toContain("Dockerfile");
    expect(paths).not.toContain("host-ca.crt");
  },
);

/** What a Dockerfile copies from its context. */
function copiedPaths(dockerfile: string): string[] {
  return [...dockerfile.replaceAll("\\\n", " ").matchAll(/^COPY (.*) \S+$/gm)]
    .map(([, sources = ""]) => sources)
    .filter((sources) => !sources.includes("--from="))
    .flatMap((sources) => sources.split(" ").filter((source) => !source.startsWith("--")));
}

const layer = readLayer({ what: "airflow", version: "3.3.2" }, "sha256:ab");

test.each([
  ...(["airflow", "postgres", "redis", "s3", "runtime"] as const).map((what) => {
    const [version = ""] = buildableVersions(what);
    return [what, readRecipe({ what, version })] as const;
  }),
  ["the layer on Airflow", layer] as const,
])("%s must copy what its context has, and have nothing more", (_, recipe) => {
  const files = recipe?.files ?? [];
  const dockerfile = files.find(({ path }) => path === "Dockerfile")?.content.toString() ?? "";
  const copied = new Set(copiedPaths(dockerfile).filter((path) => path !== "host-ca.crt"));
  expect([...copied].toSorted()).toEqual(
    files.map(({ path }) => path).filter((path) => path !== "Dockerfile"),
  );
});

test("the tag of a layer must change with its base, and differ from the whole build", () => {
  const image = { what: "airflow", version: "3.3.2" } as const;
  const tags = [layer?.tag, readLayer(image, "sha256:cd")?.tag, readRecipe(image)?.tag];
  expect(new Set(tags).size).toBe(3);
  expect(readLayer(image, "sha256:ab")?.tag).toBe(layer?.tag);
  expect(readLayer({ what: "postgres", version: "15" }, "sha256:ab")).toBeUndefined();
});

test("Airflow and the runtime must install the same environment of steps", () => {
  const contents = [
    readRecipe({ what: "airflow", version: "3.3.2" }),
    readRecipe({ what: "runtime", version: "1" }),
    layer,
  ].map((recipe) =>
    (recipe?.files ?? [])
      .filter(({ path }) => /^runtime\/|install-venv|uv\.lock/.test(path))
      .map(({ path, content }) => `${path}\n${content.toString()}`),
  );
  expect(contents[0]?.length).toBe(3);
  expect(contents[1]).toEqual(contents[0]);
  expect(contents[2]).toEqual(contents[0]);
});

test.each([
  ["airflow", "requirements.lock", "apache-airflow-core==3.3.2"],
  ["airflow", "runtime/requirements.lock", "confluent-kafka=="],
  ["airflow", "build/uv.lock", "uv=="],
  ["airflow", "build/ruff.lock", "ruff=="],
  ["s3", "requirements.lock", "moto=="],
] as const)(
  "every package of %s's %s must have a hash, and no index a name",
  (what, path, known) => {
    const [version = ""] = buildableVersions(what);
    const file = readRecipe({ what, version })?.files.find((entry) => entry.path === path);
    const text = file?.content.toString() ?? "";
    const packages = text
      .replaceAll(/^#.*\n/gm, "")
      .replaceAll("\\\n", "")
      .trimEnd()
      .split("\n");
    expect(text).toContain(known);
    for (const line of packages) {
      expect(line).toMatch(/^[a-z0-9.-]+==\S+( +--hash=sha256:[0-9a-f]{64})+ *$/);
    }
  },
);

test.each(["3.9.2", "4.3.1"])(
  "the context of %s must hold its own version and nothing of the host",
  (version) => {
    const recipe = readKafka(version);
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
  const files = readKafka("3.9.2")?.files ?? [];
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
    const lock = readKafka(version)?.files.find(({ path }) => path.endsWith("jars.lock"));
    const lines = lock?.content.toString().trimEnd().split("\n") ?? [];
    const paths = lines.map((line) => line.slice(66));
    expect(lines.length).toBeGreaterThan(90);
    for (const line of lines) expect(line).toMatch(/^[0-9a-f]{64} {2}\S+\.jar$/);
    expect(paths).toEqual(paths.toSorted());
    expect(new Set(paths).size).toBe(paths.length);
  },
);
