/** Defaults of pipeline.yaml, for resolving and for the reference page. */
export const defaults = {
  zookeeperPort: 2181,
  zookeeperHeap: "128m",
  /** The last line of Kafka that can run with ZooKeeper. */
  kafkaVersionWithZookeeper: "3.9.2",
  kafkaVersion: "4.3.1",
  brokers: 1,
  maxBrokers: 3,
  kafkaPort: 9092,
  /** Broker i listens on the first port + (i - 1) times this. */
  kafkaPortStep: 1000,
  kafkaHeap: "384m",
  partitions: 1,
  maxReplication: 3,
  pull: "missing",
  build: "auto",
} as const;
