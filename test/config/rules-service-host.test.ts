import { expect, test } from "vitest";
import { checkYaml, messagesOf } from "./check-yaml.ts";

const texts = {
  "good.env": "# for the api\nexport A=1\nB='a $ sign'\n",
  "bad.env": "A=1\nno assignment here\n",
  "unset.env": "A=${NOT_SET}\n",
  "api/Dockerfile": "FROM scratch\n",
  "bare/Dockerfile": "FROM scratch\n",
};

const service = (keys: string) => `services: { api: { image: x, ${keys} } }`;

/** One for each rule: a text that breaks it, a part of the message, and a text that does not. */
const rules: readonly (readonly [string, string, string, string])[] = [
  [
    "envFilesAreReadable (missing)",
    service("env_file: api.env"),
    'no file "api.env"',
    service("env_file: good.env"),
  ],
  [
    "envFilesAreReadable (outside)",
    service("env_file: [good.env, ../api.env]"),
    "lies outside the folder",
    service("env_file: [good.env, ./good.env]"),
  ],
  [
    "envFilesAreReadable (syntax)",
    service("env_file: [good.env, bad.env]"),
    "bad.env:2 is not an assignment: a name can't contain a space",
    service("env_file: [good.env]"),
  ],
  [
    "envFilesAreReadable (variable)",
    service("env_file: unset.env"),
    "unset.env:1: the value of A can't be filled in",
    service("env_file: good.env"),
  ],
  [
    "extraHostsAreReadable (list)",
    service("extra_hosts: ['db.local:shop.example']"),
    "is not a name with an address",
    service("extra_hosts: ['db.local:10.0.0.5', 'six=[::1]', 'six:fe80::1', 'host:host-gateway']"),
  ],
  [
    "extraHostsAreReadable (map)",
    service("extra_hosts: { db.local: nowhere }"),
    '"db.local:nowhere" is not a name with an address',
    service("extra_hosts: { db.local: 10.0.0.5, host.docker.internal: host-gateway }"),
  ],
  [
    "ulimitsAreKnown (name)",
    service("ulimits: { nofiles: 1024 }"),
    '"nofiles" is not a limit of a process',
    service("ulimits: { nofile: 1024, memlock: -1 }"),
  ],
  [
    "ulimitsAreKnown (order)",
    service("ulimits: { nofile: { soft: -1, hard: 1024 } }"),
    "the soft limit of nofile is above the hard limit",
    service("ulimits: { nofile: { soft: 1024, hard: -1 } }"),
  ],
  [
    "composeKeysHaveNoEffect (container_name)",
    service("container_name: api"),
    "container_name has no effect: the container is my-shop-api",
    service("container_name: my-shop-api"),
  ],
  [
    "composeKeysHaveNoEffect (logging)",
    service("logging: { driver: json-file, options: { max-size: 10m } }"),
    "logging has no effect",
    service("hostname: shop.local, working_dir: /srv"),
  ],
  [
    "ulimitsAreKnown (both limits)",
    service("ulimits: { nofile: { soft: 1024 } }"),
    "nofile requires a soft limit and a hard limit",
    service("ulimits: { nofile: { soft: 1024, hard: 1024 } }"),
  ],
  [
    "buildsHaveDockerfiles (another file)",
    "services: { api: { build: { context: api, dockerfile: docker/api } } }",
    'no file "api/docker/api"',
    "services: { api: { build: { dockerfile: api/Dockerfile } } }",
  ],
  [
    "buildsHaveDockerfiles (outside of the context)",
    "services: { api: { build: { context: api, dockerfile: ../bare/Dockerfile } } }",
    'outside the build context "api"',
    "services: { api: { build: { context: api, dockerfile: ./Dockerfile, args: { A: 1 } } } }",
  ],
  [
    "buildsHaveDockerfiles (a URL)",
    'services: { api: { build: "https://user:word@example.com/api.git" } }',
    '"https://user:word@example.com/api.git" is a URL',
    "services: { api: { build: { context: api, target: final } } }",
  ],
];

test.each(rules)("%s reports what breaks it, and nothing else", (_, broken, message, whole) => {
  expect(messagesOf(broken, { texts })).toEqual([expect.stringContaining(message)]);
  expect(messagesOf(whole, { texts })).toEqual([]);
});

test("variables of files come before those of the service, and later files before earlier ones", () => {
  const files = {
    "a.env": "ONE=a\nTWO=a\nTHREE=a\nFOUR=${LEVEL}\n",
    "b.env": "TWO=b\nTHREE=b\n",
  };
  const text = service('env_file: [a.env, b.env], environment: { THREE: "c" }');
  const { stack } = checkYaml(text, { texts: files, env: { LEVEL: "debug" } });
  expect(stack?.services[0]?.environment).toEqual({
    ONE: "a",
    TWO: "b",
    THREE: "c",
    FOUR: "debug",
  });
});

test("an address of extra_hosts loses its brackets, and one limit is soft and hard", () => {
  const { stack } = checkYaml(
    service("extra_hosts: ['six=[::1]', 'four:10.0.0.5'], ulimits: { nofile: 9 }"),
  );
  expect(stack?.services[0]).toMatchObject({
    extraHosts: [
      { name: "six", address: "::1" },
      { name: "four", address: "10.0.0.5" },
    ],
    ulimits: [{ name: "nofile", soft: 9, hard: 9 }],
  });
});
