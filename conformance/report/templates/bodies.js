"use strict";
/* Lays out a JSON text without changing a token of it: `1.0` stays `1.0`, a number of twenty digits
   keeps them all, a member that comes twice is shown twice. Text that is no JSON stays as it is. */
const bodies = (() => {
  const TOKEN = /\s*("(?:[^"\\]|\\.)*"|[{}\[\],:]|-?\d[\d.eE+-]*|true|false|null)\s*/y;

  const tokensOf = (text) => {
    const tokens = [];
    TOKEN.lastIndex = 0;
    while (TOKEN.lastIndex < text.length) {
      const match = TOKEN.exec(text);
      if (!match) return null;
      tokens.push(match[1]);
    }
    return tokens;
  };

  const keyOf = (token) => {
    try { return JSON.parse(token); } catch { return token; }
  };
  const escaped = (key) => String(key).replaceAll("~", "~0").replaceAll("/", "~1");

  /* Pieces of the laid out text, each with the JSON pointer of the value that it belongs to. */
  const piecesOf = (text) => {
    const tokens = tokensOf(text);
    if (!tokens || !tokens.length || !"{[".includes(tokens[0])) return null;
    const pieces = [];
    const open = [];
    let pointer = "";
    const put = (piece, where = pointer) => pieces.push([piece, where]);
    const newline = () => "\n" + "  ".repeat(open.length);
    for (let at = 0; at < tokens.length; at += 1) {
      const token = tokens[at];
      const inside = open[open.length - 1];
      if (token === "{" || token === "[") {
        put(token);
        const empty = tokens[at + 1] === (token === "{" ? "}" : "]");
        open.push({ list: token === "[", number: 0, base: pointer, empty });
        if (!empty) put(newline());
        if (token === "[") pointer += "/0";
      } else if (token === "}" || token === "]") {
        if (!inside) return null;
        open.pop();
        pointer = inside.base;
        if (!inside.empty) put(newline());
        put(token);
      } else if (token === ",") {
        if (!inside) return null;
        inside.number += 1;
        pointer = inside.base;
        put(token);
        put(newline());
        if (inside.list) pointer += "/" + inside.number;
      } else if (token === ":") {
        put(": ");
      } else if (inside && !inside.list && tokens[at + 1] === ":") {
        pointer = inside.base + "/" + escaped(keyOf(token));
        put(token);
      } else {
        put(token);
      }
    }
    return open.length ? null : pieces;
  };

  const covers = (mark, pointer) => {
    const wanted = mark.split("/");
    const found = pointer.split("/");
    return wanted.every((part, at) => part === "*" ? at < found.length : part === found[at]);
  };

  /* Fills `pre` with the body, its marked parts in <mark>. Returns the marks that point nowhere. */
  const fill = (pre, text, marks) => {
    const pieces = piecesOf(text);
    if (!pieces) {
      pre.append(text);
      return marks;
    }
    const astray = marks.filter((mark) => !pieces.some(([, where]) => covers(mark, where)));
    let target = pre;
    let marked = false;
    for (const [piece, where] of pieces) {
      const now = piece.trim() !== "" && marks.some((mark) => covers(mark, where));
      if (now !== marked) {
        target = now ? pre.appendChild(document.createElement("mark")) : pre;
        marked = now;
      }
      target.append(piece);
    }
    return astray;
  };

  return { fill, piecesOf };
})();
