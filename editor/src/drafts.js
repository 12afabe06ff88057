// What is typed into a form is kept by itself: on the server, and until the server has it, on this computer.

// The server is asked so long after the last key, and at most so long after the first, in milliseconds.
const PAUSE = 1200;
const AT_MOST = 8000;

// After a failure it is asked again.
const AGAIN = 5000;

// What plays no part in what was typed, in whatever form; a form names more of it in `data-leaves-out`.
const LEFT_OUT = ["action", "over", "version", "copy"];

const element = (name, text, properties = {}) => Object.assign(document.createElement(name), { textContent: text }, properties);

export class Drafts {
  constructor(form) {
    this.form = form;
    this.status = document.getElementById("autosave");
    this.others = document.getElementById("others");
    this.marks = document.getElementById("marks");
    this.leftOut = new Set([...LEFT_OUT, ...(form.dataset.leavesOut ?? "").split(" ")]);
    this.key = `practice-points:typed:${form.dataset.who}:${form.dataset.of}`;
    // On the way back to the page the browser fills in what was typed, and it goes on into the copy that it was kept in.
    const isBack = performance.getEntriesByType("navigation")[0]?.type === "back_forward";
    if (isBack) form.elements.copy.value ||= history.state?.copy ?? "";
    // The editor writes a moment after it was loaded; what stands here now is what came with the page.
    this.kept = this.typed();
    for (const link of form.querySelectorAll("[data-leave]")) link.textContent = "Leave (what you typed is kept)";
    // It came back from a button that saves nothing: the server has not kept what that has changed.
    if (form.dataset.guard === "unsaved") {
      this.kept = "";
      this.timer = setTimeout(() => this.keep());
    } else this.offer();
    this.mark(JSON.parse(form.dataset.marks || "[]"));
    form.addEventListener("input", (event) => this.changed(event));
    form.addEventListener("change", (event) => this.changed(event));
    form.addEventListener("submit", (event) => this.submitted(event));
    window.addEventListener("pagehide", () => this.remember());
    // On the way back to the page the browser may have put into the form what is offered.
    window.addEventListener("pageshow", () => this.notice && this.offered === this.typed() && this.notice.remove());
    document.addEventListener("visibilitychange", () => document.hidden && this.remember());
    window.addEventListener("online", () => this.isDirty() && this.keep());
  }

  // What was typed, as text that can be compared. Empty fields of a page that came with others are left as they are.
  typed() {
    const fields = [...new FormData(this.form)].filter(([name]) => !this.leftOut.has(name));
    return new URLSearchParams(fields.map(([name, value]) => [name, String(value).replace(/\r\n/g, "\n")])).toString();
  }

  isDirty() {
    return this.typed() !== this.kept;
  }

