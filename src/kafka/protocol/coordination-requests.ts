import type { Request } from "./request.ts";

/**
 * `key STRING, type INT8 (0 = group) => throttle INT32, error INT16, message NULLABLE_STRING,
 * node INT32, host STRING, port INT32`
 */
export function findCoordinatorRequest(
  group: string,
): Request<{ readonly errorCode: number; readonly node: number }> {
  return {
    name: "FindCoordinator",
    apiKey: 10,
    apiVersion: 1,
    encode: (body) => body.string(group).int8(0),
    decode(body) {
      body.throttle();
      const errorCode = body.int16();
      body.nullableString();
      return { errorCode, node: body.int32() };
    },
  };
}

export interface ProducerIdentity {
  readonly producerId: number;
  readonly epoch: number;
}

/**
 * Of a producer without transactions, which any broker gives: `transaction NULLABLE_STRING,
 * timeoutMs INT32 => throttle INT32, error INT16, producer INT64, epoch INT16`
 */
export function initProducerIdRequest(): Request<
  ProducerIdentity & { readonly errorCode: number }
> {
  return {
    name: "InitProducerId",
    apiKey: 22,
    apiVersion: 1,
    encode: (body) => body.string(null).int32(60_000),
    decode(body) {
      body.throttle();
      return { errorCode: body.int16(), producerId: body.int64(), epoch: body.int16() };
    },
  };
}

export interface Voter {
  readonly id: number;
  readonly logEndOffset: number;
}

export interface QuorumAnswer {
  readonly errorCode: number;
  readonly leaderId: number;
  readonly leaderEpoch: number;
  readonly highWatermark: number;
  readonly voters: readonly Voter[];
}

/**
 * Version 0, compact: `ARRAY(topic STRING, ARRAY(partition INT32)) => error INT16, ARRAY(topic STRING,
 * ARRAY(partition INT32, error INT16, leader INT32, epoch INT32, highWatermark INT64,
 * ARRAY(voter INT32, logEnd INT64), ARRAY(observer INT32, logEnd INT64)))`, tagged fields after each
 * structure.
 */
export function describeQuorumRequest(): Request<QuorumAnswer> {
  return {
    name: "DescribeQuorum",
    apiKey: 55,
    apiVersion: 0,
    flexible: true,
    encode(body) {
      body.unsignedVarint(2).compactString("__cluster_metadata");
      body.unsignedVarint(2).int32(0).unsignedVarint(0).unsignedVarint(0).unsignedVarint(0);
    },
    decode(body) {
      const errorCode = body.int16();
      const replica = (): Voter => {
        const one = { id: body.int32(), logEndOffset: body.int64() };
        body.skipTaggedFields();
        return one;
      };
      const partitions = body.compactArray(() => {
        body.compactString();
        return body.compactArray(() => {
          body.int32();
          const answer = {
            errorCode: body.int16(),
            leaderId: body.int32(),
            leaderEpoch: body.int32(),
            highWatermark: body.int64(),
            voters: body.compactArray(replica),
          };
          body.compactArray(replica);
          body.skipTaggedFields();
          return answer;
        });
      });
      const none = { errorCode, leaderId: -1, leaderEpoch: -1, highWatermark: -1, voters: [] };
      return partitions.flat()[0] ?? none;
    },
  };
}
