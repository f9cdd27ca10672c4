import { all, one } from "./dom";

// autosave sends a form to where it says while somebody types in it, so that nothing waits for a button. The answer is the version from which the next
// saving starts; when somebody else has saved in between, it stops and says so, and nothing of what was typed is lost. Without a script the button saves.
export function autosave(): void {
  for (const form of all<HTMLFormElement>("form[data-autosave]")) {
    const said = one<HTMLElement>("[data-autosave-state]", form);
    const version = one<HTMLInputElement>('input[name="if_match"]', form);
    const url = form.dataset.autosave ?? "";
    let timer = 0, running = false, again = false, stopped = false;
    const say = (text: string | undefined): void => { if (said) said.textContent = text ?? ""; };
    const save = async (): Promise<void> => {
      if (stopped) return;
      if (running) { again = true; return; }
      running = true;
      again = false;
      say(form.dataset.saving);
      const body = new URLSearchParams();
      for (const [name, value] of new FormData(form)) {
        if (typeof value === "string" && name !== "idempotency_key") body.append(name, value);
      }
      try {
        const answer = await fetch(url, { method: "POST", body, headers: { Accept: "application/json" }, redirect: "error" });
        if (answer.ok) {
          const saved = (await answer.json()) as { version: number; at: string };
          if (version) version.value = String(saved.version);
          say(`${form.dataset.saved ?? ""} ${saved.at}`);
        } else if (answer.status === 412) {
          stopped = true;
          say(form.dataset.other);
        } else {
          say(form.dataset.unsaved);
        }
      } catch {
        say(form.dataset.unsaved);
      }
      running = false;
      if (again) void save();
    };
    form.addEventListener("input", (event) => {
      if ((event as InputEvent).isComposing) return;
      clearTimeout(timer);
      timer = setTimeout(() => void save(), 1500);
    });
    form.addEventListener("submit", () => { stopped = true; clearTimeout(timer); });
  }
}
