// From message to message without loading the page anew. A form or a link of the desk is
// sent by fetch, and what comes back takes the place of the page's content; the message
// that comes next is fetched while this one is read. Without this file the same forms
// and links work as forms and links do.
(function () {
  "use strict";
  var main = document.getElementById("content-start");
  var content = document.getElementById("content");
  var said = document.getElementById("said");
  if (!main || !content || !said || !window.fetch || !window.history.pushState) { return; }
  var AHEAD_LIVES = 120000; // milliseconds; what lies longer is fetched anew
  var ahead = null; // { key, address, page, at }
  var busy = false;
  var shown = [];

  function inDesk(address) {
    var url = new URL(address, location.href);
    return url.origin === location.origin && /\/desk\//.test(url.pathname);
  }

  function ask(address, options, what) {
    var headers = { "X-Desk": what, Accept: "text/html" };
    if (what === "part" && ahead) { headers["X-Desk-Ready"] = ahead.key; }
    return fetch(address, Object.assign({ headers: headers, credentials: "same-origin" }, options));
  }

  function read(text) { return new DOMParser().parseFromString(text, "text/html"); }

  function take(target, source) {
    target.replaceChildren.apply(target, Array.prototype.map.call(source.childNodes, function (node) { return document.importNode(node, true); }));
  }

  // The parts of an answer, be it a part or, where a view knows no parts, a whole page.
  function partsOf(page) {
    var part = page.querySelector("[data-part=content]");
    if (part) {
      return { content: part, said: page.querySelector("[data-part=said]"), crumbs: page.querySelector("[data-part=crumbs]") };
    }
    var whole = page.getElementById("content");
    if (!whole || !page.getElementById("said")) { return null; }
    return { content: whole, said: page.getElementById("said"), crumbs: page.querySelector("nav .breadcrumbs") && page.querySelector("nav .breadcrumbs").parentNode };
  }

  function show(page, news) {
    var parts = partsOf(page);
    if (!parts) { return false; }
    take(content, parts.content);
    take(said, news || parts.said);
    var crumbs = document.querySelector("#container > nav");
    if (crumbs && parts.crumbs) { take(crumbs, parts.crumbs); }
    var title = content.querySelector("h1");
    var site = document.title.split(" | ").pop();
    document.title = (title ? title.textContent.trim() : page.title) + " | " + site;
    ahead = null;
    settle();
    return true;
  }

  // What was refused is gone to first, then what asks to be, else the page's heading: a
  // screen reader reads on from there.
  function focus() {
    var wrong = content.querySelector("[role=alert], [aria-invalid=true]");
    var asked = content.querySelector("[autofocus]");
    var target = wrong || asked || content.querySelector("h1");
    if (!target) { return; }
    if (!target.matches("a, button, input, textarea, select")) { target.tabIndex = -1; }
    target.focus({ preventScroll: !wrong });
    if (!wrong) { window.scrollTo(0, 0); }
  }

  function settle() {
    fetchAhead();
    shown.forEach(function (act) { act(); });
  }

  function fetchAhead() {
    var next = content.querySelector("a[data-ahead]");
    if (!next || (ahead && ahead.key === next.dataset.ahead)) { return; }
    var key = next.dataset.ahead, address = next.href;
    ask(address, {}, "ahead").then(function (answer) {
      if (!answer.ok || !answer.headers.get("X-Desk-Address")) { return null; }
      return answer.text();
    }).then(function (text) {
      var still = content.querySelector("a[data-ahead]");
      if (text && still && still.dataset.ahead === key) {
        ahead = { key: key, address: address, page: read(text), at: Date.now() };
      }
    }).catch(function () { /* it is fetched when it is asked for */ });
  }

  function remember(address, how) {
    if (how === "push" && address !== location.href) { history.pushState({ desk: true }, "", address); }
    else { history.replaceState({ desk: true }, "", address); }
  }

  function tell(words) {
    var list = document.createElement("ul");
    list.className = "messagelist";
    var item = list.appendChild(document.createElement("li"));
    item.className = "error";
    item.textContent = words;
    said.replaceChildren(list);
  }

  function receive(answer, how, fallback) {
    var address = answer.headers.get("X-Desk-Address");
    if (answer.headers.get("X-Desk-Show") && ahead && ahead.key === answer.headers.get("X-Desk-Show")) {
      var ready = ahead;
      return answer.text().then(function (text) {
        show(ready.page, read(text).body);
        remember(new URL(address, location.href).href, how);
        focus();
      });
    }
    if (/\/login\//.test(new URL(answer.url).pathname)) {
      tell(said.dataset.signedOut);
      return null;
    }
    return answer.text().then(function (text) {
      if (!show(read(text))) { fallback(); return; }
      remember(new URL(address || answer.url, location.href).href, how);
      focus();
    });
  }

  // One at a time: a second press while the first is on its way is no second act.
  function run(promise, failed) {
    busy = true;
    content.setAttribute("aria-busy", "true");
    return promise.catch(failed).then(function () {
      busy = false;
      content.removeAttribute("aria-busy");
    });
  }

  function go(address, how) {
    if (busy) { return; }
    how = how || "push";
    if (how === "push" && ahead && ahead.address === address && Date.now() - ahead.at < AHEAD_LIVES) {
      show(ahead.page);
      remember(address, how);
      focus();
      return;
    }
    run(ask(address, {}, "part").then(function (answer) {
      return receive(answer, how, function () { location.assign(address); });
    }), function () { location.assign(address); });
  }

  function send(form, button) {
    if (busy) { return; }
    var data = new FormData(form);
    // Whoever signed in anew in another tab has another token now.
    var token = document.cookie.match(/(?:^|; )csrftoken[^=]*=([^;]+)/);
    if (token && data.has("csrfmiddlewaretoken")) { data.set("csrfmiddlewaretoken", token[1]); }
    if (button && button.name) { data.append(button.name, button.value); }
    var address = (button && button.getAttribute("formaction")) ? button.formAction : form.action;
    if (form.method === "get") {
      var asked = new URLSearchParams();
      data.forEach(function (value, name) { if (value) { asked.append(name, value); } });
      go(address.split("?")[0] + "?" + asked.toString());
      return;
    }
    run(ask(address, { method: "POST", body: data }, "part").then(function (answer) {
      if (answer.status === 403 || answer.status >= 500) { throw new Error(String(answer.status)); }
      return receive(answer, "push", function () { location.reload(); });
    }), function () { tell(said.dataset.offline); });
  }

  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (event.defaultPrevented || form.method === "dialog") { return; }
    if (!form.closest("[data-case], #said") && !form.hasAttribute("data-part")) { return; }
    if (!inDesk(form.action)) { return; }
    event.preventDefault();
    send(form, event.submitter);
  });

  document.addEventListener("click", function (event) {
    var link = event.target.closest && event.target.closest("a[data-go]");
    if (!link || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) { return; }
    if (!inDesk(link.href)) { return; }
    event.preventDefault();
    go(link.href);
  });

  window.addEventListener("popstate", function (event) {
    if (event.state && event.state.desk) { busy = false; go(location.href, "replace"); }
  });

  history.replaceState({ desk: true }, "", location.href);
  window.desk = {
    content: content,
    onShow: function (act) { shown.push(act); act(); },
  };
  fetchAhead();
})();
