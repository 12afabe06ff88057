// The few things that pages do better with a script. Every page is complete without it.
"use strict";

// The progress of a bulletin: while the fragment asks for it, fetch the next one. When it no longer asks, the
// bulletin's state has changed, and with it the buttons of the page, so the whole page is loaded again.
const sayProgress = (fragment) => {
  // Said aloud at every tenth of the way, and not with every number.
  const said = document.getElementById("progress-said");
  const bar = fragment.querySelector("progress");
  if (!said || !bar?.max) return;
  const tenth = String(Math.floor((bar.value / bar.max) * 10));
  if (said.dataset.tenth === tenth) return;
  if (said.dataset.tenth) said.textContent = fragment.querySelector("#progress-sentence").textContent;
  said.dataset.tenth = tenth;
};
// An answer is parsed as if there were no script; what is for that case only is left out of it.
const partOf = (html, id) => {
  const part = new DOMParser().parseFromString(html, "text/html").getElementById(id);
  for (const needless of part?.querySelectorAll("noscript") ?? []) needless.remove();
  return part;
};
const refreshProgress = (delay) => {
  const region = document.querySelector("#progress[data-refresh]");
  if (!region) return;
  setTimeout(async () => {
    let next = 2000;
    if (!document.hidden) {
      try {
        const response = await fetch(region.dataset.refresh, { headers: { Accept: "text/html" } });
        if (response.redirected) {
          location.reload(); // signed out meanwhile
          return;
        }
        if (!response.ok) throw new Error(String(response.status));
        const fragment = partOf(await response.text(), "progress");
        if (!fragment) throw new Error("no progress in the answer");
        region.replaceWith(fragment);
        if (!fragment.dataset.refresh || fragment.dataset.phase !== region.dataset.phase) {
          location.reload();
          return;
        }
        sayProgress(fragment);
      } catch {
        next = 10000; // the service is restarting or the network is away: ask less often, but go on
      }
    }
    refreshProgress(next);
  }, delay);
};
refreshProgress(2000);

// What is looked at before sending: while something is only being found out, the list is asked for again. Nobody who is
// writing in it is disturbed.
const refreshChecks = () => {
  const list = document.querySelector("#checks[data-refresh]");
  if (!list) return;
  setTimeout(async () => {
    try {
      if (!document.hidden && !list.contains(document.activeElement) && !list.querySelector("details[open]")) {
        const response = await fetch(list.dataset.refresh, { headers: { Accept: "text/html" } });
        if (response.ok && !response.redirected) {
          const fresh = partOf(await response.text(), "checks");
          if (fresh) list.replaceWith(fresh);
        }
      }
    } catch {
      // The network is away: the list stays as it was.
    }
    refreshChecks();
  }, 2000);
};
refreshChecks();

// The switches of a preview: the frame is shown at once as they stand.
for (const form of document.querySelectorAll("form[data-frame]")) {
  const frame = document.getElementById(form.dataset.frame);
  if (!frame) continue;
  form.querySelector("button[type='submit']").hidden = true;
  form.addEventListener("change", () => {
    const fields = new FormData(form);
    frame.classList.toggle("phone", fields.get("width") === "phone");
    frame.classList.toggle("dark", fields.get("colours") === "dark");
    fields.delete("width"); // the same mail, shown narrower
    const address = `${frame.dataset.address}?${new URLSearchParams(fields)}`;
    if (new URL(address, location).href !== frame.src) frame.src = address;
    for (const link of document.querySelectorAll(`a[data-whole="${frame.id}"]`)) link.href = address;
    const chosen = new FormData(form);
    for (const kept of document.querySelectorAll("input[data-kept]")) kept.value = chosen.get(kept.name) ?? "";
    history.replaceState(null, "", `${location.pathname}?${new URLSearchParams(chosen)}`);
  });
}

// The preview beside a Markdown text: asked for a moment after the last key. The server answers sanitised HTML.
for (const source of document.querySelectorAll("textarea[data-preview]")) {
  const target = document.getElementById(source.dataset.previewTarget);
  if (!target) continue;
  let timer;
  let latest = 0;
  const show = async () => {
    const mine = ++latest;
    try {
      const response = await fetch(source.dataset.preview, {
        method: "POST",
        body: new URLSearchParams({ body: source.value }),
      });
      if (!response.ok || response.redirected) return;
      const html = await response.text();
      if (mine === latest) target.innerHTML = html; // an older answer that comes late is dropped
    } catch {
      // The network is away: the preview stays as it was.
    }
  };
  source.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(show, 400);
  });
  const button = source.form?.querySelector("button[name='action'][value='preview']");
  button?.addEventListener("click", (event) => {
    event.preventDefault(); // the live preview makes the round trip needless
    show();
  });
}

