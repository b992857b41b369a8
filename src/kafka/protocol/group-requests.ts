import type { ByteReader, ByteWriter } from "./bytes.ts";
import type { Request } from "./request.ts";
import type { PartitionAt } from "./read-requests.ts";

/*
 * What is asked about groups. ListGroups and ConsumerGroupDescribe exist only in newer brokers in the
 * version that tells the kind of a group: ask ApiVersions first. The others are known to every broker
 * from Kafka 2.4 to 4.x.
 */

export const listGroupsKey = 16;
/** The first version that tells a group's type. */
export const typedListGroups = 5;

export interface ListedGroup {
  readonly name: string;
  /** `consumer` for consumers of both protocols and for plain commits, `connect` for Connect workers. */
  readonly protocolType: string;
  /** `classic`, `consumer` (KIP-848), `share` or `streams`; an older broker knows `classic` alone. */
  readonly type: string;
  /** Undefined where an older broker does not say. */
  readonly state: string | undefined;
}

export interface ListedGroups {
  readonly errorCode: number;
  readonly groups: readonly ListedGroup[];
}

/** Version 2: `=> throttle INT32, error INT16, ARRAY(group STRING, protocolType STRING)` */
export function listGroupsRequest(): Request<ListedGroups> {
  return {
    name: "ListGroups",
    apiKey: listGroupsKey,
    apiVersion: 2,
    encode() {},
    decode(body) {
      body.throttle();
      return {
        errorCode: body.int16(),
        groups: body.array(() => ({
          name: body.string(),
          protocolType: body.string(),
          type: "classic",
          state: undefined,
        })),
      };
    },
  };
}

/**
 * Version 5, compact: `ARRAY(state STRING), ARRAY(type STRING) => throttle INT32, error INT16,
 * ARRAY(group STRING, protocolType STRING, state STRING, type STRING)`, tagged fields after each
 * structure.
 */
export function listTypedGroupsRequest(): Request<ListedGroups> {
  return {
    name: "ListGroups",
    apiKey: listGroupsKey,
    apiVersion: typedListGroups,
    flexible: true,
    encode: (body) => body.unsignedVarint(1).unsignedVarint(1).unsignedVarint(0),
    decode(body) {
      body.throttle();
      const errorCode = body.int16();
      const groups = body.compactArray(() => {
        const name = compactText(body);
        const protocolType = compactText(body);
        const state = compactText(body);
        const type = compactText(body).toLowerCase();
        body.skipTaggedFields();
        return { name, protocolType, state, type };
      });
      return { errorCode, groups };
    },
  };
}

export interface GroupMember {
  readonly id: string;
  /** `group.instance.id`; null for one that has none. */
  readonly instanceId: string | null;
  readonly clientId: string;
  /** As the broker saw it, less its leading slash. */
  readonly host: string;
  readonly partitions: readonly PartitionAt[];
}

export interface DescribedGroup {
  readonly name: string;
  readonly errorCode: number;
  readonly state: string;
  /** How partitions are given out: `range`, `uniform`, …; empty when there is nobody. */
  readonly assignor: string;
  readonly members: readonly GroupMember[];
}

/**
 * `ARRAY(group STRING), operations BOOLEAN => throttle INT32, ARRAY(error INT16, group STRING,
 * state STRING, protocolType STRING, protocol STRING, ARRAY(member STRING, instance NULLABLE_STRING,
 * client STRING, host STRING, metadata BYTES, assignment BYTES), operations INT32)`
 */
export function describeGroupsRequest(groups: readonly string[]): Request<DescribedGroup[]> {
  return {
    name: "DescribeGroups",
    apiKey: 15,
    apiVersion: 4,
    encode: (body) => body.array(groups, (group) => body.string(group)).boolean(false),
    decode(body) {
      body.throttle();
      return body.array(() => {
        const errorCode = body.int16();
        const name = body.string();
        const state = body.string();
        const isConsumer = body.string() === "consumer";
        const assignor = body.string();
        const members = body.array(() => {
          const id = body.string();
          const instanceId = body.nullableString();
          const clientId = body.string();
          const host = bareHost(body.string());
          body.bytes(Math.max(0, body.int32()));
          const assignmentLength = Math.max(0, body.int32());
          const end = body.position + assignmentLength;
          const partitions = isConsumer && assignmentLength > 0 ? assignedPartitions(body) : [];
          body.position = end;
          return { id, instanceId, clientId, host, partitions };
        });
        body.int32();
        return { name, errorCode, state, assignor, members };
      });
    },
  };
}

