import { all, one } from "./dom";

// keys hands a question of ours to a security key and puts its answer into the form that the button stands in. Nothing is kept. The WebAuthn API speaks in
// bytes, our JSON in base64url; only the few members that we use are turned.
type Bag = Record<string, unknown>;

const bytes = (text: string): ArrayBuffer => {
  const raw = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  const out = new Uint8Array(raw.length);
  for (let i = 0; i < raw.length; i++) out[i] = raw.charCodeAt(i);
  return out.buffer;
};

const text = (b: ArrayBuffer | null): string | undefined =>
  b ? btoa(Array.from(new Uint8Array(b), (x) => String.fromCharCode(x)).join("")).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "") : undefined;

const withBytes = (list: unknown) => ((list as Bag[] | undefined) ?? []).map((c) => ({ ...c, id: bytes(c.id as string) }));

async function answer(options: Bag, create: boolean): Promise<Bag> {
  const challenge = bytes(options.challenge as string);
  if (create) {
    const user = options.user as Bag;
    const made = await navigator.credentials.create({
      publicKey: { ...options, challenge, user: { ...user, id: bytes(user.id as string) }, excludeCredentials: withBytes(options.excludeCredentials) } as unknown as PublicKeyCredentialCreationOptions,
    }) as PublicKeyCredential;
    const r = made.response as AuthenticatorAttestationResponse;
    return {
      id: made.id, rawId: text(made.rawId), type: made.type, authenticatorAttachment: made.authenticatorAttachment ?? undefined, clientExtensionResults: {},
      response: { clientDataJSON: text(r.clientDataJSON), attestationObject: text(r.attestationObject), transports: r.getTransports?.() ?? [] },
    };
  }
  const got = await navigator.credentials.get({
    publicKey: { ...options, challenge, allowCredentials: withBytes(options.allowCredentials) } as unknown as PublicKeyCredentialRequestOptions,
  }) as PublicKeyCredential;
  const r = got.response as AuthenticatorAssertionResponse;
  return {
    id: got.id, rawId: text(got.rawId), type: got.type, authenticatorAttachment: got.authenticatorAttachment ?? undefined, clientExtensionResults: {},
    response: { clientDataJSON: text(r.clientDataJSON), authenticatorData: text(r.authenticatorData), signature: text(r.signature), userHandle: text(r.userHandle) },
  };
}

export function keys(): void {
  if (!window.PublicKeyCredential || !navigator.credentials) return;
  for (const box of all<HTMLElement>("[data-key]")) {
    const button = one<HTMLButtonElement>("button", box);
    const field = one<HTMLInputElement>("input[type=hidden]", box);
    const problem = one<HTMLElement>(".problem", box);
    const form = box.closest("form");
    if (!button || !field || !problem || !form) continue;
    box.hidden = false;
    button.addEventListener("click", async () => {
      button.disabled = true;
      problem.textContent = "";
      try {
        const res = await fetch(box.dataset.begin ?? "", { method: "POST", credentials: "same-origin", headers: { "Content-Type": "application/json" }, body: "{}" });
        if (res.status === 401 && box.dataset.create) { // who she is must be proved first: the form comes back and asks
          form.requestSubmit();
          return;
        }
        if (!res.ok) throw new Error(String(res.status));
        const question = await res.json() as { ceremony: string; options: Bag };
        field.value = JSON.stringify({ ceremony: question.ceremony, answer: await answer(question.options, box.dataset.create !== "") });
        form.requestSubmit();
      } catch {
        field.value = "";
        problem.textContent = problem.dataset.failed ?? "";
      } finally {
        button.disabled = false;
      }
    });
  }
}
