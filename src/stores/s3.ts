import { silenceSignal } from "../async/silence.ts";
import { request } from "node:http";
import { messageOf } from "../errors.ts";
import type { Address, ProbeResult } from "../model/containers.ts";

const answerMs = 5000;

/** Ready when it lists its buckets, and has those of the file: what is missing is made. */
export async function checkS3(
  { address, buckets }: { readonly address: Address; readonly buckets: readonly string[] },
  signal: AbortSignal,
): Promise<ProbeResult> {
  try {
    const s3 = openS3(address, signal);
    const found = await s3.listBuckets();
    for (const bucket of buckets) if (!found.includes(bucket)) await s3.put(`/${bucket}`);
    return { ready: true };
  } catch (thrown) {
    signal.throwIfAborted();
    return { ready: false, waitingFor: `S3 on port ${address.port}: ${messageOf(thrown)}` };
  }
}

export interface S3 {
  listBuckets(): Promise<string[]>;
  /** Makes the bucket `/bucket`, or writes the object `/bucket/key`. */
  put(path: string, body?: string): Promise<void>;
  /** The text of an object. */
  get(path: string): Promise<string>;
  remove(path: string): Promise<void>;
}

/**
 * The part of https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html
 * that dp asks, with a signature that is none: the stand-in looks at no signature. Every call throws Error with the server's
 * words when it is not answered with success, and the signal's reason when it is aborted.
 */
export function openS3(address: Address, signal: AbortSignal): S3 {
  const ask = (method: string, path: string, body?: string): Promise<string> =>
    send({ address, method, path, body, signal });
  return {
    listBuckets: async () => {
      const names = (await ask("GET", "/")).matchAll(/<Name>([^<]*)<\/Name>/g);
      return [...names].map(([, name = ""]) => name);
    },
    put: async (path, body) => void (await ask("PUT", path, body)),
    get: (path) => ask("GET", path),
    remove: async (path) => void (await ask("DELETE", path)),
  };
}

/** The form of https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-auth-using-authorization-header.html */
const authorization =
  "AWS4-HMAC-SHA256 Credential=dp/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0";

async function send(call: {
  readonly address: Address;
  readonly method: string;
  readonly path: string;
  readonly body: string | undefined;
  readonly signal: AbortSignal;
}): Promise<string> {
  const { address, method, path, body = "", signal } = call;
  const { signal: limit, cancel } = silenceSignal(answerMs);
  const options = { ...address, method, path, agent: false, headers: { authorization } };
  try {
    const { status, text } = await new Promise<Answer>((resolve, reject) => {
      const asked = request(
        { ...options, signal: AbortSignal.any([signal, limit]) },
        (response) => {
          readText(response).then(
            (text) => resolve({ status: response.statusCode ?? 0, text }),
            reject,
          );
        },
      );
      asked.on("error", reject).end(body);
    });
    if (status >= 200 && status < 300) return text;
    const why = /<Message>([^<]*)<\/Message>/.exec(text)?.[1];
    throw new Error(`${method} ${path} is answered with ${status}${why ? `: ${why}` : ""}`);
  } catch (thrown) {
    signal.throwIfAborted();
    if (limit.aborted) throw new Error(`no answer within ${answerMs / 1000} s`, { cause: thrown });
    throw thrown;
  } finally {
    cancel();
  }
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

async function readText(stream: AsyncIterable<unknown>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}
