// Light and dark. The system decides until somebody says otherwise.

import { EditorView } from "@codemirror/view";

type Theme = "light" | "dark";

const KEY = "fleetnet-theme";
const system = matchMedia("(prefers-color-scheme: dark)");

/** Applies the theme, and gives what the toggle does. */
export function themes(changed: (theme: Theme) => void): () => void {
  const apply = () => {
    const theme = chosen() ?? (system.matches ? "dark" : "light");
    document.documentElement.dataset["theme"] = theme;
    changed(theme);
  };
  system.addEventListener("change", apply);
  apply();
  return () => {
    const other: Theme = document.documentElement.dataset["theme"] === "dark" ? "light" : "dark";
    remember(other);
    apply();
  };
}

function chosen(): Theme | undefined {
  try {
    const kept = localStorage.getItem(KEY);
    return kept === "light" || kept === "dark" ? kept : undefined;
  } catch {
    return undefined;
  }
}

function remember(theme: Theme): void {
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // A browser that keeps nothing shows the other theme until the page is left.
    document.documentElement.dataset["theme"] = theme;
  }
}

/** The editor's looks, by the page's own colours. */
export const editorTheme = EditorView.theme({
  "&": { height: "100%", color: "var(--ink)", backgroundColor: "var(--surface)", fontSize: "13px" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.6" },
  ".cm-content": { caretColor: "var(--accent)", padding: "10px 0" },
  ".cm-line": { padding: "0 14px 0 6px" },
  ".cm-gutters": { backgroundColor: "var(--surface)", color: "var(--faint)", border: "none", paddingLeft: "6px" },
  ".cm-activeLine": { backgroundColor: "color-mix(in srgb, var(--ink) 4%, transparent)" },
  ".cm-activeLineGutter": { backgroundColor: "transparent", color: "var(--ink)" },
  ".cm-cursor": { borderLeftColor: "var(--accent)", borderLeftWidth: "2px" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    backgroundColor: "var(--selection)",
  },
  ".cm-hint": { color: "var(--faint)", fontSize: "0.85em", paddingLeft: "1.5ch", userSelect: "none" },
  ".cm-lens": { color: "var(--faint)", padding: "0 14px 0 6px", fontSize: "0.85em", userSelect: "none" },
  ".cm-lens button": { font: "inherit", color: "inherit", background: "none", border: "none", padding: "0", cursor: "pointer" },
  ".cm-lens button:hover, .cm-lens button:focus-visible": { color: "var(--accent)", textDecoration: "underline" },
  ".cm-lens-list": { color: "var(--ink)", maxHeight: "16em", overflowY: "auto" },
  ".cm-lens-list ul": { margin: "0", paddingLeft: "2ch" },
  ".cm-selectionMatch": { backgroundColor: "var(--match)" },
  "&.cm-focused .cm-matchingBracket": { backgroundColor: "var(--match)", outline: "none" },
  ".cm-gutter-lint": { width: "14px" },
  ".cm-gutter-lint .cm-gutterElement": { padding: "0 0 0 2px" },
  ".cm-lint-marker": { width: "8px", height: "8px", content: "none", borderRadius: "50%", marginTop: "6px" },
  ".cm-lint-marker-error": { content: "none", backgroundColor: "var(--error)" },
  ".cm-lint-marker-warning": { content: "none", backgroundColor: "var(--warning)" },
  ".cm-lint-marker-info": { content: "none", backgroundColor: "var(--note)" },
  ".cm-lintRange": { backgroundImage: "none", paddingBottom: "0", textUnderlineOffset: "3px" },
  ".cm-lintRange-error": { textDecoration: "underline wavy var(--error) 1.2px" },
  ".cm-lintRange-warning": { textDecoration: "underline wavy var(--warning) 1.2px" },
  ".cm-lintRange-info": { textDecoration: "underline dotted var(--note) 1.5px" },
  ".cm-lintRange-active": { backgroundColor: "var(--match)" },
  ".cm-tooltip": {
    backgroundColor: "var(--raised)",
    color: "var(--ink)",
    border: "1px solid var(--line)",
    borderRadius: "8px",
    boxShadow: "var(--shadow)",
    fontFamily: "var(--sans)",
    fontSize: "13px",
    maxWidth: "min(34rem, 90vw)",
    overflow: "hidden",
  },
  ".cm-diagnostic": { padding: "8px 12px", border: "none", lineHeight: "1.45" },
  ".cm-diagnosticSource": { fontFamily: "var(--mono)", fontSize: "11px", opacity: "0.6" },
  ".cm-help": { color: "var(--muted)", marginTop: "4px" },
  ".cm-diagnostic code": { fontFamily: "var(--mono)", fontSize: "12px" },
  ".cm-diagnosticAction": { backgroundColor: "var(--accent)", color: "var(--accent-ink)", borderRadius: "5px", fontFamily: "var(--mono)" },
  ".cm-hover": { padding: "8px 12px", lineHeight: "1.45" },
  ".cm-hover-head": { fontFamily: "var(--mono)", fontSize: "12px", whiteSpace: "pre-wrap" },
  ".cm-signature": { padding: "6px 12px", lineHeight: "1.45" },
  ".cm-signature > code": { fontFamily: "var(--mono)", fontSize: "12px", whiteSpace: "pre-wrap" },
  ".cm-signature-part": { color: "var(--accent)", fontWeight: "700" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": { fontFamily: "var(--mono)", maxHeight: "16em" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": { padding: "2px 10px" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": { backgroundColor: "var(--selection)", color: "var(--ink)" },
  ".cm-completionMatchedText": { textDecoration: "none", fontWeight: "700" },
  ".cm-completionDetail": { color: "var(--faint)", fontStyle: "normal" },
  ".cm-item-keyword": { color: "var(--tok-keyword)" },
  ".cm-item-built-in": { color: "var(--tok-built-in)" },
  ".cm-item-property": { color: "var(--tok-cel)" },
  ".cm-item-value": { color: "var(--tok-string)" },
  ".cm-rename": { display: "flex", gap: "6px", padding: "6px 10px" },
  ".cm-rename input": { flex: "1", color: "inherit", font: "inherit", fontFamily: "var(--mono)" },
  ".cm-panels": { backgroundColor: "var(--ground)", color: "var(--ink)", borderColor: "var(--line)" },
  ".cm-panels.cm-panels-top": { borderBottom: "1px solid var(--line)" },
  ".cm-textfield": { backgroundColor: "var(--surface)", border: "1px solid var(--line)", borderRadius: "5px" },
  ".cm-button": { backgroundImage: "none", backgroundColor: "var(--surface)", border: "1px solid var(--line)" },
  ".tok-keyword": { color: "var(--tok-keyword)" },
  ".tok-name": { color: "var(--ink)", fontWeight: "600" },
  ".tok-built-in": { color: "var(--tok-built-in)" },
  ".tok-number": { color: "var(--tok-number)" },
  ".tok-parameter": { color: "var(--tok-built-in)", fontStyle: "italic" },
  ".tok-string": { color: "var(--tok-string)" },
  ".tok-cel": { color: "var(--tok-cel)" },
  ".tok-comment": { color: "var(--tok-comment)" },
  ".tok-doc-comment": { color: "var(--tok-doc)" },
  ".tok-operator": { color: "var(--muted)" },
  ".tok-unknown": { color: "var(--error)" },
});
