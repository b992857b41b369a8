import type { ContainerSpec, ReadinessGroup, SettledStack, SettledZooKeeper } from "../model.ts";
import { containerName, volumeName, zookeeperService } from "../names.ts";
import { formatProperties } from "../properties.ts";
import { jvmEnvironment } from "./jvm.ts";

const configPath = "/etc/dp/zoo.cfg";
const dataPath = "/var/lib/kafka/data";
export const zookeeperClientPort = 2181;

/** The container of the one ZooKeeper node; it runs from the Kafka image, which carries ZooKeeper. */
export function zookeeperContainers(stack: SettledStack): ContainerSpec[] {
  const { zookeeper } = stack;
  if (!zookeeper) return [];
  return [
    {
      service: zookeeperService,
      kind: "zookeeper",
      name: containerName(stack.name, zookeeperService),
      image: zookeeper.image,
      command: ["/opt/kafka/bin/zookeeper-server-start.sh", configPath],
      environment: { ...jvmEnvironment(zookeeper.heapBytes), EXTRA_ARGS: "-name zookeeper" },
      files: [{ path: configPath, content: formatProperties(zooCfg(zookeeper)) }],
      volumes: [{ name: volumeName(stack.name, zookeeperService), target: dataPath }],
      binds: [],
      ports: [
        { containerPort: zookeeperClientPort, hostIp: "127.0.0.1", hostPort: zookeeper.port },
      ],
      memLimitBytes: zookeeper.memLimitBytes,
      stopTimeoutS: 10,
      dataTraits: {},
    },
  ];
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
    ...zookeeper.config,
  };
}

export function zookeeperReadiness(stack: SettledStack): ReadinessGroup[] {
  const { zookeeper } = stack;
  if (!zookeeper) return [];
  const address = { host: "127.0.0.1", port: zookeeper.port };
  return [
    {
      name: "zookeeper",
      services: [zookeeperService],
      needs: [],
      probe: { kind: "zookeeper", nodes: [{ service: zookeeperService, address }] },
    },
  ];
}
