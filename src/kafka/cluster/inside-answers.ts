import { readRelayedAnswer, relayedRequest, type RelayedView } from "./relayed-metadata.ts";

/** What came of asking an address. */
export type Answer =
  | { readonly kind: "view"; readonly view: RelayedView }
  | { readonly kind: "failed"; readonly why: Failure; readonly text: string };

/** `stranger`: what answers does not speak Kafka's protocol. */
export type Failure = "unresolved" | "refused" | "silent" | "stranger" | "other";

/** Seconds of one attempt, and attempts for each address: silence may pass. */
const answerS = 3;
const attempts = 2;

/**
 * A command for a container: asks each address (`host:port`) for the brokers it knows, and prints a line
 * for each: the address, a tab, and the answer in hex or `!` with what failed. It takes bash, which
 * every image of Kafka has for its own scripts, and no JVM.
 */
export function insideCommand(addresses: readonly string[]): string[] {
  const frame = [...relayedRequest()].map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`);
  return ["bash", "-c", script, "dp", frame.join(""), ...addresses];
}

const ask = `
exec 3<>"/dev/tcp/$1/$2" || exit 9
printf "%b" "$3" >&3
size=$(dd bs=1 count=4 <&3 2>/dev/null | od -An -v -tx1 | tr -d " \\n")
[ \${#size} -eq 8 ] && [ "$((16#$size))" -lt 1000000 ] || { echo "not the protocol of Kafka"; exit 8; }
dd bs=1 count=$((16#$size)) <&3 2>/dev/null | od -An -v -tx1 | tr -d " \\n"
`;

const script = `
frame=$1
shift
for address in "$@"; do
  (
    for attempt in $(seq ${attempts}); do
      answer=$(timeout ${answerS} bash -c '${ask}' dp "\${address%:*}" "\${address##*:}" "$frame" 2>&1)
      code=$?
      [ $code -eq 124 ] || break
    done
    [ $code -eq 124 ] && answer="no answer within ${answerS} s"
    [ $code -eq 0 ] || answer="!$(printf %s "$answer" | tail -n 1)"
    printf '%s\\t%s\\n' "$address" "$answer"
  ) &
done
wait
`;

/** What the command printed, by address. */
export function parseInside(stdout: string): ReadonlyMap<string, Answer> {
  return new Map(
    stdout.split("\n").flatMap((line) => {
      const [address = "", answer] = line.split("\t");
      return answer === undefined ? [] : [[address, parseAnswer(answer)] as const];
    }),
  );
}

function parseAnswer(text: string): Answer {
  if (text.startsWith("!")) return toFailure(text.slice(1));
  try {
    return { kind: "view", view: readRelayedAnswer(Buffer.from(text, "hex")) };
  } catch {
    return toFailure("not the protocol of Kafka");
  }
}

const kinds: readonly (readonly [RegExp, Failure])[] = [
  [/ENOTFOUND|EAI_AGAIN|not known|name resolution|bad address/i, "unresolved"],
  [/ECONNREFUSED|refused/i, "refused"],
  [/within|timed out|ETIMEDOUT/i, "silent"],
  [
    /not (?:the protocol of Kafka|speak Kafka's protocol)|speaks TLS|out of range|ECONNRESET|closed the connection/i,
    "stranger",
  ],
];

/** Tells what kind of failure the words of bash or of Node are. */
export function toFailure(text: string): Answer {
  const why = kinds.find(([pattern]) => pattern.test(text))?.[1] ?? "other";
  return { kind: "failed", why, text: text.replace(/^.*?(?:bash|line \d+): /, "") };
}
