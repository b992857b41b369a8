/*
 * A broker that was killed can't come back before its session has ended: 6 to 8 s by dp's settings.
 * These settings make it 2 to 4 s; they are parts of a pipeline.yaml.
 */

/** Value of `zookeeper:`. Sessions end in steps of a tick, and last at least two. */
export const quickTicks = "{ config: { tickTime: 500 } }";

/**
 * Entries of a `config:` of brokers with ZooKeeper. The last broker that stops has nobody to hand its
 * partitions to, but tries three times.
 */
export const shortSession =
  "zookeeper.session.timeout.ms: 3000, controlled.shutdown.retry.backoff.ms: 100";

/** Entry of a `config:` of KRaft nodes. */
export const shortKraftSession = "broker.session.timeout.ms: 2000";
