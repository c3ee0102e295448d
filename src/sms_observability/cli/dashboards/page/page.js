// Draws the panels from the data in the page. Texts of series are set as text, never as markup.
"use strict";
(() => {
  const problems = (window.previewProblems = []);
  window.addEventListener("error", (event) => problems.push(String(event.message)));
  const data = JSON.parse(document.getElementById("data").textContent);
  const PALETTE = ["#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#8C6D1F", "#7F7F7F", "#5D3A9B", "#000000"];

  const make = (tag, attributes, ...children) => {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (name === "style") made.style.cssText = value;
      else if (value !== undefined) made.setAttribute(name, value);
    }
    made.append(...children.filter((child) => child !== undefined));
    return made;
  };

  // Numbers for people.
  const digits = (value, most = 2) => value.toLocaleString("en-US", { maximumFractionDigits: Math.abs(value) >= 100 ? 0 : most });
  const scaled = (value, size, names) => {
    let place = 0;
    while (Math.abs(value) >= size && place < names.length - 1) { value /= size; place += 1; }
    return `${digits(value)}${names[place]}`;
  };
  const seconds = (value) => {
    const size = Math.abs(value);
    if (size < 0.001 && size > 0) return `${digits(value * 1e6)} µs`;
    if (size < 1 && size > 0) return `${digits(value * 1e3)} ms`;
    if (size < 120) return `${digits(value)} s`;
    if (size < 7200) return `${digits(value / 60, 1)} min`;
    if (size < 172800) return `${digits(value / 3600, 1)} h`;
    return `${digits(value / 86400, 1)} days`;
  };
  const UNITS = {
    short: (value) => scaled(value, 1000, ["", " K", " Mil", " Bil"]),
    none: (value) => digits(value),
    percent: (value) => `${digits(value)} %`,
    percentunit: (value) => `${digits(value * 100)} %`,
    s: seconds,
    bytes: (value) => scaled(value, 1024, [" B", " KiB", " MiB", " GiB", " TiB"]),
    Bps: (value) => scaled(value, 1000, [" B/s", " kB/s", " MB/s", " GB/s"]),
    reqps: (value) => `${digits(value)} req/s`,
    cps: (value) => `${digits(value)} /s`,
    currencyUSD: (value) => `$${scaled(value, 1000, ["", "K", "M", "B"])}`,
  };
  const shown = (panel, value) => {
    if (value === null || value === undefined) return "–";
    for (const mapping of panel.field.mappings || []) {
      const text = mapping.options[String(value)];
      if (text) return text.text;
    }
    return (UNITS[panel.field.unit] || UNITS.short)(value);
  };
  const band = (panel, value) => {
    let colour = "#0072B2";
    for (const step of (panel.field.thresholds || { steps: [] }).steps) {
      if (step.value === null || value >= step.value) colour = step.color;
    }
    return colour;
  };
  const limits = (panel) => (panel.field.thresholds ? panel.field.thresholds.steps : []).filter((step) => step.value !== null);
  const last = (series) => {
    for (let place = series.values.length - 1; place >= 0; place -= 1) {
      if (series.values[place][1] !== null) return series.values[place][1];
    }
    return null;
  };
  const coloured = (panel, index, value) => (limits(panel).length ? band(panel, value) : PALETTE[index % PALETTE.length]);

  // Charts: each fills its element, in SVG, so that its texts can be read.
  const charts = [];
  const chart = (body, option) => {
    const drawn = echarts.init(body, null, { renderer: "svg" });
    drawn.setOption({ animation: false, color: PALETTE, textStyle: { fontFamily: "DejaVu Sans, sans-serif" }, ...option });
    charts.push(drawn);
  };
  window.addEventListener("resize", () => charts.forEach((drawn) => drawn.resize()));
  const timeAxis = (panel) => ({ type: "time", min: panel.from * 1000, max: panel.to * 1000, axisLabel: { hideOverlap: true, fontSize: 10 } });

  // A point that is missing is a gap, not a line across it.
  const points = (panel, series) => {
    const made = [];
    let before = null;
    for (const [moment, value] of series.values) {
      if (before !== null && moment - before > 1.5 * series.step) made.push([(before + series.step) * 1000, null]);
      made.push([moment * 1000, value]);
      before = moment;
    }
    return made;
  };

  // Single requests, whose traces can be looked up.
  const dots = (panel) => (panel.dots || []).length ? [{
    name: "traces", type: "scatter", symbol: "diamond", symbolSize: 6, color: "#7F7F7F",
    tooltip: { trigger: "item", renderMode: "richText", formatter: (dot) => `trace ${dot.data.trace}\n${shown(panel, dot.data.value[1])}` },
    data: panel.dots.map((dot) => ({ value: [dot.at * 1000, dot.value], trace: dot.trace })),
  }] : [];

  const timeseries = (panel, body) => {
    const custom = panel.field.custom || {};
    const bars = custom.drawStyle === "bars";
    const stacked = (custom.stacking || {}).mode === "normal";
    const marks = (custom.thresholdsStyle || {}).mode === "dashed" ? limits(panel) : [];
    const line = (step) => ({ yAxis: step.value, lineStyle: { color: step.color, type: "dashed" }, label: { formatter: shown(panel, step.value), fontSize: 9, position: "insideEndTop" } });
    const highest = Math.max(0, ...panel.series.flatMap((series) => series.values.map(([, value]) => value || 0)));
    chart(body, {
      grid: { left: 62, right: 12, top: 14, bottom: 44 },
      legend: { type: "scroll", bottom: 0, itemHeight: 8, itemWidth: 12, textStyle: { fontSize: 10 } },
      tooltip: { trigger: "axis", valueFormatter: (value) => shown(panel, value), textStyle: { fontSize: 11 } },
      xAxis: timeAxis(panel),
      yAxis: { type: "value", min: panel.field.min, max: panel.field.max, scale: panel.field.min === undefined, axisLabel: { formatter: (value) => shown({ field: { unit: panel.field.unit } }, value), fontSize: 10 } },
      series: [...panel.series.map((series, index) => ({
        name: series.name,
        type: bars ? "bar" : "line",
        stack: stacked ? "all" : undefined,
        barGap: "0%",
        large: false,
        showSymbol: series.values.length < 3,
        symbolSize: 5,
        lineStyle: { width: 1.5 },
        areaStyle: custom.fillOpacity && !bars ? { opacity: custom.fillOpacity / 100 } : undefined,
        data: points(panel, series),
        // A limit far above everything would press the curve flat.
        markLine: index === 0 && marks.length ? { silent: true, symbol: "none", data: marks.filter((step) => step.value <= Math.max(highest * 3, 0)).map(line) } : undefined,
      })), ...dots(panel)],
    });
  };

  const stat = (panel, body) => {
    const named = panel.series.length > 1;
    body.append(make("div", { class: "stats" }, ...panel.series.map((series) => {
      const value = last(series);
      const filled = limits(panel).length > 0;
      const style = filled ? `background:${band(panel, value)};color:#fff` : "color:#0072B2";
      return make("div", { class: "stat", style }, make("div", { class: shown(panel, value).length > 12 ? "number words" : "number" }, shown(panel, value)), named ? make("div", { class: "name" }, series.name) : undefined);
    })));
  };

  const gauge = (panel, body) => {
    const low = panel.field.min || 0;
    const high = panel.field.max || 100;
    const edges = [...limits(panel).filter((step) => step.value > low && step.value < high), { value: high }];
    const ring = edges.map((step) => [(step.value - low) / (high - low), band(panel, (step.value + (edges[edges.indexOf(step) - 1] || { value: low }).value) / 2)]);
    // Each in a cell of its own: a ring is as wide as its cell, and cannot run into the next one.
    const cells = panel.series.slice(0, 6).map(() => make("div"));
    body.append(make("div", { class: "gauges" }, ...cells));
    cells.forEach((cell, index) => {
      const series = panel.series[index];
      const value = last(series);
      chart(cell, {
        series: [{
          type: "gauge", min: low, max: high, startAngle: 200, endAngle: -20, radius: "95%", center: ["50%", "62%"],
          axisLine: { lineStyle: { width: 5, color: ring } },
          progress: { show: true, width: 14, itemStyle: { color: band(panel, value) } },
          pointer: { show: false }, axisTick: { show: false }, splitLine: { show: false }, axisLabel: { show: false },
          title: { show: cells.length > 1 || series.name !== panel.title, offsetCenter: [0, "48%"], fontSize: 10 },
          detail: { formatter: () => shown(panel, value), fontSize: cells.length > 2 ? 13 : 19, offsetCenter: [0, "8%"], color: "#1f2328" },
          data: [{ value, name: series.name }],
        }],
      });
    });
  };

  // Buckets of a histogram count everything below them; what lies in each is the difference.
  const inBuckets = (panel) => {
    const edge = (series) => (series.labels.le === "+Inf" ? Infinity : Number(series.labels.le));
    const sorted = [...panel.series].sort((one, other) => edge(one) - edge(other));
    return sorted.map((series, index) => {
      const below = new Map(index ? sorted[index - 1].values.map(([moment, value]) => [moment, value]) : []);
      return { ...series, name: series.labels.le, values: series.values.map(([moment, value]) => [moment, Math.max(0, value - (below.get(moment) || 0))]) };
    });
  };

  const bargauge = (panel, body) => {
    const rows = panel.series.some((series) => series.buckets) ? inBuckets(panel) : panel.series;
    const values = rows.map(last);
    const most = panel.field.max === undefined ? Math.max(1e-9, ...values.map(Math.abs)) : panel.field.max;
    body.append(...rows.map((series, index) => make("div", { class: "bar" },
      make("span", { class: "name", title: series.name }, series.name),
      make("span", { class: "track" }, make("i", { style: `width:${Math.max(0, Math.min(100, (Math.abs(values[index]) / most) * 100))}%;background:${coloured(panel, 0, values[index])}` })),
      make("span", { class: "number" }, shown(panel, values[index])))));
  };

  const table = (panel, body) => {
    const names = Object.keys(panel.renamed).filter((name) => name !== "Value");
    const head = make("tr", {}, ...names.map((name) => make("th", {}, panel.renamed[name])), make("th", { class: "number" }, panel.renamed.Value || "Value"));
    const rows = panel.series.map((series) => {
      const value = last(series);
      const style = limits(panel).length ? `background:${band(panel, value)};color:#fff` : undefined;
      return make("tr", {}, ...names.map((name) => make("td", {}, series.labels[name] || "")), make("td", { class: "number", style }, shown(panel, value)));
    });
    body.append(make("table", {}, make("thead", {}, head), make("tbody", {}, ...rows)));
  };

  const piechart = (panel, body) => chart(body, {
    tooltip: { trigger: "item", valueFormatter: (value) => shown(panel, value) },
    series: [{ type: "pie", radius: ["38%", "66%"], label: { formatter: (part) => `${part.name}\n${shown(panel, part.value)} (${part.percent} %)`, fontSize: 10, lineHeight: 14 }, data: panel.series.map((series) => ({ name: series.name, value: last(series) })) }],
  });

  const heatmap = (panel, body) => {
    const rows = inBuckets(panel);
    const moments = [...new Set(rows.flatMap((series) => series.values.map(([moment]) => moment)))].sort((one, other) => one - other);
    const cells = rows.flatMap((series, row) => series.values.filter(([, value]) => value > 0).map(([moment, value]) => [moments.indexOf(moment), row, value]));
    const most = Math.max(1e-9, ...cells.map(([, , value]) => value));
    const short = moments[moments.length - 1] - moments[0] < 600;
    const clock = (moment) => new Date(moment * 1000).toISOString().slice(11, short ? 19 : 16);
    const edge = (text) => (text === "+Inf" ? "more" : shown({ field: { unit: panel.field.unit } }, Number(text)));
    chart(body, {
      grid: { left: 62, right: 12, top: 8, bottom: 26 },
      tooltip: { formatter: (cell) => `${clock(moments[cell.value[0]])} UTC, up to ${edge(rows[cell.value[1]].name)}: ${digits(cell.value[2])}` },
      xAxis: { type: "category", data: moments.map(clock), axisLabel: { fontSize: 10 } },
      yAxis: { type: "category", data: rows.map((series) => edge(series.name)), axisLabel: { fontSize: 10 } },
      visualMap: { min: 0, max: most, show: false, inRange: { color: ["#fff1e0", "#fdae6b", "#e6550d", "#7f2704"] } },
      series: [{ type: "heatmap", data: cells }],
    });
  };

  const states = (panel, body) => {
    const length = panel.to - panel.from;
    body.append(make("div", { class: "states" }, ...panel.series.flatMap((series) => {
      const track = make("span", { class: "track" }, ...series.values.map(([moment, value]) => make("i", {
        style: `left:${((moment - panel.from) / length) * 100}%;width:${Math.max(0.4, (series.step / length) * 100)}%;background:${band(panel, value)}`,
      })));
      return [make("span", { class: "name", title: series.name }, series.name), track, make("span", {}, shown(panel, last(series)))];
    })));
  };

  const logs = (panel, body) => body.append(make("div", { class: "lines" }, ...panel.lines.map((line) => make("div", {}, `${line._time || ""} ${line.severity || line.level || ""} ${line["service.name"] || line.service || ""} ${line._msg || ""}`))));
  const text = (panel, body) => body.append(make("div", { class: "text" }, panel.options.content.replace(/[#*]/g, "")));
  const KINDS = { timeseries, stat, gauge, bargauge, table, piechart, heatmap, "state-timeline": states, logs, text };

  const csv = (panel) => {
    const quoted = (value) => `"${String(value).replace(/"/g, '""')}"`;
    const rows = panel.series.flatMap((series) => series.values.map(([moment, value]) => [new Date(moment * 1000).toISOString(), quoted(series.name), value].join(",")));
    const link = make("a", { href: URL.createObjectURL(new Blob([["time,series,value", ...rows].join("\n")], { type: "text/csv" })), download: `${panel.title}.csv` });
    link.click();
  };

  const draw = (dashboard) => {
    const grid = make("div", { class: "grid" });
    const section = make("section", { id: dashboard.uid, class: dashboard.restricted ? "restricted" : "" }, make("h2", {}, dashboard.title), make("p", { class: "about" }, dashboard.description),
      make("p", { class: "chosen" }, [`${new Date(dashboard.from * 1000).toISOString().slice(0, 16)} to ${new Date(dashboard.to * 1000).toISOString().slice(0, 16)} UTC`, ...dashboard.variables.map((variable) => `${variable.label}: ${variable.chosen === "All" ? `All (${variable.values.join(", ") || variable.why || "none"})` : variable.chosen}`)].join(" · ")), grid);
    document.querySelector("main").append(section);
    for (const panel of dashboard.panels) {
      const { x, y, w, h } = panel.box;
      const place = `grid-column:${x + 1}/span ${w};grid-row:${y + 1}/span ${h}`;
      if (panel.type === "row") { grid.append(make("h3", { class: "row", style: place }, panel.title)); continue; }
      const body = make("div", { class: "body" });
      const why = panel.error || panel.why;
      const state = panel.error ? "error" : why ? "empty" : "data";
      const tools = make("span", { class: "tools" }, ...panel.links.map((link, place) => make("a", { href: link.url, title: link.title, rel: "noreferrer" }, place ? String(place + 1) : "runbook")));
      if (state === "data" && panel.series.length) {
        const button = make("button", { type: "button", title: "Save the figures" }, "csv");
        button.addEventListener("click", () => csv(panel));
        tools.append(button);
      }
      grid.append(make("article", { class: "panel", style: place, "data-state": state, "data-kind": panel.type, "data-id": panel.id, title: panel.description, "aria-label": `${panel.title}: ${panel.description}` }, make("h3", {}, make("span", { class: "title" }, panel.title), tools), body));
      if (why) { body.append(make("p", { class: "why" }, why)); continue; }
      try { KINDS[panel.type](panel, body); } catch (error) { problems.push(`${panel.title}: ${error}`); throw error; }
    }
  };

  document.querySelector("nav").append(...data.dashboards.map((dashboard) => make("a", { href: `#${dashboard.uid}` }, dashboard.title)));
  document.querySelector("#about").textContent = data.about;
  for (const dashboard of data.dashboards) draw(dashboard);
  document.body.dataset.drawn = String(data.dashboards.length);
})();
