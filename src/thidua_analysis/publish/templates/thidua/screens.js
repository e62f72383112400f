addEventListener("keydown", event => {
  const steps = { ArrowRight: 1, ArrowDown: 1, PageDown: 1, " ": 1, ArrowLeft: -1, ArrowUp: -1, PageUp: -1, Home: -1e6, End: 1e6 };
  const step = event.shiftKey && event.key === " " ? -1 : steps[event.key];
  if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
  const screens = [...document.querySelectorAll("section")];
  const now = screens.findIndex(screen => screen.getBoundingClientRect().bottom > innerHeight / 2);
  const next = screens[Math.min(screens.length - 1, Math.max(0, now + step))];
  event.preventDefault();
  location.replace("#" + next.id);
});
