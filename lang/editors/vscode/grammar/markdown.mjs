// Blocks of fleetnet in Markdown, in the colours of fleetnet.

/** A grammar that is injected into that of Markdown. */
export const markdown = {
  scopeName: "markdown.fleetnet.codeblock",
  injectionSelector: "L:text.html.markdown",
  patterns: [
    {
      begin: "(^|\\G)(\\s*)(`{3,}|~{3,})\\s*(?i:(fleetnet)((\\s+|:|,|\\{|\\?)[^`]*)?$)",
      beginCaptures: { 3: { name: "punctuation.definition.markdown" }, 4: { name: "fenced_code.block.language.markdown" } },
      end: "(^|\\G)(\\2|\\s{0,3})(\\3)\\s*$",
      endCaptures: { 3: { name: "punctuation.definition.markdown" } },
      name: "markup.fenced_code.block.markdown",
      patterns: [
        {
          begin: "(^|\\G)(\\s*)(.*)",
          while: "(^|\\G)(?!\\s*([`~]{3,})\\s*$)",
          contentName: "meta.embedded.block.fleetnet",
          patterns: [{ include: "source.fleetnet" }],
        },
      ],
    },
  ],
};
