// The part of helpers/pad/pad.py that lives in the browser.
//
// The strokes are kept in the widget's state, `drawing`; Python reads them
// and replies in `answer`. Coordinates are percent of the drawing's side.

const SVG = "http://www.w3.org/2000/svg";

function make(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

function percent(share) {
  return (100 * share).toFixed(1) + " %";
}

function render({ model, el }) {
  // What is on the page.
  const page = document.createElementNS(SVG, "svg");
  page.setAttribute("viewBox", "0 0 100 100");
  page.setAttribute("role", "img");
  page.setAttribute(
    "aria-label",
    "Drawing area: draw one digit with a mouse, a pen or a finger"
  );
  const undo = make("button", { type: "button", title: "Ctrl+Z" }, "Undo");
  const clear = make("button", { type: "button", title: "Escape" }, "Clear");
  const choose = make(
    "select",
    { "aria-label": "Draw an example digit" },
    make("option", { value: "" }, "Examples"),
    ...model.get("examples").map((_, digit) =>
      make("option", { value: digit }, `${digit}`)
    )
  );
  const pixels = make("canvas", {
    width: 28,
    height: 28,
    role: "img",
    "aria-label": "The drawing as 28 by 28 pixels, as the network sees it",
  });
  const status = make("p", { class: "digit-pad-status", role: "status" });
  const rows = Array.from({ length: 10 }, (_, digit) => {
    const fill = make("div", {});
    const bar = make("div", { class: "digit-pad-bar" }, fill);
    const number = make("span", {});
    return { fill, number, item: make("li", {}, `${digit}`, bar, number) };
  });
  const root = make(
    "div",
    {
      class: "digit-pad",
      role: "group",
      "aria-label": "Digit pad",
    },
    make(
      "div",
      {},
      page,
      make("div", { class: "digit-pad-tools" }, undo, clear, choose)
    ),
    make(
      "div",
      {},
      make("p", { class: "digit-pad-name" }, "What the network sees"),
      pixels,
      status
    ),
    make(
      "div",
      {},
      make("p", { class: "digit-pad-name" }, "How probable each digit is"),
      make("ol", { "aria-label": "Probabilities" }, ...rows.map((r) => r.item))
    )
  );
  el.append(root);
  for (const control of [undo, clear, choose]) {
    // Without this, the key x in here would cut the cell in JupyterLab.
    control.setAttribute("data-lm-suppress-shortcuts", "true");
  }

  // From the reader to Python.
  const history = []; // of drawings, each with the example that it was
  let shown = "";
  let pen = null; // the pointer that is drawing
  const strokes = () => model.get("drawing").strokes;

  function change(next) {
    const number = model.get("drawing").number + 1;
    model.set("drawing", { number, strokes: next });
    model.save_changes();
  }

  function replace(next, example = "") {
    history.push([strokes(), shown]);
    choose.value = shown = example;
    change(next);
  }

  function point(event) {
    const box = page.getBoundingClientRect();
    return [
      +((100 * (event.clientX - box.left)) / box.width).toFixed(1),
      +((100 * (event.clientY - box.top)) / box.height).toFixed(1),
    ];
  }

  function goBack() {
    if (!history.length) return;
    const [before, example] = history.pop();
    choose.value = shown = example;
    change(before);
  }

  function wipe() {
    if (strokes().length) replace([]);
  }

  page.addEventListener("pointerdown", (event) => {
    if (pen !== null || event.button !== 0) return;
    event.preventDefault();
    pen = event.pointerId;
    page.setPointerCapture(pen);
    replace([...strokes(), [point(event)]]);
  });
  page.addEventListener("pointermove", (event) => {
    if (event.pointerId !== pen) return;
    const all = event.getCoalescedEvents?.() ?? [];
    const added = (all.length ? all : [event]).map(point);
    change([...strokes().slice(0, -1), [...strokes().at(-1), ...added]]);
  });
  page.addEventListener("lostpointercapture", () => {
    pen = null;
    tell();
  });
  undo.addEventListener("click", goBack);
  clear.addEventListener("click", wipe);
  choose.addEventListener("change", () => {
    const digit = choose.value;
    if (digit) replace([...model.get("examples")[digit]], digit);
  });
  root.addEventListener("keydown", (event) => {
    if (event.key === "Escape") wipe();
    else if (event.key === "z" && (event.ctrlKey || event.metaKey)) goBack();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });

  // From Python to the reader.
  let patience; // timer that ends when Python takes long to answer

  function isWaiting() {
    return model.get("drawing").number !== model.get("answer").number;
  }

  function showDrawing() {
    page.replaceChildren(
      ...strokes().map((stroke) => {
        const path = document.createElementNS(SVG, "path");
        path.setAttribute("stroke-width", model.get("pen"));
        path.setAttribute("d", `M${stroke.join("L")}l0 0`);
        return path;
      })
    );
    const waiting = isWaiting();
    root.classList.toggle("waiting", waiting);
    clearTimeout(patience);
    if (waiting) patience = setTimeout(() => tell("Python is busy ..."), 1000);
  }

  function showAnswer() {
    const { picture, probabilities } = model.get("answer");
    const ink = new ImageData(28, 28);
    for (let i = 0; i < 784; i++) {
      const gray = picture ? picture[i] : 0;
      ink.data.set([gray, gray, gray, 255], 4 * i);
    }
    pixels.getContext("2d").putImageData(ink, 0, 0);
    const most = probabilities ? Math.max(...probabilities) : 0;
    rows.forEach(({ fill, number, item }, digit) => {
      const share = probabilities ? probabilities[digit] : 0;
      fill.style.width = `${100 * share}%`;
      number.textContent = probabilities ? percent(share) : "";
      item.classList.toggle("best", share > 0 && share === most);
    });
    root.classList.toggle("waiting", isWaiting());
    if (!isWaiting()) clearTimeout(patience);
    tell();
  }

  // Said once a stroke has ended: a screen reader reads it aloud.
  function tell(excuse) {
    if (pen !== null || (isWaiting() && !excuse)) return;
    const { probabilities, message } = model.get("answer");
    let text = excuse || message || "Draw one digit.";
    if (probabilities && !excuse) {
      const most = Math.max(...probabilities);
      text = `Read as ${probabilities.indexOf(most)}, ${percent(most)}`;
    }
    if (status.textContent !== text) status.textContent = text;
  }

  model.on("change:drawing", showDrawing);
  model.on("change:answer", showAnswer);
  showDrawing();
  showAnswer();
  return () => {
    model.off("change:drawing", showDrawing);
    model.off("change:answer", showAnswer);
  };
}

export default { render };
