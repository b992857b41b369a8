import { expect, test } from "vitest";
import { startScram } from "../../../src/kafka/connection/scram.ts";

// RFC 5802, section 5 and RFC 7677, section 3. Both are of user "user" with password "pencil".
const rfc = {
  sha1: {
    nonce: "fyko+d2lbbFgONRv9qkxdawL",
    serverFirst: "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096",
    clientFinal:
      "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=",
    serverFinal: "v=rmF9pqV8S7suAoZWja4dJRkFsKQ=",
  },
  sha256: {
    nonce: "rOprNGfwEbeRWgbNEkqO",
    serverFirst:
      "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
    clientFinal:
      "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
    serverFinal: "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
  },
} as const;

test.each(["sha1", "sha256"] as const)("%s must give what the RFC gives", async (hash) => {
  const { nonce, serverFirst, clientFinal, serverFinal } = rfc[hash];
  const exchange = startScram({ hash, user: "user", password: "pencil", nonce });
  expect(exchange.first).toBe(`n,,n=user,r=${nonce}`);
  expect(await exchange.answer(serverFirst)).toBe(clientFinal);
  expect(() => exchange.verify(serverFinal)).not.toThrow();
});

test("a server that does not know the password must be refused", async () => {
  const { nonce, serverFirst, serverFinal } = rfc.sha256;
  const exchange = startScram({ hash: "sha256", user: "user", password: "other", nonce });
  expect(() => exchange.verify(serverFinal)).toThrow("does not prove");
  await exchange.answer(serverFirst);
  expect(() => exchange.verify(serverFinal)).toThrow("does not prove");
  expect(() => exchange.verify("e=other-error")).toThrow("other-error");
});

test.each([
  ["r=someone-else,s=QSXCR+Q6sek8bf92,i=4096", "not in order"],
  ["r=mine,s=QSXCR+Q6sek8bf92,i=4096", "not in order"],
  ["r=mine-and-more,i=4096", "not in order"],
  ["r=mine-and-more,s=QSXCR+Q6sek8bf92,i=1", "1 SCRAM iterations"],
  ["r=mine-and-more,s=QSXCR+Q6sek8bf92,i=99999999", "99999999 SCRAM iterations"],
])("the server's first message %s must be refused", async (serverFirst, reason) => {
  const exchange = startScram({ hash: "sha256", user: "u", password: "p", nonce: "mine" });
  await expect(exchange.answer(serverFirst)).rejects.toThrow(reason);
});

test("signs that SCRAM uses itself must be escaped in the user's name", () => {
  const { first } = startScram({ hash: "sha256", user: "a=b,c", password: "p", nonce: "n" });
  expect(first).toBe("n,,n=a=3Db=2Cc,r=n");
});
