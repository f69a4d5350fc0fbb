// Runs before the first paint, so that a chosen theme never flashes. A file of its own: the page's
// policy allows no inline scripts.
try {
  const theme = JSON.parse(localStorage.getItem("drydock.theme"));
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // No storage, or nonsense in it: the system's theme.
}