// On a phone the rows of a list are blocks, and an author's table is one that scrolls; some browsers then no longer tell
// them as tables: the roles do. In the page itself they would be one too many.
const ROLES = {
  "thead, tbody": "rowgroup",
  tr: "row",
  "thead th": "columnheader",
  "tbody th": "rowheader",
  td: "cell",
};
const tellTables = () => {
  for (const table of document.querySelectorAll("table.stacked, .prose > table")) {
    table.setAttribute("role", "table");
    for (const [parts, role] of Object.entries(ROLES)) {
      for (const part of table.querySelectorAll(parts)) part.setAttribute("role", role);
    }
  }
};
tellTables();

// An author's table that is wider than its place scrolls by keyboard too.
const wide = new ResizeObserver((tables) => {
  for (const { target: table } of tables) {
    if (table.scrollWidth > table.clientWidth) table.tabIndex = 0;
    else table.removeAttribute("tabindex");
  }
});
for (const table of document.querySelectorAll(".prose > table")) wide.observe(table);

// A list that is searched as one types: what the server finds takes the place of what was found before. Whatever is chosen in
// the form stands in the address too, so that the way back leads here.
for (const form of document.querySelectorAll("form[data-live]")) {
  const parts = form.dataset.live.split(" ");
  let timer;
  let latest = 0;
  const find = async () => {
    const mine = ++latest;
    const chosen = [...new FormData(form)].filter(([, value]) => value !== "");
    const address = `${form.getAttribute("action")}?${new URLSearchParams(chosen)}`;
    try {
      const response = await fetch(address, { headers: { Accept: "text/html" } });
      if (mine !== latest) return; // an older answer that comes late is dropped
      if (response.redirected || !response.ok) {
        form.submit(); // signed out meanwhile, or something is wrong: the page says what
        return;
      }
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      if (mine !== latest) return;
      for (const part of parts) {
        const found = page.getElementById(part);
        if (found) document.getElementById(part)?.replaceWith(found);
      }
      tellTables();
      history.replaceState(null, "", address);
      const status = document.getElementById("found-status");
      if (status) status.textContent = document.querySelector("[data-status]")?.dataset.status ?? "";
      showTicks();
    } catch {
      // The network is away: the list stays as it was, and the button is there.
    }
  };
  form.addEventListener("input", (event) => {
    clearTimeout(timer);
    timer = setTimeout(find, event.target.matches("input[type='search']") ? 250 : 0);
  });
}

// Rows that can be ticked: all of a page at once, and how many they are. Whoever ticks means those who are ticked.
const showTicks = () => {
  const all = document.getElementById("tick-all");
  if (!all) return;
  const boxes = [...document.querySelectorAll("#many input[name='person']")];
  const ticked = boxes.filter((box) => box.checked).length;
  all.hidden = false;
  all.checked = ticked > 0 && ticked === boxes.length;
  all.indeterminate = ticked > 0 && ticked < boxes.length;
  const count = document.querySelector("[data-ticked]");
  if (count) count.textContent = ticked > 0 ? `: ${ticked}` : "";
};
document.addEventListener("change", (event) => {
  if (event.target.id === "tick-all") {
    for (const box of document.querySelectorAll("#many input[name='person']")) box.checked = event.target.checked;
  } else if (!event.target.matches("#many input[name='person']")) return;
  const scope = document.getElementById("scope-ticked");
  if (scope) scope.checked = true;
  showTicks();
});
showTicks();

// A form whose answer is shown in place: as soon as what is filled in gives one, and again with every change. What is wrong
// or missing is told by the server's page, when the form is sent; until then nothing is asked.
for (const form of document.querySelectorAll("form[data-answer]")) {
  const region = document.getElementById(form.dataset.answer);
  if (!region) continue;
  let latest = 0;
  const answer = async () => {
    const mine = ++latest;
    let found;
    if (!form.checkValidity()) {
      // Not at once: a button below would move away from under the pointer that is pressing it.
      setTimeout(() => mine === latest && region.replaceChildren(), 500);
      return false;
    }
    try {
      const response = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
      if (response.ok && !response.redirected) {
        const page = new DOMParser().parseFromString(await response.text(), "text/html");
        found = page.getElementById(form.dataset.answer);
      }
    } catch {
      // The network is away: the button says so.
    }
    if (mine !== latest) return true; // an older answer that comes late is dropped
    for (const element of found?.querySelectorAll("[autofocus]") ?? []) element.removeAttribute("autofocus");
    region.replaceChildren(...(found?.childNodes ?? []));
    return Boolean(found);
  };
  form.addEventListener("change", answer);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (await answer()) region.querySelector("[tabindex]")?.focus();
    else setTimeout(() => form.submit()); // when the event is over
  });
}

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}

