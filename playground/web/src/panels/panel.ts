// What the panels beside the editor share.

import type { Compiler } from "../compiler";
import type { Doing } from "../findings";
import type { Checked } from "../protocol";

/** What a panel may use. */
export interface Context {
  compiler: Compiler;
  doing: Doing;
}

/** A panel beside the editor. */
export interface Panel {
  id: string;
  label: string;
  element: HTMLElement;
  /** What is known of the package now; asked only while the panel is shown. */
  update: (checked: Checked) => Promise<void>;
}
