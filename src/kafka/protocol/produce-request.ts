import type { Request } from "./request.ts";

export interface PartitionWrite {
  readonly partition: number;
  /** One record batch. */
  readonly batch: Buffer;
}

export interface PartitionWritten {
  readonly partition: number;
  readonly errorCode: number;
  readonly errorMessage: string | null;
  /** -1 when there was no answer (acks 0). */
  readonly baseOffset: number;
  /** Those for which the broker refuses the whole batch, by their place in it. */
  readonly badRecords: readonly { readonly index: number; readonly message: string | null }[];
}

/**
 * Version 8, known from Kafka 2.4 to 4.x: `transaction NULLABLE_STRING, acks INT16 (-1 = all),
 * timeoutMs INT32, ARRAY(topic STRING, ARRAY(partition INT32, batch BYTES)) => ARRAY(topic STRING,
 * ARRAY(partition INT32, error INT16, baseOffset INT64, appendTime INT64, logStart INT64,
 * ARRAY(record INT32, message NULLABLE_STRING), message NULLABLE_STRING)), throttle INT32`
 */
export function produceRequest(options: {
  topic: string;
  acks: number;
  timeoutMs: number;
  writes: readonly PartitionWrite[];
}): Request<PartitionWritten[]> {
  const { topic, acks, timeoutMs, writes } = options;
  const unknown = { errorCode: 0, errorMessage: null, baseOffset: -1, badRecords: [] };
  return {
    name: "Produce",
    apiKey: 0,
    apiVersion: 8,
    ...(acks === 0
      ? { unanswered: writes.map(({ partition }) => ({ partition, ...unknown })) }
      : {}),
    encode(body) {
      body.string(null).int16(acks).int32(timeoutMs).int32(1).string(topic);
      body.array(writes, ({ partition, batch }) => {
        body.int32(partition).int32(batch.length).attach(batch);
      });
    },
    decode(body) {
      const written = body
        .array(() => {
          body.string();
          return body.array(() => {
            const partition = body.int32();
            const errorCode = body.int16();
            const baseOffset = body.int64();
            // The append time, of which Kafka knows all 64 bits.
            body.skip(8);
            body.int64();
            const badRecords = body.array(() => ({
              index: body.int32(),
              message: body.nullableString(),
            }));
            const errorMessage = body.nullableString();
            return { partition, errorCode, errorMessage, baseOffset, badRecords };
          });
        })
        .flat();
      body.throttle();
      return written;
    },
  };
}
