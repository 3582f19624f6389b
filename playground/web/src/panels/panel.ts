// What the panels beside the editor share.

import type { Compiler } from "../compiler";
import type { Doing } from "../findings";
import type { Checked } from "../protocol";

/** What a panel may use. */
export interface Context {
  compiler: Compiler;
  /** What clicks do, on what is drawn of the text that the findings are of now. */
  doing: () => Doing;
  /** Does something that may find no compiler. */
  attempt: (work: () => Promise<void>) => void;
}

/** A panel beside the editor. */
export interface Panel {
  id: string;
  label: string;
  element: HTMLElement;
  /** What is known of the package now; asked only while the panel is shown and nothing more urgent is. */
  update: (checked: Checked) => Promise<void>;
  /** Another package is opened: nothing of the one before stays. */
  reset: () => void;
}
