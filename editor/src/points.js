// Practice points: a list with a field for each, which can be put in order. The text field behind it has one a line, and is
// what is sent.
const element = (name, properties = {}, ...children) => {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
};

export class Points {
  constructor(field) {
    this.field = field;
    const label = document.querySelector(`label[for="${field.id}"]`);
    label.id ||= `${field.id}-label`;
    label.addEventListener("click", () => this.rows()[0].querySelector("textarea").focus());
    this.list = element("ol", { className: "points-list" });
    this.said = element("p", { className: "visually-hidden" });
    this.said.setAttribute("role", "status");
    const add = element("button", { type: "button", className: "secondary compact" }, "Add a point");
    add.addEventListener("click", () => this.add("", null).focus());
    this.dom = element("div", { className: "points-editor" }, this.list, add, this.said);
    this.dom.setAttribute("role", "group");
    this.dom.setAttribute("aria-labelledby", label.id);
    const hint = document.getElementById(`${field.id}-hint`);
    if (hint) hint.textContent = "Three to five in all: short statements to take into the next consultation. Alt with an arrow moves one.";
    field.before(this.dom);
    field.hidden = true;
    field.addEventListener("writing:reload", () => this.open());
    // On the way back to the page the browser fills the field after the list was made.
    window.addEventListener("pageshow", () => field.value !== this.stands && this.open());
    document.addEventListener("click", (event) => {
      if (event.target.closest?.(`a[href="#${field.id}"]`)) this.rows()[0].querySelector("textarea").focus();
    });
    this.open();
  }

  rows() {
    return [...this.list.children];
  }

  open() {
    this.stands = this.field.value;
    this.list.replaceChildren();
    const lines = this.field.value.split("\n").map((line) => line.trim()).filter(Boolean);
    for (const line of lines.length ? lines : [""]) this.add(line, null);
  }

  // A new row behind `before`, or at the end. Returns its field.
  add(text, before) {
    const field = element("textarea", { rows: 2, maxLength: 300, value: text, spellcheck: true });
    const button = (name, run) => {
      const made = element("button", { type: "button", className: "plain" }, name);
      made.addEventListener("click", run);
      return made;
    };
    const row = element("li", {});
    const handle = element("span", { className: "points-handle", title: "Drag to another place", draggable: true }, "⠿");
    handle.setAttribute("aria-hidden", "true");
    const up = button("Up", () => this.move(row, -1, up));
    const down = button("Down", () => this.move(row, 1, down));
    const remove = button("Remove", () => this.remove(row));
    row.append(handle, field, element("span", { className: "points-buttons" }, up, down, remove));
    field.addEventListener("input", (event) => {
      // The list writes the field behind it, and that one tells the form.
      event.stopPropagation();
      this.write();
    });
    field.addEventListener("change", (event) => event.stopPropagation());
    field.addEventListener("keydown", (event) => this.key(event, row, field));
    field.addEventListener("paste", (event) => this.paste(event, row, field));
    handle.addEventListener("dragstart", (event) => {
      this.dragged = row;
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setData("text/plain", field.value);
      event.dataTransfer.setDragImage(row, 0, 0);
    });
    handle.addEventListener("dragend", () => {
      this.dragged = null;
      this.number();
      this.write();
    });
    row.addEventListener("dragover", (event) => {
      if (!this.dragged) return;
      event.preventDefault();
      if (this.dragged === row) return;
      const box = row.getBoundingClientRect();
      if (event.clientY < box.top + box.height / 2) row.before(this.dragged);
      else row.after(this.dragged);
    });
    row.addEventListener("drop", (event) => this.dragged && event.preventDefault());
    if (before) before.after(row);
    else this.list.append(row);
    this.number();
    return field;
  }

  // Each has its number in its name.
  number() {
    const rows = this.rows();
    rows.forEach((row, index) => {
      const name = `Practice point ${index + 1}`;
      row.querySelector("textarea").setAttribute("aria-label", name);
      for (const button of row.querySelectorAll("button")) {
        button.setAttribute("aria-label", `${button.textContent}: ${name.toLowerCase()}`);
        if (button.textContent === "Up") button.disabled = index === 0;
        if (button.textContent === "Down") button.disabled = index === rows.length - 1;
      }
    });
  }

  move(row, by, focus) {
    const other = by < 0 ? row.previousElementSibling : row.nextElementSibling;
    if (!other) return;
    if (by < 0) other.before(row);
    else other.after(row);
    this.number();
    this.write();
    // A button that leads no further gives the focus to the text.
    (focus.disabled ? row.querySelector("textarea") : focus).focus();
    this.said.textContent = `Now point ${this.rows().indexOf(row) + 1} of ${this.rows().length}.`;
  }

  remove(row) {
    const next = row.nextElementSibling ?? row.previousElementSibling;
    row.remove();
    const field = next ? next.querySelector("textarea") : this.add("", null);
    this.number();
    this.write();
    field.focus();
    this.said.textContent = "Removed.";
  }

  key(event, row, field) {
    if (event.altKey && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
      event.preventDefault();
      this.move(row, event.key === "ArrowUp" ? -1 : 1, field);
    } else if (event.key === "Enter" && !event.isComposing) {
      event.preventDefault();
      this.add("", row).focus();
    } else if (event.key === "Backspace" && field.value === "" && this.rows().length > 1) {
      event.preventDefault();
      this.remove(row);
    }
  }

  // Several lines are several points, with the bullets and numbers that they had elsewhere taken off.
  paste(event, row, field) {
    const lines = event.clipboardData
      .getData("text/plain")
      .split(/[\r\n]+/)
      .map((line) => line.replace(/^\s*([•·▪◦‣*-]|\d+[.)])\s+/, "").trim())
      .filter(Boolean);
    if (lines.length < 2) return;
    event.preventDefault();
    field.setRangeText(lines.shift(), field.selectionStart, field.selectionEnd, "end");
    let last = row;
    for (const line of lines) last = this.add(line, last).closest("li");
    this.write();
    last.querySelector("textarea").focus();
  }

  write() {
    const lines = this.rows().map((row) => row.querySelector("textarea").value.replace(/\s+/g, " ").trim());
    this.field.value = lines.filter(Boolean).join("\n");
    this.stands = this.field.value;
    this.field.dispatchEvent(new Event("input", { bubbles: true }));
  }
}
