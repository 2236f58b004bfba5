// The report of a result file: charts, the table of points, and what hovering says.
// Everything is drawn from the JSON in #data; texts go into the page as text only.
"use strict";

(() => {
  const COMPONENTS = ["wait", "deserialization", "computation", "serialization", "propagation",
    "transmission", "network_excess"];
  const MOST_BREAKDOWNS = 10; // points in the chart of components
  const MOST_NAMED_SERIES = 12; // in a legend; more are told apart by hovering
  const MOST_INTERVALS = 2000; // error bars in one chart
  const MOST_WRITTEN_CELLS = 100; // of a heat map, with numbers in them
  const ROWS_A_PAGE = 50;
  const REACH = 24; // pixels within which a point is hovered
  // Axes on which a deployer chooses; the others are what the deployer finds.
  const CHOICES = ["deployment", "placements", "threshold", "profile"];

  // Okabe and Ito's colors, which color-blind readers tell apart; shapes differ as well.
  const THEMES = {
    light: {
      series: ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#000000"],
      components: ["#E69F00", "#56B4E9", "#0072B2", "#009E73", "#F0E442", "#D55E00", "#CC79A7"],
      ramp: ["#440154", "#3b528b", "#21908c", "#5dc863", "#c9b400"],
    },
    dark: {
      series: ["#56B4E9", "#E69F00", "#00B98A", "#E0A0C6", "#F0E442", "#FFFFFF"],
      components: ["#E69F00", "#8FD0F5", "#2E8FCB", "#00A87A", "#F0E442", "#E2702A", "#D998BC"],
      ramp: ["#8a7bd1", "#6f9be0", "#3fb5ae", "#7fdc6f", "#fde725"],
    },
  };
  const SHAPES = ["circle", "rect", "triangle", "rectRot", "star", "cross"];
  const DIVERGING = ["#2d004b", "#8073ac", "#f7f7f7", "#e08214", "#7f3b08"];
  const RISING = ["#ffffe5", "#fee391", "#fe9929", "#cc4c02", "#662506"];

  const METRICS = [
    ["mean latency (ms)", "simulated_latency_ms", "simulated_latency_ci95_ms",
      "estimated_latency_ms"],
    ["95th percentile of latency (ms)", "simulated_latency_p95_ms", null, null],
    ["99th percentile of latency (ms)", "simulated_latency_p99_ms",
      "simulated_latency_p99_ci95_ms", null],
    ...COMPONENTS.map((name) => [`${words(name)} (ms)`, `simulated_${name}_ms`,
      `simulated_${name}_ci95_ms`, `estimated_${name}_ms`]),
    ["accuracy", "simulated_accuracy", "simulated_accuracy_ci95", "estimated_accuracy"],
    ["simulated less estimated, of the estimate (%)", "difference_percent", null, null],
  ];

  let data; // what the file says
  let rows; // numbers of the rows of table `result`, 0 .. n - 1
  let choices; // those of rank 0
  let selected = 0; // row whose details are shown
  const onSelect = []; // called when another row is selected
  const redraws = []; // called when the colors change
  let theme = THEMES.light;

  // ---- data ---------------------------------------------------------------------------------

  /** A column of table `result` as an array; columns come packed. */
  const columns = new Map();
  function column(name) {
    if (!columns.has(name)) {
      const packed = data.columns[name];
      let values = packed;
      if (packed === undefined || packed === null) {
        values = new Array(data.rows).fill(null);
      } else if (!Array.isArray(packed)) {
        values = packed.texts
          ? packed.at.map((place) => packed.texts[place])
          : new Array(data.rows).fill(packed.all);
      }
      columns.set(name, values);
    }
    return columns.get(name);
  }

  const value = (name, row) => column(name)[row];
  /** The text and the number of a row on an axis; the number in the unit shown. */
  const axisText = (axis, row) => axis.texts[axis.at[value("place", row)]];
  const axisNumber = (axis, row) => axis.numbers[axis.at[value("place", row)]];
  const isChoice = (axis) => CHOICES.some((name) =>
    axis.name.split("/").pop().startsWith(name));

  function words(name) {
    return name.replaceAll("_", " ");
  }

  /** A number as briefly as four digits allow. */
  function show(number, digits = 4) {
    if (number === null || number === undefined || !Number.isFinite(number)) {
      return "–";
    }
    return String(Number(number.toPrecision(digits))).replace("-", "−");
  }

  function showAxis(axis, row) {
    const number = axisNumber(axis, row);
    return number === null ? axisText(axis, row) : `${show(number)} ${axis.unit}`.trim();
  }

  /** What tells a point from the others: its place on the axes but one, or its deployment. */
  function nameOf(row, along = null) {
    const varying = data.axes.filter((axis) => axis.texts.length > 1 && axis !== along);
    const name = varying.map((axis) => showAxis(axis, row)).join(", ");
    if (name) {
      return name;
    }
    const profiles = new Set(column("profile"));
    return `${profiles.size > 1 ? `${value("profile", row)} ` : ""}${value("deployment", row)}`;
  }

  /** At most that many of the items, evenly spaced. */
  function chooseEvenly(items, most) {
    if (items.length <= most) {
      return items;
    }
    return Array.from({length: most}, (_, index) =>
      items[Math.round(index * (items.length - 1) / (most - 1))]);
  }

  // ---- elements -----------------------------------------------------------------------------

  /** An element with attributes and children; strings become text. */
  function element(tag, attributes = {}, ...children) {
    const made = document.createElement(tag);
    for (const [name, given] of Object.entries(attributes)) {
      if (name === "text") {
        made.textContent = given;
      } else if (name.startsWith("on")) {
        made.addEventListener(name.slice(2), given);
      } else if (given === true) {
        made.setAttribute(name, "");
      } else if (given !== false && given !== null) {
        made.setAttribute(name, given);
      }
    }
    made.append(...children);
    return made;
  }

  /** A labelled choice; onchange gets the number of the option. */
  function makeSelect(label, options, chosen, onchange) {
    const select = element("select", {onchange: () => onchange(Number(select.value))});
    options.forEach((text, index) =>
      select.append(element("option", {value: index, selected: index === chosen, text})));
    return element("label", {}, `${label} `, select);
  }

  /** A section that is filled when it comes near the window, or is to be printed. */
  const pending = new Map();
  const observer = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (entry.isIntersecting) {
        fill(entry.target);
      }
    }
  }, {rootMargin: "200px"});

  function addSection(id, title, caption, build) {
    const section = element("section", {id}, element("h2", {text: title}));
    if (caption) {
      section.append(element("p", {class: "caption", text: caption}));
    }
    document.querySelector("main").append(section);
    pending.set(section, build);
    observer.observe(section);
    // Its height is known before it is filled, so that the page does not jump.
    section.style.minHeight = "20rem";
    return section;
  }

  function fill(section) {
    const build = pending.get(section);
    if (build) {
      pending.delete(section);
      observer.unobserve(section);
      section.style.minHeight = "";
      build(section);
    }
  }

  // ---- hovering -----------------------------------------------------------------------------

  const tip = document.getElementById("tip");

  /** Everything about a row, for a tooltip or the details. */
  function makeFacts(row) {
    const facts = element("div", {class: "facts"},
      element("h3", {text: value("deployment", row)}));
    const place = data.axes.map((axis) => `${axis.words} ${showAxis(axis, row)}`);
    const rank = value("rank", row);
    facts.append(element("p", {
      text: [`${data.thing} ${value("point", row)}${rank ? `, rank ${rank}` : ""}`, ...place,
        `threshold ${value("thresholds", row)}`, value("profile", row)].join(" · "),
    }));
    const table = element("table");
    const add = (name, ...cells) => {
      const line = element("tr", {}, element("th", {text: name}));
      cells.forEach((text) => line.append(element("td", {text})));
      table.append(line);
    };
    add("", "simulated", "± 95 %", "estimated");
    const addMetric = (name, simulated, interval, estimated) => add(name,
      show(value(simulated, row)), interval ? show(value(interval, row), 3) : "",
      estimated ? show(value(estimated, row)) : "");
    addMetric("latency (ms)", ...METRICS[0].slice(1));
    for (const name of COMPONENTS) {
      if (value(`simulated_${name}_ms`, row) || value(`estimated_${name}_ms`, row)) {
        addMetric(words(name), `simulated_${name}_ms`, `simulated_${name}_ci95_ms`,
          `estimated_${name}_ms`);
      }
    }
    data.exits[row].forEach(([simulated, interval, estimated], index) =>
      add(`exit rate ${index + 1}`, show(simulated), show(interval, 3), show(estimated)));
    addMetric("accuracy", "simulated_accuracy", "simulated_accuracy_ci95", "estimated_accuracy");
    addMetric("p50 (ms)", "simulated_latency_p50_ms");
    addMetric("p95 (ms)", "simulated_latency_p95_ms");
    addMetric("p99 (ms)", "simulated_latency_p99_ms", "simulated_latency_p99_ci95_ms");
    facts.append(table);
    const notes = [`${value("requests", row)} requests measured`];
    if (!value("precise", row)) {
      notes.push("interval wider than asked for");
    }
    if (!value("steady", row)) {
      notes.push("may not be steady: the warm-up may last longer than half a replication");
    }
    if (value("explanation", row)) {
      notes.push(value("explanation", row));
    }
    facts.append(element("p", {text: notes.join(" · ")}));
    return facts;
  }

  function hideTip() {
    tip.hidden = true;
  }

  function showTip(content, x, y) {
    tip.replaceChildren(content);
    tip.hidden = false;
    const box = tip.getBoundingClientRect();
    const left = x + 16 + box.width > innerWidth ? x - 16 - box.width : x + 16;
    const top = Math.min(y + 12, innerHeight - box.height - 4);
    tip.style.left = `${Math.max(4, left)}px`;
    tip.style.top = `${Math.max(4, top)}px`;
  }

  /**
   * Let a chart be hovered without drawing it again: a ring marks the point.
   * @param box The element around the canvas.
   * @param find Called with pixels; gives {row, x, y} in pixels, or null.
   * @param describe What to show of a hit.
   */
  function attachHover(box, find, describe = (hit) => makeFacts(hit.row)) {
    const canvas = box.querySelector("canvas");
    const ring = element("div", {class: "ring", hidden: true});
    box.append(ring);
    let last = null;
    const leave = () => {
      ring.hidden = true;
      last = null;
      hideTip();
    };
    canvas.addEventListener("mousemove", (event) => {
      const hit = find(event.offsetX, event.offsetY);
      if (!hit) {
        leave();
        return;
      }
      if (!last || last.row !== hit.row || last.x !== hit.x || last.y !== hit.y) {
        ring.style.left = `${hit.x}px`;
        ring.style.top = `${hit.y}px`;
        ring.hidden = hit.bare === true;
        showTip(describe(hit), event.clientX, event.clientY);
        last = hit;
      }
    });
    canvas.addEventListener("mouseleave", leave);
    canvas.addEventListener("click", (event) => {
      const hit = find(event.offsetX, event.offsetY);
      if (hit) {
        select(hit.row);
      }
    });
  }

  /** Finds the nearest of many points by a grid of cells as large as the reach. */
  class PointIndex {
    constructor(chart) {
      this.cells = new Map();
      chart.data.datasets.forEach((dataset, number) => {
        if (!dataset.rows || !chart.isDatasetVisible(number)) {
          return;
        }
        dataset.data.forEach((point, index) => {
          const x = chart.scales.x.getPixelForValue(point.x);
          const y = chart.scales.y.getPixelForValue(point.y);
          if (Number.isFinite(x) && Number.isFinite(y)) {
            const key = this.key(x, y);
            if (!this.cells.has(key)) {
              this.cells.set(key, []);
            }
            this.cells.get(key).push({x, y, row: dataset.rows[index]});
          }
        });
      });
    }

    key(x, y) {
      return Math.floor(x / REACH) * 65536 + Math.floor(y / REACH);
    }

    find(x, y) {
      let best = null;
      let least = REACH * REACH;
      for (const right of [-REACH, 0, REACH]) {
        for (const down of [-REACH, 0, REACH]) {
          for (const hit of this.cells.get(this.key(x + right, y + down)) ?? []) {
            const distance = (hit.x - x) ** 2 + (hit.y - y) ** 2;
            if (distance < least) {
              least = distance;
              best = hit;
            }
          }
        }
      }
      return best;
    }
  }

  // ---- charts -------------------------------------------------------------------------------

  /** Draws intervals of datasets that have any: [half-width in x, in y] by point. */
  const intervalsPlugin = {
    id: "intervals",
    beforeDatasetsDraw(chart) {
      const {ctx, chartArea: area, scales: {x, y}} = chart;
      ctx.save();
      ctx.beginPath();
      ctx.rect(area.left, area.top, area.width, area.height);
      ctx.clip();
      for (const [number, dataset] of chart.data.datasets.entries()) {
        if (!dataset.intervals || !chart.isDatasetVisible(number)) {
          continue;
        }
        ctx.strokeStyle = dataset.borderColor;
        ctx.lineWidth = 1;
        ctx.beginPath();
        dataset.data.forEach((point, index) => {
          const [wide, high] = dataset.intervals[index];
          const px = x.getPixelForValue(point.x);
          const py = y.getPixelForValue(point.y);
          if (high) {
            ctx.moveTo(px, y.getPixelForValue(point.y - high));
            ctx.lineTo(px, y.getPixelForValue(point.y + high));
          }
          if (wide) {
            ctx.moveTo(x.getPixelForValue(point.x - wide), py);
            ctx.lineTo(x.getPixelForValue(point.x + wide), py);
          }
        });
        ctx.stroke();
      }
      ctx.restore();
    },
  };

  /** Fills the cells of a heat map: {x, y, color, isDark, text}. */
  const cellsPlugin = {
    id: "cells",
    beforeDatasetsDraw(chart) {
      const {ctx, scales: {x, y}} = chart;
      for (const cell of chart.options.cells ?? []) {
        const left = x.getPixelForValue(cell.x - 0.5);
        const top = y.getPixelForValue(cell.y + 0.5);
        ctx.fillStyle = cell.color;
        // A little more than the cell, or the page shows between cells.
        ctx.fillRect(left, top, x.getPixelForValue(cell.x + 0.5) - left + 0.5,
          y.getPixelForValue(cell.y - 0.5) - top + 0.5);
        if (chart.options.cells.length <= MOST_WRITTEN_CELLS) {
          ctx.fillStyle = cell.isDark ? "#ffffff" : "#000000";
          ctx.textAlign = "center";
          ctx.textBaseline = "middle";
          ctx.font = "11px system-ui, sans-serif";
          ctx.fillText(cell.text, x.getPixelForValue(cell.x), y.getPixelForValue(cell.y));
        }
      }
    },
  };

  /** Marks places along x: {at, low, high, dashed}. */
  const marksPlugin = {
    id: "marks",
    beforeDatasetsDraw(chart) {
      const {ctx, chartArea: area, scales: {x}} = chart;
      ctx.save();
      for (const mark of chart.options.marks ?? []) {
        if (mark.low !== null && mark.high !== null) {
          const left = x.getPixelForValue(mark.low);
          ctx.fillStyle = "#99999955";
          ctx.fillRect(left, area.top, x.getPixelForValue(mark.high) - left, area.height);
        }
        ctx.strokeStyle = chart.options.color;
        ctx.setLineDash(mark.dashed ? [3, 3] : []);
        ctx.beginPath();
        ctx.moveTo(x.getPixelForValue(mark.at), area.top);
        ctx.lineTo(x.getPixelForValue(mark.at), area.bottom);
        ctx.stroke();
      }
      ctx.restore();
    },
  };

  const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  function isDark() {
    return matchMedia("(prefers-color-scheme: dark)").matches
      && document.documentElement.dataset.theme !== "light";
  }

  function applyTheme() {
    theme = isDark() ? THEMES.dark : THEMES.light;
    Chart.defaults.color = css("--text");
    Chart.defaults.borderColor = css("--grid");
    Chart.defaults.font.family = "system-ui, sans-serif";
  }

  /** An axis of a chart: of numbers, logarithmic or not, or of texts. */
  function makeScale(title, {isLog = false, texts = null, ...more} = {}) {
    const scale = {
      type: isLog ? "logarithmic" : "linear",
      title: {display: true, text: title},
      ...more,
    };
    if (isLog) {
      scale.ticks = {
        callback(number) {
          const digit = number / 10 ** Math.floor(Math.log10(number) + 1e-9);
          return [1, 2, 5].some((one) => Math.abs(one - digit) < 1e-6) ? show(number) : undefined;
        },
      };
    } else if (texts) {
      Object.assign(scale, {min: -0.5, max: texts.length - 0.5, grid: {display: false}});
      scale.afterBuildTicks = (built) => {
        built.ticks = chooseEvenly(texts.map((_, value) => ({value})), 40);
      };
      scale.ticks = {callback: (number) => texts[number], maxRotation: 60};
    } else {
      scale.ticks = {callback: (number) => show(number, 6), includeBounds: false};
    }
    return scale;
  }

  const spansDecades = (numbers) => {
    const known = numbers.filter((number) => number > 0);
    return known.length > 0
      && known.reduce((a, b) => Math.max(a, b)) > 30 * known.reduce((a, b) => Math.min(a, b));
  };

  /**
   * A box with a chart that is made again when the colors change.
   * @param parent Where it goes.
   * @param id Of the canvas.
   * @param label What the chart shows, for those who do not see it.
   * @param configure Gives Chart.js' configuration.
   * @param find Makes, from the chart, what finds a hit from pixels.
   * @param options {square, describe}.
   * @return {update}: makes the chart again.
   */
  function addChart(parent, id, label, configure, find, options = {}) {
    const canvas = element("canvas", {id, role: "img", "aria-label": label});
    const box = element("div", {class: options.square ? "chart square" : "chart"}, canvas);
    parent.append(box);
    let chart = null;
    let search = null;
    const forget = () => {
      search = null;
    };
    const update = () => {
      chart?.destroy();
      const configuration = configure();
      configuration.options = {
        animation: false,
        maintainAspectRatio: false,
        events: ["click"], // of the legend; hovering is ours
        parsing: false,
        onResize: forget,
        color: Chart.defaults.color,
        ...configuration.options,
      };
      configuration.options.plugins = {tooltip: {enabled: false}, ...configuration.options.plugins};
      chart = new Chart(canvas, configuration);
      forget();
    };
    update();
    if (find) {
      attachHover(box, (x, y) => {
        const area = chart.chartArea;
        if (x < area.left - 8 || x > area.right + 8 || y < area.top - 8 || y > area.bottom + 8) {
          return null;
        }
        search ??= find(chart);
        return search(x, y);
      }, options.describe);
      canvas.addEventListener("click", forget); // the legend may have hidden something
    }
    redraws.push(update);
    return {update, box};
  }

  /** Shows or hides all datasets of a label, where simulated and estimated share one. */
  function toggleSameLabel(_, item, {chart}) {
    const visible = !chart.isDatasetVisible(item.datasetIndex);
    chart.data.datasets.forEach((dataset, number) => {
      if (dataset.label === item.text) {
        chart.setDatasetVisibility(number, visible);
      }
    });
    chart.update();
  }

  const findPoint = (chart) => {
    const index = new PointIndex(chart);
    return (x, y) => index.find(x, y);
  };

  /** A color between those of a ramp; share 0 .. 1. */
  function mix(ramp, share) {
    const at = Math.min(Math.max(share, 0), 1) * (ramp.length - 1);
    const low = Math.min(Math.floor(at), ramp.length - 2);
    const part = (color, start) => parseInt(color.slice(start, start + 2), 16);
    const parts = [1, 3, 5].map((start) => Math.round(
      part(ramp[low], start) * (low + 1 - at) + part(ramp[low + 1], start) * (at - low)));
    return `rgb(${parts.join(",")})`;
  }

  // ---- choosing points ----------------------------------------------------------------------

  /**
   * Choices of values for axes.
   * @return {element, accepts(row)}.
   */
  function makeFilters(axes, onchange, mayBeAll = () => true) {
    const chosen = new Map();
    const box = element("span", {class: "controls"});
    for (const axis of axes) {
      const all = mayBeAll(axis);
      if (!all) {
        chosen.set(axis, 0);
      }
      box.append(makeSelect(axis.words, [...all ? ["all"] : [], ...axis.shown], 0, (option) => {
        const at = all ? option - 1 : option;
        if (at < 0) {
          chosen.delete(axis);
        } else {
          chosen.set(axis, at);
        }
        onchange();
      }));
    }
    return {
      element: box,
      accepts: (row) => {
        for (const [axis, at] of chosen) {
          if (axis.at[value("place", row)] !== at) {
            return false;
          }
        }
        return true;
      },
    };
  }

  /** Rows that have two numbers. */
  const known = (some, ...names) =>
    some.filter((row) => names.every((name) => value(name, row) !== null));

  // ---- sweep --------------------------------------------------------------------------------

  function buildSweep(section) {
    const varying = data.axes.filter((axis) => axis.texts.length > 1);
    // The numeric axis with the most values, if there is one.
    let x = varying.filter((axis) => axis.isText === varying.every((one) => one.isText))
      .reduce((best, axis) => axis.texts.length > best.texts.length ? axis : best);
    let metric = METRICS[0];
    let filters = null;
    const controls = element("div", {class: "controls"});
    section.append(controls);
    const fillControls = () => {
      filters = makeFilters(varying.filter((axis) => axis !== x), () => chart.update());
      controls.replaceChildren(
        makeSelect("along", varying.map((axis) => axis.words), varying.indexOf(x), (at) => {
          x = varying[at];
          fillControls();
          chart.update();
        }),
        makeSelect("show", METRICS.map((one) => one[0]), METRICS.indexOf(metric), (at) => {
          metric = METRICS[at];
          chart.update();
        }),
        filters.element);
    };
    fillControls();
    const chart = addChart(section, "sweep-chart", "mean latency along an axis", () => {
      const [label, simulated, interval, estimated] = metric;
      const others = varying.filter((axis) => axis !== x);
      const series = new Map();
      for (const row of choices) {
        if (filters.accepts(row)) {
          const name = others.map((axis) => showAxis(axis, row)).join(", ");
          if (!series.has(name)) {
            series.set(name, []);
          }
          series.get(name).push(row);
        }
      }
      const place = (row) => x.isText ? x.at[value("place", row)] : axisNumber(x, row);
      const total = choices.length;
      const datasets = [];
      [...series].forEach(([name, some], number) => {
        some.sort((a, b) => place(a) - place(b));
        const color = series.size <= theme.series.length ? theme.series[number]
          : mix(theme.ramp, number / (series.size - 1));
        const shape = series.size <= SHAPES.length ? SHAPES[number] : "circle";
        const measured = known(some, simulated);
        datasets.push({
          label: name || "simulated",
          data: measured.map((row) => ({x: place(row), y: value(simulated, row)})),
          rows: measured,
          intervals: interval && total <= MOST_INTERVALS
            ? measured.map((row) => [0, value(interval, row)]) : undefined,
          // Crossed out where a service level fails.
          pointStyle: measured.every(keepsLevels) ? shape
            : measured.map((row) => keepsLevels(row) ? shape : "crossRot"),
          pointRadius: measured.map((row) =>
            (total > 1000 ? 2 : 4) * (keepsLevels(row) ? 1 : 1.5)),
          pointBorderWidth: measured.map((row) => keepsLevels(row) ? 1 : 2),
          pointBackgroundColor: total > 1000 ? color
            : measured.map((row) =>
              value("precise", row) && value("steady", row) ? color : css("--page")),
          borderColor: color,
          backgroundColor: color,
          showLine: false,
        });
        if (estimated) {
          const computed = known(some, estimated);
          datasets.push({
            label: name || "estimated",
            isEstimate: true,
            data: computed.map((row) => ({x: place(row), y: value(estimated, row)})),
            rows: computed,
            pointStyle: "line",
            pointRadius: x.isText ? 8 : 0,
            borderColor: color,
            backgroundColor: color,
            borderWidth: 1.5,
            showLine: !x.isText,
          });
        }
      });
      const numbers = datasets.flatMap((dataset) => dataset.data.map((point) => point.y));
      // Intervals have room too; Chart.js knows of the points only.
      const ends = datasets.flatMap((dataset) => (dataset.intervals ?? []).flatMap(
        ([, high], at) => [dataset.data[at].y - high, dataset.data[at].y + high]));
      const isLog = spansDecades(numbers) && label.includes("latency");
      const room = ends.length === 0 || isLog ? {} : {
        suggestedMin: ends.reduce((a, b) => Math.min(a, b)),
        suggestedMax: ends.reduce((a, b) => Math.max(a, b)),
      };
      return {
        type: "scatter",
        data: {datasets},
        plugins: [intervalsPlugin, marksPlugin],
        options: {
          marks: data.crossings.filter((crossing) => crossing.axis === x.position)
            .flatMap(({simulated: at, low, high, estimated: guess}) => [
              ...at === null ? [] : [{at, low, high}],
              ...guess === null ? [] : [{at: guess, low: null, high: null, dashed: true}]]),
          scales: {
            x: makeScale(x.label, {isLog: x.isLog, texts: x.isText ? x.texts : null}),
            y: makeScale(label, {isLog, ...room}),
          },
          plugins: {
            legend: {
              display: series.size <= MOST_NAMED_SERIES,
              labels: {
                usePointStyle: true,
                boxHeight: 6,
                filter: (item, {datasets: all}) =>
                  series.size === 1 || !all[item.datasetIndex].isEstimate,
              },
              onClick: toggleSameLabel,
              title: {
                display: series.size > 1,
                text: others.map((axis) => axis.words).join(", "),
              },
            },
          },
        },
      };
    }, findPoint);
    addCrossings(section);
  }

  function addCrossings(section) {
    if (data.crossings.length === 0) {
      return;
    }
    const number = (crossing, name) => show(crossing[name]);
    const rowOf = new Map(choices.map((row) => [value("point", row), row]));
    section.append(element("p", {class: "caption", text: "Where series cross; dashed: estimated."}),
      makeTable(["series", "along", "simulated", "from", "to", "estimated"],
        data.crossings.map((crossing) => {
          const axis = data.axes.find((one) => one.position === crossing.axis);
          const names = [crossing.point, crossing.with_point].map(
            (point) => nameOf(rowOf.get(point), axis));
          return [names.join(" and "), axis.label,
            ...["simulated", "low", "high", "estimated"].map((name) => number(crossing, name))];
        }), 2));
  }

  /** A small table of texts; the first columns are words. */
  function makeTable(heads, lines, wordy) {
    const cell = (tag) => (text, at) => element(tag, {class: at < wordy ? "words" : null, text});
    return element("div", {class: "scroll"}, element("table", {class: "table"},
      element("thead", {}, element("tr", {}, ...heads.map(cell("th")))),
      element("tbody", {}, ...lines.map((line) => element("tr", {}, ...line.map(cell("td")))))));
  }

  // ---- service levels -----------------------------------------------------------------------

  /** Whether all service levels hold at the point of a row; true without any. */
  function keepsLevels(row) {
    return (data.levels[value("point", row)] ?? []).every(([,,,, holds]) => holds);
  }

  /** What a level bounds, and whether it holds. */
  function showLevel([, number, interval, unit, holds]) {
    const words = number === null ? "no end" : `${show(number)} ${unit}`;
    const width = interval === null ? "" : ` ± ${show(interval, 3)}`;
    return `${words}${width}${holds ? "" : ", fails"}`;
  }

  function buildCapacity(section) {
    const rowOf = new Map(choices.map((row) => [value("point", row), row]));
    const {name, unit} = data.capacities[0];
    const names = (data.levels[value("point", choices[0])] ?? []).map(([level]) => level);
    const title = unit ? `${name} (${unit.replace("per_s", "per s")})` : name;
    section.append(makeTable([data.thing, title, "from", "to", ...names],
      data.capacities.map(({point, capacity, low, high}) => [
        rowOf.has(point) ? nameOf(rowOf.get(point)) : String(point),
        capacity === null ? "none" : show(capacity, 5), show(low, 5), show(high, 5),
        ...(data.levels[point] ?? []).map(showLevel)]), 1));
  }

  // ---- audit --------------------------------------------------------------------------------

  function buildAudit(section) {
    const {points, planned, requests, unmatched, entries} = data.audit;
    section.append(
      element("p", {class: "caption", text: `${points.length} of ${planned} points (${
        points.join(", ")}), ${requests} requests; ${unmatched} were answered by one engine only.`}),
      makeTable(["entry", "trains (ms)", "packets (ms)", "mean difference (ms)",
        "largest difference (ms)"],
      entries.map(([name, ...numbers]) => [words(name), ...numbers.map((one) => show(one, 5))]),
      1));
  }

  // ---- components ---------------------------------------------------------------------------

  function configureComponents(some) {
    const datasets = [];
    for (const kind of ["simulated", "estimated"]) {
      COMPONENTS.forEach((name, number) => {
        const numbers = some.map((row) => value(`${kind}_${name}_ms`, row) ?? 0);
        if (rows.some((row) => value(`simulated_${name}_ms`, row)
            || value(`estimated_${name}_ms`, row))) {
          datasets.push({
            label: words(name),
            stack: kind,
            data: numbers.map((x, y) => ({x, y})),
            backgroundColor: theme.components[number] + (kind === "estimated" ? "99" : ""),
            borderColor: css("--page"),
            borderWidth: 0.5,
          });
        }
      });
    }
    return {
      type: "bar",
      data: {labels: some.map((row) => nameOf(row)), datasets},
      options: {
        indexAxis: "y",
        scales: {
          x: {...makeScale("mean latency (ms)"), stacked: true},
          y: {stacked: true, ticks: {autoSkip: false}, grid: {display: false}},
        },
        plugins: {
          legend: {
            labels: {
              filter: (item, {datasets: all}) => all[item.datasetIndex].stack === "simulated",
            },
            onClick: toggleSameLabel,
          },
        },
      },
    };
  }

  const findBar = (some) => (chart) => (x, y) => {
    const at = chart.scales.y.getValueForPixel(y);
    return at >= 0 && at < some.length ? {row: some[at], x, y, bare: true} : null;
  };

  function buildComponents(section) {
    const some = chooseEvenly(choices, MOST_BREAKDOWNS);
    if (some.length < choices.length) {
      section.append(element("p", {
        class: "caption",
        text: `${some.length} of ${choices.length} ${data.thing}s, evenly chosen.`,
      }));
    }
    const {box} = addChart(section, "components-chart", `components of latency by ${data.thing}`,
      () => configureComponents(some), findBar(some));
    box.style.height = `${6 + 3.2 * some.length}rem`;
  }

  // ---- one point ----------------------------------------------------------------------------

  function buildDetail(section) {
    const input = element("input", {
      type: "number",
      min: 0,
      id: "detail-point",
      onchange: () => {
        const row = choices.find((one) => value("point", one) === Number(input.value));
        if (row !== undefined) {
          select(row);
        }
      },
    });
    const facts = element("div");
    const bars = element("div");
    section.append(element("div", {class: "controls"},
      element("label", {}, `${data.thing} `, input)),
      element("div", {class: "pair"}, facts, bars));
    const breakdown = addChart(bars, "detail-chart", `components of latency of one ${data.thing}`,
      () => configureComponents([selected]), (chart) => findBar([selected])(chart));
    const note = element("p", {class: "caption"});
    const curves = element("div");
    section.append(note, curves);
    const distribution = addChart(curves, "cdf-chart",
      `distribution of latency of one ${data.thing}`, configureDistribution, null);
    const update = () => {
      input.value = value("point", selected);
      facts.replaceChildren(makeFacts(selected));
      breakdown.update();
      const has = getCurves().length > 0;
      curves.hidden = !has;
      const kept = Object.keys(data.cdf);
      note.textContent = has ? "Distribution of latency, of all requests and by exit. "
        + "Vertical lines: estimated means."
        : kept.length > 0 ? "There is no distribution of this point here. There are those of "
          + `${data.thing}s ${chooseEvenly(kept, 12).join(", ")}${kept.length > 12 ? ", …" : ""}.`
          : "";
      distribution.update();
    };
    onSelect.push(update);
    update();
  }

  const getCurves = () => value("rank", selected) === 0
    ? data.cdf[value("point", selected)] ?? [] : [];

  function configureDistribution() {
    const curves = getCurves();
    const color = (partition) => partition === 0 ? css("--text")
      : theme.series[(partition - 1) % theme.series.length];
    const estimate = (partition) => partition === 0 ? value("estimated_latency_ms", selected)
      : data.exits[selected][partition - 1]?.[4] ?? null;
    const name = (partition) => partition === 0 ? "all" : `exit ${partition}`;
    const datasets = curves.map(([partition, latencies, shares]) => ({
      label: name(partition),
      data: [{x: latencies[0], y: 0}, ...latencies.map((x, at) => ({x, y: shares[at]}))],
      stepped: "before",
      showLine: true,
      pointRadius: 0,
      borderColor: color(partition),
      backgroundColor: color(partition),
      borderWidth: partition === 0 ? 3 : 1.5,
    }));
    for (const [partition] of curves) {
      if (estimate(partition) !== null) {
        datasets.push({
          data: [{x: estimate(partition), y: 0}, {x: estimate(partition), y: 1}],
          showLine: true,
          pointRadius: 0,
          borderColor: color(partition),
          borderDash: [4, 4],
          borderWidth: 1,
        });
      }
    }
    return {
      type: "scatter",
      data: {datasets},
      options: {
        scales: {
          x: makeScale("latency (ms)", {
            isLog: spansDecades(curves.flatMap((curve) => curve[1])),
          }),
          y: makeScale("share of requests", {min: 0, max: 1}),
        },
        plugins: {legend: {labels: {filter: (item) => Boolean(item.text)}}},
      },
    };
  }

  function select(row) {
    selected = row;
    onSelect.forEach((update) => update());
  }

  // ---- agreement ----------------------------------------------------------------------------

  function buildAgreement(section) {
    const names = Object.keys(data.agreement);
    let component = "latency";
    section.append(element("div", {class: "controls"}, makeSelect("show", names.map(words),
      names.indexOf("latency"), (at) => {
        component = names[at];
        chart.update();
      })));
    const chart = addChart(section, "agreement-chart", "estimate against simulation", () => {
      const ending = component === "accuracy" ? "" : "_ms";
      const simulated = `simulated_${component}${ending}`;
      const estimated = `estimated_${component}${ending}`;
      const interval = `simulated_${component}_ci95${ending}`;
      const some = known(choices, simulated, estimated);
      const points = some.map((row) => ({x: value(simulated, row), y: value(estimated, row)}));
      const all = points.flatMap(({x, y}) => [x, y]);
      const low = all.reduce((a, b) => Math.min(a, b), Infinity);
      const high = all.reduce((a, b) => Math.max(a, b), -Infinity);
      const isLog = low > 0 && high > 30 * low;
      const margin = isLog ? (high / low) ** 0.04
        : 0.04 * (high - low) || 0.04 * Math.abs(high) || 1;
      const [start, end] = isLog ? [low / margin, high * margin] : [low - margin, high + margin];
      // A straight line is bent by logarithmic axes.
      const places = Array.from({length: isLog ? 101 : 2}, (_, step) =>
        isLog ? start * (end / start) ** (step / 100) : step ? end : start);
      const many = some.length > 1000;
      const datasets = [{
        label: `${some.length} deployments`,
        data: points,
        rows: some,
        intervals: some.length <= MOST_INTERVALS
          ? some.map((row) => [value(interval, row), 0]) : undefined,
        pointRadius: many ? 1.5 : 3,
        borderColor: theme.series[0],
        backgroundColor: theme.series[0] + (many ? "88" : ""),
        borderWidth: many ? 0 : 1,
      }, {
        label: "equal",
        pointStyle: "line",
        data: [{x: start, y: start}, {x: end, y: end}],
        showLine: true,
        pointRadius: 0,
        borderColor: css("--faint"),
        borderWidth: 1,
      }];
      const fit = data.agreement[component];
      if (fit.slope !== null) {
        // Least squares: the line meets the mean point.
        const mean = (name) => points.reduce((sum, point) => sum + point[name], 0) / points.length;
        const at = (x) => mean("y") + fit.slope * (x - mean("x"));
        datasets.push({
          label: `least squares: slope ${show(fit.slope, 5)}, R² ${
            fit.r_squared < 1 && fit.r_squared > 0.99995 ? "> 0.9999" : show(fit.r_squared)}`,
          pointStyle: "line",
          data: places.map((x) => ({x, y: at(x)})),
          showLine: true,
          pointRadius: 0,
          borderColor: theme.series[1],
          borderDash: [6, 4],
          borderWidth: 1.5,
        });
      }
      const title = `${words(component)}${ending ? " (ms)" : ""}`;
      return {
        type: "scatter",
        data: {datasets},
        plugins: [intervalsPlugin],
        options: {
          scales: {
            x: makeScale(`simulated ${title}`, {isLog, min: start, max: end}),
            y: makeScale(`estimated ${title}`, {isLog, min: start, max: end}),
          },
          plugins: {legend: {labels: {usePointStyle: true, boxHeight: 6}}},
        },
      };
    }, findPoint, {square: true});
    section.append(makeTable(["component", "deployments", "slope", "R²", "mean error (%)",
      "largest error (%)", "at", "in the interval"],
    names.map((name) => {
      const fit = data.agreement[name];
      const worst = choices.find((row) => value("point", row) === fit.largest_error_point);
      return [words(name), String(fit.deployments), show(fit.slope, 5), show(fit.r_squared, 5),
        show(fit.mean_error_percent, 3), show(fit.largest_error_percent, 3),
        worst === undefined ? "–" : nameOf(worst),
        fit.random ? `${fit.covered} of ${fit.random}` : ""];
    }), 1));
  }

  // ---- frontier -----------------------------------------------------------------------------

  /** Those of the points that no other beats in both, by rising latency. */
  function findFrontier(points) {
    const kept = [];
    for (const point of [...points].sort((a, b) => a.x - b.x || b.y - a.y)) {
      if (kept.length === 0 || point.y > kept[kept.length - 1].y) {
        kept.push(point);
      }
    }
    return kept;
  }

  function buildPareto(section) {
    const varying = data.axes.filter((axis) => axis.texts.length > 1);
    const filters = makeFilters(varying, () => chart.update(), isChoice);
    section.append(filters.element);
    const chart = addChart(section, "pareto-chart", "latency and accuracy of deployments", () => {
      const some = known(rows.filter(filters.accepts), "simulated_latency_ms",
        "simulated_accuracy", "estimated_latency_ms", "estimated_accuracy");
      const many = some.length > 1000;
      const datasets = [];
      ["simulated", "estimated"].forEach((kind, number) => {
        const color = theme.series[number];
        const points = some.map((row) =>
          ({x: value(`${kind}_latency_ms`, row), y: value(`${kind}_accuracy`, row)}));
        const frontier = findFrontier(points);
        if (frontier.length > 0) { // no accuracy is lost by more time
          frontier.push({
            x: points.reduce((most, point) => Math.max(most, point.x), 0),
            y: frontier[frontier.length - 1].y,
          });
        }
        datasets.push({
          label: `${kind} frontier`,
          pointStyle: "line",
          data: frontier,
          showLine: true,
          stepped: "before",
          pointRadius: 0,
          borderColor: color,
          backgroundColor: color,
          borderWidth: 1.5,
          borderDash: number ? [6, 4] : [],
        }, {
          label: kind,
          data: points,
          rows: some,
          intervals: number === 0 && some.length <= 100 ? some.map((row) => [
            value("simulated_latency_ci95_ms", row), value("simulated_accuracy_ci95", row)])
            : undefined,
          pointStyle: number ? "rectRot" : "circle",
          pointRadius: many ? 1.5 : 4,
          borderColor: color,
          backgroundColor: number ? "#0000" : color + (many ? "88" : ""),
          borderWidth: many && !number ? 0 : 1,
        });
      });
      return {
        type: "scatter",
        data: {datasets},
        plugins: [intervalsPlugin],
        options: {
          scales: {
            x: makeScale("mean latency (ms)", {
              isLog: spansDecades(datasets.flatMap((one) => one.data.map((point) => point.x))),
            }),
            y: makeScale("accuracy"),
          },
          plugins: {legend: {labels: {usePointStyle: true, boxHeight: 6}}},
        },
      };
    }, findPoint);
  }

  // ---- validity -----------------------------------------------------------------------------

  function buildValidity(section) {
    const varying = data.axes.filter((axis) => axis.texts.length > 1);
    const [across, up] = varying[0].isText && !varying[1].isText
      ? [varying[1], varying[0]] : [varying[0], varying[1]];
    const filters = makeFilters(varying.filter((axis) => axis !== across && axis !== up),
      () => charts.forEach((chart) => chart.update()), () => false);
    const order = (axis) => axis.texts.map((_, at) => at)
      .sort((a, b) => axis.isText ? a - b : axis.numbers[a] - axis.numbers[b]);
    const places = [across, up].map((axis) => {
      const sorted = order(axis);
      const place = new Array(sorted.length);
      sorted.forEach((at, index) => {
        place[at] = index;
      });
      return {axis, place, texts: sorted.map((at) =>
        axis.isText ? axis.texts[at] : show(axis.numbers[at], 3))};
    });
    const pair = element("div", {class: "pair"});
    section.append(filters.element, pair);
    const charts = [
      ["error", "estimator's error (%)", DIVERGING],
      ["regret", "regret of the estimator's choice (%)", RISING],
    ].map(([name, title, ramp]) => {
      const panel = element("div", {}, element("p", {class: "caption", text: title}));
      pair.append(panel);
      const all = Object.values(data.regrets).map((regret) => regret[`${name}_percent`] ?? 0);
      const high = all.reduce((a, b) => Math.max(a, Math.abs(b)), 0) || 1;
      const low = name === "error" ? -high : 0;
      let hits = new Map();
      const chart = addChart(panel, `${name}-chart`, title, () => {
        hits = new Map();
        const cells = [];
        for (const row of choices.filter(filters.accepts)) {
          const regret = data.regrets[value("point", row)];
          const number = regret?.[`${name}_percent`];
          if (number !== null && number !== undefined) {
            const [x, y] = places.map(({axis, place}) => place[axis.at[value("place", row)]]);
            hits.set(`${x} ${y}`, row);
            const share = (number - low) / (high - low);
            cells.push({
              x,
              y,
              color: mix(ramp, share),
              isDark: name === "error" ? Math.abs(share - 0.5) > 0.3 : share > 0.65,
              text: number.toFixed(Math.abs(number) < 99.95 ? 1 : 0).replace("-", "−"),
            });
          }
        }
        return {
          type: "scatter",
          data: {
            datasets: [{
              data: cells.map(({x, y}) => ({x, y})),
              rows: [...hits.values()],
              pointRadius: 0,
            }],
          },
          plugins: [cellsPlugin],
          options: {
            cells,
            scales: {
              x: makeScale(across.label, {texts: places[0].texts}),
              y: makeScale(up.label, {texts: places[1].texts}),
            },
            plugins: {legend: {display: false}},
          },
        };
      }, (drawn) => (px, py) => {
        const x = Math.round(drawn.scales.x.getValueForPixel(px));
        const y = Math.round(drawn.scales.y.getValueForPixel(py));
        const row = hits.get(`${x} ${y}`);
        return row === undefined ? null : {
          row,
          x: drawn.scales.x.getPixelForValue(x),
          y: drawn.scales.y.getPixelForValue(y),
        };
      }, {describe: ({row}) => describeRegret(row)});
      const bar = element("span", {class: "bar"});
      bar.style.background = `linear-gradient(to right, ${ramp.join(", ")})`;
      panel.append(element("div", {class: "scale"}, show(low, 3), bar, show(high, 3)));
      return chart;
    });
  }

  function describeRegret(row) {
    const regret = data.regrets[value("point", row)];
    const best = rows.find((one) => value("point", one) === value("point", row)
      && value("rank", one) === regret.best_rank);
    return element("div", {}, element("p", {
      text: `error ${show(regret.error_percent)} ± ${show(regret.error_ci95_percent, 3)} % · `
        + `regret ${show(regret.regret_ms)} ± ${show(regret.regret_ci95_ms, 3)} ms, `
        + `${show(regret.regret_percent)} %`,
    }), element("p", {
      text: best === undefined ? "" : `simulated fastest: ${value("deployment", best)}`,
    }), makeFacts(row));
  }

  // ---- table --------------------------------------------------------------------------------

  function buildTable(section) {
    const exits = (at) => (row) => data.exits[row].map((exit) => show(exit[at], 3)).join(" ");
    const number = (name) => (row) => value(name, row);
    const heads = [{title: data.thing, get: number("point")}];
    if (rows.length > choices.length) {
      heads.push({title: "rank", get: number("rank")});
    }
    for (const axis of data.axes.filter((one) => one.texts.length > 1)) {
      heads.push(axis.isText ? {title: axis.words, wordy: true, get: (row) => axisText(axis, row)}
        : {title: axis.label, get: (row) => axisNumber(axis, row)});
    }
    if (new Set(column("profile")).size > 1) {
      heads.push({title: "profile", wordy: true, get: number("profile")});
    }
    heads.push(
      {title: "deployment", wordy: true, get: number("deployment")},
      {title: "simulated (ms)", get: number("simulated_latency_ms")},
      {title: "± 95 %", get: number("simulated_latency_ci95_ms")},
      {title: "estimated (ms)", get: number("estimated_latency_ms")},
      {title: "difference (%)", get: number("difference_percent")},
      {title: "p95 (ms)", get: number("simulated_latency_p95_ms")},
      {title: "p99 (ms)", get: number("simulated_latency_p99_ms")},
      ...(data.levels[value("point", choices[0])] ?? []).map(([level], at) => ({
        title: level,
        wordy: true,
        get: (row) => value("rank", row) === 0
          ? showLevel(data.levels[value("point", row)][at]) : "",
      })),
      {title: "accuracy", get: number("simulated_accuracy")},
      {title: "estimated accuracy", get: number("estimated_accuracy")},
      {title: "exit rates", wordy: true, get: exits(0)},
      {title: "estimated exit rates", wordy: true, get: exits(2)},
      {title: "explanation", wordy: true, get: number("explanation")});
    let sorted = null;
    let rising = true;
    let filter = "";
    let page = 0;
    let some = rows;

    const arrange = () => {
      some = rows;
      if (filter) {
        const wanted = filter.toLowerCase();
        some = some.filter((row) => heads.some((head) => head.wordy
          && String(head.get(row)).toLowerCase().includes(wanted)));
      }
      if (sorted) {
        const keys = new Map(some.map((row) => [row, sorted.get(row)]));
        const sign = rising ? 1 : -1;
        const compare = sorted.wordy
          ? (a, b) => sign * keys.get(a).localeCompare(keys.get(b), "en", {numeric: true})
          : (a, b) => {
            const [first, second] = [keys.get(a), keys.get(b)];
            // What is not known comes last, whatever the direction.
            return first === null || second === null ? (first === null) - (second === null)
              : sign * (first - second);
          };
        some = [...some].sort((a, b) => compare(a, b) || a - b);
      }
      page = 0;
      draw();
    };
    const body = element("tbody");
    const count = element("span", {id: "table-count"});
    const turn = (by) => () => {
      page += by;
      draw();
    };
    const back = element("button", {type: "button", text: "‹", "aria-label": "previous page",
      onclick: turn(-1)});
    const forth = element("button", {type: "button", text: "›", "aria-label": "next page",
      onclick: turn(1)});
    const draw = () => {
      const start = page * ROWS_A_PAGE;
      const shown = some.slice(start, start + ROWS_A_PAGE);
      body.replaceChildren(...shown.map((row) => element("tr", {
        "data-row": row,
        class: row === selected ? "selected" : null,
        onclick: () => select(row),
      }, ...heads.map((head) => element("td", {
        class: head.wordy ? "words" : null,
        text: head.wordy ? head.get(row) : show(head.get(row)),
      })))));
      count.textContent = some.length === 0 ? "none"
        : `${start + 1} to ${start + shown.length} of ${some.length}`;
      back.disabled = page === 0;
      forth.disabled = start + ROWS_A_PAGE >= some.length;
    };
    const cells = heads.map((head) => {
      const cell = element("th", {class: head.wordy ? "words" : null, scope: "col"});
      cell.append(element("button", {type: "button", text: head.title, onclick: () => {
        rising = sorted === head ? !rising : true;
        sorted = head;
        cells.forEach((one) => one.removeAttribute("aria-sort"));
        cell.setAttribute("aria-sort", rising ? "ascending" : "descending");
        arrange();
      }}));
      return cell;
    });
    section.append(
      element("div", {class: "controls"},
        element("label", {}, "filter ", element("input", {
          type: "search",
          id: "table-filter",
          oninput: (event) => {
            filter = event.target.value;
            arrange();
          },
        })), back, count, forth),
      element("div", {class: "scroll"}, element("table", {class: "table", id: "points"},
        element("thead", {}, element("tr", {}, ...cells)), body)));
    onSelect.push(draw);
    draw();
  }

  // ---- the page -----------------------------------------------------------------------------

  function start() {
    data = JSON.parse(document.getElementById("data").textContent);
    rows = Array.from({length: data.rows}, (_, row) => row);
    choices = rows.filter((row) => value("rank", row) === 0);
    applyTheme();
    const varying = data.axes.filter((axis) => axis.texts.length > 1);
    const isSweep = data.thing === "point";
    if (varying.length > 0) {
      addSection("sweep", isSweep ? "Sweep" : "Latency",
        "Marks: simulated, with 95 % intervals (hollow: wider than asked for, or not steady). "
        + `Lines: estimated. Click a mark to see the ${data.thing} in detail.${
          choices.every(keepsLevels) ? "" : " Crosses: a service level fails."}`, buildSweep);
    }
    if (data.capacities.length > 0) {
      addSection("capacity", "Capacity", "The largest value at which the service levels hold, "
        + "its 95 % interval, and what they bound there.", buildCapacity);
    }
    if (data.audit) {
      addSection("audit", "Audit", "Trains held against packets, request by request.", buildAudit);
    }
    if (Object.keys(data.regrets).length > 0 && varying.length >= 2) {
      addSection("validity", "Validity", "How far the estimate is off, and what following the "
        + "estimator costs against the simulated fastest of its candidates.", buildValidity);
    }
    if (data.agreement.latency) {
      addSection("agreement", "Agreement", "The estimate regressed on the simulation.",
        buildAgreement);
    }
    const distinct = new Set(rows.map((row) => `${value("estimated_latency_ms", row)} ${
      value("estimated_accuracy", row)}`));
    if (isSweep && distinct.size > 1) {
      addSection("pareto", "Latency and accuracy",
        "The frontier joins the deployments that no other beats in both.", buildPareto);
    }
    addSection("components", "Components",
      "Upper bars: simulated. Lower, paler bars: estimated.", buildComponents);
    addSection("detail", `One ${data.thing}`, "", buildDetail);
    addSection("table", isSweep ? "Points" : "Streams", "", buildTable);
    fill(document.querySelector("main section"));
    performance.mark("portend-drawn");

    const repaint = () => {
      applyTheme();
      redraws.forEach((redraw) => redraw());
    };
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);
    addEventListener("beforeprint", () => {
      [...pending.keys()].forEach(fill);
      document.documentElement.dataset.theme = "light";
      repaint();
    });
    addEventListener("afterprint", () => {
      delete document.documentElement.dataset.theme;
      repaint();
    });
  }

  // After the first paint: what the file is of is readable at once.
  requestAnimationFrame(() => setTimeout(start));
})();
