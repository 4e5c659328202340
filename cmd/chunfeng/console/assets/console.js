// The console's own script. Every page works without it: it adds what links and forms cannot do alone.
//
// Lost connection. Each .lost[hidden] is shown while a request or the live stream fails, and hidden by the next that
// succeeds. An answer 401 means that the session ended: the page is loaded again, which leads to the sign-in. A stream
// that did not open the first time is tried again here (htmx itself tries again only one that was open once), and an
// answer that is no stream is not put into the page.
//
// Keys. While the focus is inside [data-keys] and not in a field, the key named by a [data-key] presses that button.
//
// Lists. In a field with data-list the arrow down goes to the first link of that list; the arrows go from link to link
// there, and Escape or the arrow up at the first goes back to the field.
//
// Files. A file may be dropped anywhere on a label.drop, not on its field alone. A field with data-most (bytes) says
// data-too-large of a larger file before it is sent.
//
// Lines. a[data-line] that leads to a textarea marks that line of it.
//
// Language. At the door (main.narrow) the page is changed for the one in the other language without leaving it, so that what was
// typed into its fields stays there, a password too.
//
// The menu's strip is scrolled to the page that is shown.
//
// Plots. table[data-plot=line] and table[data-plot=bars] are drawn above the table, from the table: its first column is
// the axis, each further one a series named by its head. A cell's number is its data-value, else its text. With data-time
// on the table the first column's data-value is seconds since 1970, shown in the time zone that data-time names. Load
// uplot.js beside this file on pages that have one.
(() => {
  "use strict";

  const lost = yes => {
    for (const e of document.querySelectorAll(".lost")) e.hidden = !yes;
  };
  const isStream = e => e.hasAttribute("hx-sse:connect");
  const isOpen = e => !!(e._htmx && e._htmx.sse);
  let leaving = false;
  const signIn = () => {
    if (leaving) return;
    leaving = true;
    location.reload();
  };
  addEventListener("pagehide", () => { leaving = true; });
  addEventListener("pageshow", () => { leaving = false; });

  document.addEventListener("htmx:before:response", e => {
    const { sourceElement: from, response } = e.detail.ctx;
    if (response.status === 401) {
      e.preventDefault();
      signIn();
    } else if (!isStream(from)) {
      lost(false);
    } else if (!(response.headers.get("Content-Type") || "").startsWith("text/event-stream")) {
      e.preventDefault();
      lost(true);
    }
  });
  document.addEventListener("htmx:error", () => lost(!leaving));
  document.addEventListener("htmx:sse:after:connection", () => lost(false));
  document.addEventListener("htmx:sse:error", e => {
    if (e.detail.status === 401) signIn();
    else lost(!leaving);
  });
  document.addEventListener("htmx:finally:request", e => {
    const from = e.detail.ctx.sourceElement;
    if (!isStream(from)) return;
    setTimeout(() => {
      if (!leaving && from.isConnected && !isOpen(from)) htmx.process(from, true);
    }, 2000);
  });

  document.addEventListener("keydown", e => {
    if (e.ctrlKey || e.altKey || e.metaKey || e.isComposing || e.repeat) return;
    const box = e.target.closest("[data-keys]");
    if (!box || e.target.closest("textarea, select, input:not([type=radio]):not([type=checkbox])")) return;
    const button = [...box.querySelectorAll("[data-key]")].find(b => b.dataset.key.toLowerCase() === e.key.toLowerCase());
    if (!button || button.disabled) return;
    e.preventDefault();
    button.click();
  });

  document.addEventListener("keydown", e => {
    if (e.ctrlKey || e.altKey || e.metaKey || e.isComposing || !["ArrowDown", "ArrowUp", "Escape"].includes(e.key)) return;
    const at = e.target.closest("a, input[data-list]");
    const field = at && (at.matches("input") ? at : [...document.querySelectorAll("input[data-list]")].find(f => at.closest(f.dataset.list)));
    if (!field) return;
    const stops = [field, ...document.querySelectorAll(field.dataset.list + " a")];
    const to = e.key === "Escape" ? 0 : stops.indexOf(at) + (e.key === "ArrowDown" ? 1 : -1);
    if (!stops[to] || stops[to] === at) return;
    e.preventDefault();
    stops[to].focus();
  });

  document.addEventListener("submit", async e => {
    const form = e.target, door = document.querySelector("main.narrow");
    if (!door || !form.matches("form.language") || !e.submitter) return;
    e.preventDefault();
    const fields = root => [...root.querySelectorAll("main input:not([name=once])")];
    const body = new URLSearchParams(new FormData(form)), lang = e.submitter.value;
    body.set("lang", lang);
    let page;
    try {
      const answer = await fetch(form.action, { method: "POST", body });
      page = answer.ok && new DOMParser().parseFromString(await answer.text(), "text/html");
    } catch {
      return lost(true);
    }
    if (!page || !page.querySelector("main.narrow")) return location.reload();
    const typed = fields(document);
    for (const field of fields(page)) {
      const same = typed.find(f => f.name === field.name);
      if (same) field.value = same.value;
    }
    document.documentElement.lang = page.documentElement.lang;
    document.title = page.title;
    document.body.replaceWith(page.body);
    const pressed = document.querySelector(`form.language [value="${lang}"]`);
    if (pressed) pressed.focus();
  });

  const dropOf = e => e.target instanceof Element && e.target.closest("label.drop");
  for (const kind of ["dragenter", "dragover", "dragleave", "drop"]) document.addEventListener(kind, e => {
    const box = dropOf(e);
    if (!box || !e.dataTransfer || ![...e.dataTransfer.types].includes("Files")) return;
    e.preventDefault();
    box.classList.toggle("over", kind === "dragenter" || kind === "dragover");
    const field = box.querySelector("input[type=file]");
    if (kind !== "drop" || !field || !e.dataTransfer.files.length) return;
    field.files = e.dataTransfer.files;
    field.dispatchEvent(new Event("change", { bubbles: true }));
  });
  document.addEventListener("change", e => {
    const field = e.target;
    if (!(field instanceof HTMLInputElement) || field.type !== "file" || !field.dataset.most) return;
    const large = [...field.files].some(f => f.size > +field.dataset.most);
    field.setCustomValidity(large ? field.dataset.tooLarge : "");
    if (large) field.reportValidity();
  });

  document.addEventListener("click", e => {
    const link = e.target.closest && e.target.closest("a[data-line]");
    const text = link && document.querySelector(link.getAttribute("href"));
    if (!text || !text.setSelectionRange) return;
    e.preventDefault();
    const lines = text.value.split("\n"), n = Math.min(+link.dataset.line, lines.length) - 1;
    const from = lines.slice(0, n).reduce((sum, line) => sum + line.length + 1, 0);
    text.focus();
    text.setSelectionRange(from, from + lines[n].length);
    text.scrollTop = Math.max(0, n - 4) * parseFloat(getComputedStyle(text).lineHeight);
  });

  const height = 260, paperWidth = 660;
  const style = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const dashes = [[], [8, 4], [2, 3], [12, 4, 2, 4], [4, 4], [1, 4]];
  // inks are the colours of a plot. On paper they are those of the light page, for a bitmap keeps what it was drawn with.
  const inks = paper => paper
    ? { text: "#000", line: "#777", series: ["#0a4f8a", "#9c1c1c", "#0b5d3b", "#6b4a00", "#6a2c91", "#4a5260"] }
    : { text: getComputedStyle(document.body).color, line: style("--line"), series: ["--run", "--bad", "--ok", "--hold", "--unknown", "--wait"].map(style) };
  const number = cell => {
    if (!cell) return null;
    const n = parseFloat(cell.dataset.value !== undefined ? cell.dataset.value : cell.textContent.replace(/[,\s]/g, ""));
    return Number.isFinite(n) ? n : null;
  };

  // side answers what draws the jth of k bars at each place of the axis.
  const side = (j, k) => (u, series, from, to) => {
    const bars = new Path2D(), floor = u.valToPos(0, "y", true);
    const width = Math.min(48 * devicePixelRatio, Math.abs(u.valToPos(1, "x", true) - u.valToPos(0, "x", true)) * 0.8 / k);
    for (let i = from; i <= to; i++) {
      const v = u.data[series][i];
      if (v === null) continue;
      const top = u.valToPos(v, "y", true);
      bars.rect(u.valToPos(u.data[0][i], "x", true) + width * (j - k / 2), Math.min(top, floor), Math.max(1, width - 1), Math.abs(floor - top));
    }
    return { fill: bars, stroke: null, clip: null };
  };

  // times answers how the axis names times: the day where the marks are days apart, else the hour.
  const times = (lang, zone) => {
    const day = new Intl.DateTimeFormat(lang, { timeZone: zone, month: "numeric", day: "numeric" });
    const hour = new Intl.DateTimeFormat(lang, { timeZone: zone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
    return (u, marks, axis, space, step) => marks.map(s => (step >= 86400 ? day : hour).format(s * 1000));
  };

  // places answers how the axis names the rows, every so manyth where they are too close.
  const places = (names, width) => {
    const every = Math.max(1, Math.ceil(names.length * 72 / Math.max(72, width - 60)));
    return () => names.map((n, i) => i % every ? "" : n.length > 9 ? n.slice(0, 8) + "…" : n);
  };

  const draw = (table, paper) => {
    const heads = [...table.tHead.rows[0].cells].map(c => c.textContent.trim());
    const rows = [...table.tBodies].flatMap(b => [...b.rows]).filter(r => r.cells.length === heads.length); // not the one that says that there is nothing
    const below = table.closest(".scroll") || table, old = below.previousElementSibling;
    if (old && old.classList.contains("plot")) old.remove();
    if (!rows.length || heads.length < 2 || table.dataset.time && rows.length < 2) return; // one moment is no line

    const box = document.createElement("figure");
    box.className = "plot";
    box.setAttribute("aria-hidden", "true"); // the table below says the same
    below.before(box);
    const width = paper ? paperWidth : Math.max(240, box.clientWidth);
    const lang = table.lang || document.documentElement.lang || undefined, zone = table.dataset.time;
    const bars = table.dataset.plot === "bars", ink = inks(paper);
    const names = rows.map(r => r.cells[0].textContent.trim());
    const xs = rows.map((r, i) => zone ? number(r.cells[0]) : i);
    const series = heads.slice(1).map((label, j) => {
      const one = { label, stroke: ink.series[j % 6], width: 2, dash: dashes[j % 6], value: (u, v) => v === null ? "–" : v.toLocaleString(lang) };
      return bars ? { ...one, fill: one.stroke, dash: [], paths: side(j, heads.length - 1), points: { show: false } } : one;
    });
    const axis = { stroke: ink.text, font: "12px " + getComputedStyle(table).fontFamily, grid: { stroke: ink.line, width: 0.5 }, ticks: { stroke: ink.line, width: 1 } };
    box.plot = new uPlot({
      width, height,
      series: [{ label: heads[0], value: (u, v) => names[xs.indexOf(v)] || "–" }, ...series],
      scales: {
        x: zone ? { time: true } : { time: false, range: () => [-0.6, names.length - 0.4] },
        y: { range: (u, low, high) => [Math.min(0, low), high > 0 ? high * 1.08 : 1] },
      },
      axes: [
        zone ? { ...axis, space: 60, values: times(lang, zone) } : { ...axis, splits: () => xs, values: places(names, width), grid: { show: false } },
        { ...axis, size: 64, values: (u, marks) => marks.map(v => v.toLocaleString(lang)) },
      ],
      cursor: { drag: { x: false, y: false } },
      tzDate: s => uPlot.tzDate(new Date(s * 1000), zone || "Etc/UTC"),
    }, [xs, ...series.map((_, j) => rows.map(r => number(r.cells[j + 1])))], box);
    offer(table, box);
  };

  // keep saves a plot as a PNG: its heading, its legend and its lines, as they are seen.
  const keep = (box, title) => {
    const plot = box.plot.ctx.canvas, scale = plot.width / box.plot.width, out = document.createElement("canvas"), top = 56 * scale;
    out.width = plot.width;
    out.height = plot.height + top;
    const c = out.getContext("2d"), font = getComputedStyle(document.body);
    c.fillStyle = matchMedia("(prefers-color-scheme: dark)").matches ? "#11191f" : "#fff";
    c.fillRect(0, 0, out.width, out.height);
    c.fillStyle = font.color;
    c.font = "bold " + 16 * scale + "px " + font.fontFamily;
    c.fillText(title, 8 * scale, 22 * scale);
    c.font = 12 * scale + "px " + font.fontFamily;
    let x = 8 * scale;
    for (const one of box.plot.series.slice(1)) {
      c.fillStyle = typeof one._stroke === "string" ? one._stroke : one.stroke(box.plot);
      c.fillRect(x, 34 * scale, 12 * scale, 12 * scale);
      c.fillStyle = font.color;
      c.fillText(one.label, x + 16 * scale, 44 * scale);
      x += 32 * scale + c.measureText(one.label).width;
    }
    c.drawImage(plot, 0, top);
    out.toBlob(picture => {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(picture);
      link.download = title.replace(/[\\/:*?"<>|]+/g, " ").trim() + ".png";
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    });
  };

  const offer = (table, box) => {
    const label = table.dataset.save, before = box.previousElementSibling;
    if (!label || before && before.classList.contains("save-plot")) return;
    const button = document.createElement("button"), heading = before && /^H[1-6]$/.test(before.tagName) ? before.textContent.trim() : document.title;
    button.type = "button";
    button.className = "quiet save-plot only-screen";
    button.textContent = label;
    button.setAttribute("aria-label", label + ": " + heading);
    button.addEventListener("click", () => keep(button.nextElementSibling, document.querySelector("h1").textContent.trim() + " – " + heading));
    box.before(button);
  };

  const drawAll = (root, paper) => {
    if (typeof uPlot === "undefined") return;
    if (root.matches && root.matches("table[data-plot]")) draw(root, paper);
    for (const t of root.querySelectorAll("table[data-plot]")) draw(t, paper);
  };
  document.addEventListener("DOMContentLoaded", () => {
    drawAll(document);
    const here = document.querySelector("nav.main [aria-current]"), strip = here && here.closest("nav");
    if (strip) strip.scrollLeft = here.offsetLeft - strip.clientWidth / 2; // on a phone the strip is longer than the window
  });
  document.addEventListener("htmx:after:settle", e => { if (e.target instanceof Element) drawAll(e.target); });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => drawAll(document));
  addEventListener("beforeprint", () => drawAll(document, true));
  addEventListener("afterprint", () => drawAll(document));
  addEventListener("resize", () => {
    for (const box of document.querySelectorAll("figure.plot")) if (box.plot) box.plot.setSize({ width: Math.max(240, box.clientWidth), height });
  });
})();
