import { afterAll, beforeAll, expect, test } from "vitest";
import { engineClient } from "../support/docker.ts";
import { createProject, type Project } from "../support/project.ts";
import { failureOf } from "../support/run-dp.ts";

const steps = `pipelines:
  count:
    steps:
      print: { run: { python: "count.py:main" } }
`;
const file = (airflow: string, python: string): string =>
  `airflow: { dags: dags, requirements: ${airflow} }\npython: { requirements: ${python} }\n${steps}`;

const requirements = "# for reports\nhumanize\n";
const dag = `from airflow.sdk import DAG, task
import humanize

with DAG("report", schedule=None):

    @task
    def write():
        print("in a DAG", humanize.intcomma(12345))

    write()
`;

let shop: Project;

beforeAll(async () => {
  shop = await createProject(file("requirements.txt", "[humanize]"));
  await shop.write("requirements.txt", requirements);
  await shop.write("dags/report.py", dag);
  await shop.write(
    "count.py",
    'import humanize\n\ndef main():\n    print("in a step", humanize.intcomma(12345))\n',
  );
  await shop.succeed(["up"]);
});

afterAll(() => shop[Symbol.asyncDispose]());

test("a DAG, a step, and a local run import the packages of pipeline.yaml", async () => {
  const ofDag = await shop.succeed(["pipeline", "run", "report"]);
  expect(ofDag.stdout + ofDag.stderr).toContain("in a DAG 12,345");
  for (const where of [[], ["--local"]]) {
    const ofStep = await shop.succeed(["pipeline", "run", "count", ...where]);
    expect(ofStep.stdout + ofStep.stderr).toContain("in a step 12,345");
  }
});

test("keeps the resolved versions with their hashes in the image", async () => {
  const read = ["cat", "/opt/dp/packages/airflow.lock", "/opt/dp/packages/python.lock"];
  const { stdout } = await shop.succeed(["exec", "airflow", "--", ...read]);
  expect(stdout.match(/^humanize==\S+ \\\n +--hash=sha256:[0-9a-f]{64}/gm)).toHaveLength(2);
  expect(stdout).toContain("apache-airflow-core==3.3.2 ");
});

test("another comment in the file builds nothing, another package replaces Airflow", async () => {
  await shop.write("requirements.txt", "humanize  # numbers\n");
  // It is also a file of the project folder, which is deployed.
  expect((await shop.succeed(["plan"])).stdout).not.toContain("container");
  await shop.write("requirements.txt", "humanize\ntabulate\n");
  const { stdout } = await shop.dp(["plan"]);
  expect(stdout).toMatch(/replace container airflow +requirements changed/);
  await shop.write("requirements.txt", requirements);
});

test.each([
  ["humanize\n\npandsa-nothere\n", 3, "can't find", "was not found in the package registry"],
  ["pydantic<2\nhumanize\n", 1, "can't install", "apache-airflow-core==3.3.2 depends on pydantic"],
])(
  "reports the line of %j in the installer's words, and changes nothing",
  async (broken, line, message, reason) => {
    const before = await shop.snapshot();
    const images = await imagesOf(shop.name);
    await shop.write("requirements.txt", broken);
    const failure = failureOf(await shop.dp(["up", "--json"]));
    expect(failure.message).toContain(message);
    expect(failure.why).toContain(reason);
    expect(failure.at).toMatchObject({ file: `${shop.folder}/requirements.txt`, line });
    expect(await shop.snapshot()).toEqual(before);
    expect(await imagesOf(shop.name)).toEqual(images);
    await shop.write("requirements.txt", requirements);
    expect((await shop.succeed(["plan"])).stdout).toContain("is as the file");
  },
);

async function imagesOf(project: string): Promise<string[]> {
  const images = await (await engineClient()).listImages();
  return images
    .flatMap(({ RepoTags: tags }) => tags ?? [])
    .filter((tag) => tag.startsWith(`dp-${project}-`))
    .toSorted();
}
