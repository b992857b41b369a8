import { expect, test } from "vitest";
import {
  parseProperties,
  readClientProperties,
} from "../../../src/kafka/cluster/client-properties.ts";

test("properties must be read as Java reads them", () => {
  const text = [
    "# a comment = no",
    "! neither : this",
    "",
    "plain=value with spaces ",
    "colon:value",
    "space value",
    "  indented = x",
    "path=C\\:\\\\certs",
    "long=one, \\",
    "     two",
    "sign=\\u00e9\\t.",
    "ke\\=y=z",
    "empty=",
    "none",
  ].join("\n");
  expect(Object.fromEntries(parseProperties(text))).toEqual({
    plain: "value with spaces ",
    colon: "value",
    space: "value",
    indented: "x",
    path: "C:\\certs",
    long: "one, two",
    sign: "é\t.",
    "ke=y": "z",
    empty: "",
    none: "",
  });
});

test("properties with a byte order mark and CRLF are read", () => {
  expect(Object.fromEntries(parseProperties("\uFEFFa=1\r\nb=2 \\\r\n  3\r\n"))).toEqual({
    a: "1",
    b: "2 3",
  });
});

test("the properties of a Java client must give addresses, login and certificates", () => {
  const settings = readClientProperties(`
bootstrap.servers=a:1,b:2
security.protocol=SASL_SSL
sasl.mechanism=SCRAM-SHA-512
sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required \\
  username="al\\\\"ice" password='s3;cr"et';
ssl.truststore.type=PEM
ssl.truststore.location=/etc/ca.pem
ssl.keystore.location=/etc/me.pem
ssl.key.password=open
group.id=mine
client.id=me`);
  expect(settings).toEqual({
    bootstrap: "a:1,b:2",
    tls: true,
    sasl: true,
    mechanism: "SCRAM-SHA-512",
    user: 'al"ice',
    password: 's3;cr"et',
    ca: { file: "/etc/ca.pem" },
    cert: { file: "/etc/me.pem" },
    key: undefined,
    passphrase: "open",
    checks: "all",
    ignored: ["group.id", "client.id"],
  });
});

test("librdkafka's spellings must mean the same", () => {
  const settings = readClientProperties(`
metadata.broker.list=a:1
security.protocol=sasl_ssl
sasl.mechanisms=PLAIN
sasl.username=alice
sasl.password=secret
ssl.ca.location=/ca.pem
ssl.certificate.location=/me.pem
ssl.key.location=/me.key`);
  expect(settings).toMatchObject({
    bootstrap: "a:1",
    tls: true,
    sasl: true,
    mechanism: "PLAIN",
    user: "alice",
    password: "secret",
    ca: { file: "/ca.pem" },
    cert: { file: "/me.pem" },
    key: { file: "/me.key" },
    ignored: [],
  });
});

test.each([
  ["", "all"],
  ["ssl.endpoint.identification.algorithm=https", "all"],
  ["ssl.endpoint.identification.algorithm=", "signature"],
  ["enable.ssl.certificate.verification=false", "none"],
])("%j must check %s of a certificate", (text, checks) => {
  expect(readClientProperties(text).checks).toBe(checks);
});

test.each([
  ["security.protocol=TLS", "security.protocol is none of"],
  ["sasl.mechanism=GSSAPI", "GSSAPI"],
  ["sasl.mechanism=OAUTHBEARER", "OAUTHBEARER"],
  [
    'sasl.jaas.config=com.sun.security.auth.module.Krb5LoginModule required password="hush";',
    "Krb5LoginModule",
  ],
])("%s must be refused, and no password be named", (text, why) => {
  const refused = () => readClientProperties(text);
  expect(refused).toThrow(
    expect.objectContaining({ code: "usage", why: expect.stringContaining(why) }),
  );
  expect(refused).toThrow(expect.objectContaining({ why: expect.not.stringContaining("hush") }));
});
