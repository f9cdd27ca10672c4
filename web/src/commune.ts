import { all, one } from "./dom";

// fold writes a name in small letters without marks, as ui.Fold does on the server.
export function fold(s: string): string {
  return s.toLowerCase().normalize("NFD").replace(/\p{Mn}/gu, "").replace(/đ/g, "d").trim();
}

// commune completes what was typed to the one commune that it can mean ("bo y" becomes "Xã Bờ Y (23377)"), and shortens the list while typing.
// Nothing happens while an input method composes.
export function commune(): void {
  const list = one<HTMLDataListElement>("#communes");
  if (!list) return;
  const choices = Array.from(list.options).map((o) => {
    const name = fold(o.value.replace(/\s*\(\d+\)$/, ""));
    return { option: o, value: o.value, names: [name, name.replace(/^(xa|phuong|dac khu) /, "")], key: fold(o.value) + " " + fold(o.textContent ?? "") };
  });

  const matching = (typed: string) => {
    const words = fold(typed).split(/\s+/).filter(Boolean);
    return choices.filter((c) => words.every((w) => c.key.includes(w)));
  };
  for (const input of all<HTMLInputElement>("input[data-commune]")) {
    input.addEventListener("input", (event) => {
      if ((event as InputEvent).isComposing) return;
      const found = matching(input.value);
      // The label repeats what was typed, so that the browser's own filter, which knows no marks, lets the match pass.
      list.replaceChildren(...(found.length ? found : choices).slice(0, 12).map((c) => {
        c.option.textContent = input.value && !c.value.includes(input.value) ? `${input.value} · ${c.value}` : "";
        return c.option;
      }));
    });
    input.addEventListener("change", () => {
      if (!input.value) return;
      const found = matching(input.value);
      // "dak ha" is the name of one commune and part of a former name of another: the whole name wins.
      const whole = found.filter((c) => c.names.includes(fold(input.value)));
      const meant = whole.length ? whole : found;
      if (meant.length === 1) input.value = meant[0].value;
    });
  }
}
