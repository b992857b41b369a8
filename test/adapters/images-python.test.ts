import { expect, onTestFinished, test } from "vitest";
import { ensureImage } from "../../src/docker/images/images.ts";
import { ensurePackageLayer } from "../../src/docker/images/package-layer.ts";
import type { Event } from "../../src/model/events.ts";
import { builtImage, runInImage, runProgram } from "../support/built-image.ts";
import { engineClient } from "../support/docker.ts";
import { openEngine } from "../support/engine.ts";
import { uniqueName } from "../support/unique-name.ts";

const airflow = { what: "airflow", version: "3.3.2" } as const;
const runtime = { what: "runtime", version: "1" } as const;

const importAll =
  "cd /tmp && /opt/dp/venv/bin/python -c 'import confluent_kafka, psycopg, httpx, ijson, croniter, boto3, redis; print(psycopg.pq.__impl__)'";

test.each([airflow, runtime])("$what must have what steps import", async (image) => {
  expect(await runInImage(image, importAll)).toBe("binary\n");
});

test.each([airflow, runtime])(
  "$what must have its environment of steps compiled, and not writable",
  async (image) => {
    const compiled = "/opt/dp/venv/lib/python3*/site-packages/httpx/__pycache__/_api.*.pyc";
    const output = await runInImage(image, `ls ${compiled} && touch /opt/dp/venv/x; true`);
    expect(output).toMatch(/_api\.cpython-311\.pyc\ntouch: .* Permission denied\n$/);
  },
);

test.each([airflow, runtime])("$what must run as uid 50000 of group 0", async (image) => {
  const output = await runInImage(image, "id -u; id -g; touch /opt/dp/code/x $HOME/x && echo ok");
  expect(output).toBe("50000\n0\nok\n");
});

test.each([airflow, runtime])(
  "nothing of the host's certificates may be in $what",
  async (image) => {
    const find = "find / -name 'host-*.crt' -o -name 'host-ca*' 2> /dev/null; ls -d /build /tmp/uv";
    expect(await runInImage(image, `${find} 2> /dev/null; echo end`)).toBe("end\n");
  },
);

test("Airflow's folders must be writable for its own user and any other of group 0", async () => {
  const { ref } = await builtImage(airflow);
  const folders =
    "/opt/airflow/dags /opt/airflow/logs /opt/airflow/plugins /opt/airflow/config /var/lib/airflow";
  const script = `for f in ${folders}; do touch $f/x && stat -c '%u:%g %A' $f; done; whoami`;
  for (const [user, name] of [
    ["50000:0", "airflow"],
    ["1234:0", "airflow"],
  ] as const) {
    const args = ["run", "--rm", "--user", user, ref, "bash", "-c", script];
    const output = await runProgram("docker", args);
    expect(output).toBe(`${"50000:0 drwxrwxr-x\n".repeat(5)}${name}\n`);
  }
});

test("Airflow must be that version, with the providers that DAGs of a stack use", async () => {
  const script =
    "import airflow, airflow.providers.amazon, airflow.providers.apache.kafka, airflow.providers.postgres, airflow.providers.redis, airflow.providers.standard; print(airflow.__version__)";
  const { ref } = await builtImage(airflow);
  const output = await runProgram("docker", ["run", "--rm", ref, "python", "-c", script]);
  expect(output).toBe("3.3.2\n");
});

test("Airflow has the ruff of its lock", async () => {
  const { ref } = await builtImage(airflow);
  const args = [
    "run",
    "--rm",
    "--network",
    "none",
    ref,
    "bash",
    "-c",
    "/opt/dp/bin/ruff --version",
  ];
  expect(await runProgram("docker", args)).toMatch(/^ruff \d+\.\d+\.\d+\n$/);
});

