import { createHash, createHmac, pbkdf2, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";

/**
 * The client's side of SCRAM (RFC 5802, section 3; SHA-256: RFC 7677), without channel binding:
 *
 *   client first   n,,n=USER,r=NONCE
 *   server first   r=NONCE+MORE,s=SALT (base64),i=ITERATIONS
 *   client final   c=biws,r=NONCE+MORE,p=PROOF (base64)
 *   server final   v=SIGNATURE (base64), or e=ERROR
 *
 *   SaltedPassword  = PBKDF2(password, salt, iterations)
 *   ClientKey       = HMAC(SaltedPassword, "Client Key"); StoredKey = H(ClientKey)
 *   AuthMessage     = client first without n,, + "," + server first + "," + client final without p
 *   PROOF           = ClientKey XOR HMAC(StoredKey, AuthMessage)
 *   SIGNATURE       = HMAC(HMAC(SaltedPassword, "Server Key"), AuthMessage)
 *
 * Kafka takes user and password as UTF-8 without SASLprep.
 */
export interface ScramExchange {
  readonly first: string;
  /** Answers the server's first message; throws when it is not in order. */
  answer(serverFirst: string): Promise<string>;
  /** Throws when the server's final message does not prove that it knows the password, too. */
  verify(serverFinal: string): void;
}

/** Less would let a false server guess the password from the proof (RFC 7677, section 4). */
const leastIterations = 4096;
/** More would keep dp busy for seconds; Kafka's own limit is 16384. */
const mostIterations = 1_000_000;

export function startScram(options: {
  readonly hash: "sha1" | "sha256" | "sha512";
  readonly user: string;
  readonly password: string;
  /** Printable ASCII without commas, never used before. */
  readonly nonce: string;
}): ScramExchange {
  const { hash, user, password, nonce } = options;
  const bare = `n=${user.replaceAll("=", "=3D").replaceAll(",", "=2C")},r=${nonce}`;
  const hmac = (key: Buffer, text: string) => createHmac(hash, key).update(text).digest();
  let signature: Buffer | undefined;

  return {
    first: `n,,${bare}`,
    async answer(serverFirst) {
      const { r: combined = "", s: salt = "", i: iterations = "" } = attributesOf(serverFirst);
      const rounds = Number(iterations);
      if (!combined.startsWith(nonce) || combined.length === nonce.length || salt === "") {
        throw new Error("the server's first SCRAM message is not in order");
      }
      if (!(rounds >= leastIterations && rounds <= mostIterations)) {
        throw new Error(`the server wants ${iterations} SCRAM iterations`);
      }
      const length = createHash(hash).digest().length;
      const salted = await promisify(pbkdf2)(
        password,
        Buffer.from(salt, "base64"),
        rounds,
        length,
        hash,
      );
      const clientKey = hmac(salted, "Client Key");
      const storedKey = createHash(hash).update(clientKey).digest();
      const withoutProof = `c=biws,r=${combined}`;
      const message = `${bare},${serverFirst},${withoutProof}`;
      const clientSignature = hmac(storedKey, message);
      const proof = clientKey.map((byte, index) => byte ^ (clientSignature[index] ?? 0));
      signature = hmac(hmac(salted, "Server Key"), message);
      return `${withoutProof},p=${Buffer.from(proof).toString("base64")}`;
    },
    verify(serverFinal) {
      const { v = "", e } = attributesOf(serverFinal);
      if (e !== undefined) throw new Error(`the server refuses: ${e}`);
      const shown = Buffer.from(v, "base64");
      const isProven =
        signature !== undefined &&
        shown.length === signature.length &&
        timingSafeEqual(shown, signature);
      if (!isProven) throw new Error("the server does not prove that it knows the password");
    },
  };
}

function attributesOf(message: string): Readonly<Record<string, string>> {
  return Object.fromEntries(message.split(",").map((part) => [part.slice(0, 1), part.slice(2)]));
}
