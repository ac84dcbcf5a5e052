// What the views share.
import type { Place } from "../protocol";

interface Api {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}
declare function acquireVsCodeApi(): Api;

export const api = acquireVsCodeApi();

/** element makes one; text is never read as markup. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Record<string, string> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const e = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    e.setAttribute(name, value);
  }
  e.append(...children);
  return e;
}

export function svg(
  tag: string,
  attributes: Record<string, string | number>,
  ...children: (Node | string)[]
): Element {
  const e = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) {
    e.setAttribute(name, String(value));
  }
  e.append(...children);
  return e;
}

export function view(): HTMLElement {
  const main = document.getElementById("view");
  if (main === null) {
    throw new Error("the page has no view");
  }
  return main;
}

export function openPlace(place: Place): void {
  if (place.uri !== undefined) {
    api.postMessage({ type: "open", place: { uri: place.uri, range: place.range } });
  }
}

/** listen shows each answer of the extension's, and asks for the first. */
export function listen<T>(show: (data: T) => void): void {
  window.addEventListener("message", (event: MessageEvent<{ type: string; data?: T; message?: string }>) => {
    const { type, data, message } = event.data;
    if (type === "data" && data !== undefined) {
      show(data);
    } else if (type === "error") {
      view().replaceChildren(element("p", { role: "alert", class: "error" }, message ?? "no answer"));
    }
  });
  view().replaceChildren(element("p", { role: "status" }, "Asking the server…"));
  api.postMessage({ type: "ready" });
}
