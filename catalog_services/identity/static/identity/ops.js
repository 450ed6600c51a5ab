// The plots of /ops/: each renewal of the page's figures is one more point, kept for ten minutes, also over a reload.
"use strict";
(() => {
  const KEPT_MS = 600_000;
  const KEY = "suite-flow";
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const remembered = () => {
    try {
      return JSON.parse(sessionStorage.getItem(KEY)) ?? [];
    } catch {
      return [];
    }
  };
  const plots = {};
  let points = remembered();
  for (const canvas of document.querySelectorAll("[data-plot]")) {
    plots[canvas.dataset.plot] = new Chart(canvas, {
      type: "line",
      data: {
        labels: [],
        datasets: [{ data: [], borderColor: colour("--color-primary-600"), borderWidth: 2, pointRadius: 0, stepped: true }],
      },
      options: {
        animation: false,
        maintainAspectRatio: false,
        plugins: { legend: { display: false } },
        scales: { x: { display: false }, y: { beginAtZero: true, suggestedMax: 5, ticks: { maxTicksLimit: 4, color: "#6b7280" } } },
      },
    });
  }
  // null: nobody told it, which is a gap in the plot.
  const said = (total, isAtLeast) => {
    if (total === null) return "–";
    const number = total.toLocaleString(document.documentElement.lang, { maximumFractionDigits: 2 });
    return isAtLeast ? `≥ ${number}` : number;
  };
  const draw = () => {
    const element = document.getElementById("flow-totals");
    if (!element) return;
    const totals = JSON.parse(element.textContent);
    const atLeast = JSON.parse(document.getElementById("flow-at-least").textContent);
    points.push({ at: Date.now(), totals });
    points = points.filter((point) => point.at > Date.now() - KEPT_MS);
    sessionStorage.setItem(KEY, JSON.stringify(points));
    for (const [name, plot] of Object.entries(plots)) {
      plot.data.labels = points.map((point) => new Date(point.at).toLocaleTimeString());
      plot.data.datasets[0].data = points.map((point) => point.totals[name]);
      plot.update();
      const shown = document.querySelector(`[data-now="${name}"]`);
      if (shown) shown.textContent = said(totals[name], atLeast.includes(name));
    }
  };
  document.body.addEventListener("htmx:afterSettle", (event) => { if (event.target.id === "flow") draw(); });
  draw();
})();
