/* Charts drawn from the tables that stand under them.

   <figure class="drawn" data-chart="columns" data-unit="人">
     <div class="drawn-space needs-js" role="img" aria-label="…one sentence…"></div>
     <details class="data" open><summary>用表格看</summary>… <table> … </table></details>
   </figure>

   The table is the data: a row is a place on the axis, a column whose head carries
   data-series is what is drawn, a cell's data-value is its figure. So the two can
   never say different things, and without this module the open table says it all.

   figure  data-chart   columns (upright) | rows (lying, one row for each line)
           data-unit    stands behind each figure
           data-stack   series stand on each other instead of side by side
           data-top     the end of the scale, when it is not the largest figure
           data-from, data-to, data-step   the axis is a scale of numbers; each row says
                        with data-at where it stands
           data-mark, data-mark-name       a dashed line across that scale
   th      data-series  look of the series: now | ok | wait | hollow
   tr      data-name    short name on the axis, instead of the words of its first cell
           data-look    look of this row's bars, instead of the series' own
           data-at      see above

   Loaded as a render-blocking module in <head>: the tables are folded and the room
   for the charts is there before anything is painted; the library comes after that. */

const LIBRARY = "../vendor/echarts.common.min.js";
const ROW_HEIGHT = 66;
const AXIS_HEIGHT = 66;
const TEXT_SIZE = 13;
/* What stands between two names of an axis, and what the figures beside it take of the width. */
const NAME_GAP = 4;
const FIGURES_WIDTH = 40;
/* The unit stands above the axis, clear of the first bar's own figure; the drawing begins below both. */
const UNIT_GAP = 24;
const UNIT_HEIGHT = UNIT_GAP + TEXT_SIZE + 5;
const LEGEND_HEIGHT = 24;
const MOST_NAMED = 12;
const charts = new Map();

