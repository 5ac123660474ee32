"use strict";
(function () {
  var root = document.documentElement;
  var chinese = (navigator.languages && navigator.languages[0] || navigator.language || "").toLowerCase().indexOf("zh") === 0;
  function speak() {
    root.lang = chinese ? "zh" : "en";
    document.title = root.getAttribute(chinese ? "data-title-zh" : "data-title-en");
  }
  speak();
  var button = document.querySelector("button.lang");
  button.hidden = false;
  button.addEventListener("click", function () { chinese = !chinese; speak(); });

  function keyOf(row, column) {
    var cell = row.cells[column], key = cell.getAttribute("data-key");
    return key === null ? cell.textContent.trim() : Number(key);
  }
  function sort(table, column, header) {
    var down = header.getAttribute("aria-sort") !== "descending";
    table.querySelectorAll("th[aria-sort]").forEach(function (h) { h.setAttribute("aria-sort", "none"); });
    header.setAttribute("aria-sort", down ? "descending" : "ascending");
    var rows = Array.prototype.slice.call(table.tBodies[0].rows);
    rows.map(function (row, i) { return { row: row, key: keyOf(row, column), i: i }; }).sort(function (a, b) {
      var c = typeof a.key === "number" ? a.key - b.key : a.key.localeCompare(b.key);
      return (down ? -c : c) || a.i - b.i;
    }).forEach(function (x) { table.tBodies[0].appendChild(x.row); });
  }
  document.querySelectorAll("table.sortable").forEach(function (table) {
    Array.prototype.forEach.call(table.tHead.rows[0].cells, function (header, column) {
      if (header.classList.contains("graph")) return;
      header.setAttribute("aria-sort", "none");
      var b = document.createElement("button");
      b.type = "button";
      while (header.firstChild) b.appendChild(header.firstChild);
      header.appendChild(b);
      b.addEventListener("click", function () { sort(table, column, header); });
    });
  });
  document.querySelectorAll("label.filter").forEach(function (label) {
    label.hidden = false;
    var input = label.querySelector("input"), table = document.getElementById(input.getAttribute("aria-controls"));
    input.addEventListener("input", function () {
      var wanted = input.value.trim().toLowerCase();
      Array.prototype.forEach.call(table.tBodies[0].rows, function (row) {
        row.hidden = wanted !== "" && row.textContent.toLowerCase().indexOf(wanted) < 0;
      });
    });
  });
  window.addEventListener("beforeprint", function () {
    document.querySelectorAll("details").forEach(function (d) { d.open = true; });
  });
})();
