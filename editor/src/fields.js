// Fields with one entry a line: people chosen from a list, and references tidied up by the server.

// A list beside a field, each choice of which becomes a line of it.
export const linesFrom = (list) => {
  const field = document.getElementById(list.dataset.addsTo);
  list.closest("[hidden]").hidden = false;
  list.addEventListener("change", (event) => {
    event.stopPropagation();
    const lines = field.value.split("\n").map((line) => line.trim()).filter(Boolean);
    if (list.value && !lines.includes(list.value)) lines.push(list.value);
    field.value = lines.join("\n");
    list.value = "";
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
};

// A button that is of use for one kind of article is there while that kind is chosen.
export const onlyFor = (button) => {
  const { kind } = button.form.elements;
  const show = () => {
    button.hidden = kind.value !== button.dataset.onlyFor;
  };
  kind.addEventListener("change", show);
  window.addEventListener("pageshow", show);
  show();
};

// References as the server writes them, with where each leads.
export const tidied = (field) => {
  const shown = document.createElement("ul");
  shown.className = "small tidied";
  shown.setAttribute("aria-label", "References, as readers see them");
  field.after(shown);
  let latest = 0;
  let asked;
  const ask = async () => {
    const mine = ++latest;
    const before = field.value;
    asked = before;
    if (!before.trim()) {
      shown.replaceChildren();
      return;
    }
    let answer;
    try {
      const response = await fetch(field.dataset.tidy, {
        method: "POST",
        headers: { Accept: "application/json" },
        body: new URLSearchParams({ references: before }),
      });
      if (!response.ok || response.redirected) return;
      answer = await response.json();
    } catch {
      return; // The network is away: the server tidies them up when they are saved.
    }
    if (mine !== latest || field.value !== before) return;
    const text = answer.map((one) => one.text).join("\n");
    if (text !== before.replace(/\r\n/g, "\n").trimEnd()) {
      field.value = text;
      asked = field.value;
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
    shown.replaceChildren(
      ...answer.map(({ text: words, url }) => {
        const item = document.createElement("li");
        if (url) {
          const link = Object.assign(document.createElement("a"), { href: url, target: "_blank", rel: "noopener", textContent: words });
          item.append(link);
        } else {
          item.textContent = `${words} (no DOI, PMID or address: no link)`;
        }
        return item;
      }),
    );
  };
  field.addEventListener("change", ask);
  field.addEventListener("paste", () => setTimeout(ask));
  field.addEventListener("writing:reload", ask);
  // On the way back to the page the browser fills the field later.
  window.addEventListener("pageshow", () => field.value !== asked && ask());
  ask();
};