  changed(event) {
    // Of a list that is put in order by hand, the list itself tells.
    const { name } = event.target;
    if (name !== undefined && (this.leftOut.has(name) || !name)) return;
    clearTimeout(this.noting);
    this.noting = setTimeout(() => this.remember(), 300);
    this.first ??= Date.now();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.keep(), Math.max(0, Math.min(PAUSE, this.first + AT_MOST - Date.now())));
  }

  // Keeps it on this computer, until the server has it.
  remember() {
    if (!this.isDirty() || this.isDone) return;
    try {
      const { version, copy } = this.form.elements;
      localStorage.setItem(this.key, JSON.stringify({ typed: this.typed(), version: version.value, copy: copy.value, at: Date.now() }));
    } catch {
      // The browser keeps nothing, or no more: the server will.
    }
  }

  forget() {
    try {
      localStorage.removeItem(this.key);
    } catch {
      // Nothing was kept.
    }
  }

  // Keeps it on the server, one request after another: each names the copy that the one before it made. "kept", "signed-out",
  // "away" or "refused".
  keep() {
    this.sending = (this.sending ?? Promise.resolve()).then(() => this.send());
    return this.sending;
  }

  async send() {
    clearTimeout(this.timer);
    this.first = undefined;
    if (!this.isDirty()) return "kept";
    const sent = this.typed();
    let response;
    try {
      response = await fetch(this.form.dataset.autosave, {
        method: "POST",
        headers: { Accept: "application/json" },
        body: new URLSearchParams(new FormData(this.form)),
      });
    } catch {
      this.say("The service cannot be reached. What you type is kept on this computer until it can.", true);
      this.timer = setTimeout(() => this.keep(), AGAIN);
      return "away";
    }
    if (response.status === 403 || response.redirected) {
      this.say("You are signed out. What you type is kept on this computer. ", true);
      this.status.append(element("a", "Sign in in a new tab", { href: "/staff/sign-in", target: "_blank", rel: "noopener" }), ", then go on here.");
      this.timer = setTimeout(() => this.keep(), AGAIN);
      return "signed-out";
    }
    if (!response.ok) {
      this.say("This could not be kept by itself. Please save it.", true);
      return "refused";
    }
    const answer = await response.json();
    this.form.elements.copy.value = answer.copy;
    history.replaceState({ ...history.state, copy: answer.copy }, "");
    this.kept = sent;
    if (this.isDirty()) this.changed({ target: { name: "body" } });
    else {
      this.forget();
      this.form.dispatchEvent(new CustomEvent("kept"));
    }
    const isOut = this.form.dataset.of.startsWith("bulletin") ? "sent" : "published";
    this.say(`Kept ${answer.at}, for you alone. Colleagues see it once you save; readers, once it is ${isOut}.`);
    this.tell(answer);
    return "kept";
  }

  say(words, isTrouble = false) {
    this.status.textContent = words;
    this.status.classList.toggle("trouble", isTrouble);
  }

  // What happened meanwhile, and what may tell who a patient is.
  tell({ newest, others, marks }) {
    const lines = others.map((other) => element("p", other));
    if (newest) {
      const line = element("p", `${newest.by} has saved version ${newest.version} meanwhile, ${newest.at}. Nothing of it is overwritten: when you save, you are shown both. `);
      line.append(element("a", `Read version ${newest.version}`, { href: newest.url, target: "_blank", rel: "noopener" }));
      line.setAttribute("role", "alert");
      lines.unshift(line);
    }
    if (this.told !== lines.map((line) => line.textContent).join()) {
      this.others.replaceChildren(...lines);
      this.told = lines.map((line) => line.textContent).join();
    }
    this.others.hidden = lines.length === 0;
    this.mark(marks);
  }

  mark(marks) {
    const items = marks.map((mark) => element("li", `“${mark.text}” in the ${mark.field} looks like ${mark.why}.${mark.blocks ? " It cannot be published with it." : ""}`));
    const list = element("ul", "");
    list.append(...items);
    if (this.marks) {
      this.marks.hidden = items.length === 0;
      const heading = element("p", "Please look at this once more:");
      const before = this.marks.textContent;
      if (items.length && before !== heading.textContent + list.textContent) this.marks.replaceChildren(heading, list);
    }
    this.form.dispatchEvent(new CustomEvent("writing:marks", { detail: marks }));
  }

  // Offers what is on this computer and did not reach the server.
  offer() {
    let found;
    try {
      found = JSON.parse(localStorage.getItem(this.key) ?? "null");
    } catch {
      return;
    }
    if (!found || found.typed === this.kept) {
      this.forget();
      return;
    }
    // By the clinic's clock, as all times of these pages.
    const at = new Date(found.at).toLocaleString("en-NZ", { dateStyle: "long", timeStyle: "short", timeZone: "Pacific/Auckland" });
    const notice = element("div", "", { className: "notice warn" });
    this.notice = notice;
    this.offered = found.typed;
    notice.setAttribute("role", "alert");
    const words = element("p", `On this computer is what you typed until ${at}, which did not reach us. `);
    const take = element("button", "Take it up", { type: "button", className: "secondary" });
    const drop = element("button", "Throw away what is on this computer", { type: "button", className: "plain" });
    take.addEventListener("click", () => {
      this.fill(new URLSearchParams(found.typed));
      if (found.version) this.form.elements.version.value = found.version;
      // What the server has of it is gone on with, and not begun a second time.
      this.form.elements.copy.value ||= found.copy ?? "";
      notice.remove();
      this.keep();
    });
    drop.addEventListener("click", () => {
      this.forget();
      notice.remove();
    });
    const actions = element("p", "", { className: "actions" });
    actions.append(take, " ", drop);
    notice.append(words, actions);
    this.form.prepend(notice);
  }

  fill(values) {
    // The fields of a row belong together, whatever its place: the first names the row.
    const [key, ...others] = (this.form.dataset.rows ?? "").split(" ").filter(Boolean);
    const rows = new Map(values.getAll(key).map((row, index) => [row, index]));
    for (const field of this.form.elements) {
      if (!field.name || this.leftOut.has(field.name) || field.name === key) continue;
      const typed = values.getAll(field.name);
      if (others.includes(field.name)) {
        const row = field.closest("tr, li").querySelector(`[name="${key}"]`).value;
        field.value = typed[rows.get(row)] ?? (field.tagName === "SELECT" ? field.value : "");
      } else if (field.type === "checkbox" || field.type === "radio") field.checked = typed.includes(field.value);
      else if (typed.length > 0 && "value" in field) {
        field.value = typed[0];
        field.dispatchEvent(new Event("writing:reload"));
      }
    }
    this.form.dispatchEvent(new CustomEvent("writing:filled"));
  }

  // Before the form is sent, the server has what was typed: if the session has ended meanwhile, nothing is lost, and the page
  // stays.
  async submitted(event) {
    const button = event.submitter;
    if (this.isSending || !button || button.value === "preview") return;
    if (!this.isDirty()) return;
    event.preventDefault();
    const outcome = await this.keep();
    if (outcome === "signed-out" || outcome === "away") {
      this.status.scrollIntoView({ block: "center" });
      return;
    }
    // Not within the event: a form that is just being sent is not sent anew.
    await new Promise((resolve) => setTimeout(resolve));
    this.isSending = true;
    this.isDone = outcome === "kept";
    this.form.requestSubmit(button);
    this.isSending = false;
  }
}
