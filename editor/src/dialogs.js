// The questions that the editor asks: where a link leads, and which image it is to be.
import { isLink } from "./schema.js";

const element = (name, properties = {}, ...children) => {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key in made && key !== "list") made[key] = value;
    else made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
};

let counter = 0;

const field = (label, control, hint) => {
  const id = `writing-field-${++counter}`;
  control.id = id;
  const parts = [element("label", { htmlFor: id }, label)];
  if (hint) {
    parts.push(element("p", { className: "hint", id: `${id}-hint` }, hint));
    control.setAttribute("aria-describedby", `${id}-hint`);
  }
  return element("div", { className: "field" }, ...parts, control);
};

// Shows a dialog until it is answered. `check` gives the answer, or throws what is to be mended.
const ask = (heading, parts, buttons, check) =>
  new Promise((resolve) => {
    const id = `writing-dialog-${++counter}`;
    const problem = element("p", { className: "field-error", role: "alert" });
    const cancel = element("button", { type: "button", className: "secondary" }, "Cancel");
    const form = element(
      "form",
      { noValidate: true, method: "dialog" },
      element("h2", { id }, heading),
      ...parts,
      // Beside the buttons: whoever has pressed one is looking there.
      problem,
      element("p", { className: "actions" }, ...buttons, cancel),
    );
    const dialog = element("dialog", { className: "writing-dialog", "aria-labelledby": id }, form);
    const end = (answer) => {
      dialog.remove();
      resolve(answer);
    };
    cancel.addEventListener("click", () => end(null));
    dialog.addEventListener("close", () => end(null));
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      problem.textContent = "";
      try {
        end(await check(event.submitter?.value));
      } catch (error) {
        problem.textContent = error.message;
        problem.scrollIntoView({ block: "nearest" });
      }
    });
    document.body.append(dialog);
    dialog.showModal();
  });

// An address as people type it, whole; nothing if it is none.
export const wholeAddress = (typed) => {
  const text = typed.trim();
  if (/\s/.test(text) || !text) return null;
  if (isLink(text)) return text;
  if (/^[^@/:]+@[^@/:]+\.[^@/:]+$/.test(text)) return `mailto:${text}`;
  if (/^[\w-]+(\.[\w-]+)+([/?#:].*)?$/.test(text)) return `https://${text}`;
  return null;
};

// Asks where a link leads: `{ href, text }`, `{ remove }`, or nothing.
export const askForLink = ({ href, needsText }) => {
  const where = element("input", { type: "text", inputMode: "url", autocomplete: "off", value: href ?? "" });
  const words = element("input", { type: "text" });
  const parts = [field("Address", where, "Such as www.heartfoundation.org.nz, or an e-mail address.")];
  if (needsText) parts.unshift(field("Words to click on", words));
  const buttons = [element("button", { type: "submit", value: "set" }, href ? "Change the link" : "Insert the link")];
  if (href) buttons.push(element("button", { type: "submit", value: "remove", className: "secondary" }, "Remove the link"));
  return ask("Link", parts, buttons, (pressed) => {
    if (pressed === "remove") return { remove: true };
    const whole = wholeAddress(where.value);
    if (!whole) {
      where.focus();
      throw new Error("This is no address of a web page or e-mail. Copy it from the browser’s address bar.");
    }
    return { href: whole, text: words.value.trim() || where.value.trim() };
  });
};

const problemOf = async (response) => {
  if (response.status === 403) return "You are signed out. Sign in in another tab, then press the button again.";
  try {
    const { detail, errors } = await response.json();
    return errors?.map((error) => error.detail).join(" ") || detail;
  } catch {
    return "The image could not be taken over. Please try again.";
  }
};

const asked = async (address, options) => {
  let response;
  try {
    response = await fetch(address, { ...options, headers: { Accept: "application/json" } });
  } catch {
    throw new Error("The service cannot be reached. Please try again in a moment.");
  }
  if (!response.ok || response.redirected) throw new Error(await problemOf(response));
  return response.json();
};

// Asks for an image: `{ src, alt }`, `{ remove }`, or nothing. `images` is the address of the library.
export const askForImage = ({ images, file, chosen, maxBytes }) => {
  let src = chosen?.src ?? null;
  const alt = element("textarea", { rows: 2, value: chosen?.alt ?? "", maxLength: 500 });
  const altField = field("Alternative text", alt, "What the image shows, for people who do not see it. Every image needs it.");
  const buttons = [element("button", { type: "submit", value: "set" }, chosen ? "Change the image" : "Insert the image")];
  if (chosen) {
    buttons.push(element("button", { type: "submit", value: "remove", className: "secondary" }, "Remove the image"));
    const shown = element("p", { className: "writing-shown" }, element("img", { src, alt: "" }));
    return ask("Image", [shown, altField], buttons, (pressed) => {
      if (pressed === "remove") return { remove: true };
      if (!alt.value.trim()) {
        alt.focus();
        throw new Error("The alternative text is missing.");
      }
      return { src, alt: alt.value.trim() };
    });
  }

  const shown = element("p", { className: "writing-shown", hidden: true });
  const show = (address) => {
    shown.replaceChildren(element("img", { src: address, alt: "" }));
    shown.hidden = false;
  };
  const take = (one) => {
    file = one;
    src = null;
    for (const button of library.querySelectorAll("button")) button.setAttribute("aria-pressed", "false");
    const reader = new FileReader();
    reader.addEventListener("load", () => show(reader.result));
    reader.readAsDataURL(one);
  };
  const picker = element("input", { type: "file", accept: "image/png,image/jpeg,image/webp" });
  picker.addEventListener("change", () => picker.files.length > 0 && take(picker.files[0]));
  const library = element("div", { className: "writing-library", role: "group", "aria-label": "Images of the library" });
  const fill = async () => {
    let found;
    try {
      found = await asked(`${images}/library`, {});
    } catch (error) {
      library.replaceChildren(element("p", { className: "small" }, error.message));
      return;
    }
    const buttons = found.map((image) => {
      const button = element(
        "button",
        { type: "button", "aria-pressed": "false" },
        element("img", { src: image.address, alt: image.alt, loading: "lazy" }),
      );
      button.addEventListener("click", () => {
        file = null;
        picker.value = "";
        src = image.address;
        alt.value = image.alt;
        for (const other of library.querySelectorAll("button")) other.setAttribute("aria-pressed", String(other === button));
        show(src);
      });
      return button;
    });
    library.replaceChildren(...(buttons.length ? buttons : [element("p", { className: "small" }, "No images yet.")]));
  };
  fill();
  if (file) take(file);
  const parts = [
    element(
      "p",
      { className: "notice warn small" },
      "Scans often carry a name, an NHI number or a date in their corners. Crop them first. No faces without the patient’s written consent.",
    ),
    field("From this computer", picker, "PNG, JPEG or WebP. What is hidden in the file, such as place and camera, is taken away."),
    element("p", { className: "label" }, "Or from the library"),
    library,
    shown,
    altField,
  ];
  return ask("Image", parts, buttons, async () => {
    if (!file && !src) throw new Error("Please choose a file, or an image of the library.");
    if (!alt.value.trim()) {
      alt.focus();
      throw new Error("The alternative text is missing.");
    }
    if (file) {
      if (maxBytes && file.size > maxBytes) throw new Error(`The file is larger than ${maxBytes >> 20} MB.`);
      const body = new FormData();
      body.append("alt", alt.value.trim());
      body.append("file", file);
      ({ address: src } = await asked(images, { method: "POST", body }));
    }
    return { src, alt: alt.value.trim() };
  });
};
