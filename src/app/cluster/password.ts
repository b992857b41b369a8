import { DpError } from "../../errors.ts";
import { normalizeText } from "../../files/text.ts";
import type { Host } from "../request.ts";
import { readSecret } from "../../kafka/cluster/read-pem.ts";

/** What naming a cluster takes of the process around dp. */
export type Surroundings = Pick<
  Host,
  "env" | "cwd" | "stdin" | "stderr" | "signal" | "askPassword"
>;

/**
 * A user's password: from `--password-file`, DP_KAFKA_PASSWORD or the client properties, else asked for
 * on the terminal. There is no option for the password itself: every user of the machine reads command
 * lines. Throws DpError `usage` where nobody can be asked.
 */
export async function findPassword(
  host: Surroundings,
  from: {
    readonly user: string;
    readonly file: string | undefined;
    readonly properties: string | undefined;
  },
): Promise<string> {
  const { user, file, properties } = from;
  if (file !== undefined) {
    const text = Buffer.from(await readSecret(file, host), "latin1").toString();
    const password = normalizeText(text).split("\n")[0] ?? "";
    if (password !== "") return password;
    const message = `${file} holds no password`;
    throw new DpError({ code: "usage", message, next: "its first line must be the password" });
  }
  const known = host.env["DP_KAFKA_PASSWORD"] ?? properties;
  if (known !== undefined && known !== "") return known;
  if (host.stdin.isTTY && host.stderr.isTTY) return host.askPassword(user);
  throw new DpError({
    code: "usage",
    message: `the password of ${user} is missing`,
    why: "there is no terminal to ask on",
    next: "--password-file FILE, or DP_KAFKA_PASSWORD in the environment",
  });
}
