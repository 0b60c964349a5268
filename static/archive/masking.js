// Masking by pointing: a marked stretch of text, a rectangle drawn on a picture. The
// same is done without this by writing words and numbers.
(function () {
  "use strict";

  // -- A marked stretch of text goes into the form of words.
  var form = document.querySelector("[data-words]");
  if (form) {
    var words = form.elements.words;
    var within = form.elements.within;
    var marked = within.querySelector("option[hidden]");

    var forget = function () {
      if (within.value === marked.value) { within.value = ""; }
      marked.hidden = true;
      marked.disabled = true;
      form.elements.path.value = form.elements.start.value = form.elements.end.value = "";
    };
    // Python counts code points, the browser counts UTF-16 units.
    var points = function (text) { return Array.from(text).length; };

    document.addEventListener("selectionchange", function () {
      var chosen = document.getSelection();
      if (!chosen.rangeCount || chosen.isCollapsed) { return; }
      var range = chosen.getRangeAt(0);
      var inside = range.commonAncestorContainer;
      var host = (inside.nodeType === 1 ? inside : inside.parentElement).closest("[data-path]");
      if (!host) { return; }
      var text = range.toString();
      if (!text.trim()) { return; }
      var before = document.createRange();
      before.selectNodeContents(host);
      before.setEnd(range.startContainer, range.startOffset);
      var start = points(before.toString());
      words.value = text;
      form.elements.path.value = host.dataset.path;
      form.elements.start.value = start;
      form.elements.end.value = start + points(text);
      marked.hidden = false;
      marked.disabled = false;
      within.value = marked.value;
    });
    words.addEventListener("input", forget);
  }

  // -- A rectangle on a picture. The numbers of the form are the truth; the frame shows
  // them, and dragging or the arrow keys write them.
  document.querySelectorAll("[data-picture]").forEach(function (box) {
    var picture = box.querySelector("img");
    var fields = box.parentElement.querySelector("form.region").elements;
    var hint = box.parentElement.querySelector("[data-script-only]");
    var frame = document.createElement("div");
    var from = null;
    hint.hidden = false;
    frame.className = "frame";
    frame.hidden = true;
    frame.tabIndex = 0;
    frame.setAttribute("role", "group");
    frame.setAttribute("aria-label", hint.textContent);
    box.classList.add("draws");
    box.appendChild(frame);

    function read(name) { return parseInt(fields[name].value, 10); }
    function scale() { return picture.clientWidth / picture.naturalWidth || 1; }
    function limit(value, low, high) { return Math.max(low, Math.min(high, value)); }

    function show() {
      var x = read("x"), y = read("y"), width = read("width"), height = read("height");
      var known = x >= 0 && y >= 0 && width > 0 && height > 0;
      frame.hidden = !known;
      if (!known) { return; }
      var by = scale();
      frame.style.left = x * by + "px";
      frame.style.top = y * by + "px";
      frame.style.width = width * by + "px";
      frame.style.height = height * by + "px";
    }
    function write(x, y, width, height) {
      var across = picture.naturalWidth, down = picture.naturalHeight;
      x = limit(x, 0, across - 1);
      y = limit(y, 0, down - 1);
      fields.x.value = x;
      fields.y.value = y;
      fields.width.value = limit(width, 1, across - x);
      fields.height.value = limit(height, 1, down - y);
      show();
    }
    function place(event) {
      var edge = picture.getBoundingClientRect(), by = scale();
      return {
        x: Math.round(limit(event.clientX - edge.left, 0, edge.width) / by),
        y: Math.round(limit(event.clientY - edge.top, 0, edge.height) / by),
      };
    }

    picture.draggable = false;
    box.addEventListener("pointerdown", function (event) {
      var at = place(event);
      from = event.target === frame
        ? { at: at, x: read("x"), y: read("y"), width: read("width"), height: read("height"), moves: true }
        : { at: at, moves: false };
      box.setPointerCapture(event.pointerId);
      event.preventDefault();
    });
    box.addEventListener("pointermove", function (event) {
      if (!from) { return; }
      var at = place(event);
      if (from.moves) {
        write(
          limit(from.x + at.x - from.at.x, 0, picture.naturalWidth - from.width),
          limit(from.y + at.y - from.at.y, 0, picture.naturalHeight - from.height),
          from.width, from.height
        );
      } else if (at.x !== from.at.x && at.y !== from.at.y) {
        write(Math.min(at.x, from.at.x), Math.min(at.y, from.at.y), Math.abs(at.x - from.at.x), Math.abs(at.y - from.at.y));
      }
    });
    box.addEventListener("pointerup", function () {
      from = null;
      if (!frame.hidden) { frame.focus(); }
    });
    frame.addEventListener("keydown", function (event) {
      var step = Math.max(1, Math.round(picture.naturalWidth / 200));
      var dx = { ArrowLeft: -step, ArrowRight: step }[event.key] || 0;
      var dy = { ArrowUp: -step, ArrowDown: step }[event.key] || 0;
      if (!dx && !dy) { return; }
      event.preventDefault();
      if (event.shiftKey) {
        write(read("x"), read("y"), read("width") + dx, read("height") + dy);
      } else {
        write(
          limit(read("x") + dx, 0, picture.naturalWidth - read("width")),
          limit(read("y") + dy, 0, picture.naturalHeight - read("height")),
          read("width"), read("height")
        );
      }
    });
    ["x", "y", "width", "height"].forEach(function (name) {
      fields[name].addEventListener("input", show);
    });
    window.addEventListener("resize", show);
    picture.addEventListener("load", show);
    show();
  });
})();
