// The package is checked as it is written: one check at a time, the latest text winning, findings before proofs.

import { Abandoned, type Compiler, type Timed, Unavailable } from "./compiler";
import { type Checked, type Refused, isRefused } from "./protocol";

type Answer = Timed<Checked | Refused>;

/** What comes of it. */
export interface Events {
  /** The package as `check` takes it. */
  text: () => string;
  /** What is found of the newest text: first before any promise is asked, then all of it. */
  found: (checked: Checked, milliseconds: number) => void;
  /** There is no answer for the newest text. */
  failed: (why: string) => void;
  /** What ran was ended after so many milliseconds, in favour of an edit. */
  abandoned: (milliseconds: number) => void;
  /** Nothing waits any more. */
  settled: () => void;
}

/** How long a call may run while a newer text waits, in milliseconds. */
const PATIENCE = 3000;
/** The same while another package waits: nobody waits for an answer about the one before. */
const PATIENCE_OF_ANOTHER = 300;

/** A proof that took longer waits for a pause of so many milliseconds, so that the next key does not wait for it. */
const QUICK_PROOF = 30;
const PAUSE = 150;

/** Measures of edits that are kept. */
const MOST_MEASURES = 200;

export class Checks {
  readonly #compiler: Compiler;
  readonly #events: Events;
  /** Counts the texts. */
  #generation = 0;
  /** The one that the findings are of. */
  #answered = 0;
  #running = false;
  #scheduled = false;
  /** When the first edit was made that no findings were shown of. */
  #editedAt: number | undefined;
  #asked: Promise<Answer> | undefined;
  #patience = PATIENCE;
  /** When the newest text came. */
  #newestAt = 0;
  /** How long the proof of the text before took, and whether it broke a promise. */
  #proofTook = 0;
  #broke = false;
  #wake: () => void = () => {};
  #timer: ReturnType<typeof setTimeout> | undefined;
  #measured = false;

  constructor(compiler: Compiler, events: Events) {
    this.#compiler = compiler;
    this.#events = events;
  }

  /** The text that the findings are of, to be told from later ones. */
  get answered(): number {
    return this.#answered;
  }

  /** Whether a text is the newest. */
  isNewest(generation: number): boolean {
    return generation === this.#generation;
  }

  /** Whether nothing waits. */
  get idle(): boolean {
    return !this.#running && !this.#scheduled;
  }

  /** Somebody wrote something. */
  edited(): void {
    this.#editedAt ??= performance.now();
    this.#changed();
  }

  /** Another package is opened. Its check may have been asked already. */
  opened(asked: Promise<Answer> | undefined): void {
    this.#asked = asked;
    this.#editedAt = undefined;
    this.#patience = PATIENCE_OF_ANOTHER;
    this.#proofTook = 0;
    this.#broke = false;
    this.#changed();
  }

  #changed(): void {
    this.#generation += 1;
    this.#newestAt = performance.now();
    this.#wake();
    if (this.#running) {
      this.#hurry();
    } else if (!this.#scheduled) {
      this.#scheduled = true;
      // Changes of one task are one text.
      queueMicrotask(() => void this.#run());
    }
  }

  async #run(): Promise<void> {
    this.#scheduled = false;
    this.#running = true;
    while (!(await this.#check(this.#generation))) {
      // There is a newer text.
    }
    this.#running = false;
    clearTimeout(this.#timer);
    this.#events.settled();
  }

  /** Gives whether nothing is left to ask. */
  async #check(generation: number): Promise<boolean> {
    const asked = this.#asked ?? this.#compiler.ask("check", this.#events.text());
    this.#asked = undefined;
    // Something else may be running, such as a build.
    this.#hurry();
    try {
      const first = await asked;
      if (!this.isNewest(generation)) {
        return false;
      }
      this.#patience = PATIENCE;
      if (!this.#awaitsProof(first)) {
        this.#found(generation, first, 0);
      }
      if (isRefused(first.answer) || first.answer.finished) {
        return this.isNewest(generation);
      }
      if (this.#proofTook > QUICK_PROOF) {
        await this.#pause();
      }
      if (!this.isNewest(generation)) {
        return false;
      }
      const rest = await this.#compiler.ask("prove");
      if (this.isNewest(generation)) {
        this.#proofTook = rest.milliseconds;
        this.#broke = !isRefused(rest.answer) && rest.answer.promises.some(({ standing }) => standing === "broken");
        this.#found(generation, rest, first.milliseconds);
      }
    } catch (problem) {
      if (!(problem instanceof Unavailable)) {
        throw problem;
      }
      if (problem instanceof Abandoned) {
        return false;
      }
      if (this.isNewest(generation)) {
        this.#events.failed(problem.message);
      }
    }
    return this.isNewest(generation);
  }

  /** Findings of a broken promise would go and come back at every key; they stay where the proof is quick. */
  #awaitsProof({ answer }: Answer): boolean {
    const finished = isRefused(answer) || answer.finished;
    return !finished && this.#broke && this.#proofTook <= QUICK_PROOF;
  }

  /** Until nobody wrote for a while, or somebody did. */
  #pause(): Promise<void> {
    return new Promise((done) => {
      this.#wake = done;
      setTimeout(done, PAUSE);
    });
  }

  /** Sees to it that the newest text waits no longer than its patience. */
  #hurry(): void {
    clearTimeout(this.#timer);
    const { busyFor } = this.#compiler;
    this.#timer = setTimeout(() => this.#overdue(), Math.max(0, this.#patience - busyFor));
  }

  #overdue(): void {
    const { busyFor } = this.#compiler;
    const waits = busyFor === 0 || performance.now() - busyFor < this.#newestAt;
    if (waits && busyFor >= this.#patience) {
      this.#compiler.abandon();
      // Whoever opens another package is told nothing about the one before.
      if (this.#editedAt !== undefined) {
        this.#events.abandoned(busyFor);
      }
    } else if (waits) {
      this.#hurry();
    }
  }

  #found(generation: number, { answer, milliseconds }: Answer, before: number): void {
    this.#answered = generation;
    this.#events.found(isRefused(answer) ? refused(answer.refused) : answer, before + milliseconds);
    this.#measure();
  }

  /** How long it took from the beginning, or from an edit, until findings were shown. */
  #measure(): void {
    if (!this.#measured) {
      this.#measured = true;
      performance.measure("fleetnet:first", { start: 0 });
    }
    if (this.#editedAt !== undefined) {
      if (performance.getEntriesByName("fleetnet:edit").length >= MOST_MEASURES) {
        performance.clearMeasures("fleetnet:edit");
      }
      performance.measure("fleetnet:edit", { start: this.#editedAt });
      this.#editedAt = undefined;
    }
  }
}

/** What can't be read has one finding, and it has no place. */
function refused(why: string): Checked {
  const message = `the package can't be checked: ${why}`;
  return {
    diagnostics: [{ code: "", severity: "error", message }],
    more: 0,
    promises: [],
    finished: true,
    ends: [],
    understood: false,
  };
}
