// The page's side of the worker: questions in, answers out, one compiler at a time.

import type { CallName, Calls, Question, Reply } from "./protocol";

interface Waiting {
  question: Question;
  done: (reply: Reply) => void;
  failed: (why: Unavailable) => void;
}

/** Why a question has no answer. */
export class Unavailable extends Error {}

/** It took too long, and something newer was to be asked. */
export class Abandoned extends Unavailable {}

/** An answer, and how long the call took inside of the compiler, in milliseconds. */
export interface Timed<T> {
  answer: T;
  milliseconds: number;
}

/** A compiler that stops this often without an answer in between is not started again. */
const MOST_STOPS = 2;

export class Compiler {
  #worker: Worker | undefined;
  /** In the order in which they were asked, which is the order of the answers: the first is the one that runs. */
  readonly #waiting = new Map<number, Waiting>();
  #next = 0;
  #ready = false;
  /** When the call that runs was begun. */
  #since = 0;
  #stops = 0;
  /** Why there is no compiler any more. */
  #gone = "";
  /** The package that the session holds. */
  #package: string | undefined;
  readonly #begun = new Signal();
  /** Called with what to tell people when the compiler stops. */
  stopped: (why: string) => void = () => {};

  constructor() {
    this.#start();
  }

  /** Resolved once the worker runs, or can't. Until then it needs the page's own thread now and again. */
  get begun(): Promise<void> {
    return this.#begun.given;
  }

  /** Asks the session. */
  async ask<C extends CallName>(call: C, argument = ""): Promise<Timed<Calls[C]["answer"]>> {
    const reply = await this.#send(call, argument);
    if (!("answer" in reply)) {
      throw new Unavailable("the compiler gave another answer than was asked for");
    }
    return { answer: parsed<Calls[C]["answer"]>(reply.answer), milliseconds: reply.milliseconds };
  }

  /** The pieces of a text that have a colour: start, end and kind of each. */
  async highlight(text: string): Promise<Uint32Array> {
    const reply = await this.#send("highlight", text);
    return "pieces" in reply ? reply.pieces : new Uint32Array();
  }

  /** For how many milliseconds the call that runs has been running. */
  get busyFor(): number {
    return this.#ready && this.#waiting.size > 0 ? performance.now() - this.#since : 0;
  }

  /** Drops every question, also the one that runs, and begins with a new session. */
  abandon(): void {
    const waiting = this.#leave();
    this.#package = undefined;
    this.#start();
    for (const { failed } of waiting) {
      failed(new Abandoned("it took too long"));
    }
  }

  #send(call: Question["call"], argument: string): Promise<Reply> {
    return new Promise((done, failed) => {
      if (this.#worker === undefined) {
        failed(new Unavailable(this.#gone));
        return;
      }
      const question = { id: this.#next++, call, argument };
      if (this.#waiting.size === 0) {
        this.#since = performance.now();
      }
      this.#waiting.set(question.id, { question, done, failed });
      this.#worker.postMessage(question);
    });
  }

  #start(): void {
    const worker = new Worker(new URL(WORKER_FILE, document.baseURI), { type: "module" });
    worker.onmessage = ({ data }: MessageEvent<Reply>) => this.#hear(data);
    worker.onerror = (event) => this.#stop(event.message ?? "its worker could not be loaded");
    this.#worker = worker;
  }

  #hear(reply: Reply): void {
    this.#since = performance.now();
    if ("reached" in reply) {
      this.#ready = reply.reached === "ready";
      this.#begun.give();
      return;
    }
    if ("stopped" in reply) {
      this.#stop(reply.stopped);
      return;
    }
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    this.#stops = 0;
    if (waiting?.question.call === "check") {
      this.#package = waiting.question.argument;
    }
    waiting?.done(reply);
  }

  /** What was being asked is not asked again: it would only stop the compiler again. What waited behind it is. */
  #stop(why: string): void {
    const [culprit, ...others] = this.#leave();
    this.#begun.give();
    this.#stops += 1;
    if (this.#stops >= MOST_STOPS) {
      this.#gone = `it stopped ${MOST_STOPS} times in a row: ${why}. Reload the page to try it again`;
      this.#fail([culprit, ...others], this.#gone);
      this.stopped(`The compiler is not started again, ${this.#gone}.`);
      return;
    }
    this.#start();
    if (culprit?.question.call === "check") {
      this.#package = undefined;
      this.#fail([culprit, ...others], `it stopped: ${why}`);
    } else {
      if (this.#package !== undefined) {
        this.#worker?.postMessage({ id: this.#next++, call: "check", argument: this.#package } satisfies Question);
      }
      for (const waiting of others) {
        this.#waiting.set(waiting.question.id, waiting);
        this.#worker?.postMessage(waiting.question);
      }
      this.#fail([culprit], `it stopped: ${why}`);
    }
    this.stopped(`The compiler stopped and was started again: ${why}.`);
  }

  #fail(waiting: (Waiting | undefined)[], why: string): void {
    for (const each of waiting) {
      each?.failed(new Unavailable(why));
    }
  }

  /** Ends the worker; gives what was not answered. */
  #leave(): Waiting[] {
    this.#worker?.terminate();
    this.#worker = undefined;
    this.#ready = false;
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    return waiting;
  }
}

/** Something that happens once. */
class Signal {
  give: () => void = () => {};
  readonly given = new Promise<void>((done) => (this.give = done));
}

function parsed<T>(text: string): T {
  try {
    return JSON.parse(text) as T;
  } catch {
    throw new Unavailable("the compiler's answer can't be read");
  }
}
