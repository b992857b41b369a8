import type { ContainerSpec, ReadinessGroup } from "../../model/containers.ts";
import type { SettledStack, SettledZooKeeper } from "../../model/settled.ts";
import { containerName, volumeName, zookeeperService } from "../names.ts";
import { formatProperties } from "../properties.ts";
import { jvmEnvironment } from "./jvm.ts";

const configPath = "/etc/dp/zoo.cfg";
const dataPath = "/var/lib/kafka/data";
/** A node's number, where ZooKeeper looks for it. */
const myIdPath = `${dataPath}/myid`;
export const zookeeperClientPort = 2181;

/** One container for each node; they run from the Kafka image, which carries ZooKeeper. */
export function zookeeperContainers(stack: SettledStack): ContainerSpec[] {
  const { zookeeper } = stack;
  if (!zookeeper) return [];
  return zookeeper.ports.map((hostPort, index) => {
    const service = zookeeperService(index + 1);
    return {
      service,
      kind: "zookeeper",
      name: containerName(stack.name, service),
      image: zookeeper.image,
      command: ["/opt/kafka/bin/zookeeper-server-start.sh", configPath],
      environment: { ...jvmEnvironment(zookeeper.heapBytes), EXTRA_ARGS: "-name zookeeper" },
      files: [
        { path: configPath, content: formatProperties(zooCfg(zookeeper)) },
        ...(isEnsemble(zookeeper) ? [{ path: myIdPath, content: `${index + 1}\n` }] : []),
      ],
      volumes: [{ name: volumeName(stack.name, service), target: dataPath }],
      binds: [],
      ports: [{ containerPort: zookeeperClientPort, hostIp: "127.0.0.1", hostPort }],
      memLimitBytes: zookeeper.memLimitBytes,
      stopTimeoutS: 10,
      dataTraits: { nodes: String(zookeeper.nodes) },
    };
  });
}

function isEnsemble({ nodes }: SettledZooKeeper): boolean {
  return nodes > 1;
}

/** Where the brokers find ZooKeeper inside the network. */
export function zookeeperConnect({ ports }: SettledZooKeeper): string {
  return ports.map((_, index) => `${zookeeperService(index + 1)}:${zookeeperClientPort}`).join(",");
}

/** https://zookeeper.apache.org/doc/r3.8.4/zookeeperAdmin.html#sc_configuration */
function zooCfg(zookeeper: SettledZooKeeper): Record<string, string | number> {
  return {
    tickTime: 2000,
    initLimit: 10,
    syncLimit: 5,
    dataDir: dataPath,
    clientPort: zookeeperClientPort,
    maxClientCnxns: 0,
    "admin.enableServer": "false",
    "4lw.commands.whitelist": "srvr,ruok,mntr,stat,conf,cons,isro",
    "autopurge.snapRetainCount": 3,
    "autopurge.purgeInterval": 1,
    ...(isEnsemble(zookeeper) ? ensembleOf(zookeeper) : {}),
    ...zookeeper.config,
  };
}

/** Every node has the same list; which of them it is says its myid. */
function ensembleOf({ ports }: SettledZooKeeper): Record<string, string> {
  const members = ports.map((_, index): [string, string] => [
    `server.${index + 1}`,
    `${zookeeperService(index + 1)}:2888:3888`,
  ]);
  return { quorumListenOnAllIPs: "true", ...Object.fromEntries(members) };
}

export function zookeeperReadiness(stack: SettledStack): ReadinessGroup[] {
  const { zookeeper } = stack;
  if (!zookeeper) return [];
  const nodes = zookeeper.ports.map((port, index) => ({
    service: zookeeperService(index + 1),
    address: { host: "127.0.0.1", port },
  }));
  return [
    {
      name: "zookeeper",
      services: nodes.map(({ service }) => service),
      needs: [],
      probe: { kind: "zookeeper", nodes },
    },
  ];
}
