/** How long dp waits for what, in milliseconds: enough for a slow network, too short to look hung. */
export const patience = {
  /** For a connection: what drops packets is never heard of. */
  dialMs: 1500,
  /** For TLS and for SASL, each. */
  handshakeMs: 3000,
  /** For the first answer on a connection, which a broker that is not frozen gives at once. */
  firstAnswerMs: 3000,
  /** A published port accepts before the broker behind it does, and loses the connection at once. */
  lostAtOnceMs: 500,
  /** For brokers that can't be reached at all, where a person waits for a command to begin. */
  commandMs: 1500,
  /** For the same within longer work. */
  workMs: 10_000,
  /** For leaders, controller and coordinators that move: a killed broker's session lasts up to 18 s. */
  movingMs: 30_000,
} as const;
