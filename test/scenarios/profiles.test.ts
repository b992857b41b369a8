import { afterAll, beforeAll, expect, test } from "vitest";
import { engineClient } from "../support/docker.ts";
import { createProject, type Project } from "../support/project.ts";

const stay = "trap exit TERM; while :; do sleep 0.1; done";

let shop: Project;

beforeAll(async () => {
  shop = await createProject("services: { base: { build: base } }\n");
  await shop.write("base/Dockerfile", "ARG BASE\nFROM ${BASE}\n");
  await shop.write(".env", "SHOP_TOKEN=of-nobody-else\n");
  await shop.succeed(["images", "build"]);
  const { stdout } = await shop.succeed(["images", "list", "--json"]);
  const { images } = JSON.parse(stdout) as { images: { image: string }[] };
  await shop.configure(`services:
  web:
    image: ${images[0]?.image}
    command: [sh, -c, "${stay}"]
    environment: { TOKEN: "\${SHOP_TOKEN}", STAGE: local }
profiles:
  ci: { services: { web: { environment: { STAGE: ci } } } }
  quiet: { images: { pull: never } }
`);
});

afterAll(() => shop[Symbol.asyncDispose]());

test("later commands must take the profile of the last up, and say so, until another is given", async () => {
  await shop.succeed(["up", "--profile", "ci"]);
  const again = await shop.succeed(["plan", "--exit-code"]);
  expect(again.stderr).toContain("profile ci, as in the last dp up");
  const { stdout } = await shop.succeed(["config", "--json"]);
  expect(JSON.parse(stdout)).toMatchObject({
    profile: "ci",
    config: { services: { web: { environment: { TOKEN: "${SHOP_TOKEN}", STAGE: "ci" } } } },
  });
  const without = await Promise.all([
    shop.dp(["plan", "--exit-code", "--profile", "none"]),
    shop.dp(["plan", "--exit-code"], { env: { DP_PROFILE: "none" } }),
    shop.dp(["plan", "--exit-code", "--set", "services.web.environment.STAGE=dev"]),
  ]);
  expect(without.map(({ code }) => code)).toEqual([3, 3, 3]);
  for (const { stdout: plan } of without) expect(plan).toContain("environment: STAGE changed");
});

test("an up that could not keep its profile must say which one later commands take", async () => {
  const set = "services.web.environment.STAGE=ci";
  const { stderr } = await shop.succeed(["up", "--profile", "quiet", "--set", set]);
  expect(stderr).toContain("later commands take profile ci, not profile quiet");
});

test("a value from a variable must reach its container, and stand in no label and no output", async () => {
  const up = await shop.succeed(["up", "--set", "services.web.environment.STAGE=dev", "--verbose"]);
  const { stdout: config } = await shop.succeed(["config", "--sources"]);
  const container = (await engineClient()).getContainer(`${shop.name}-web`);
  const { Config: settings } = await container.inspect();
  expect(settings.Env).toContain("TOKEN=of-nobody-else");
  expect(settings.Env).toContain("STAGE=dev");
  expect(config).toMatch(/TOKEN: \$\{SHOP_TOKEN\} +# pipeline\.yaml:6, SHOP_TOKEN from \.env/);
  for (const text of [JSON.stringify(settings.Labels), up.stdout, up.stderr, config]) {
    expect(text).not.toContain("of-nobody-else");
  }
});