// Shared by the device's own way where it has one, else copied; where it has neither, the address stands beside as text.
for (const button of document.querySelectorAll("[data-share]")) {
  const { share: url, shareTitle: title } = button.dataset;
  if (navigator.share) {
    button.textContent = "Share";
    button.addEventListener("click", () => navigator.share({ title, url }).catch(() => {})); // changing one's mind is no fault
  } else if (navigator.clipboard) {
    button.setAttribute("aria-live", "polite");
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(url);
        button.textContent = "Copied";
      } catch {
        button.textContent = "Not copied: mark the address beside";
      }
    });
  } else continue;
  button.hidden = false;
}

// A text beside a button, copied. Where that cannot be done, the text is marked instead.
for (const button of document.querySelectorAll("[data-copy]")) {
  const source = document.getElementById(button.dataset.copy);
  if (!source) continue;
  button.hidden = false;
  button.setAttribute("aria-live", "polite");
  const words = button.firstChild;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(source.textContent);
      words.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(source);
      words.textContent = "Marked: copy it now";
    }
  });
}

// A colour is typed, or chosen in the browser's own way. A field that is left empty stays so.
for (const field of document.querySelectorAll("input[data-colour]")) {
  const picker = document.createElement("input");
  picker.type = "color";
  picker.setAttribute("aria-label", `Choose: ${field.labels[0].firstChild.textContent.trim()}`);
  const show = () => {
    picker.value = /^#[0-9a-f]{6}$/i.test(field.value) ? field.value : field.placeholder;
  };
  show();
  field.addEventListener("input", show);
  picker.addEventListener("input", () => {
    field.value = picker.value;
  });
  const row = document.createElement("div");
  row.className = "colour-row";
  field.before(row);
  row.append(field, picker);
}

// A file that is too large is refused here before it travels; the server refuses it as well.
for (const input of document.querySelectorAll("input[type='file'][data-max-bytes]")) {
  const message = document.createElement("p");
  message.className = "field-error";
  message.setAttribute("role", "alert");
  input.before(message);
  const tooLarge = () => input.files.length > 0 && input.files[0].size > Number(input.dataset.maxBytes);
  const check = () => {
    message.textContent = tooLarge() ? `This file is larger than ${input.dataset.maxSize}. Choose a smaller one, or split it.` : "";
    if (tooLarge()) input.setAttribute("aria-invalid", "true");
    else input.removeAttribute("aria-invalid");
  };
  input.addEventListener("change", check);
  input.form?.addEventListener("submit", (event) => {
    if (!tooLarge()) return;
    event.preventDefault();
    check();
    input.focus();
  });
}

// A field that is full cuts what is pasted into it: that is said beside it, until there is room again.
document.addEventListener("paste", (event) => {
  const field = event.target;
  if (event.defaultPrevented || !field.matches?.("input[maxlength], textarea[maxlength]")) return;
  const text = event.clipboardData?.getData("text/plain") ?? "";
  const pasted = field.matches("input") ? text.trim() : text.replace(/\r\n/g, "\n");
  const kept = field.value.length - ((field.selectionEnd ?? 0) - (field.selectionStart ?? 0));
  const said = field.parentElement.querySelector(".cut-short");
  if (kept + pasted.length <= field.maxLength) {
    said?.remove();
    return;
  }
  const message = said ?? document.createElement("p");
  message.className = "field-error cut-short";
  message.setAttribute("role", "alert");
  message.textContent = `Cut to ${field.maxLength} characters: the end of what you pasted is left out.`;
  if (said) return;
  field.after(message);
  field.addEventListener("input", () => field.value.length < field.maxLength && message.remove());
});

// Editors ask before unsaved text is left behind. A page that came back with errors holds unsaved text from the start.
for (const form of document.querySelectorAll("form[data-guard]")) {
  let dirty = document.querySelector(".error-summary") !== null || form.dataset.guard === "unsaved";
  form.addEventListener("input", () => {
    dirty = true;
  });
  // Sent, or kept by itself.
  for (const event of ["submit", "kept"]) {
    form.addEventListener(event, () => {
      dirty = false;
    });
  }
  window.addEventListener("beforeunload", (event) => {
    if (dirty) event.preventDefault();
  });
}

// Paper cannot be opened: what is closed is printed open, and closed again.
addEventListener("beforeprint", () => {
  for (const closed of document.querySelectorAll("details:not([open])")) {
    closed.dataset.openOnPaper = "";
    closed.open = true;
  }
});
addEventListener("afterprint", () => {
  for (const opened of document.querySelectorAll("details[data-open-on-paper]")) {
    delete opened.dataset.openOnPaper;
    opened.open = false;
  }
});
