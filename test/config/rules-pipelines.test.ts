import { expect, test } from "vitest";
import { checkYaml, messagesOf } from "./check-yaml.ts";

const texts = {
  "a.py":
    "def clean(record):\n    return record\n\nTOTAL = 3\nasync def slow(record):\n  pass\n  def inner(): pass\n",
  "names.py":
    "from lib import (\n    one,\n    two as zwei,\n)\nimport other\nclass Cleaner: ...\nf: object = print\n",
  "open.py": "from lib import *\n",
  "tools/mart.py":
    "import os, duckdb\ndef load():\n    return duckdb.connect(os.environ['DB_PATH'])\n",
  "q.sql": "select {{ ds }}",
  "bad.sql": "select {{ dss }}",
};

const parts = "topics: { a: , b: , c: { config: { cleanup.policy: compact } } }\nstores: { db: }\n";
const pipeline = (keys: string) => `${parts}pipelines: { p: { ${keys} } }`;
const steps = (text: string) => pipeline(`steps: { ${text} }`);
const step = (keys: string) => steps(`x: { ${keys} }`);
const fetch = (to: string) => step(`from: "http://h/o", to: ${to}`);
const copy = (keys: string) => step(`from: "topic:a", to: "topic:b", ${keys}`);

/** One for each rule: a text that breaks it, a part of the message, and a text that does not. */
const rules: readonly (readonly [string, string, string, string])[] = [
  [
    "pipelineNamesAreValid",
    `${parts}pipelines: { a-b: { steps: { x: { run: ls } } } }`,
    "cannot be the name of a pipeline",
    `${parts}pipelines: { a_b: { steps: { x: { run: ls } } } }`,
  ],
  [
    "pipelineNamesAreValid (step)",
    steps("X: { run: ls }"),
    "name of a step",
    steps("x1: { run: ls }"),
  ],
  [
    "paramNamesAreValid",
    pipeline("params: { a-b: 1 }, steps: { x: { run: ls } }"),
    "name of a parameter",
    pipeline("params: { a_b: 1 }, steps: { x: { run: ls } }"),
  ],
  ["pipelinesHaveSteps", `${parts}pipelines: { p: }`, "has no steps", step("run: ls")],
  [
    "schedulesAreValid",
    `airflow:\n${pipeline("schedule: 61 * * * *, steps: { x: { run: ls } }")}`,
    'has "61", and the minute goes from 0 to 59',
    `airflow:\n${pipeline('schedule: "*/5 6-22 1 jan mon-fri", steps: { x: { run: ls } }')}`,
  ],
  [
    "schedulesAreValid (words)",
    `airflow:\n${pipeline("schedule: dayly, steps: { x: { run: ls } }")}`,
    "is no schedule",
    `airflow:\n${pipeline("schedule: daily, steps: { x: { run: ls } }")}`,
  ],
  [
    "timezonesExist",
    pipeline("timezone: Europe/Berln, steps: { x: { run: ls } }"),
    "is no time zone",
    pipeline("timezone: Europe/Berlin, steps: { x: { run: ls } }"),
  ],
  [
    "schedulesNeedAirflow",
    pipeline("schedule: daily, steps: { x: { run: ls } }"),
    "no airflow to run it",
    `airflow:\n${pipeline("schedule: daily, steps: { x: { run: ls } }")}`,
  ],
  ["stepsDoOneThing", steps("x: "), "neither moves records nor runs", step("run: ls")],
  ["stepsDoOneThing (both)", copy("run: ls"), "moves records and runs", copy("batch: 5")],
  ["stepsDoOneThing (no to)", step("from: 'topic:a'"), "writes them nowhere", copy("")],
  ["stepsDoOneThing (no from)", step("to: 'topic:a'"), "reads them nowhere", copy("")],
  ["moveKeysMove", step("run: ls, batch: 5"), "batch has no effect", copy("batch: 5")],
  ["runsAreWhole", step("run: {}"), "nothing to run", step("run: { python: 'a.py:clean' }")],
  [
    "runsAreWhole (no store)",
    step("run: { sql: q.sql }"),
    "sql and no store",
    step("run: { store: db, sql: q.sql }"),
  ],
  [
    "runsAreWhole (both)",
    step("run: { python: 'a.py:clean', store: db, sql: q.sql }"),
    "not both",
    step("run: { store: db, sql: q.sql }"),
  ],
  ["endpointsAreReadable", step("from: a, to: 'topic:b'"), "is no source", copy("")],
  ["endpointsAreReadable (to)", step("from: 'topic:a', to: b"), "is no destination", copy("")],
  [
    "endpointsAreReadable (URL)",
    step("from: 'topic:a', to: 'http://h/b'"),
    "can't be written to",
    copy(""),
  ],
  [
    "endpointsAreWhole",
    step("from: { topic: a, http: 'http://h' }, to: 'topic:b'"),
    "here it is http and topic",
    step("from: { http: 'http://h' }, to: 'topic:b'"),
  ],
  ["endpointsAreWhole (none)", fetch("{}"), "here it is none", fetch("{ topic: a }")],
  [
    "endpointsAreWhole (foreign key)",
    fetch("{ topic: a, table: t }"),
    "table has no effect beside topic",
    fetch("{ topic: a, key: id }"),
  ],
  [
    "endpointsAreWhole (no table)",
    fetch("{ store: db }"),
    "has no table",
    fetch("{ store: db, table: t }"),
  ],
  [
    "endpointsAreWhole (two reads)",
    step("from: { store: db, table: t, query: select 1 }, to: 'topic:a'"),
    "only one of them",
    step("from: { store: db, query: select 1 }, to: 'topic:a'"),
  ],
  [
    "endpointsAreWhole (no URL)",
    step("from: { http: 'shop:/orders' }, to: 'topic:a'"),
    "is no URL",
    step("from: { http: 'http://{{ kafka.bootstrap }}/orders' }, to: 'topic:a'"),
  ],
  ["topicsAreDeclared", step("from: 'topic:a', to: 'topic:d'"), 'no topic "d"', copy("")],
  [
    "topicsAreDeclared (bad)",
    copy("on_bad_record: 'topic:bad'"),
    'no topic "bad"',
    copy("on_bad_record: 'topic:c'"),
  ],
  ["storesAreDeclared", fetch("'dbs:t'"), 'no store "dbs"', fetch("'db:t'")],
  [
    "storesAreDeclared (run)",
    step("run: { store: bd, sql: q.sql }"),
    'no store "bd"',
    step("run: { store: db, sql: q.sql }"),
  ],
  [
    "storesOfRecordsArePostgres",
    fetch("'db:t'").replace("db: }", "db: { type: s3 } }"),
    'Postgres stores only, and "db" is of type s3',
    fetch("'db:t'"),
  ],
  [
    "storesOfRecordsArePostgres (DuckDB)",
    fetch("'db:t'").replace("db: }", "db: { type: duckdb } }"),
    '"db" is of type duckdb',
    fetch("'db:t'"),
  ],
  [
    "storesOfRecordsArePostgres (run)",
    step("run: { store: db, sql: q.sql }").replace("db: }", "db: { type: redis } }"),
    '"db" is of type redis',
    step("run: { store: db, sql: q.sql }"),
  ],
  [
    "stepsUseNoDuckdb",
    step("run: 'python load.py $DB_URL'").replace("db: }", "db: { type: duckdb } }"),
    "the step uses DB_URL, which is not set in steps",
    step("run: 'python load.py $DB_URL'"),
  ],
  [
    "stepsUseNoDuckdb (file of a command)",
    step("run: python tools/mart.py --all").replace("db: }", "db: { type: duckdb } }"),
    "the step uses DB_PATH, which is not set in steps",
    step("run: python a.py").replace("db: }", "db: { type: duckdb } }"),
  ],
  [
    "stepsUseNoDuckdb (function)",
    step("run: { python: 'tools/mart.py:load' }").replace("db: }", "db: { type: duckdb } }"),
    "the step uses DB_PATH, which is not set in steps",
    step("run: { python: 'tools/mart.py:load' }, environment: { DB_PATH: /tmp/db }").replace(
      "db: }",
      "db: { type: duckdb } }",
    ),
  ],
  [
    "neededStepsExist",
    steps("one: { run: ls }, two: { run: ls, needs: [oen] }"),
    'no step "oen"',
    steps("one: { run: ls }, two: { run: ls, needs: [one] }"),
  ],
  [
    "needsPointUp",
    steps(
      "one: { run: ls, needs: [three] }, two: { run: ls, needs: [] }, three: { run: ls, needs: [] }",
    ),
    'needs "three", which stands below it',
    steps("one: { run: ls }, two: { run: ls, needs: [] }, three: { run: ls, needs: [one, two] }"),
  ],
  [
    "needsPointUp (circle)",
    steps("one: { run: ls, needs: [three] }, two: { run: ls }, three: { run: ls }"),
    "one needs three needs two needs one",
    steps("one: { run: ls }, two: { run: ls }, three: { run: ls }"),
  ],
  [
    "readersWaitForWriters",
    steps(
      "one: { from: 'http://h', to: 'topic:a' }, two: { from: 'topic:a', to: 'topic:b', needs: [] }",
    ),
    'reads topic a, and does not wait for "one"',
    steps("one: { from: 'http://h', to: 'topic:a' }, two: { from: 'topic:a', to: 'topic:b' }"),
  ],
  [
    "readersWaitForWriters (table)",
    steps("one: { from: 'db:t', to: 'topic:a' }, two: { from: 'http://h', to: 'db:t' }"),
    'reads db:t, and does not wait for "two"',
    steps("two: { from: 'http://h', to: 'db:t' }, one: { from: 'db:t', to: 'topic:a' }"),
  ],
  [
    "functionsExist",
    copy("transform: 'a.py:claen'"),
    'no function "claen"',
    copy("transform: 'a.py:clean'"),
  ],
  [
    "functionsExist (file)",
    copy("transform: 'b.py:clean'"),
    'no file "b.py"',
    copy("transform: './a.py:TOTAL'"),
  ],
  [
    "functionsExist (form)",
    copy("transform: a.py"),
    "names no function",
    copy("transform: 'open.py:x'"),
  ],
  [
    "functionsExist (async)",
    copy("transform: 'a.py:slow'"),
    "is asynchronous",
    copy("transform: 'names.py:zwei'"),
  ],
  [
    "functionsExist (inner)",
    copy("transform: 'a.py:inner'"),
    'no function "inner"',
    copy("transform: 'names.py:one'"),
  ],
  [
    "functionsExist (outside)",
    copy("transform: '../a.py:clean'"),
    "outside the folder",
    copy("transform: 'names.py:f'"),
  ],
  [
    "functionsExist (run)",
    step("run: { python: 'a.py:main' }"),
    'no function "main"',
    step("run: { python: 'names.py:Cleaner' }"),
  ],
  [
    "sqlFilesExist",
    step("run: { store: db, sql: r.sql }"),
    'no file "r.sql"',
    step("run: { store: db, sql: q.sql }"),
  ],
  [
    "upsertsHaveKeys",
    fetch("{ store: db, table: t, mode: upsert }"),
    "without a unique_key",
    fetch("{ store: db, table: t, mode: upsert, unique_key: id }"),
  ],
  [
    "appendsHaveNoKeys",
    fetch("{ store: db, table: t, mode: append, unique_key: id }"),
    "append adds every row",
    fetch("{ store: db, table: t, mode: replace, unique_key: id }"),
  ],
  [
    "stepsWriteElsewhere",
    step("from: 'topic:a', to: 'topic:a'"),
    "writes to the topic that it reads",
    copy("on_bad_record: skip"),
  ],
  [
    "stepsWriteElsewhere (bad records)",
    copy("on_bad_record: 'topic:a'"),
    "writes to the topic that it reads",
    copy("on_bad_record: 'topic:c'"),
  ],
  ["compactedTopicsGetKeys", fetch("'topic:c'"), "is compacted", fetch("{ topic: c, key: id }")],
  [
    "appendsMayDouble",
    step("from: 'topic:a', to: 'db:t'"),
    "may write rows twice",
    step("from: 'topic:a', to: { store: db, table: t, unique_key: [_topic, _partition, _offset] }"),
  ],
  [
    "placeColumnsComeFromTopics",
    fetch("{ store: db, table: t, unique_key: [_topic, _offset] }"),
    "only records of a topic have _topic",
    fetch("{ store: db, table: t, unique_key: [topic, offset] }"),
  ],
  [
    "uniqueKeysName",
    fetch("{ store: db, table: t, unique_key: [] }"),
    "names no column",
    fetch("'db:t'"),
  ],
  [
    "uniqueKeysName (twice)",
    fetch("{ store: db, table: t, unique_key: [a, a] }"),
    "listed twice",
    fetch("{ store: db, table: t, unique_key: [a, b] }"),
  ],
  [
    "exactlyOnceIsBetweenTopics",
    fetch("{ topic: a, delivery: exactly_once }"),
    "from topic to topic only",
    step("from: 'topic:a', to: { topic: b, delivery: exactly_once }"),
  ],
  [
    "stepTemplatesAreKnown",
    step("run: 'echo {{ sd }}'"),
    "nothing called {{ sd }}",
    step("run: 'echo {{ ds }} {{run_id}}'"),
  ],
  [
    "stepTemplatesAreKnown (params)",
    step("run: 'echo {{ params.day }}'"),
    "{{ params.day }}",
    pipeline("params: { day: 1 }, steps: { x: { run: 'echo {{ params.day }}' } }"),
  ],
  [
    "stepTemplatesAreKnown (URL)",
    step("from: 'http://h?d={{ day }}', to: 'topic:a'"),
    "{{ day }}",
    step(
      "from: { http: 'http://h', params: { a: '{{ ds }}' }, headers: { b: '{{ db.url }}' } }, to: 'topic:a'",
    ),
  ],
  [
    "stepTemplatesAreKnown (SQL file)",
    step("run: { store: db, sql: bad.sql }"),
    "{{ dss }}",
    step("run: { store: db, sql: q.sql }"),
  ],
  [
    "templatesAreFilled",
    fetch("{ store: db, table: 't_{{ ds }}' }"),
    "not filled in here",
    step("run: ls, environment: { A: '{{ kafka.bootstrap }}' }"),
  ],
  [
    "templatesAreFilled (params)",
    pipeline("params: { day: '{{ ds }}' }, steps: { x: { run: ls } }"),
    "not filled in here",
    pipeline("params: { day: '{ds}' }, steps: { x: { run: ls } }"),
  ],
];

