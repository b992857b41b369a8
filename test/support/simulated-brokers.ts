import type { Cluster } from "../../src/kafka/cluster/cluster.ts";
import { decodeRecords } from "../../src/kafka/read/decoder.ts";
import type { StoredRecord } from "../../src/kafka/records/stored-record.ts";
import { ByteReader, ByteWriter } from "../../src/kafka/protocol/bytes.ts";
import type { Request } from "../../src/kafka/protocol/request.ts";
import type { Random } from "./random.ts";

export const topicName = "simulated";
const brokers = [1, 2, 3];
const errors = { notLeader: 6, timedOut: 7, tooLarge: 10, outOfOrder: 45, unknownProducer: 59 };

/** How often, of a hundred batches or requests, each fault is met. */
export interface Faults {
  readonly lostRequest: number;
  readonly lostAnswer: number;
  readonly movedLeader: number;
  readonly timedOut: number;
  readonly forgottenProducer: number;
}

interface Written {
  readonly first: number;
  readonly last: number;
  readonly offset: number;
}

interface Log {
  leader: number;
  readonly values: string[];
  /** The last five batches of each producer, as a broker keeps them in mind. */
  readonly producers: Map<string, Written[]>;
  readonly forgotten: Set<string>;
}

interface Connection {
  lose: (() => void)[];
  answered: Promise<void>;
}

export interface SimulatedBrokers {
  readonly cluster: Cluster;
  valuesOf(partition: number): readonly string[];
  /** Brokers know nothing of it any more. */
  deleteTopic(): void;
  /** For good: no leader is chosen any more. */
  takeLeader(partition: number): void;
  /** The last records are gone; the producers that wrote those before them stay known. */
  cutLog(partition: number, records: number): void;
}

/**
 * Brokers that take Produce requests as Kafka's do (UnifiedLog, ProducerAppendInfo.checkSequence), with
 * faults at random: real ones can't be made to lose just this answer.
 */
