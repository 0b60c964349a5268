// The desk by keyboard, and who else has the message open. Everything here has a
// plain way too: buttons, links and forms work without it.
(function () {
  "use strict";
  var dialog = document.getElementById("keys");
  var box = document.getElementById("keys-on");
  var STORE = "kanalvakt.keys";

  function on() {
    try { return localStorage.getItem(STORE) !== "off"; } catch (error) { return true; }
  }
  if (box) {
    box.checked = on();
    box.addEventListener("change", function () {
      try { localStorage.setItem(STORE, box.checked ? "on" : "off"); } catch (error) { /* kept for this page only */ }
    });
  }

  function writing(target) {
    return /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) && target.type !== "radio" && target.type !== "checkbox";
  }

  function move(step) {
    var rows = Array.prototype.slice.call(document.querySelectorAll("[data-row]"));
    if (!rows.length) { return false; }
    var at = rows.indexOf(document.activeElement);
    var next = rows[Math.max(0, Math.min(rows.length - 1, at + step))] || rows[0];
    next.focus();
    return true;
  }

  function openAct(key) {
    var found = Array.prototype.find.call(document.querySelectorAll("details.act"), function (one) {
      return one.dataset.openKey === key || one.dataset.openKeyToo === key;
    });
    if (!found) { return false; }
    found.open = true;
    var field = found.querySelector("input[type=radio]:checked, input[type=radio], textarea, select");
    (field || found.querySelector("summary")).focus();
    found.scrollIntoView({ block: "nearest" });
    return true;
  }

  function press(key) {
    if (key === "?") { if (dialog) { dialog.showModal(); } return true; }
    if (key === "g") { var back = document.querySelector(".breadcrumbs a[href$='/desk/']"); if (back) { back.click(); } return Boolean(back); }
    if (!document.querySelector("[data-case]")) {
      return key === "j" ? move(1) : key === "k" ? move(-1) : false;
    }
    if (key === "n") { var next = document.getElementById("next"); if (next) { next.click(); } return Boolean(next); }
    var form = document.querySelector("form.act[data-key='" + CSS.escape(key) + "']");
    if (form) {
      var button = form.querySelector("button[type=submit]");
      if (!button.disabled) { button.click(); }
      return true;
    }
    return openAct(key);
  }

  document.addEventListener("keydown", function (event) {
    if ((event.ctrlKey || event.metaKey) && event.key === "Enter" && event.target.form) {
      event.preventDefault();
      event.target.form.requestSubmit();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.key.length !== 1) { return; }
    if (writing(event.target) || (dialog && dialog.open)) { return; }
    if (!on() && event.key !== "?") { return; }
    if (press(event.key)) { event.preventDefault(); }
  });

  // Two submits of one form are one.
  document.addEventListener("submit", function (event) {
    if (event.target.dataset.sent) { event.preventDefault(); return; }
    if (event.target.method === "post") { event.target.dataset.sent = "yes"; }
  });
  window.addEventListener("pageshow", function () {
    document.querySelectorAll("form[data-sent]").forEach(function (form) { delete form.dataset.sent; });
  });

  var others = document.getElementById("others");
  function look() {
    if (document.hidden) { return; }
    fetch(others.dataset.url, { headers: { Accept: "application/json" }, credentials: "same-origin" })
      .then(function (answer) { return answer.ok ? answer.json() : null; })
      .then(function (seen) {
        if (!seen) { return; }
        var words = String(seen.turn) !== others.dataset.turn ? others.dataset.changed : seen.others;
        if (others.textContent !== words) { others.textContent = words; }
      })
      .catch(function () { /* the next round tries again */ });
  }
  if (others) { setInterval(look, 15000); }
})();
