/** The Merchant Center scrolls a part of the page, not the window, so the browser's own jump does not get there. */
export function goTo(event: { preventDefault(): void }, href: string) {
  const target = document.getElementById(href.slice(1));
  if (!target) return;
  event.preventDefault();
  target.scrollIntoView({ behavior: "smooth", block: "start" });
  target.focus({ preventScroll: true });
}