export function simulateBrokers(options: {
  readonly random: Random;
  readonly partitions: number;
  readonly faults?: Partial<Faults>;
  readonly maxBatchBytes?: number;
  /** After each write a broker holds back its answers for so many milliseconds, as with a quota. */
  readonly throttleMs?: number;
}): SimulatedBrokers {
  const { random, partitions, faults = {}, maxBatchBytes = 1024 * 1024, throttleMs = 0 } = options;
  const logs = Array.from({ length: partitions }, (_, index): Log => ({
    leader: (index % 3) + 1,
    values: [],
    producers: new Map(),
    forgotten: new Set(),
  }));
  const connections = new Map<number, Connection>();
  const heldBack = new Map<number, number>();
  let producerIds = 1000;
  let isDeleted = false;
  const happens = (percent = 0): boolean => random.below(100) < percent;

  function append(log: Log, batch: Buffer): { errorCode: number; baseOffset: number } {
    const failed = (errorCode: number) => ({ errorCode, baseOffset: -1 });
    if (batch.length > maxBatchBytes) return failed(errors.tooLarge);
    const producer = `${batch.readBigInt64BE(43)}/${batch.readInt16BE(51)}`;
    const first = batch.readInt32BE(53);
    const last = first + batch.readInt32BE(57) - 1;
    // Brokers before 2.5 take none but the first batch of a producer that they don't know.
    if (first > 0 && happens(faults.forgottenProducer)) log.forgotten.add(producer);
    if (log.forgotten.has(producer)) return failed(errors.unknownProducer);
    const isNumbered = !producer.startsWith("-1/");
    const known = isNumbered ? (log.producers.get(producer) ?? []) : [];
    const again = known.find((one) => one.first === first && one.last === last);
    if (again !== undefined) return { errorCode: 0, baseOffset: again.offset };
    const before = known.at(-1);
    if (before !== undefined && before.last + 1 !== first) return failed(errors.outOfOrder);
    const records: StoredRecord[] = [];
    decodeRecords({ topic: "", partition: 0, bytes: batch, from: 0, until: Infinity }, records);
    const offset = log.values.length;
    log.values.push(...records.map(({ value }) => String(value)));
    log.producers.set(producer, [...known, { first, last, offset }].slice(-5));
    return happens(faults.timedOut)
      ? failed(errors.timedOut)
      : { errorCode: 0, baseOffset: offset };
  }

  function produce(broker: number, body: ByteReader): object[] {
    body.nullableString();
    body.int16();
    body.int32();
    const writes = body.array(() => {
      body.string();
      return body.array(() => ({ partition: body.int32(), batch: body.bytes(body.int32()) }));
    });
    return writes.flat().map(({ partition, batch }) => {
      const log = logs[partition];
      if (log === undefined) throw new Error(`no partition ${partition}`);
      if (log.leader > 0 && happens(faults.movedLeader)) log.leader = random.pick(brokers);
      const answer =
        log.leader === broker
          ? append(log, batch)
          : { errorCode: errors.notLeader, baseOffset: -1 };
      return { partition, errorMessage: null, badRecords: [], ...answer };
    });
  }

  /** Answers come in the order of the requests; a connection that is lost loses all that wait on it. */
  function answer<Answer>(broker: number, value: () => Answer): Promise<Answer> {
    const connection = connections.get(broker) ?? { lose: [], answered: Promise.resolve() };
    connections.set(broker, connection);
    const lost = happens(faults.lostRequest);
    const answered = lost ? undefined : value();
    const breaks = lost || happens(faults.lostAnswer);
    const delay = 1 + random.below(20);
    return new Promise((resolve, reject) => {
      const lose = () => reject(new Error("the connection was lost"));
      connection.lose.push(lose);
      connection.answered = connection.answered.then(async () => {
        const heldMs = Math.max(0, (heldBack.get(broker) ?? 0) - performance.now());
        await new Promise((done) => setTimeout(done, delay + heldMs));
        heldBack.set(broker, performance.now() + throttleMs);
        if (!breaks) return resolve(answered as Answer);
        if (connections.get(broker) === connection) connections.delete(broker);
        for (const one of connection.lose) one();
      });
    });
  }

  function respond(broker: number, request: Request<unknown>): Promise<unknown> {
    const body = new ByteWriter();
    request.encode(body);
    switch (request.name) {
      case "Produce":
        return answer(broker, () => produce(broker, new ByteReader(body.finish())));
      case "InitProducerId":
        return answer(broker, () => ({ errorCode: 0, producerId: producerIds++, epoch: 0 }));
      case "DescribeConfigs": {
        const entries = [{ key: "max.message.bytes", value: String(maxBatchBytes) }];
        return answer(broker, () => [{ name: topicName, errorCode: 0, entries }]);
      }
      default:
        throw new Error(`no answer to ${request.name}`);
    }
  }

  const addresses = brokers.map((id) => ({ id, host: "simulated", port: id }));
  const cluster = {
    bootstrap: [],
    nodes: () => addresses,
    heldBackUntil: (broker: number) => heldBack.get(broker) ?? 0,
    metadata: async () => ({
      brokers: addresses,
      clusterId: null,
      controllerId: 1,
      topics: [
        {
          name: topicName,
          errorCode: 0,
          internal: false,
          partitions: (isDeleted ? [] : logs).map(({ leader }, partition) => {
            return { partition, errorCode: 0, leader, replicas: brokers, isr: brokers };
          }),
        },
      ],
    }),
    ask: <Answer>(broker: number, request: Request<Answer>) =>
      respond(broker, request) as Promise<Answer>,
    askAt: () => Promise.reject(new Error("simulated")),
    close() {},
  };
  return {
    // What a simulation does not have is not asked of it.
    cluster: cluster as unknown as Cluster,
    valuesOf: (partition) => logs[partition]?.values ?? [],
    deleteTopic() {
      isDeleted = true;
      for (const log of logs) log.leader = -1;
    },
    takeLeader(partition) {
      const log = logs[partition];
      if (log !== undefined) log.leader = -1;
    },
    cutLog(partition, records) {
      const log = logs[partition];
      log?.values.splice(-records);
      for (const batches of log?.producers.values() ?? []) batches.splice(-1);
    },
  };
}
