import { expect, test } from "vitest";
import { checkYaml, messagesOf } from "./check-yaml.ts";

const texts = { "a.py": "def clean(record):\n    return record\n" };

const parts = "stores: { db: }\n";
const step = (keys: string) => `${parts}pipelines: { p: { steps: { x: { ${keys} } } } }`;
const container = (keys: string) =>
  `${parts}services: { dbt: { image: x, scale: 0 } }\npipelines: { p: { steps: { x: { ${keys} } } } }`;

/** One for each rule: a text that breaks it, a part of the message, and a text that does not. */
const rules: readonly (readonly [string, string, string, string])[] = [
  [
    "runsAreWhole (a container and a function)",
    step("run: { image: x, python: 'a.py:clean' }"),
    "more than one program: python, image",
    step("run: { image: x }"),
  ],
  [
    "containerKeysHaveContainers (command)",
    step("run: { python: 'a.py:clean', command: ls }"),
    "command requires an image or a service",
    step("run: { image: x, command: ls }"),
  ],
  [
    "containerKeysHaveContainers (volumes)",
    container("run: { service: dbt, volumes: ['./a.py:/a.py'] }"),
    "volumes requires an image",
    step("run: { image: x, volumes: ['./a.py:/a.py:ro'] }"),
  ],
  [
    "stepServicesExist",
    step("run: { service: dbd }"),
    'service "dbd" not found',
    container("run: { service: dbt, command: [dbt, build] }"),
  ],
  [
    "stepCommandsAreReadable",
    step('run: { image: x, command: "sh -c \'a" }'),
    "never closed",
    step("run: { image: x, command: \"sh -c 'a b'\" }"),
  ],
  [
    "stepVolumesAreReadable (a volume of the engine)",
    step("run: { image: x, volumes: ['data:/data'] }"),
    "is not a folder or file to mount",
    step("run: { image: x, volumes: ['./a.py:/a.py'] }"),
  ],
  [
    "stepMountsAreFixed (Airflow)",
    `airflow: { volumes: ['./:/project'] }\n${step("run: { image: x, volumes: ['./a.py:/a.py'] }")}`,
    'is inside "./:/project", which Airflow can change',
    `airflow: { volumes: ['./:/project:ro'] }\n${step("run: { image: x, volumes: ['./:/project'] }")}`,
  ],
  [
    "stepMountsAreFixed (a service of a step)",
    `airflow:\n${parts}services: { web: { image: x, volumes: ['./:/w'] }, dbt: { image: x, scale: 0, volumes: ['./a.py:/a'] } }\npipelines: { p: { steps: { x: { run: { service: dbt } } } } }`,
    `is inside "./:/w", which service "web" can change`,
    `${parts}services: { web: { image: x, volumes: ['./:/w'] }, dbt: { image: x, scale: 0, volumes: ['./a.py:/a'] } }\npipelines: { p: { steps: { x: { run: { service: dbt } } } } }`,
  ],
  [
    "stepVolumesAreReadable (the socket of the engine)",
    step("run: { image: x, volumes: ['/var/run/docker.sock:/var/run/docker.sock'] }"),
    "lies outside the folder of pipeline.yaml",
    step("run: { image: x, volumes: ['./a.py:/a.py'] }"),
  ],
  [
    "volumesAreReadable (the socket of the engine, for a step)",
    `${parts}services: { dbt: { image: x, scale: 0, volumes: ['/var/run/docker.sock:/s'] } }\npipelines: { p: { steps: { x: { run: { service: dbt } } } } }`,
    "lies outside the folder of pipeline.yaml",
    container("run: { service: dbt }"),
  ],
  [
    "unstartedServicesHaveNoVolumes",
    "services: { dbt: { image: x, scale: 0, volumes: ['data:/data'] } }\npipelines: { p: { steps: { x: { run: { service: dbt } } } } }",
    'the volume "data" requires a service that runs',
    "services: { dbt: { image: x, volumes: ['data:/data'] } }\npipelines: { p: { steps: { x: { run: { service: dbt } } } } }",
  ],
  [
    "unstartedServicesAreSteps",
    container("run: ls"),
    "no step uses it",
    container("run: { service: dbt }"),
  ],
  [
    "unstartedServicesAreNotAwaited",
    "services: { dbt: { image: x, scale: 0 }, api: { image: x, depends_on: [dbt] } }\npipelines: { p: { steps: { x: { run: { service: dbt } } } } }",
    '"api" can\'t start after "dbt"',
    "services: { dbt: { image: x, scale: 1 }, api: { image: x, depends_on: [dbt] } }\npipelines: { p: { steps: { x: { run: { service: dbt } } } } }",
  ],
  [
    "stepTemplatesAreKnown (an argument)",
    step("run: { image: x, command: [echo, '{{ params.dy }}'] }"),
    "there is nothing called {{ params.dy }}",
    step("run: { image: x, command: [echo, '{{ ds }}', '{{ db.url }}'] }"),
  ],
  [
    "templatesAreFilled (an image)",
    step("run: { image: 'x:{{ds}}' }"),
    "is not filled in here",
    step("run: { image: 'x:1' }"),
  ],
  [
    "containerNamesAreValid (the step runner)",
    "airflow:\nservices: { step-runner: { image: x } }\npipelines: { p: { steps: { x: { run: { image: x } } } } }",
    "needs for the runner of steps in containers",
    "airflow:\nservices: { step-runner: { image: x } }\npipelines: { p: { steps: { x: { run: ls } } } }",
  ],
];

test.each(rules)("%s finds its mistake once, and nothing else", (_, wrong, message, right) => {
  const { problems } = checkYaml(wrong, { texts });
  expect(problems.map((problem) => problem.message)).toEqual([expect.stringContaining(message)]);
  expect(problems[0]?.hint).toBeTruthy();
  expect(problems[0]?.at).toBeDefined();
  expect(messagesOf(right, { texts })).toEqual([]);
});
