import { expect, test } from "vitest";
import { createProject } from "../support/project.ts";
import { tally } from "../support/tally.ts";

const yaml = `airflow:
stores: { warehouse: { type: postgres } }
python: { requirements: ["dbt-core<1.12", dbt-postgres] }
services:
  dbt:
    build: image
    scale: 0
    volumes: ["./dbt:/dbt:ro"]
    environment: { DBT_PROJECT_DIR: /dbt, DBT_PROFILES_DIR: /dbt }
pipelines:
  packages:
    params: { smallest: 10 }
    steps:
      load: { run: { store: warehouse, sql: load.sql } }
      build:
        run: "dbt build --project-dir dbt --profiles-dir dbt --vars '{smallest: {{ params.smallest }}}'"
        environment: &dbt
          DBT_TARGET_PATH: /tmp/target
          DBT_LOG_PATH: /tmp/logs
          DBT_USE_COLORS: "false"
          DBT_SEND_ANONYMOUS_USAGE_STATS: "false"
  image:
    params: { smallest: 10 }
    steps:
      load: { run: { store: warehouse, sql: load.sql } }
      build:
        run: { service: dbt, command: [dbt, build, --vars, "smallest: {{ params.smallest }}"] }
        environment: *dbt
`;

const files = {
  "load.sql": `create schema if not exists raw;
drop table if exists raw.orders cascade;
create table raw.orders (id int, amount numeric);
insert into raw.orders values (1, 5), (2, 20), (3, 30);
`,
  "image/Dockerfile": `ARG BASE=debian:bookworm-slim
FROM \${BASE}
RUN apt-get update -qq \\
 && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends python3-venv ca-certificates \\
 && python3 -m venv /opt/dbt \\
 && /opt/dbt/bin/pip install --no-cache-dir --quiet "dbt-core<1.12" dbt-postgres
ENV PATH=/opt/dbt/bin:$PATH
`,
  "dbt/dbt_project.yml": `name: shop
version: "1.0"
profile: shop
model-paths: [models]
`,
  "dbt/profiles.yml": `shop:
  target: dp
  outputs:
    dp:
      type: postgres
      host: warehouse
      port: 5432
      user: dp
      password: dp
      dbname: warehouse
      schema: marts
      threads: 2
`,
  "dbt/models/large_orders.sql": `{{ config(materialized="table") }}
select id, amount from {{ source("raw", "orders") }} where amount >= {{ var("smallest") }}
`,
  "dbt/models/schema.yml": `version: 2
sources:
  - name: raw
    tables: [{ name: orders }]
models:
  - name: large_orders
    columns:
      - name: id
        data_tests: [unique, not_null]
`,
};

test("dbt builds models from python.requirements and from an image", async () => {
  await using project = await createProject(yaml);
  for (const [path, content] of Object.entries(files)) await project.write(path, content);
  await project.succeed(["up"]);
  const failures = await tally("dbt build", async (attempt) => {
    for (const pipeline of ["packages", "image"]) {
      for (const flags of [[], ["--local"]]) {
        await attempt(`${pipeline} ${flags.join()}`, async () => {
          const run = ["pipeline", "run", pipeline, ...flags, "--param", "smallest=20"];
          const { stdout, stderr } = await project.succeed(run);
          expect(stdout + stderr).toContain("Done. PASS=3 WARN=0 ERROR=0");
        });
      }
    }
  });
  expect(failures).toEqual([]);
});
