// A package in the fragment of a link. Nobody but the browser sees a fragment; what arrives in one is anybody's.

import { LOCK, type Source, pathProblem } from "./source";

/** What a fragment of this form begins with. */
export const PREFIX = "#p1.";

const MOST_LETTERS = 1 << 20;
const MOST_BYTES = 4 << 20;
const MOST_FILES = 500;
const MOST_PARAMS = 200;
const LONGEST_PARAM = 1000;

/** Half a pair, alone. */
const SURROGATE = /\p{Surrogate}/u;

/** Why a link can't be opened, or why there can't be one. */
export class BadLink extends Error {}

/** The fragment that holds a package; fails where `opened` would refuse it. */
export async function fragment({ files, params }: Source): Promise<string> {
  checked({ files, params }, "the package");
  const text = new TextEncoder().encode(JSON.stringify({ files, params }));
  if (text.length > MOST_BYTES) {
    throw new BadLink(`the package has more than ${MOST_BYTES >> 20} MiB`);
  }
  const packed = new Blob([text]).stream().pipeThrough(new CompressionStream("deflate-raw"));
  const bytes = new Uint8Array(await new Response(packed).arrayBuffer());
  const hash = PREFIX + base64url(bytes);
  if (hash.length > MOST_LETTERS) {
    throw new BadLink(`its link would be longer than ${MOST_LETTERS} letters`);
  }
  return hash;
}

/** The package in a fragment. */
export async function opened(hash: string): Promise<Source> {
  if (hash.length > MOST_LETTERS) {
    throw new BadLink(`the link is longer than ${MOST_LETTERS} letters`);
  }
  if (!hash.startsWith(PREFIX)) {
    throw new BadLink("the link is not of this version of the page");
  }
  const text = await unpacked(bytesOf(hash.slice(PREFIX.length)));
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new BadLink("what the link holds is not JSON");
  }
  return checked(value, "the link");
}

/** Decompresses as far as a package may be large, and not a byte further. */
async function unpacked(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  const reader = stream.getReader();
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let text = "";
  let size = 0;
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      size += part.value.length;
      if (size > MOST_BYTES) {
        await reader.cancel();
        throw new BadLink(`the link unpacks to more than ${MOST_BYTES >> 20} MiB`);
      }
      text += decoder.decode(part.value, { stream: true });
    }
    return text + decoder.decode();
  } catch (problem) {
    throw problem instanceof BadLink ? problem : new BadLink("the link is damaged: it can't be unpacked");
  }
}

/** What anybody says to be a package, as one; `what` it was in is named where it is none. */
function checked(value: unknown, what: string): Source {
  const { files, params, ...rest } = record(value, what);
  const unknown = Object.keys(rest);
  if (unknown.length > 0) {
    throw new BadLink(`${what} holds more than files and params`);
  }
  const texts = Object.entries(record(files, "`files`"));
  if (texts.length === 0 || texts.length > MOST_FILES) {
    throw new BadLink(`${what} should hold 1 to ${MOST_FILES} files, and holds ${texts.length}`);
  }
  const bad = texts.map(([path]) => pathProblem(path)).find((problem) => problem !== undefined);
  if (bad !== undefined) {
    throw new BadLink(`${what} holds a file with a bad name: ${bad}`);
  }
  if (texts.every(([path]) => path === LOCK)) {
    throw new BadLink(`${what} holds no source file`);
  }
  const values = Object.entries(record(params ?? {}, "`params`"));
  const long = ([name, text]: [string, unknown]) => name.length + String(text).length > LONGEST_PARAM;
  if (values.length > MOST_PARAMS || values.some(long)) {
    throw new BadLink(`${what} holds too many params, or too long ones`);
  }
  return { files: strings(texts, what), params: strings(values, what) };
}

function record(value: unknown, what: string): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new BadLink(`${what} is not an object`);
  }
  return value as Record<string, unknown>;
}

/** An object without a prototype would be a surprise elsewhere; one with the name `__proto__` set would be worse. */
function strings(entries: [string, unknown][], what: string): Record<string, string> {
  const texts = entries.map(([name, text]): [string, string] => {
    // Half a pair of surrogates can be said in JSON, and is no text.
    if (typeof text !== "string" || SURROGATE.test(name) || SURROGATE.test(text)) {
      throw new BadLink(`what should be text in ${what} is not`);
    }
    // The editor ends a line at a lone carriage return, and the compiler does not.
    return [name, text.replace(/\r(?!\n)/g, "\n")];
  });
  return Object.fromEntries(texts);
}

function base64url(bytes: Uint8Array): string {
  let letters = "";
  for (let at = 0; at < bytes.length; at += 0x8000) {
    letters += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  }
  return btoa(letters).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function bytesOf(letters: string): Uint8Array<ArrayBuffer> {
  if (!/^[A-Za-z0-9_-]*$/.test(letters)) {
    throw new BadLink("the link is damaged: it has letters that no link has");
  }
  try {
    return Uint8Array.from(atob(letters.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
  } catch {
    throw new BadLink("the link is damaged: its end is missing");
  }
}
