/** A call that passes a proxy, e.g. the 7th: `POST /containers/shop-kafka-1/start`. */
export interface Call {
  /** From 1, in the order in which the calls arrived since the last `expectFault`. */
  readonly number: number;
  readonly text: string;
}

/** What happens to one call. */
export interface Fault {
  /** The number of the call, or the first one that fits. */
  readonly call: number | ((call: Call) => boolean);
  /**
   * `before`: the server has not seen the call. `during`: the server has the call, and nobody waits for the
   * answer. `after`: the server has answered, and the caller has not seen the answer.
   */
  readonly when: "before" | "during" | "after";
  /** Returns whether the call or its answer is passed on afterwards; its connection is cut otherwise. */
  readonly act: () => boolean | Promise<boolean>;
}

/** Counts calls, and gives the expected fault to the one that it is meant for. */
export interface FaultCounter {
  /** Since the last `expectFault`. */
  readonly calls: readonly Call[];
  /** Restarts the count, and sets the fault that one of the next calls gets; none when left out. */
  expectFault(fault?: Fault): void;
  /** Whether the expected fault has happened. */
  readonly happened: boolean;
}

/** `count` returns the fault of a call. */
export function createFaultCounter(): FaultCounter & { count(text: string): Fault | undefined } {
  const calls: Call[] = [];
  let expected: Fault | undefined;
  let happened = false;
  return {
    calls,
    expectFault: (fault) => {
      calls.length = 0;
      expected = fault;
      happened = false;
    },
    get happened() {
      return happened;
    },
    count: (text) => {
      const call = { number: calls.length + 1, text };
      calls.push(call);
      const fault = expected;
      if (!fault) return undefined;
      const fits = typeof fault.call === "number" ? fault.call === call.number : fault.call(call);
      if (!fits) return undefined;
      expected = undefined;
      happened = true;
      return fault;
    },
  };
}

/** Returns whether a call is passed on to the server. */
export async function beforeCall(fault: Fault | undefined): Promise<boolean> {
  return fault?.when !== "before" || fault.act();
}

/** Called when the server has the whole call. */
export function duringCall(fault: Fault | undefined): void {
  if (fault?.when === "during") void fault.act();
}

/** Returns whether an answer is passed on to the caller. */
export async function afterCall(fault: Fault | undefined): Promise<boolean> {
  return fault?.when !== "after" || fault.act();
}