test.each(rules)("%s must find what it is for, once, and nothing else", (_, wrong, part, right) => {
  const { problems } = checkYaml(wrong, { texts });
  expect(problems.map(({ message }) => message)).toEqual([expect.stringContaining(part)]);
  expect(problems[0]?.hint).toBeTruthy();
  expect(problems[0]?.at).toBeDefined();
  expect(messagesOf(right, { texts })).toEqual([]);
});

test.each([
  [fetch("'dbb:t'"), 'did you mean "db"?'],
  [fetch("'topci:a'"), 'did you mean "topic"?'],
  [copy("on_bad_record: 'topic:bb'"), 'did you mean "b"? If not, add a line `bb:` under topics'],
  [copy("transform: 'a.py:cleen'"), 'did you mean "clean"?'],
  [steps("one: { run: ls }, two: { run: ls, needs: [on] }"), 'did you mean "one"?'],
  [step("run: 'echo {{ runid }}'"), 'did you mean "run_id"?'],
  [pipeline("timezone: Europe/Berln, steps: { x: { run: ls } }"), "write Europe/Berlin"],
])("a name that is nearly right must be answered with the right one: %s", (text, hint) => {
  expect(checkYaml(text, { texts }).problems.map((problem) => problem.hint)).toEqual([hint]);
});