/** Consumers' own format: `version INT16, ARRAY(topic STRING, ARRAY(partition INT32)), userData BYTES` */
function assignedPartitions(body: ByteReader): PartitionAt[] {
  body.int16();
  return body
    .array(() => {
      const topic = body.string();
      return body.array(() => ({ topic, partition: body.int32() }));
    })
    .flat();
}

export const consumerGroupDescribeKey = 69;

/**
 * Version 0, compact: `ARRAY(group STRING), operations BOOLEAN => throttle INT32, ARRAY(error INT16,
 * message NULLABLE_STRING, group STRING, state STRING, epoch INT32, assignmentEpoch INT32,
 * assignor STRING, ARRAY(member STRING, instance NULLABLE_STRING, rack NULLABLE_STRING, epoch INT32,
 * client STRING, host STRING, ARRAY(topic STRING), regex NULLABLE_STRING, assignment, target),
 * operations INT32)`; assignment and target: `ARRAY(topicId UUID, topic STRING,
 * ARRAY(partition INT32))`; tagged fields after each structure.
 */
export function consumerGroupDescribeRequest(groups: readonly string[]): Request<DescribedGroup[]> {
  return {
    name: "ConsumerGroupDescribe",
    apiKey: consumerGroupDescribeKey,
    apiVersion: 0,
    flexible: true,
    encode: (body) => compactStrings(body, groups).boolean(false).unsignedVarint(0),
    decode(body) {
      body.throttle();
      return body.compactArray(() => {
        const errorCode = body.int16();
        body.compactString();
        const name = compactText(body);
        const state = compactText(body);
        body.int32();
        body.int32();
        const assignor = compactText(body);
        const members = body.compactArray(() => consumerMember(body));
        body.int32();
        body.skipTaggedFields();
        return { name, errorCode, state, assignor, members };
      });
    },
  };
}

function consumerMember(body: ByteReader): GroupMember {
  const id = compactText(body);
  const instanceId = body.compactString();
  body.compactString();
  body.int32();
  const clientId = compactText(body);
  const host = bareHost(compactText(body));
  body.compactArray(() => body.compactString());
  body.compactString();
  const partitions = compactAssignment(body);
  compactAssignment(body);
  body.skipTaggedFields();
  return { id, instanceId, clientId, host, partitions };
}

const uuidBytes = 16;

function compactAssignment(body: ByteReader): PartitionAt[] {
  const topics = body.compactArray(() => {
    body.bytes(uuidBytes);
    const topic = compactText(body);
    const partitions = body.compactArray(() => ({ topic, partition: body.int32() }));
    body.skipTaggedFields();
    return partitions;
  });
  body.skipTaggedFields();
  return topics.flat();
}

/** `ARRAY(group STRING) => throttle INT32, ARRAY(group STRING, error INT16)` */
export function deleteGroupsRequest(
  groups: readonly string[],
): Request<{ readonly name: string; readonly errorCode: number }[]> {
  return {
    name: "DeleteGroups",
    apiKey: 42,
    apiVersion: 1,
    encode: (body) => body.array(groups, (group) => body.string(group)),
    decode(body) {
      body.throttle();
      return body.array(() => ({ name: body.string(), errorCode: body.int16() }));
    },
  };
}

function compactStrings(body: ByteWriter, items: readonly string[]): ByteWriter {
  body.unsignedVarint(items.length + 1);
  for (const item of items) body.compactString(item);
  return body;
}

function compactText(body: ByteReader): string {
  return body.compactString() ?? "";
}

/** Java writes an address without a name as `/172.18.0.1`. */
function bareHost(host: string): string {
  return host.replace(/^\//, "");
}