test("a database that is not there must begin with Airflow's tables, and one that is be kept", async () => {
  const { ref } = await builtImage(airflow);
  const variable = "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN=sqlite:////var/lib/airflow/airflow.db";
  const count = `import sqlite3; print(sqlite3.connect("/var/lib/airflow/airflow.db").execute("SELECT count(*) FROM sqlite_master WHERE name IN ('dag_run', 'task_instance', 'alembic_version')").fetchone()[0])`;
  const run = (script: string): Promise<string> =>
    runProgram("docker", ["run", "--rm", "--env", variable, ref, "bash", "-c", script]);
  expect(await run(`python -c '${count.replaceAll("'", `'"'"'`)}'`)).toBe("3\n");
  const again =
    "echo mine > /var/lib/airflow/airflow.db; /entrypoint bash -c 'cat /var/lib/airflow/airflow.db'";
  expect(await run(again)).toBe("mine\n");
});

test("an image of Airflow that dp has not built must get dp's layer, once", async () => {
  const engine = await openEngine();
  const docker = await engineClient();
  const { id } = await builtImage(airflow);
  // It plays the official image: nothing of the layer is taken from it.
  const prefix = "dp-test.invalid";
  const official = `${prefix}/apache/airflow:3.3.2-python3.11`;
  await docker.getImage(id).tag({ repo: `${prefix}/apache/airflow`, tag: "3.3.2-python3.11" });
  onTestFinished(() => docker.getImage(official).remove());
  const events: Event[] = [];
  const ensure = () =>
    ensureImage({
      engine,
      wish: { ...airflow, named: undefined, section: "airflow" },
      settings: { prefix, pull: "never", build: "auto" },
      signal: new AbortController().signal,
      env: process.env,
      emit: (event) => void events.push(event),
    });
  const layer = await ensure();
  onTestFinished(() => docker.getImage(layer.ref).remove());
  expect(layer.ref).toMatch(/^dp-airflow:3\.3\.2-[0-9a-f]{8}$/);
  expect(layer.id).not.toBe(id);
  expect(events.some((event) => event.type === "step" && event.action === "build")).toBe(true);
  events.length = 0;
  expect(await ensure()).toEqual(layer);
  expect(events).toEqual([]);
  const script = `${importAll}; id -u; touch /var/lib/airflow/x /opt/dp/code/x && echo ok; /opt/dp/bin/ruff --version`;
  const args = ["run", "--rm", layer.ref, "bash", "-c", script];
  expect(await runProgram("docker", args)).toMatch(/^binary\n50000\nok\nruff \S+\n$/);
});

test("a package that moves a version of the image replaces it whole, and is noted", async () => {
  const engine = await openEngine();
  const docker = await engineClient();
  const events: Event[] = [];
  // A build that the engine has in its cache prints nothing.
  const texts = ["httpx==0.28.0", `idna>=1.${Date.now()}`];
  const python = texts.map((text) => ({ text, at: undefined, setting: [] }));
  const layer = await ensurePackageLayer({
    engine,
    packages: { project: uniqueName("pkg"), service: "runtime", airflow: [], python },
    base: await builtImage(runtime),
    settings: { prefix: undefined, pull: "never", build: "auto" },
    signal: new AbortController().signal,
    env: process.env,
    emit: (event) => void events.push(event),
    when: "changed",
  });
  onTestFinished(() => docker.getImage(layer.ref).remove());
  const notes = events.flatMap((event) => (event.type === "note" ? [event.text] : []));
  expect(notes.join()).toMatch(/httpx 0\.28\.\d+ -> 0\.28\.0$/);
  const script =
    "cd /opt/dp/venv/lib/python3*/site-packages && ls -d httpx-*; /opt/dp/venv/bin/python -c 'import httpx, importlib.metadata as m; print(httpx.__version__, m.version(\"httpx\"))'; ls /home";
  const args = ["run", "--rm", "--entrypoint", "sh", layer.ref, "-c", script];
  expect(await runProgram("docker", args)).toBe("httpx-0.28.0.dist-info\n0.28.0 0.28.0\ndp\n");
});
