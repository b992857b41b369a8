import { expect, test } from "vitest";
import { converted } from "./convert-text.ts";

const environment = (lines: string): string =>
  `services:\n  web:\n    image: x\n    restart: always\n    environment:\n${lines
    .split("\n")
    .map((line) => `      ${line}\n`)
    .join("")}`;

const withoutQuotes = (text: string): string => text.replaceAll('"', "");

test.each([
  ["API_TOKEN: hunter22", "API_TOKEN: ${API_TOKEN}"],
  ["DB_PASSWD: hunter22", "DB_PASSWD: ${DB_PASSWD}"],
  ["SIGNING_KEY: hunter22", "SIGNING_KEY: ${SIGNING_KEY}"],
  ["DB_PASS: ${DB_PASS:-hunter22}", "DB_PASS: ${DB_PASS}"],
  ["URL: postgres://app:hunter22@db:5432/a", "URL: postgres://app:${URL_PASSWORD}@db:5432/a"],
  ["URL: redis://:${PW:-hunter22}@cache", "URL: redis://:${PW}@cache"],
  [
    "DSN: host=db password=hunter22 sslmode=off",
    "DSN: host=db password=${DSN_PASSWORD} sslmode=off",
  ],
  [`CONN: '{"password": "hunter22"}'`, `CONN: '{"password": "\${CONN_PASSWORD}"}'`],
])("%s does not keep the secret", (written, expected) => {
  const conversion = converted(environment(written));
  expect(withoutQuotes(conversion.text)).toContain(withoutQuotes(expected));
  expect(JSON.stringify(conversion)).not.toContain("hunter22");
  expect(conversion.needed).toMatchObject([{ kind: "secret", at: { line: 6 } }]);
});

test.each([
  "TOKEN_FILE: /run/secrets/token",
  "USE_TOKEN: true",
  "API_KEY: ${API_KEY}",
  "PASSWORD: $$PASSWORD",
  'SECRET: ""',
  "URL: postgres://app:${PW}@db/a",
])("%s is kept", (written) => {
  const { text } = converted(environment(written), { variables: { API_KEY: "hunter22", PW: "x" } });
  expect(withoutQuotes(text)).toContain(withoutQuotes(written));
  expect(text).not.toContain("hunter22");
});

test("one password has one variable, two passwords of one name have two", () => {
  const service = (password: string): string =>
    `{ image: x, restart: always, environment: { DB_PASSWORD: ${password}, URL: "a://u:${password}@h" } }`;
  const { text, needed } = converted(
    `services:\n  one: ${service("first-one")}\n  two: ${service("second-one")}\n`,
  );
  expect(needed.map(({ name }) => name)).toEqual(["DB_PASSWORD", "TWO_DB_PASSWORD"]);
  expect(text).toContain("URL: a://u:${DB_PASSWORD}@h");
  expect(text).toContain("DB_PASSWORD: ${TWO_DB_PASSWORD}");
  expect(text).toContain("URL: a://u:${TWO_DB_PASSWORD}@h");
});

test("a variable that has the secret already need not be set", () => {
  const { text, needed } = converted(environment("API_TOKEN: hunter22"), {
    variables: { API_TOKEN: "hunter22" },
  });
  expect(text).toContain("${API_TOKEN}");
  expect(needed).toEqual([]);
});

test("passwords in commands, health checks, and build arguments become variables", () => {
  const { text, needed } = converted(
    `services:
  web:
    build: { context: ., args: { NPM_TOKEN: npm-4711 } }
    restart: always
    command: [serve, --password, serve-4711, --api-key=key-4711]
    healthcheck: { test: [CMD, mysqladmin, ping, -pmysql-4711] }
  old:
    image: x
    restart: always
    command: redis-server --requirepass old-4711
`,
    { files: { "/lab/Dockerfile": "FROM scratch\n" } },
  );
  expect(text).not.toContain("4711");
  expect(needed.map(({ name }) => name)).toEqual([
    "NPM_TOKEN",
    "WEB_SECRET",
    "WEB_SECRET_2",
    "WEB_SECRET_3",
    "OLD_SECRET",
  ]);
});

test("values of variables are never written", () => {
  const { text, notes } = converted(
    `services:
  web: { image: "web:\${TAG}", restart: always, environment: { A: "$REGION", B: "\${LEVEL:-info}" } }
  db: { image: "postgres:\${PG:-14}", ports: ["\${PORT}:5432"], environment: { POSTGRES_USER: "\${PGUSER}", POSTGRES_PASSWORD: "\${PW}" } }
`,
    {
      variables: {
        TAG: "from-env",
        REGION: "from-env",
        PORT: "7777",
        PGUSER: "from-env",
        PW: "from-env",
        PG: "15",
      },
    },
  );
  expect(text).not.toMatch(/from-env|7777/);
  expect(JSON.stringify(notes)).not.toMatch(/from-env|7777/);
  expect(text).toContain('environment: { A: "${REGION}", B: "${LEVEL:-info}" }');
  expect(text).toContain("port: ${PORT}");
});
