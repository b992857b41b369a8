import { expect, test } from "vitest";
import { packageLayerTag, type ImagePackages } from "../../../src/docker/images/package-layer.ts";
import { readPackageRecipe } from "../../../src/docker/images/recipes.ts";

const base = { ref: "dp-airflow:3.3.2-1", id: "sha256:ab" };

function tagFor(
  airflow: readonly string[],
  change: Partial<ImagePackages> = {},
  on = base,
): string {
  const requirements = airflow.map((text) => ({ text, at: undefined, setting: [] }));
  const packages = {
    project: "shop",
    service: "airflow",
    airflow: requirements,
    python: [],
  } as const;
  return packageLayerTag({ ...packages, ...change }, on);
}

test("tags a layer with a hash of its packages and its base, in any order", () => {
  const tag = tagFor(["pandas", "humanize"]);
  expect(tag).toMatch(/^dp-shop-airflow:[0-9a-f]{12}$/);
  expect(tagFor(["humanize", "pandas", "pandas"])).toBe(tag);
  const others = [
    tagFor(["pandas"]),
    tagFor([], { python: [{ text: "pandas", at: undefined, setting: [] }] }),
    tagFor(["pandas", "humanize"], {}, { ...base, id: "sha256:cd" }),
  ];
  expect(new Set([tag, ...others]).size).toBe(4);
});

test("has what its Dockerfile copies and runs, and no compiled Python", () => {
  const files = readPackageRecipe();
  const paths = files.map(({ path }) => path);
  expect(paths).toContain("Dockerfile");
  for (const script of ["install-uv", "add-packages", "check-airflow", "trust-host-ca"]) {
    expect(files.find(({ path }) => path === `build/${script}.sh`)?.mode).toBe(0o755);
  }
  expect(paths).toContain("runtime/dp_runtime/run_step.py");
  expect(paths.filter((path) => path.includes("__pycache__"))).toEqual([]);
});
