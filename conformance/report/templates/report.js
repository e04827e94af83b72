(() => {
  const CHUNK = 100;
  const KEYS = ["verdict", "level", "category", "operation", "text", "cause", "case"];
  const $ = (id) => document.getElementById(id);
  const { checks, rows } = JSON.parse($("index").textContent);
  const details = $("details").textContent.split("\n");
  const list = $("list");
  const form = $("filters");
  const [CASE, CHECK, OPERATION, VERDICT, MESSAGE, CAUSE, LEVEL] = [0, 1, 2, 3, 4, 5, 6];
  let shown = [];
  let drawn = 0;
  let hay = null;

  /* Elements are only ever given text: nothing that a target said is read as markup. */
  const make = (tag, className, ...content) => {
    const element = document.createElement(tag);
    if (className) element.className = className;
    element.append(...content);
    return element;
  };
  const icon = (verdict) => {
    const space = "http://www.w3.org/2000/svg";
    const svg = document.createElementNS(space, "svg");
    svg.setAttribute("class", `icon ${verdict}`);
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", verdict.replaceAll("_", " "));
    const use = svg.appendChild(document.createElementNS(space, "use"));
    use.setAttribute("href", `#i-${verdict}`);
    return svg;
  };

  /* The state of the filters lives in the address, so that a view can be sent to others. */
  const stateOf = (hash) => {
    const found = new URLSearchParams(hash.replace(/^#/, ""));
    const state = Object.fromEntries(KEYS.map((key) => [key, found.get(key) ?? ""]));
    state.verdict = state.verdict.split(",").filter(Boolean);
    return state;
  };
  const hashOf = (state) => {
    const wanted = new URLSearchParams();
    for (const key of KEYS) {
      const value = String(state[key]);
      if (value) wanted.set(key, value);
    }
    return wanted.toString().replaceAll("%2C", ",");
  };
  let state = stateOf(location.hash);

  const toForm = () => {
    for (const box of form.elements.verdict) box.checked = state.verdict.includes(box.value);
    for (const key of ["level", "category", "operation", "text"]) form.elements[key].value = state[key];
  };
  const fromForm = () => {
    const verdict = [...form.elements.verdict].filter((box) => box.checked).map((box) => box.value);
    const values = ["level", "category", "operation", "text"].map((key) => [key, form.elements[key].value]);
    state = { ...state, verdict, ...Object.fromEntries(values) };
  };

  const matches = () => {
    const words = state.text.toLowerCase().split(/\s+/).filter(Boolean);
    hay ??= rows.map((row) => row.join("\n").toLowerCase());
    const keep = [];
    rows.forEach((row, at) => {
      const check = checks[row[CHECK]];
      if (state.case && row[CASE] !== state.case) return;
      if (state.cause && row[CAUSE] !== state.cause) return;
      if (state.verdict.length && !state.verdict.includes(row[VERDICT])) return;
      if (state.level && row[LEVEL] !== state.level) return;
      if (state.category && check.category !== state.category) return;
      if (state.operation && row[OPERATION] !== state.operation) return;
      if (words.some((word) => !hay[at].includes(word))) return;
      keep.push(at);
    });
    return keep;
  };

  const copyButton = (text) => {
    const button = make("button", "copy", "Copy");
    button.type = "button";
    button.addEventListener("click", async () => {
      const done = await copied(text);
      button.textContent = done ? "Copied" : "Select and copy by hand";
      setTimeout(() => { button.textContent = "Copy"; }, 2000);
    });
    return button;
  };
  const copied = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      const area = make("textarea", "", text);
      document.body.append(area);
      area.select();
      const done = document.execCommand("copy");
      area.remove();
      return done;
    }
  };

  const box = (title, pre, text) => {
    const head = make("div", "head", title);
    if (text) head.append(copyButton(text));
    return make("div", "box", head, pre);
  };
  const codeBox = (title, text) => box(title, make("pre", "", text), text);

  /* A site names its member as `Operation:path` or `Operation.path`; a list's element is `[]`. */
  const marksFromSite = (row, detail) => {
    const rest = detail.site.startsWith(row[OPERATION]) ? detail.site.slice(row[OPERATION].length) : "";
    const path = /^[:.]([^\s]+)/.exec(rest)?.[1];
    return path ? ["/" + path.replaceAll("[]", ".*").replaceAll("{}", ".*").split(".").filter(Boolean).join("/")] : [];
  };

  const message = (title, wire, parts, derived) => {
    const pre = make("pre", "");
    const first = make("span", "", wire.line);
    pre.append(parts.includes("status") ? make("mark", "", first) : first, "\n");
    for (const [name, value] of wire.headers) {
      const line = make("span", "headers", `${name}: ${value}`);
      const marked = parts.some((part) => part.toLowerCase() === `header:${name.toLowerCase()}`);
      pre.append(marked ? make("mark", "", line) : line, "\n");
    }
    const made = box(title, pre, [wire.line, ...wire.headers.map(([n, v]) => `${n}: ${v}`), "", wire.body].join("\n"));
    if (wire.body) pre.append("\n");
    const pointers = parts.filter((part) => part.startsWith("/") || part === "");
    const astray = bodies.fill(pre, wire.body, pointers.length ? pointers : derived);
    if (wire.cut) pre.append(`\n… ${wire.cut.toLocaleString("en")} more characters in report.json`);
    for (const pointer of pointers.length ? astray : []) {
      made.append(make("p", "missing", `${pointer} is not there`));
    }
    return made;
  };

  const exchangeOf = (row, detail, exchange) => {
    const judged = exchange.role === "check";
    const parts = (side) => judged ? detail.marks.filter((mark) => mark.side === side).map((mark) => mark.part) : [];
    const derived = judged && !detail.marks.length ? marksFromSite(row, detail) : [];
    const answer = exchange.response
      ? message("Response", exchange.response, parts("response"), derived)
      : codeBox("No response", exchange.fault ?? "");
    const pair = make("div", "beside", message("Request", exchange.request, parts("request"), derived), answer);
    const note = exchange.response && exchange.fault ? make("p", "missing", exchange.fault) : "";
    const read = exchange.botocore && judged
      ? make("details", "", make("summary", "", "What botocore reads out of the response"), codeBox("botocore", exchange.botocore))
      : "";
    return [pair, note, read];
  };

  const citation = (text) => {
    const cite = make("cite", "");
    const url = /https:\/\/[^\s)]+/.exec(text);
    if (!url) {
      cite.append(text);
      return cite;
    }
    const anchor = make("a", "", url[0]);
    anchor.href = url[0];
    anchor.rel = "noreferrer noopener";
    cite.append(text.slice(0, url.index), anchor, text.slice(url.index + url[0].length));
    return cite;
  };

  const fillCase = (element, at) => {
    const row = rows[at];
    const detail = JSON.parse(details[at]);
    const check = checks[row[CHECK]];
    const inside = make("div", "inside");
    inside.append(make("p", "", check.requirement, " ", citation(detail.citation)));
    if (detail.reason) inside.append(make("p", "", make("b", "", "Waived: "), detail.reason));
    if (detail.expected || detail.got) {
      inside.append(make("h4", "", "Expected beside got"));
      inside.append(make("div", "beside", codeBox("Expected", detail.expected), codeBox("Got", detail.got)));
    }
    const exchanges = detail.exchanges ?? [];
    const judged = exchanges.filter((exchange) => exchange.role === "check");
    if (detail.sent && !judged.length) inside.append(codeBox("Sent", detail.sent));
    judged.forEach((exchange, number) => {
      const count = judged.length > 1 ? ` ${number + 1} of ${judged.length}` : "";
      inside.append(make("h4", "", `Exchange${count}: ${exchange.operation}`), ...exchangeOf(row, detail, exchange));
    });
    const setup = exchanges.filter((exchange) => exchange.role !== "check");
    if (setup.length) {
      const before = make("details", "", make("summary", "", `${setup.length} exchanges made what the check needed`));
      for (const exchange of setup) {
        before.append(make("h4", "", exchange.operation), ...exchangeOf(row, detail, exchange));
      }
      inside.append(before);
    }
    if (detail.curl || detail.python) {
      inside.append(make("h4", "", "See it again"));
      const ways = make("div", "beside");
      if (detail.curl) ways.append(codeBox("curl", detail.curl));
      if (detail.python) ways.append(codeBox("Python", detail.python));
      ways.append(codeBox("With this tool", detail.replay));
      inside.append(ways);
    }
    const last = make("p", "quiet", `check ${row[CHECK]}, category ${check.category}, basis ${check.basis}, ${detail.seconds} s`);
    if (detail.facts.length) {
      const stated = make("ul", "facts");
      for (const [fact, says] of detail.facts) {
        const line = make("li", "quiet", says ? ` ${says}` : "");
        line.prepend(make("b", "", fact));
        stated.append(line);
      }
      inside.append(stated);
    }
    last.append(". ", linkTo("Link to this case", { case: row[CASE] }));
    if (row[CAUSE]) last.append(" ", linkTo("All cases of its cause", { cause: row[CAUSE] }));
    inside.append(last);
    element.append(inside);
  };
  const linkTo = (text, wanted) => {
    const anchor = make("a", "", text);
    anchor.href = "#" + new URLSearchParams(wanted);
    return anchor;
  };

  const caseElement = (at) => {
    const row = rows[at];
    const level = row[LEVEL];
    const summary = make("summary", "", icon(row[VERDICT]), make("span", "id", row[CASE]), make("span", "said", row[MESSAGE]), make("span", `level ${level}`, level));
    const element = make("details", `case ${row[VERDICT]}`, summary);
    element.addEventListener("toggle", () => {
      if (element.open && element.childElementCount === 1) fillCase(element, at);
    });
    return element;
  };

  const draw = () => {
    const next = shown.slice(drawn, drawn + CHUNK);
    list.append(...next.map(caseElement));
    drawn += next.length;
    $("more").hidden = drawn >= shown.length;
    const count = (number) => number.toLocaleString("en");
    const of = shown.length === rows.length ? "" : ` of ${count(rows.length)}`;
    $("count").textContent = `${count(shown.length)}${of} cases${drawn < shown.length ? `, the first ${count(drawn)} shown` : ""}`;
  };
  const only = () => {
    const place = $("only");
    const named = state.case ? ["case", state.case] : ["cause", state.cause];
    place.hidden = !named[1];
    const clear = make("button", "", "Show all");
    clear.type = "button";
    clear.addEventListener("click", () => change({ ...state, case: "", cause: "" }));
    place.replaceChildren(`Only the ${named[0]} `, make("code", "", named[1]), " ", clear);
  };
  const redraw = () => {
    shown = matches();
    drawn = 0;
    list.replaceChildren();
    only();
    draw();
    if (state.case && list.firstElementChild) list.firstElementChild.open = true;
  };
  const change = (next) => {
    state = next;
    const hash = hashOf(state);
    history.replaceState(null, "", hash ? `#${hash}` : location.pathname + location.search);
    toForm();
    redraw();
  };

  let waiting = 0;
  const filter = (delay) => {
    clearTimeout(waiting);
    fromForm();
    waiting = setTimeout(() => change(state), delay);
  };
  form.elements.text.addEventListener("input", () => filter(150));
  form.addEventListener("change", () => filter(0));
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(() => change(stateOf("")), 0));
  $("more").addEventListener("click", draw);
  new IntersectionObserver((seen) => {
    if (seen.some((entry) => entry.isIntersecting) && drawn < shown.length) draw();
  }, { rootMargin: "600px" }).observe($("more"));

  /* A link of the page, or an address that somebody sent: go to the cases that it names. */
  const arrive = () => {
    if (location.hash && !location.hash.includes("=")) return;
    state = stateOf(location.hash);
    toForm();
    redraw();
    if (!location.hash) return;
    $("cases").scrollIntoView();
    $("cases-title").focus({ preventScroll: true });
  };
  addEventListener("hashchange", arrive);
  addEventListener("beforeprint", () => {
    for (const element of document.querySelectorAll(".card details, details.more")) element.open = true;
  });

  const theme = $("theme");
  const stored = (value) => {
    try {
      if (value !== undefined) localStorage.setItem("conformance-theme", value);
      return localStorage.getItem("conformance-theme");
    } catch {
      return null;
    }
  };
  const dress = (name) => {
    if (name === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = name;
    theme.textContent = `Theme: ${name}`;
  };
  const themes = ["auto", "light", "dark"];
  let worn = themes.includes(stored()) ? stored() : "auto";
  theme.addEventListener("click", () => {
    worn = themes[(themes.indexOf(worn) + 1) % themes.length];
    stored(worn);
    dress(worn);
  });
  dress(worn);
  theme.hidden = false;
  form.hidden = false;
  redraw();
  arrive();
})();
