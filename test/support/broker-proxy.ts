import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import {
  afterCall,
  beforeCall,
  createFaultCounter,
  duringCall,
  type Fault,
  type FaultCounter,
} from "./faults.ts";

interface Address {
  readonly host: string;
  readonly port: number;
}

export interface BrokerProxy extends FaultCounter, AsyncDisposable {
  readonly address: Address;
  /** The value of `--brokers`. */
  readonly bootstrap: string;
}

/** https://kafka.apache.org/protocol#protocol_api_keys: the ones that the tests name. */
const apiNames: Readonly<Record<number, string>> = {
  0: "Produce",
  1: "Fetch",
  2: "ListOffsets",
  3: "Metadata",
  10: "FindCoordinator",
  18: "ApiVersions",
  19: "CreateTopics",
  20: "DeleteTopics",
  22: "InitProducerId",
  32: "DescribeConfigs",
  37: "CreatePartitions",
  60: "DescribeCluster",
};

/**
 * Passes requests to the only broker of a cluster, and counts them: the same number gives the same fault. A
 * call's text is the name of its API. Answers that name the broker's address name that of the proxy instead.
 */
export async function startBrokerProxy(broker: Address): Promise<BrokerProxy> {
  const counter = createFaultCounter();
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(broker);
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket);
      socket.on("error", () => socket.destroy());
      socket.on("close", () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
    const faults = new Map<number, Fault>();
    const cut = (): void => void client.destroy();
    inOrder(client, async (frame) => {
      const apiKey = frame.readInt16BE(4);
      const correlationId = frame.readInt32BE(8);
      const fault = counter.count(apiNames[apiKey] ?? `API ${apiKey}`);
      if (fault) faults.set(correlationId, fault);
      if (!(await beforeCall(fault))) return cut();
      upstream.write(frame, () => duringCall(fault));
    });
    inOrder(upstream, async (frame) => {
      const correlationId = frame.readInt32BE(4);
      if (!(await afterCall(faults.get(correlationId)))) return cut();
      client.write(withAddress(frame, { from: broker, to: addressOf() }));
    });
  });
  const addressOf = (): Address => ({
    host: broker.host,
    port: (server.address() as AddressInfo).port,
  });
  await new Promise<void>((resolve) => {
    server.listen(0, broker.host, resolve);
  });
  const address = addressOf();
  return Object.assign(counter, {
    address,
    bootstrap: `${address.host}:${address.port}`,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  });
}

/** Cuts a stream into frames (INT32 length, content) and handles each when the one before is done. */
function inOrder(socket: Socket, handle: (frame: Buffer) => Promise<void>): void {
  let pending = Buffer.alloc(0);
  let last = Promise.resolve();
  socket.on("data", (chunk: Buffer) => {
    pending = Buffer.concat([pending, chunk]);
    while (pending.length >= 4 && pending.length >= 4 + pending.readInt32BE(0)) {
      const frame = pending.subarray(0, 4 + pending.readInt32BE(0));
      pending = pending.subarray(frame.length);
      last = last.then(() => handle(frame)).catch(() => void socket.destroy());
    }
  });
}

/** In every version of these answers a broker is its host (STRING or COMPACT_STRING) and its port (INT32). */
function withAddress(frame: Buffer, { from, to }: { from: Address; to: Address }): Buffer {
  const bytesOf = ({ host, port }: Address): Buffer => {
    const bytes = Buffer.alloc(host.length + 4);
    bytes.write(host, "latin1");
    bytes.writeInt32BE(port, host.length);
    return bytes;
  };
  const changed = Buffer.from(frame);
  const wanted = bytesOf(from);
  for (let at = changed.indexOf(wanted); at >= 0; at = changed.indexOf(wanted, at + 1)) {
    bytesOf(to).copy(changed, at);
  }
  return changed;
}
