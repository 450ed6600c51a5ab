// The plots of /ops/: each renewal of the page's figures is one more point, kept for ten minutes.
"use strict";
(() => {
  const KEPT = 300;
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const plots = {};
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
  const draw = () => {
    const element = document.getElementById("flow-totals");
    if (!element) return;
    const totals = JSON.parse(element.textContent);
    const now = new Date().toLocaleTimeString();
    for (const [name, plot] of Object.entries(plots)) {
      const { labels, datasets } = plot.data;
      labels.push(now);
      datasets[0].data.push(totals[name]);
      if (labels.length > KEPT) {
        labels.shift();
        datasets[0].data.shift();
      }
      plot.update();
      const shown = document.querySelector(`[data-now="${name}"]`);
      if (shown) shown.textContent = Number(totals[name]).toLocaleString(document.documentElement.lang, { maximumFractionDigits: 1 });
    }
  };
  document.body.addEventListener("htmx:afterSettle", (event) => { if (event.target.id === "flow" || document.getElementById("flow") === event.target) draw(); });
  draw();
})();
