// Names what Django's widgets leave nameless, for those who do not see the page.
(function () {
  "use strict";
  function name() {
    document.querySelectorAll("p.datetime, p.date").forEach(function (group) {
      var row = group.closest(".form-row, .flex-container, td");
      var label = row && row.querySelector("label, legend");
      group.querySelectorAll("input:not([aria-label])").forEach(function (input) {
        if (!input.labels || !input.labels.length) {
          input.setAttribute("aria-label", label ? label.textContent.trim() : input.name);
        }
      });
    });
    document.querySelectorAll(".help-tooltip[aria-label]").forEach(function (hint) {
      hint.setAttribute("role", "img");
    });
    document.querySelectorAll(".select2-selection[role=combobox]").forEach(function (box) {
      var field = box.closest(".form-row, .flex-container, td");
      var label = field && field.querySelector("label");
      if (label) { box.setAttribute("aria-label", label.textContent.trim()); }
    });
  }
  document.addEventListener("DOMContentLoaded", name);
  window.addEventListener("load", name);
})();