const otherStore = "add a store with another name, e.g. stores: warehouse: { type: postgres }";
const topicForm =
  "use 1 to 249 letters, digits, dots, dashes and underscores, and do not begin with __";

test.each([
  [step("from: 'file:a.csv', to: 'topic:a'"), /^read the file in a run step; a source is http:/],
  [step("from: 's3://raw/a', to: 'topic:a'"), /^read the file in a run step; a source is http:/],
  [step("from: 'topic:a', to: 's3:raw'"), /^write the file in a run step; a destination is topic:/],
  [step("from: 'topic:a', to: 'file:///b'"), /^write the file in a run step; a destination is/],
  [step("from: 'https:/h/o', to: 'topic:a'"), /^write http:\/\/…, topic:NAME or STORE:TABLE$/],
  [step("from: { store: file, table: t }, to: 'topic:a'"), new RegExp(`; ${otherStore}$`)],
  [step("from: 'kafka-1:orders', to: 'topic:a'"), new RegExp(`; ${otherStore}$`)],
  [step("from: 'My_Files:orders', to: 'topic:a'"), new RegExp(`; ${otherStore}$`)],
  [step("from: 'shop-api:orders', to: 'topic:a'"), new RegExp(`; ${otherStore}$`)],
  [
    step("from: 'marts:orders', to: 'topic:a'"),
    /; add it under stores: marts: { type: postgres }$/,
  ],
  [step("from: 'topic:orders/raw', to: 'topic:a'"), new RegExp(`^${topicForm}$`)],
  [step("from: 'topic:__orders', to: 'topic:a'"), new RegExp(`^${topicForm}$`)],
])("a hint never names what dp rejects: %s", (text, hint) => {
  const services = "kafka:\nservices: { shop-api: { image: shop } }\n";
  const { problems } = checkYaml(`${services}${text}`, { texts });
  expect(problems.map((problem) => problem.hint)).toEqual([expect.stringMatching(hint)]);
});

