// Templates filled in at once, drafts kept while one writes, and the room that is left.
// Everything listens on the document: the desk swaps its pages in and out.
(function () {
  "use strict";
  var EVERY = 20000;
  var waiting = new WeakMap();

  function field(form) { return form.querySelector("textarea[name=text]"); }

  function count(area) {
    var words = document.getElementById("reply-room");
    if (!words || !area.dataset.room) { return; }
    var left = Number(area.dataset.room) - Array.from(area.value).length;
    words.textContent = words.dataset.left + " " + left;
    words.toggleAttribute("data-over", left < 0);
  }

  document.addEventListener("click", function (event) {
    var chip = event.target.closest && event.target.closest("a[data-template]");
    if (!chip || event.ctrlKey || event.metaKey || event.shiftKey) { return; }
    var box = chip.closest(".answering");
    var form = box && box.querySelector("form[data-answer]");
    if (!form) { return; }
    event.preventDefault();
    event.stopPropagation();
    var area = field(form), before = area.dataset.filled || "";
    // What somebody has written stays; only an untouched template gives way.
    area.value = !area.value.trim() || area.value === before
      ? chip.dataset.template
      : area.value.replace(/\s+$/, "") + "\n\n" + chip.dataset.template;
    area.dataset.filled = area.value;
    box.querySelectorAll("a[data-template]").forEach(function (one) { one.removeAttribute("aria-current"); });
    chip.setAttribute("aria-current", "true");
    form.querySelectorAll("input[name=tells]").forEach(function (one) {
      if (one.value === chip.dataset.tells) { one.checked = true; }
    });
    area.focus();
    area.setSelectionRange(area.value.length, area.value.length);
    count(area);
    later(form);
  }, true);

  document.addEventListener("input", function (event) {
    var form = event.target.closest && event.target.closest("form[data-answer]");
    if (!form) { return; }
    if (event.target === field(form)) { count(event.target); }
    later(form);
  });

  function later(form) {
    if (waiting.has(form)) { return; }
    waiting.set(form, setTimeout(function () { save(form); }, EVERY));
  }

  // A draft that has been sent must not come back as one.
  document.addEventListener("submit", function (event) {
    clearTimeout(waiting.get(event.target));
    waiting.delete(event.target);
  }, true);

  function save(form) {
    waiting.delete(form);
    if (!form.isConnected || !field(form).value.trim()) { return; }
    fetch(form.dataset.draft, { method: "POST", body: new FormData(form), headers: { Accept: "application/json" }, credentials: "same-origin" })
      .then(function (answer) { return answer.ok ? answer.json() : null; })
      .then(function (kept) {
        var words = form.querySelector("[data-saved]");
        if (kept && words) { words.textContent = kept.saved; } else { later(form); }
      })
      .catch(function () { later(form); });
  }
})();
