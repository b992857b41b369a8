import type { SaslMechanism } from "../kafka/connection/security.ts";
import type { Redactor } from "../safe-text/redactor.ts";

/** The process around dp: passed in, so that no command reaches for a global. */
export interface Host {
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  /** Aborted by the first Ctrl-C, SIGTERM or SIGHUP. */
  readonly signal: AbortSignal;
  interruptedBy(): NodeJS.Signals | undefined;
  /** Hands signals to a program that dp runs, instead of interrupting dp; returns what ends that. */
  passSignals(to: (name: NodeJS.Signals) => void): () => void;
  /** Asks for a user's password on the terminal. Throws DpError `interrupted` for Ctrl-C and Esc. */
  askPassword(user: string): Promise<string>;
  /** The command that runs, e.g. `dp up`, without its arguments, which may contain secrets. */
  readonly command: string;
  /** Knows the secrets that the command has come across. */
  readonly redactor: Redactor;
}

/** What every command takes, before its name or after it. */
export interface SharedOptions {
  readonly file: string | undefined;
  readonly project: string | undefined;
  /** `--profile` as given: a name, or `none`; undefined when it was not given. */
  readonly profile: string | undefined;
  /** The words after each `--set`, in their order. */
  readonly set: readonly string[];
  /** Docker's context to use instead of what the environment says. */
  readonly context: string | undefined;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  /** False when `--no-color` was given. */
  readonly color: boolean;
  /** Of a command with withClusterOptions; undefined when none of them was given. */
  readonly cluster: ClusterOptions | undefined;
}

/** How to reach a cluster that is no stack of dp, as given; undefined is not given. */
export interface ClusterOptions {
  readonly brokers: string | undefined;
  readonly tls: boolean;
  readonly tlsCa: string | undefined;
  readonly tlsCert: string | undefined;
  readonly tlsKey: string | undefined;
  readonly tlsServerName: string | undefined;
  readonly sasl: SaslMechanism | undefined;
  readonly user: string | undefined;
  readonly passwordFile: string | undefined;
  readonly clientProperties: string | undefined;
}
