// The desk by keyboard, the ticked boxes, the time that is left to undo, and who else has
// the message open. Everything here has a plain way too: buttons, links and forms work
// without it.
(function () {
  "use strict";
  var STORE = "kanalvakt.keys";

  function all(selector) { return Array.prototype.slice.call(document.querySelectorAll(selector)); }
  function dialog() { return document.getElementById("keys"); }
  function onShow(act) { if (window.desk) { window.desk.onShow(act); } else { act(); } }

  function on() {
    try { return localStorage.getItem(STORE) !== "off"; } catch (error) { return true; }
  }
  document.addEventListener("change", function (event) {
    if (event.target.id === "keys-on") {
      try { localStorage.setItem(STORE, event.target.checked ? "on" : "off"); } catch (error) { /* kept for this page only */ }
    }
    if (event.target.name === "case") { count(); }
  });

  function writing(target) {
    return /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) && target.type !== "radio" && target.type !== "checkbox";
  }

  // -- The queue --------------------------------------------------------------------

  function rowOf(element) {
    var line = element && element.closest && element.closest(".queue li");
    return line ? line.querySelector("[data-row]") : null;
  }

  function move(step) {
    var rows = all("[data-row]");
    if (!rows.length) { return false; }
    var at = rows.indexOf(rowOf(document.activeElement));
    var next = rows[Math.max(0, Math.min(rows.length - 1, at + step))] || rows[0];
    next.focus();
    return true;
  }

  function boxes() { return all(".queue input[name=case]"); }

  function count() {
    var place = document.getElementById("ticked");
    if (!place) { return; }
    var number = boxes().filter(function (box) { return box.checked; }).length;
    place.textContent = !number ? "" : number === 1 ? place.dataset.one : place.dataset.many.replace("%d", number);
  }

  function tick() {
    var row = rowOf(document.activeElement);
    var box = row && row.parentNode.querySelector("input[name=case]");
    if (!box) { return false; }
    box.checked = !box.checked;
    count();
    return true;
  }

  function tickAll() {
    var every = boxes().every(function (box) { return box.checked; });
    boxes().forEach(function (box) { box.checked = !every; });
    count();
    return true;
  }

  document.addEventListener("click", function (event) {
    if (event.target.closest && event.target.closest("[data-tick-all]")) {
      event.preventDefault();
      tickAll();
    }
  });

  // -- A message --------------------------------------------------------------------

  function openAct(key) {
    var found = all("details.act").find(function (one) {
      return one.dataset.openKey === key || one.dataset.openKeyToo === key;
    });
    if (!found) { return false; }
    found.open = true;
    var field = found.querySelector("input[type=radio]:checked, input[type=radio], textarea, select");
    (field || found.querySelector("summary")).focus();
    found.scrollIntoView({ block: "nearest" });
    return true;
  }

  function choose(number) {
    var shown = all("[data-number='" + number + "']").find(function (one) { return one.offsetParent; });
    var radio = shown && shown.closest("label").querySelector("input[type=radio]");
    if (!radio || radio.disabled) { return false; }
    radio.checked = true;
    radio.focus();
    return true;
  }

  // Whatever names this key: a form of an act, a link, a button, a text behind a cover.
  function follow(key) {
    var found = all("[data-key='" + CSS.escape(key) + "']").find(function (one) { return one.offsetParent; });
    if (!found) { return false; }
    if (found.tagName === "DETAILS") {
      var open = !found.open;
      (found.hasAttribute("data-all") ? all("details[data-key='" + CSS.escape(key) + "']") : [found]).forEach(function (one) { one.open = open; });
      return true;
    }
    var button = found.tagName === "FORM" ? found.querySelector("button[type=submit]") : found;
    if (!button.disabled) { button.click(); }
    return true;
  }

  function press(key) {
    if (key === "?") { if (dialog()) { dialog().showModal(); } return true; }
    if (key === "g") { var home = document.querySelector("[data-home]"); if (home) { home.click(); } return Boolean(home); }
    if (!document.querySelector("[data-case]")) {
      if (key === "j" || key === "k") { return move(key === "j" ? 1 : -1); }
      if (key === "x") { return tick(); }
      if (key === "/") { return filters(); }
      return follow(key);
    }
    if (/^[1-9]$/.test(key)) { return choose(key); }
    return follow(key) || openAct(key);
  }

  function filters() {
    var box = document.querySelector("details.filters");
    if (!box) { return false; }
    box.open = true;
    (box.querySelector("select") || box.querySelector("summary")).focus();
    return true;
  }

  document.addEventListener("keydown", function (event) {
    if ((event.ctrlKey || event.metaKey) && event.key === "Enter" && event.target.form) {
      event.preventDefault();
      event.target.form.requestSubmit();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) { return; }
    if ((event.key === "ArrowDown" || event.key === "ArrowUp") && event.target.matches("[data-row]")) {
      move(event.key === "ArrowDown" ? 1 : -1);
      event.preventDefault();
      return;
    }
    if (event.key.length !== 1 || writing(event.target) || (dialog() && dialog().open)) { return; }
    if (!on() && event.key !== "?") { return; }
    if (press(event.key)) { event.preventDefault(); }
  });

  // Two submits of one form are one.
  document.addEventListener("submit", function (event) {
    if (event.defaultPrevented) { return; }
    if (event.target.dataset.sent) { event.preventDefault(); return; }
    if (event.target.method === "post") { event.target.dataset.sent = "yes"; }
  });
  window.addEventListener("pageshow", function () {
    all("form[data-sent]").forEach(function (form) { delete form.dataset.sent; });
  });

  // -- What goes on by itself ---------------------------------------------------------

  var clocks = [];
  function countDown() {
    clocks.forEach(clearInterval);
    clocks = all(".undo[data-seconds]").map(function (box) {
      var ends = Date.now() + Number(box.dataset.seconds) * 1000;
      var place = box.querySelector(".left");
      var form = box.querySelector("form");
      var clock = setInterval(step, 1000);
      function step() {
        var left = Math.ceil((ends - Date.now()) / 1000);
        if (left > 0) { if (place && left <= 60) { place.textContent = left + " s"; } return; }
        clearInterval(clock);
        if (form && !form.contains(document.activeElement)) { form.hidden = true; }
        else if (place) { place.textContent = ""; }
      }
      step();
      return clock;
    });
  }

  function look() {
    var others = document.getElementById("others");
    if (!others || document.hidden) { return; }
    fetch(others.dataset.url, { headers: { Accept: "application/json" }, credentials: "same-origin" })
      .then(function (answer) { return answer.ok ? answer.json() : null; })
      .then(function (seen) {
        if (!seen || !others.isConnected) { return; }
        var words = String(seen.turn) !== others.dataset.turn ? others.dataset.changed : seen.others;
        if (others.textContent !== words) { others.textContent = words; }
      })
      .catch(function () { /* the next round tries again */ });
  }
  setInterval(look, 15000);

  var first = true;
  onShow(function () {
    var box = document.getElementById("keys-on");
    if (box) { box.checked = on(); }
    var wide = document.querySelector("details[data-wide-open]");
    if (wide && window.matchMedia("(min-width: 60rem)").matches) { wide.open = true; }
    count();
    countDown();
    // A message that was fetched ahead may have changed since, and nobody knows yet that
    // it is open here.
    if (!first) { look(); }
    first = false;
  });
})();