test("a short form must be shown where it stands, a long form at its key", () => {
  const at = (text: string) =>
    checkYaml(text).problems.map(({ at, path }) => [at?.column, path.at(-1)]);
  expect(
    at("topics: [a]\npipelines: { p: { steps: { x: { from: 'topic:b', to: 'topic:a' } } } }"),
  ).toEqual([[39, "from"]]);
  expect(
    at("topics: [a]\npipelines: { p: { steps: { x: { from: { topic: b }, to: 'topic:a' } } } }"),
  ).toEqual([[48, "topic"]]);
});

test("what rests on a wrong value must not be told beside it", () => {
  const uses = "pipelines: { p: { steps: { x: { from: 'topic:a', to: 'db:t' } } } }";
  expect(messagesOf(`topics: 3\nstores: [db]\n${uses}`)).toEqual([
    expect.stringContaining('"topics" must be'),
    expect.stringContaining('"stores" must be'),
    expect.stringContaining("may write rows twice"),
  ]);
  const broken =
    "topics: [c]\npipelines: { p: { steps: { x: { from: [1], to: { topic: c } }, y: { run: 3, retries: x } } } }";
  expect(messagesOf(broken)).toEqual([
    expect.stringContaining('"from" must be a source'),
    expect.stringContaining('"retries" must be'),
  ]);
});