function token(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

function paint(look) {
  if (look === "hollow") return { color: token("surface"), borderColor: token("azurite-fill"), borderWidth: 1.5 };
  const pigment = { ok: "malachite", wait: "ochre", now: "azurite" }[look] ?? "azurite";
  return { color: token(`${pigment}-fill`) };
}

/* Not innerText: what stands in a folded table is not laid out, and has none. */
function words(cell) {
  return cell.textContent.trim();
}

function read(figure) {
  const table = figure.querySelector("table");
  const rows = [...table.tBodies[0].rows];
  const series = [...table.tHead.rows[0].cells].filter((head) => head.dataset.series);
  return {
    names: rows.map((row) => row.dataset.name ?? words(row.cells[0])),
    titles: rows.map((row) => words(row.cells[0].firstChild)),
    at: rows.map((row) => Number(row.dataset.at)),
    series: series.map((head) => ({
      name: words(head),
      look: head.dataset.series,
      values: rows.map((row) => Number(row.cells[head.cellIndex].dataset.value)),
      looks: rows.map((row) => row.dataset.look),
      words: rows.map((row) => words(row.cells[head.cellIndex])),
    })),
  };
}

function text(extra = {}) {
  return { color: token("ink-2"), fontFamily: getComputedStyle(document.body).fontFamily, fontSize: TEXT_SIZE, ...extra };
}

function scale(figure) {
  const { from, to, step } = figure.dataset;
  return to === undefined ? null : { min: Number(from), max: Number(to), interval: Number(step) };
}

/* A few names are all written, aslant where they would touch; of many, as many as there is room for. */
function nameEach(figure, names) {
  if (names.length > MOST_NAMED) return { hideOverlap: true };
  const pen = document.createElement("canvas").getContext("2d");
  pen.font = `${TEXT_SIZE}px ${getComputedStyle(document.body).fontFamily}`;
  const widest = Math.max(...names.map((name) => pen.measureText(name).width));
  const isTight = (widest + NAME_GAP) * names.length > space(figure).clientWidth - FIGURES_WIDTH;
  return { interval: 0, rotate: isTight ? 50 : 0 };
}

function placeAxis(figure, data, lying) {
  const shared = {
    axisLine: { lineStyle: { color: token("slate-edge") } }, axisTick: { show: false }, splitLine: { show: false },
  };
  const numbers = scale(figure);
  if (numbers) return { type: "value", ...numbers, ...shared, axisLabel: text({ hideOverlap: true }) };
  return {
    type: "category", data: data.names, inverse: lying, ...shared,
    axisLabel: text(
      lying
        ? { inside: true, margin: 0, padding: [0, 0, 16, 0], align: "left", verticalAlign: "bottom", interval: 0 }
        : nameEach(figure, data.names),
    ),
  };
}

function valueAxis(figure, lying) {
  const { unit } = figure.dataset;
  return {
    type: "value", ...(lying || unit === "%" ? {} : { name: unit, nameGap: UNIT_GAP, nameTextStyle: text({ align: "left" }) }),
    minInterval: 1, max: figure.dataset.top === undefined ? null : Number(figure.dataset.top),
    axisLine: { show: false }, axisTick: { show: false },
    axisLabel: text({ formatter: unit === "%" ? "{value}%" : "{value}" }),
    splitLine: { lineStyle: { color: token("line"), type: [2, 4] } },
  };
}

function markLine(figure) {
  if (figure.dataset.mark === undefined) return undefined;
  return {
    silent: true, symbol: "none", data: [{ xAxis: Number(figure.dataset.mark) }],
    lineStyle: { color: token("slate-fill"), type: [5, 4], width: 1.5 },
    label: text({ formatter: figure.dataset.markName, color: token("ink"), fontWeight: 700, position: "end" }),
  };
}

function bars(figure, data, lying) {
  const numbers = scale(figure);
  return data.series.map((one, index) => ({
    type: "bar", name: one.name, stack: figure.dataset.stack === undefined ? undefined : "all",
    itemStyle: { ...paint(one.look), borderRadius: figure.dataset.stack === undefined ? 3 : 0 },
    data: one.values.map((value, row) => ({
      value: numbers ? [data.at[row], value] : value,
      // A bar of nothing has no edge either.
      itemStyle: value ? (one.looks[row] ? paint(one.looks[row]) : undefined) : { borderWidth: 0 },
    })),
    barMaxWidth: lying ? 12 : 46, barCategoryGap: numbers ? "12%" : "28%",
    label: {
      show: lying || data.series.length === 1, position: lying ? "right" : "top", ...text({ color: token("ink"), fontWeight: 700 }),
      formatter: ({ dataIndex }) => (one.values[dataIndex] || lying ? one.words[dataIndex] : ""),
    },
    markLine: index === 0 ? markLine(figure) : undefined,
  }));
}

function tip(figure, data) {
  const unit = figure.dataset.unit;
  return {
    trigger: "axis", axisPointer: { type: "shadow", shadowStyle: { color: token("ink"), opacity: 0.06 } }, confine: true,
    // Drawn into the chart: as HTML it would carry inline styles, which the site's policy refuses.
    renderMode: "richText", backgroundColor: token("surface"), borderColor: token("line-strong"), borderWidth: 1,
    textStyle: text({ color: token("ink") }),
    formatter: ([first]) => {
      const row = first.dataIndex;
      const lines = data.series.map((one) => `${one.name} ${unit === "%" ? one.words[row] : `${one.words[row]} ${unit}`}`);
      return [data.titles[row], ...lines].join("\n");
    },
  };
}

function options(figure) {
  const data = read(figure);
  const lying = figure.dataset.chart === "rows";
  const place = placeAxis(figure, data, lying);
  const figures = valueAxis(figure, lying);
  const several = data.series.length > 1;
  return {
    // Nothing moves: a chart is there when it is looked at.
    animation: false,
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
    grid: { left: 4, right: lying ? 52 : 12, top: lying ? 34 : UNIT_HEIGHT + (several || figure.dataset.mark ? LEGEND_HEIGHT : 0), bottom: 4, containLabel: true },
    legend: several ? { top: 0, left: 0, itemWidth: 14, itemHeight: 14, selectedMode: false, textStyle: text() } : undefined,
    tooltip: tip(figure, data),
    xAxis: lying ? figures : place,
    yAxis: lying ? place : figures,
    series: bars(figure, data, lying),
  };
}

function space(figure) {
  return figure.querySelector(".drawn-space");
}

function fold(figure) {
  figure.querySelector("details").open = false;
  if (figure.dataset.chart === "rows") {
    space(figure).style.height = `${AXIS_HEIGHT + ROW_HEIGHT * figure.querySelector("table").tBodies[0].rows.length}px`;
  }
}

function unfold(figure) {
  figure.querySelector("details").open = true;
  space(figure).hidden = true;
}

function draw(figure) {
  const room = space(figure);
  const chart = globalThis.echarts.init(room, null, { renderer: "svg" });
  chart.setOption(options(figure));
  charts.set(figure, chart);
  new ResizeObserver(() => {
    chart.resize();
    chart.setOption(options(figure));
  }).observe(room);
  figure.dataset.drawn = "";
}

function redraw() {
  for (const [figure, chart] of charts) chart.setOption(options(figure), { notMerge: true });
}

async function begin() {
  const figures = [...document.querySelectorAll("figure[data-chart]")];
  if (!figures.length) return;
  figures.forEach(fold);
  try {
    await import(LIBRARY);
    figures.forEach(draw);
  } catch (error) {
    // The table says the same; whoever looks after the site finds the cause in the console.
    console.warn("charts are not drawn", error);
    figures.forEach(unfold);
    return;
  }
  new MutationObserver(redraw).observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });
}

/* On paper both the drawing and its figures are wanted. */
addEventListener("beforeprint", () => {
  for (const details of document.querySelectorAll("figure[data-chart] details:not([open])")) {
    details.open = true;
    details.dataset.forPrint = "";
  }
});
addEventListener("afterprint", () => {
  for (const details of document.querySelectorAll("figure[data-chart] details[data-for-print]")) {
    details.open = false;
    delete details.dataset.forPrint;
  }
});

begin();
