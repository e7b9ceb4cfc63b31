// Before the first paint: the theme a person chose, so that dark pages do not flash white.
try {
  const theme = JSON.parse(localStorage.getItem("adminTheme")) || "auto";
  const isDark = theme === "dark" || (theme === "auto" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.classList.toggle("dark", isDark);
} catch {
  // Storage is refused or holds something else: the light theme is fine.
}
